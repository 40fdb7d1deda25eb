"""Development (paper, sections 3, 5, 6 and appendix E): a few synapses learn from a few labelled
images.
"""

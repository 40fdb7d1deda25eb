"""Development (paper, sections 3, 5, 6 and appendix E): few synapses are trained on few labelled
images.
"""

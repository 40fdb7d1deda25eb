"""The networks themselves, under the names and shapes of their public references, and how they are
read out.
"""

"""Figures 1 to 9 of the paper, and pictures of a genome."""

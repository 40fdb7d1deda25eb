"""Figures of the paper, drawn from the user's files. Needs no display and leaves matplotlib's settings alone."""

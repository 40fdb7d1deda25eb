"""The paper, reproduced: figures, claims, frontier, learning curves and tables, on this package's
public functions.
"""

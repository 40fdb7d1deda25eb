"""Kinds of genome entries.

What describes the weights of a layer, and how they are sampled from it.
"""

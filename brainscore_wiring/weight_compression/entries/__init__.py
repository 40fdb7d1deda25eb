"""Kinds of genome entries: what describes the weights of a layer, and how they are sampled from it."""

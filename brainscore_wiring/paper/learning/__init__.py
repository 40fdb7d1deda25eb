"""Learning curves of a sweep: figures 1A, 4A and 4B with held-out accuracy for the brain score."""

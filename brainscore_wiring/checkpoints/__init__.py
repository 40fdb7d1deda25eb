"""Trained models in about 4 MB: what can be sampled again is not stored, what was trained is."""

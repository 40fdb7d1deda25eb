"""From network to Brain-Score candidate: preprocessing, regions, activations (section 2)."""

"""Brain-Score model plugins: every folder registers the variants of one section of the paper by literal identifier."""

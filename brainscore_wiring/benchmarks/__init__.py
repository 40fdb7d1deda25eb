"""Brain-Score benchmark plugins: every folder registers its benchmarks by literal identifier."""

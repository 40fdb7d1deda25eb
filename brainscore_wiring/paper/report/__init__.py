"""Own result tables as pages: compared with tests, and beside the paper's published scores."""

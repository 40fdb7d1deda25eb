"""Every number of the paper that scores or counts can tell, recomputed."""

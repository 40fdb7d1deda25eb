"""Birth states that the paper does not have: other ideas of what a genome could keep, each with its source."""

"""How well birth states match the brain, against the bits that evolution has to store for them."""

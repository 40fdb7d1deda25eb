"""Beginnings that are not sampled from a genome."""

from __future__ import annotations

from brainscore_wiring.weight_compression.births import BirthState, register_birth_state

for name, words in (
    ("kaiming_normal", "Kaiming Normal"),
    ("torchvision_default", "torchvision's default"),
    ("random", "random weights"),
    ("pretrained", "an ImageNet training by others"),
    ("trained", "another model's training"),
    ("none", "a fixed computation"),
):
    register_birth_state(BirthState(name, words, row=""))

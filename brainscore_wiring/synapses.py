"""Which synapses learn (paper, section 5): the training conditions as sets of parameter names. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterable

#: Training condition -> modules whose parameters learn. "" is the whole network, "norm" all batch norms.
#: The decoder learns in every condition that learns at all (paper_facts (b)).
CORNET_S_CONDITIONS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "everything": ("",),
    "decoder": ("decoder",),
    # CT: the down-sampling layers; up to V4 or V2, with the areas above trained as a whole
    "critical_training": ("V2.conv3", "V4.conv3", "IT.conv3", "decoder"),
    "critical_training_v4": ("V2.conv3", "V4.conv3", "IT", "decoder"),
    "critical_training_v2": ("V2.conv3", "V4", "IT", "decoder"),
    # DT: whole areas from the named one on
    "downstream_training_it": ("IT", "decoder"),
    "downstream_training_v4": ("V4", "IT", "decoder"),
    "downstream_training_v2": ("V2", "V4", "IT", "decoder"),
    # the up-sampling layers in place of the down-sampling ones
    "up_sampling": ("V2.conv1", "V4.conv1", "IT.conv1", "decoder"),
    "up_sampling_v4": ("V2.conv1", "V4.conv1", "IT", "decoder"),
    "up_sampling_v2": ("V2.conv1", "V4", "IT", "decoder"),
    "batch_norm": ("norm", "decoder"),
    "batch_norm_v4": ("norm", "IT", "decoder"),
    "batch_norm_v2": ("norm", "V4", "IT", "decoder"),
    "decoder_and_it_conv3": ("IT.conv3", "decoder"),
}


def learning(condition: str, parameters: Iterable[str]) -> list[str]:
    """The names among `parameters` that learn in a condition, in their order. Raises KeyError for an unknown one."""
    modules = CORNET_S_CONDITIONS[condition]

    def learns(name: str) -> bool:
        batch_norm = any(part.startswith("norm") for part in name.split("."))
        return any(not module or name.startswith(f"{module}.") or (module == "norm" and batch_norm)
                   for module in modules)

    return [name for name in parameters if learns(name)]

"""How synapses learn: every number of a training run that is neither the model nor its visual diet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters of one training run; the defaults are the paper's (section 3 and appendix E).

    `schedule`: "plateau" divides the learning rate by 10 once more than 3 epochs in a row brought no lower mean loss,
    and stops at the fourth cut (the paper says three in section 3 and four in appendix E; its authors' code makes four,
    and looks at the last mini-batch's loss in place of the epoch's mean); "one_cycle" warms up over 50 updates and
    falls to 0 along a cosine, for runs of a few epochs.
    `image_size` in pixels; `crop_scale` is the share of an image's area that a random crop keeps.
    `precision` "fp32" or "bf16" (autocast; weights and updates stay float32).
    """

    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4
    batch_size: int = 256
    image_size: int = 224
    crop_scale: tuple[float, float] = (0.08, 1.0)
    schedule: str = "plateau"
    precision: str = "fp32"
    plateau_patience: int = 3
    plateau_cuts: int = 4
    warm_up: int = 50


RECIPES: dict[str, Recipe] = {
    "paper": Recipe(),
    # the packaged models: small images, few epochs, processors without a GPU
    "small": Recipe(learning_rate=0.05, batch_size=64, image_size=64, crop_scale=(0.5, 1.0), schedule="one_cycle",
                    precision="bf16"),
}

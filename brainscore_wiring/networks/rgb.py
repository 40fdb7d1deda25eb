"""Pictures of any kind in 8 bits a channel. Needs no torch."""

from __future__ import annotations

import numpy as np
from PIL import Image

#: Formats whose pictures of mode "I" have 16 bits a pixel.
_SIXTEEN = ("PNG", "PPM")


def rgb(image: Image.Image) -> Image.Image:
    """A picture in RGB, 8 bits a channel; 16 bits are scaled.

    Raises ValueError for 32 bits a channel, whose range is not stated.
    """
    sixteen = image.mode.startswith("I;16") or (image.mode == "I" and image.format in _SIXTEEN)
    if sixteen:
        levels = np.asarray(image).astype(np.int64)
        return Image.fromarray(((levels * 255 + 32767) // 65535).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError(
            f"it has {'whole' if image.mode == 'I' else 'floating-point'} numbers of 32 bits, "
            "whose range is not known: convert it to 8 or 16 bits a channel"
        )
    return image.convert("RGB")

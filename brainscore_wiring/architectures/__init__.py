"""Networks, under the names and shapes of their public references."""

from __future__ import annotations

from brainscore_wiring.architectures.cornet_s import cornet_s
from brainscore_wiring.architectures.recording import record

__all__ = ["cornet_s", "record"]

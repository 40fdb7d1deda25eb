"""The wiring checkpoint: a birth (genome and seed), the tensors that were trained, batch-norm
statistics, the record.

One safetensors file. A critically trained CORnet-S takes about 4 MB where its state dict takes 214
MB. Synapses that were never trained are sampled again when the file is loaded, and checked against
the SHA-256 kept for each of their layers; the SHA-256 of the whole state dict covers the rest.
Trained values are stored as float16 and those values *are* the weights. Principal axes of layers
that were aligned with activity are stored likewise.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from brainscore_wiring.architectures import architecture, build
from brainscore_wiring.checkpoints.header import (
    CHECKPOINT_FORMAT,
    Header,
    header_sha256,
    read_header,
)
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.files import save_tensors
from brainscore_wiring.weight_compression.birth import Birth, sha256_of, state_sha256
from brainscore_wiring.weight_compression.genome import Genome

#: Beginning of the name of a tensor that holds the principal axes of a layer's input.
BASIS = "basis."
#: What a file says of a birth beside its genome and the principal axes.
BIRTH = ("architecture", "seed", "compressed", "default_norms")


@dataclass(frozen=True)
class WiringCheckpoint:
    """A checkpoint's `network` in evaluation mode, and its training record as written."""

    birth: Birth
    network: nn.Module
    record: dict[str, Any]
    sha256: str  # of the whole state dict

    @property
    def state(self) -> dict[str, Tensor]:
        """The state dict."""
        return self.network.state_dict()

    @property
    def fingerprint(self) -> str:
        """The first eight digits of the SHA-256 of the weights, which scores carry."""
        return self.sha256[:8]


def _same_bits(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors of 32-bit numbers are equal to the last bit, the sign of a zero too."""
    return torch.equal(one.view(torch.int32), other.view(torch.int32))


def write_checkpoint(
    path: str | Path,
    birth: Birth,
    network: nn.Module,
    trained: list[str],
    record: dict[str, Any],
    exact: Collection[str] = (),
    at_birth: dict[str, Tensor] | None = None,
) -> str:
    """Write a network that was initialised as `birth` and of which the parameters `trained` have
    changed.

    Trained parameters are rounded to float16, except those in `exact`; batch-norm
    statistics are stored as they are. Every other parameter must still have its birth value
    (`at_birth`: the state that `birth` samples, if at hand): raises `WiringError` naming the first
    that has not, and for weights or statistics that no network can have. Returns the SHA-256 of the
    weights; its first eight digits are the fingerprint.
    """
    state = {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}
    stored = {name: state[name] if name in exact else state[name].half() for name in trained}
    parameters = {name for name, _ in network.named_parameters()}
    stored |= {name: value for name, value in state.items() if name not in parameters}
    stored |= {f"{BASIS}{name}": axes for name, axes in (birth.bases or {}).items()}
    for name in trained:
        state[name] = stored[name].float()
        if not all_finite(state[name]):
            raise WiringError(
                f"{name} holds values that float16 cannot; the checkpoint was not written."
            )
    wrong = impossible(state)
    if wrong:
        raise WiringError(f"{wrong}; the checkpoint was not written.")
    regenerated = {}
    at_birth = birth.state(network) if at_birth is None else at_birth
    for name in sorted(parameters.difference(trained)):
        if not _same_bits(state[name], at_birth[name]):
            raise WiringError(
                f"{name} is not among the trained parameters but has changed since birth."
            )
        regenerated[name] = sha256_of(at_birth[name])
    whole = state_sha256(state, regenerated)
    metadata = {
        "format": CHECKPOINT_FORMAT,
        "birth": json.dumps({name: getattr(birth, name) for name in BIRTH}),
        "genome": birth.genome.to_json() if birth.genome else "",
        "regenerated": json.dumps(regenerated),
        "sha256": whole,
        "record": json.dumps(record),
    }
    metadata["header_sha256"] = header_sha256(metadata)
    save_tensors(path, {name: value.contiguous() for name, value in stored.items()}, metadata)
    return whole


def read_checkpoint(file: str | Path | Header) -> WiringCheckpoint:
    """Load a wiring checkpoint, sample what it does not store, and verify every layer.

    `file`: its path, or its header where that has been read. Raises `WiringError` for a file that
    is damaged or whose sampled layers do not match their SHA-256.
    """
    header = file if isinstance(file, Header) else read_header(file)
    path, record = header.path, header.record
    birth, regenerated = read_birth(header), header.sampled
    try:
        with safe_open(path, "pt") as tensors:
            if tensors.metadata() != header.metadata:
                raise WiringError(
                    f"'{path}' has been replaced since it was looked at: resolve or load it again."
                )
            stored = {name: tensors.get_tensor(name) for name in tensors.keys()}
    except SafetensorError as error:
        raise WiringError(f"'{path}' is a damaged safetensors file ({error}).") from None
    except OSError as error:  # it was there when its header was read
        raise WiringError(f"'{path}' cannot be read any more: {error}.") from None
    bases = {
        name.removeprefix(BASIS): stored.pop(name).half()
        for name in list(stored)
        if name.startswith(BASIS)
    }
    if bases.keys() != birth.aligned_layers().keys():
        odd = sorted(bases.keys() ^ birth.aligned_layers().keys())[0]
        raise WiringError(
            f"'{path}' has principal axes of other layers than its genome aligns, {odd} for one: "
            "the file is damaged."
        )
    birth = replace(birth, bases=bases or None)
    network = build(birth.architecture)
    _check_fits(path, birth.architecture, network.state_dict(), stored, regenerated.keys())
    state = birth.state(network)
    for name, expected in regenerated.items():
        if sha256_of(state[name]) != expected:
            raise WiringError(
                f"The layer {name} sampled for '{path}' is not the one it was written with "
                "(its SHA-256 differs): the file is damaged or was made by another version"
                + (
                    ", or the architecture was another."
                    if architecture(birth.architecture).of_an_extension
                    else "."
                )
            )
    state |= {name: value.to(state[name].dtype) for name, value in stored.items()}
    if state_sha256(state, regenerated) != header.sha256:
        raise WiringError(
            f"The weights in '{path}' do not match the SHA-256 in its header: the file is damaged, "
            "make it or fetch it again."
        )
    cannot_be = impossible(state)
    if cannot_be:
        raise WiringError(f"'{path}' is damaged: {cannot_be}.")
    network.load_state_dict(state)
    return WiringCheckpoint(birth, network, record, header.sha256)


def _check_fits(
    path: Path,
    name: str,
    network: Mapping[str, Tensor],
    stored: Mapping[str, Tensor],
    sampled: Collection[str],
) -> None:
    """Raise `WiringError` where a file's parameters are not those of an architecture's network."""
    odd = dict.fromkeys(network.keys() - {*stored, *sampled}, "is in the network alone")
    odd |= dict.fromkeys({*stored, *sampled} - network.keys(), "is in the file alone")
    odd |= dict.fromkeys(stored.keys() & {*sampled}, "is both stored and sampled")
    odd |= {
        one: "has another shape"
        for one in stored.keys() & network
        if stored[one].shape != network[one].shape
    }
    if odd:
        first, what = min(odd.items())
        raise WiringError(
            f"'{path}' does not fit the network {name}: {first} {what}, so "
            + (
                "the architecture was another when it was written: give that back, or train again."
                if architecture(name).of_an_extension
                else "the file is damaged."
            )
        )


def all_finite(values: Tensor) -> bool:
    """Whether no value is infinite or NaN.

    A finite sum, thirty times as fast as a look at each value, has none of them; that of large
    values may be infinite.
    """
    return bool(values.sum().isfinite() or values.isfinite().all())


def impossible(state: Mapping[str, Tensor]) -> str:
    """What no network can have among these tensors, in words: values that are not finite, or a
    negative variance of a batch norm; empty where there is none.
    """
    for name, value in state.items():
        if value.is_floating_point() and not all_finite(value):
            return f"{name} holds values that are not finite"
        if name.endswith("running_var") and (value < 0).any():
            return f"{name} holds negative variances"
    return ""


def read_birth(header: Header) -> Birth:
    """How the weights of a checkpoint were sampled, without loading any."""
    metadata = header.metadata
    try:
        fields = json.loads(metadata["birth"])
        genome = (
            Genome.from_json(metadata["genome"], f"the genome in '{header.path}'")
            if metadata["genome"]
            else None
        )
        compressed = fields["compressed"]
        if not all(
            isinstance(name, str) for name in (*(compressed or ()), *fields["default_norms"])
        ):
            raise ValueError("areas or batch norms that are no names")
        seed = fields["seed"]
        if type(seed) is not int or not 0 <= seed < 2**64:
            raise ValueError(f"a seed {seed!r}")
        try:
            architecture(fields["architecture"])
        except WrongUsage:
            raise WiringError(
                f"'{header.path}' is of the architecture '{fields['architecture']}', which is not "
                "here: it comes from an extension, or the file is damaged."
            ) from None
        return Birth(
            fields["architecture"],
            seed,
            genome,
            None if compressed is None else tuple(compressed),
            tuple(fields["default_norms"]),
        )
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise header.damaged(error) from None

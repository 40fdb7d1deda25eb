"""What a run keeps on disk: its state, so that a run that is killed at any instant resumes with
the same result.

No random state has to be kept: what is shown when, and how it is cropped, is a function of (seed,
epoch, image).
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from brainscore_wiring.checkpoints.header import header_sha256
from brainscore_wiring.errors import Taken, WiringError, shortened
from brainscore_wiring.files import atomic_write, save_tensors
from brainscore_wiring.training.data.images import LabelledImages
from brainscore_wiring.training.data.training_data import TrainingData

CHECKPOINT, STATE_FILE = "model.safetensors", "state.safetensors"
#: The images that the run began with.
IMAGES_FILE = "images.tsv.gz"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder for this process alone, without what a killed one left half-written.

    Raises `Taken` where another process trains there, `WiringError` where it cannot be written.
    """
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise WiringError(
            f"'{folder}' cannot be written ({error.strerror or error}): give another place."
        ) from None
    try:
        try:
            # let go by the system however the process ends
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Taken(
                f"Another process is training in '{folder}': wait for it, or give another folder."
            ) from None
        for left in folder.glob(".*.part"):
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(lock)
        if new:
            with contextlib.suppress(OSError):  # it stays unless nothing came of the run
                folder.rmdir()


def keep_images(folder: Path, images: TrainingData) -> None:
    """Write which images a run begins with: a line for each with digest, bytes, file and label.

    Nothing is written where a run is under way, or where images are not read from files.
    """
    if not isinstance(images, LabelledImages) or not images.inspection:
        return
    if (folder / STATE_FILE).exists():
        return
    lines = (
        f"{digest.decode()}\t{size}\t{json.dumps(file)}\t{label}\n"
        for digest, size, file, label in zip(
            images.inspection.digests.tolist(), images.sizes, images.files, images.labels
        )
    )
    with atomic_write(folder / IMAGES_FILE) as temporary:
        temporary.write_bytes(gzip.compress("".join(lines).encode(), compresslevel=1, mtime=0))


def images_of(folder: Path) -> dict[str, tuple[int, bytes, int]] | None:
    """File -> (bytes, digest, label) of the images that the run in a folder began with; None where
    no run is under way, or the list cannot be read.
    """
    if not (folder / STATE_FILE).exists():
        return None
    try:
        text = gzip.decompress((folder / IMAGES_FILE).read_bytes()).decode()
        rows = [line.split("\t") for line in text.splitlines()]
        return {
            json.loads(file): (int(size), digest.encode(), int(label))
            for digest, size, file, label in rows
        }
    except (OSError, EOFError, ValueError, zlib.error):
        return None


def tensors_of(
    network: nn.Module, trained: list[str], optimizer: torch.optim.Optimizer
) -> dict[str, Tensor]:
    """What changes in a run: trained parameters, buffers, and the optimizer's state."""
    parameters = dict(network.named_parameters())
    tensors = {f"parameter/{name}": parameters[name].detach() for name in trained}
    tensors |= {f"buffer/{name}": value for name, value in network.named_buffers()}
    for name in trained:
        tensors |= {
            f"optimizer/{name}/{key}": value
            for key, value in optimizer.state[parameters[name]].items()
            if isinstance(value, Tensor)
        }
    return {name: value.cpu().contiguous() for name, value in tensors.items()}


def save(folder: Path, tensors: dict[str, Tensor], identity: dict[str, Any], progress: Any) -> None:
    """Write the state whole; the one before stays until this one is on disk."""
    metadata = {
        "run": json.dumps(identity),
        "sha256": _sha256(tensors),
        "progress": json.dumps(dataclasses.asdict(progress)),
    }
    metadata["header_sha256"] = header_sha256(metadata)
    save_tensors(folder / STATE_FILE, tensors, metadata)


def restore(
    folder: Path, network: nn.Module, optimizer: torch.optim.Optimizer, identity: dict[str, Any]
) -> dict[str, Any] | None:
    """Put a saved state into network and optimizer; returns its progress, None where nothing was
    saved.

    Raises `WiringError` where the state belongs to another run or is damaged; nothing is changed
    then.
    """
    path = folder / STATE_FILE
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            # older states do not have it
            if metadata.get("header_sha256") not in (None, header_sha256(metadata)):
                raise ValueError("its header does not match its SHA-256")
            saved, progress = json.loads(metadata["run"]), json.loads(metadata["progress"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        if _sha256(tensors) != metadata["sha256"]:
            raise ValueError("its content does not match its SHA-256")
        saved.setdefault("trained", saved.pop("learning", None))  # its name in older states
    except (SafetensorError, KeyError, ValueError, TypeError, OSError) as error:
        raise WiringError(
            f"The saved state '{path}' is damaged ({shortened(error)}): take the file away "
            "to start the run again."
        ) from None
    now = json.loads(json.dumps(identity))
    for name in ("content", "labels", "code"):  # older states, generated images, own networks
        if not (saved.get(name) and now.get(name)):
            saved, now = ({**one, name: None} for one in (saved, now))
    changed = [key for key in {**now, **saved} if saved.get(key) != now.get(key)]
    if changed:
        raise WiringError(
            f"'{folder}' holds a run with other {' and '.join(changed)}: give the same arguments "
            "to go on with it, or another folder."
        )
    parameters, buffers = dict(network.named_parameters()), dict(network.named_buffers())
    with torch.no_grad():
        for name, value in tensors.items():
            kind, _, rest = name.partition("/")
            if kind == "optimizer":
                parameter, _, key = rest.partition("/")
                place = parameters[parameter]
                # in the parameter's own layout, which fused updates ask for
                if value.shape == place.shape:
                    value = torch.empty_like(place, dtype=value.dtype).copy_(value)
                optimizer.state[place][key] = value
            else:
                (parameters if kind == "parameter" else buffers)[rest].copy_(value)
    return progress


def _sha256(tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].reshape(-1).numpy().data)
    return digest.hexdigest()

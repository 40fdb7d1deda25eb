"""Python processes that know nothing of this one, but need not import torch and Brain-Score again.

A server imports what this package builds on, and none of the package; every process is a fork of
it, which takes a hundredth of the processor time of a new interpreter with the same imports.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

#: There is one server in a process, and what is set last is what it imports: tests that fork from
#: it use this.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "brainscore_vision",
        "brainscore_vision.model_helpers.activations.pytorch",
        "sklearn.linear_model",
        "torchvision.models",
    ]
)
#: What a command line runs.
COMMAND = "from brainscore_wiring.commands import main; main()"


def run(
    code: str,
    *arguments: str,
    text: str = "",
    environment: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> subprocess.CompletedProcess:
    """What `python -c code arguments` does and says in a folder, given `text` to read."""
    with tempfile.TemporaryDirectory() as place:
        streams = [Path(place) / name for name in ("in", "out", "error")]
        streams[0].write_text(text, encoding="utf-8")
        process = start(code, *arguments, streams=streams, environment=environment, folder=folder)
        process.join()
        said = [stream.read_text(encoding="utf-8") for stream in streams[1:]]
    return subprocess.CompletedProcess([code, *arguments], process.exitcode, *said)


def start(
    code: str,
    *arguments: str,
    streams: Sequence[str | Path],
    environment: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> BaseProcess:
    """`python -c code arguments`, which has begun, with files as its three standard streams; what
    it says is added to the last two.
    """
    process = FORKS.Process(
        target=_execute, args=(code, arguments, streams, dict(environment), folder)
    )
    process.start()
    return process


def _execute(code, arguments, streams, environment, folder) -> None:
    multiprocessing.set_start_method(None, force=True)  # that of a new interpreter
    for number, path in enumerate(streams):
        mode = os.O_WRONLY | os.O_CREAT | os.O_APPEND if number else os.O_RDONLY
        os.dup2(os.open(path, mode), number)
    sys.stdin = os.fdopen(0, encoding="utf-8")  # that of a child of multiprocessing is closed
    os.environ.clear()
    os.environ.update(environment)
    if folder is not None:
        os.chdir(folder)
    sys.argv = ["-c", *arguments]
    sys.path.insert(0, "")
    assert not any(name.startswith("brainscore_wiring") for name in sys.modules)
    exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    sys.stdout.flush()

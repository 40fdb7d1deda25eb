"""Every test runs in folders of its own: no cache, weight store or data of the user's is read or
written.
"""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

_HOME = tempfile.TemporaryDirectory(prefix="brainscore_wiring_test_")
SHARED = Path(__file__).resolve().parents[2] / "shared"

# before anything imports Brain-Score: some of these are read at import time
os.environ.update(
    BRAINSCORE_WIRING_HOME=f"{_HOME.name}/wiring",
    RESULTCACHING_HOME=f"{_HOME.name}/result_caching",
    BRAINSCORE_HOME=f"{_HOME.name}/brain-score",
    BRAINIO_HOME=f"{_HOME.name}/brainio",
    BS_INSTALL_DEPENDENCIES="no",
    MPLBACKEND="agg",
)
for variable in ("BRAINSCORE_WIRING_DATA", "BRAINSCORE_WIRING_EXTENSIONS"):
    os.environ.pop(variable, None)


@pytest.fixture(scope="session")
def kriegeskorte2008() -> Path:
    """The folder with the published data of Kriegeskorte et al. 2008."""
    return shared("reference/kriegeskorte2008")


def shared(path: str) -> Path:
    """A file or folder of the reference material beside the checkout; skips the test where it is
    absent.
    """
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"reference material absent: {path}")
    return found


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments) -> None:
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address, without a slash at its end, at which a web server on this machine serves a
    folder meanwhile.
    """
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))
    ) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def labelled_images(tmp_path_factory) -> Path:
    """Real images, one folder per class: train/ with 3 classes of 8, val/ with 3 classes of 2."""
    import tarfile

    root = tmp_path_factory.mktemp("labelled") / "thirty real images"
    with tarfile.open(shared("datasets/imagenet-sample-1000.tar")) as archive:
        members = [member for _, member in zip(range(80), archive) if member.isfile()][:30]
        for number, member in enumerate(members):
            folder = root / ("train" if number < 24 else "val") / f"class {number % 3}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / Path(member.name).name).write_bytes(archive.extractfile(member).read())
    return root

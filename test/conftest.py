"""Every test runs in folders of its own: no cache, weight store or data of the user's is read or
written.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import forkserver, resource_tracker
from pathlib import Path

import pytest

_HOME = tempfile.TemporaryDirectory(prefix="brainscore_wiring_test_")
#: Third-party data: those that `brainscore data fetch` downloads are in `reference/`.
SHARED = Path(
    os.environ.get("BRAINSCORE_WIRING_TEST_DATA", Path(__file__).resolve().parents[2] / "shared")
)

# before anything imports Brain-Score: some of these are read at import time
os.environ.update(
    BRAINSCORE_WIRING_HOME=f"{_HOME.name}/wiring",
    RESULTCACHING_HOME=f"{_HOME.name}/result_caching",
    BRAINSCORE_HOME=f"{_HOME.name}/brain-score",
    BRAINIO_HOME=f"{_HOME.name}/brainio",
    BS_INSTALL_DEPENDENCIES="no",
    MPLBACKEND="agg",
)
# jsonschema has a format that no file here uses: building its grammar takes two seconds
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
for variable in (
    "BRAINSCORE_WIRING_DATA",
    "BRAINSCORE_WIRING_EXTENSIONS",
    "COLUMNS",  # GNU readline sets these two for the workers of pytest-xdist
    "LINES",
):
    os.environ.pop(variable, None)


#: Files whose tests take longest. They come first: none of several processes still has one to do
#: when the others have nothing left.
LONGEST = (
    "killed_runs every_row_trains extending export commands sweep small_maps five_benchmarks "
    "cowley2023 tutorial frozen_layers other_work processes frontier rainbow brain training "
    "import_weights"
).split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {f"test_{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


def pytest_collection_finish() -> None:
    """What imports and collection have made stays to the end: no search for garbage visits it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """All processes that tests have started end with the tests."""
    yield
    gc.collect()  # what nothing refers to any more ends its processes
    children = multiprocessing.active_children()
    for child in children:  # they hold pipes whose end the servers below wait for
        child.kill()
        child.join(10)
    for server in (forkserver._forkserver, resource_tracker._resource_tracker):
        # multiprocessing's own, which go on for as long as this process
        stop = threading.Thread(target=server._stop, daemon=True)
        stop.start()
        stop.join(10)
    end = time.monotonic() + 10
    while (left := list(_left_running())) and time.monotonic() < end:
        time.sleep(0.1)
    left += [repr(child) for child in children]
    assert not left, left


def _left_running() -> Iterator[str]:
    """The command lines of processes that were started with this test run's own folders."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            mine = os.fsencode(_HOME.name) in (process / "environ").read_bytes()
            if mine and int(process.name) != os.getpid():
                yield f"{process.name} {(process / 'cmdline').read_bytes()!r}"


@pytest.fixture(scope="session")
def published_kriegeskorte2008() -> Path:
    """The folder with the published data of Kriegeskorte et al. 2008."""
    return shared("reference/kriegeskorte2008")


@pytest.fixture(scope="session")
def kriegeskorte2008(tmp_path_factory) -> Path:
    """The folder with the published data; where they are absent, with made files of their form."""
    if (SHARED / "reference/kriegeskorte2008").exists():
        return SHARED / "reference/kriegeskorte2008"
    from dataclasses import replace

    from made_objects import write_objects

    from brainscore_wiring.downloads import digest
    from brainscore_wiring.public_files import GROUPS

    folder = write_objects(tmp_path_factory.mktemp("kriegeskorte2008"))
    files = GROUPS["kriegeskorte2008"].files
    for path in folder.iterdir():
        made = dict(sha256=digest(path), bytes=path.stat().st_size)
        files[path.name] = replace(files[path.name], **made)
    return folder


def shared(path: str) -> Path:
    """A file or folder of the reference material beside the checkout; skips the test where it is
    absent.
    """
    found = SHARED / path
    if not found.exists():
        pytest.skip(
            f"third-party data absent: {path} in 'shared' beside the checkout or in the folder "
            "of BRAINSCORE_WIRING_TEST_DATA; CONTRIBUTING.md says how to fetch them"
        )
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
    """Photographs, one folder per class: train/ with 3 classes of 8, val/ with 3 classes of 2."""
    from photographs import photographs

    root = tmp_path_factory.mktemp("labelled") / "thirty real images"
    for number, (name, content) in enumerate(photographs(30)):
        folder = root / ("train" if number < 24 else "val") / f"class {number % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return root


@pytest.fixture
def run(capsys):
    """Run a command line in this process: exit status, standard output, standard error."""

    from brainscore_wiring.commands import main

    def run(*arguments: object):
        with pytest.raises(SystemExit) as exit_:
            main(list(map(str, arguments)))
            raise SystemExit(0)
        return (exit_.value.code or 0, *capsys.readouterr())

    return run

"""Public files: verified wherever they lie, and whole or not there after a download."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from brainscore_wiring import public_files
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.public_files import GROUPS, Group, PublicFile, fetch, locate
from brainscore_wiring.scoring.data_files import needed_files

SHARED = Path(__file__).parents[2] / "shared" / "reference"
CONTENT = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    """`/good.bin` sends the content, `/other.bin` another, `/endless.bin` never stops,
    `/absent.bin` is not there.
    """

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if name == "absent.bin":
            self.send_error(404)
            return
        self.send_response(200)
        body = CONTENT[::-1] if name == "other.bin" else CONTENT
        if name != "endless.bin":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
            while name == "endless.bin":
                self.wfile.write(body)
        except OSError:  # the client has had enough
            pass

    def log_message(self, *_arguments) -> None:
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BRAINSCORE_WIRING_DATA", raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    return tmp_path / "home"


@pytest.fixture
def register(monkeypatch, server, home):
    """Register a file of the test server; returns its name."""

    def add(name: str, sha256: str = SHA256, url: str | None = None) -> str:
        row = PublicFile(name, url or f"{server}/{name}", sha256, len(CONTENT), "A test.")
        monkeypatch.setitem(GROUPS, name, Group({name: row}))
        return name

    return add


def _left_behind(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_a_file_is_downloaded_once_and_found_afterwards(register, home):
    name = register("good.bin")
    assert locate(name) is None
    path = fetch(name)
    assert path.read_bytes() == CONTENT and path == locate(name) == fetch(name)
    assert _left_behind(home) == [path]


def test_progress_ends_at_the_size_of_the_file(register):
    seen = []
    fetch(register("good.bin"), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(CONTENT), len(CONTENT)) and len(seen) > 2


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("other.bin", "is not the published other.bin"),
        ("absent.bin", "404"),
        ("endless.bin", "sends more than"),
    ],
)
def test_a_download_that_goes_wrong_leaves_nothing_and_says_what_to_do(
    register, home, name, sentence
):
    with pytest.raises(WiringError, match=sentence) as error:
        fetch(register(name))
    assert "BRAINSCORE_WIRING_DATA" in str(error.value) and "\n" not in str(error.value)
    assert "http://127.0.0.1" in str(error.value)
    assert _left_behind(home) == []


def test_without_a_connection_the_sentence_says_where_the_file_can_be_put(register, home):
    name = register("good.bin", url="http://127.0.0.1:9/good.bin")
    with pytest.raises(
        WiringError, match=r"good.bin cannot be downloaded from .* \(no connection\): .*_DATA\.$"
    ):
        fetch(name)
    assert _left_behind(home) == []


def test_a_hash_known_by_its_first_digits_is_enough_and_the_whole_one_is_reported(register, caplog):
    fetch(register("good.bin", sha256=SHA256[:8]))
    assert SHA256 in caplog.text
    with pytest.raises(WiringError, match="is not the published"):
        fetch(register("other.bin", sha256=SHA256[:8]))


@pytest.mark.parametrize("below", ["", "copies"])
def test_the_users_folder_comes_first_and_may_be_one_level_deep(
    register, tmp_path, monkeypatch, below
):
    name = register("good.bin", url="http://127.0.0.1:9/good.bin")
    path = tmp_path / "mine" / below / name
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(tmp_path / "mine"))
    assert locate(name) == fetch(name) == path


def test_another_file_of_that_name_is_an_error_with_both_hashes(register, tmp_path, monkeypatch):
    name = register("good.bin")
    (tmp_path / name).write_bytes(b"something else")
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(tmp_path))
    with pytest.raises(WiringError) as error:
        fetch(name)
    assert SHA256 in str(error.value) and hashlib.sha256(b"something else").hexdigest() in str(
        error.value
    )
    assert str(tmp_path / name) in str(error.value)


def test_a_damaged_file_fetched_earlier_is_an_error(register):
    path = fetch(register("good.bin"))
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(WiringError, match="remove it or replace it"):
        locate("good.bin")


def test_a_damaged_file_fetched_earlier_is_replaced_by_fetching_it_again(register):
    path = fetch(register("good.bin"))
    path.write_bytes(CONTENT[:-1])
    assert fetch("good.bin") == path and path.read_bytes() == CONTENT


def test_every_file_is_in_one_group_of_what_needs_it():
    grouped = [name for group in GROUPS.values() for name in group.files]
    assert sorted(grouped) == sorted(set(grouped))
    assert all(file.needed_by for file in needed_files())


@pytest.mark.parametrize("group", ["kriegeskorte2008", "weight_compression", "published_scores"])
def test_files_of_these_groups_are_pinned_by_their_whole_hash_and_size(group):
    for file in GROUPS[group].files.values():
        assert (
            len(file.sha256) == 64
            and file.bytes > 0
            and "/HEAD/" not in file.url
            and "/master/" not in file.url
        )


def test_a_missing_folder_of_the_user_is_named(register, tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(WiringError, match="nowhere.*is not a folder"):
        fetch(register("good.bin"))


def test_an_unknown_file_gets_the_nearest_name():
    with pytest.raises(WrongUsage, match="did you mean 92_brainRDMs.mat"):
        locate("92_brainRDM.mat")


def test_every_pinned_hash_and_size_is_that_of_the_published_file(home, monkeypatch):
    if not SHARED.is_dir():
        pytest.skip(f"the published files are not in {SHARED}")
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(SHARED))
    for name, row in public_files.public_files().items():
        path = locate(name)
        if name == public_files.CORNET_S_CHECKPOINT:
            continue
        # a package's archive of 16 MB, which not everybody has fetched
        if path is not None or name != public_files.MOBILENET_GRAPH:
            assert path is not None, name
            assert (path.stat().st_size, public_files.digest(path)) == (row.bytes, row.sha256)


def test_importing_loads_no_download_library():
    code = (
        "import sys, brainscore_wiring.public_files; "
        "print({'pooch', 'requests', 'numpy', 'torch'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"

"""Downloads: verified and whole or not there; what was received before a break or a kill is not
asked for again.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from answering import answering
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brainscore_wiring import downloads
from brainscore_wiring.downloads import NoConnection, download
from brainscore_wiring.errors import WiringError

CONTENT = hashlib.shake_128(b"a published file").digest(400_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class _Server(ThreadingHTTPServer):
    """One file at any path. `cut`: bytes after which an answer breaks off, or waits for `go` where
    `go` is set.
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reset()

    def reset(self) -> None:
        self.content, self.ranges, self.says_length, self.cut, self.go = (
            CONTENT,
            True,
            True,
            None,
            None,
        )
        self.asked: list[str | None] = []  # the Range of each request

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/file.bin"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server, wanted = self.server, self.headers.get("Range")
        server.asked.append(wanted)
        start = (
            int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and server.ranges else 0
        )
        if start >= len(server.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}"
            )
        if server.says_length:
            self.send_header("Content-Length", str(len(server.content) - start))
        self.end_headers()
        end = (
            len(server.content)
            if server.cut is None
            else min(start + server.cut, len(server.content))
        )
        try:
            self.wfile.write(server.content[start:end])
            if server.go is not None:
                self.wfile.flush()
                server.go.wait(20)
                self.wfile.write(server.content[end:])
        except OSError:  # the client is gone
            pass

    def log_message(self, *_arguments) -> None:
        pass


@pytest.fixture(scope="module")
def running():
    server = _Server()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(running, monkeypatch):
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    running.reset()
    return running


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "data" / "file.bin"


def _download(server: _Server, path: Path, expected: str = SHA256, **settings) -> str:
    return download(server.url, path, expected, advice="copy it", **settings)


def _parts(path: Path) -> list[Path]:
    return (
        [file for file in path.parent.glob(".*") if file.suffix == ".part"]
        if path.parent.is_dir()
        else []
    )


def test_after_a_broken_connection_only_the_rest_is_asked_for(server, path):
    server.cut = 300_000
    with pytest.raises(
        WiringError, match=r"broke off; 0\.\d MB are kept and the next attempt goes on.*copy it"
    ):
        _download(server, path)
    assert not path.exists()
    [part] = _parts(path)
    received = part.stat().st_size
    assert 200_000 < received <= 300_000
    server.cut = None
    assert _download(server, path) == SHA256
    assert path.read_bytes() == CONTENT and list(path.parent.iterdir()) == [path]
    assert server.asked == [None, f"bytes={received}-"]


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.integers(1, 200_000), max_size=4), ranges=st.booleans())
def test_wherever_a_download_breaks_and_however_often_the_file_is_whole_in_the_end(
    server, tmp_path, cuts, ranges
):
    server.reset()
    server.ranges = ranges
    path = tmp_path / "file.bin"
    path.unlink(missing_ok=True)
    for server.cut in [*cuts, None]:
        try:
            _download(server, path)
        except WiringError:
            assert not path.exists()
    assert path.read_bytes() == CONTENT and _parts(path) == []


def test_a_server_that_sends_no_rest_starts_again(server, path):
    server.cut, server.ranges = 300_000, False
    with pytest.raises(WiringError, match="broke off"):
        _download(server, path)
    server.cut = None
    assert _download(server, path) == SHA256 and path.read_bytes() == CONTENT
    assert server.asked[1].startswith("bytes=")


def test_a_file_that_changed_on_the_server_is_not_glued_to_its_old_beginning(server, path):
    server.content, server.cut = CONTENT[::-1], 300_000
    with pytest.raises(WiringError, match="broke off"):
        _download(server, path)
    server.content, server.cut = CONTENT, None
    assert _download(server, path) == SHA256 and path.read_bytes() == CONTENT
    # the rest did not fit: from the start
    assert len(server.asked) == 3 and server.asked[2] is None


@pytest.mark.parametrize("begun", [False, True])
def test_another_content_is_not_kept(server, path, begun):
    server.content = CONTENT[::-1]
    if begun:
        server.cut = 300_000
        with pytest.raises(WiringError, match="broke off"):
            _download(server, path)
        server.cut = None
    with pytest.raises(WiringError, match="is not the published file.bin.*not kept: copy it"):
        _download(server, path)
    assert not path.exists() and _parts(path) == []


def test_another_content_in_its_place_stays_until_the_right_one_is_here(server, path):
    path.parent.mkdir()
    path.write_bytes(b"an old version")
    server.cut = 300_000
    with pytest.raises(WiringError, match="broke off"):
        _download(server, path)
    assert path.read_bytes() == b"an old version"
    server.cut = None
    _download(server, path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("other", ["url", "hash"])
def test_the_beginning_of_another_file_is_not_gone_on_with(server, path, other):
    server.cut = 300_000
    with pytest.raises(WiringError, match="broke off"):
        _download(server, path)
    server.cut = None
    url, expected = (
        (server.url + "?versionId=2", SHA256) if other == "url" else (server.url, SHA256[:8])
    )
    download(url, path, expected, advice="copy it")
    assert server.asked == [None, None] and path.read_bytes() == CONTENT


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_file_that_lacked_nothing_but_its_name_is_not_sent_again(server, path, size):
    server.cut = 300_000
    with pytest.raises(WiringError, match="broke off"):
        _download(server, path)
    [part] = _parts(path)
    part.write_bytes(CONTENT)  # as after a kill before the last step
    _download(server, path, size=size)
    assert path.read_bytes() == CONTENT
    assert server.asked[1:] == ([f"bytes={len(CONTENT)}-"] if size is None else [])


@pytest.mark.parametrize("says_length", [True, False])
def test_more_than_the_published_bytes_are_not_taken(server, path, says_length):
    server.says_length = says_length
    with pytest.raises(WiringError, match="sends more than the 1,000 bytes of file.bin"):
        _download(server, path, size=1000)
    assert not path.exists() and _parts(path) == []


def test_progress_goes_on_from_what_is_kept(server, path):
    server.cut = 300_000
    with pytest.raises(WiringError, match="broke off"):
        _download(server, path)
    server.cut, seen = None, []
    _download(server, path, progress=lambda done, total: seen.append((done, total)))
    assert seen[0][0] > 200_000 and seen[-1] == (len(CONTENT), len(CONTENT))
    assert {total for _, total in seen} == {len(CONTENT)}


def test_a_server_that_is_not_there_is_told_from_one_that_lacks_the_file(server, path):
    with pytest.raises(NoConnection, match="no connection"):
        download("http://127.0.0.1:9/file.bin", path, SHA256, advice="copy it")
    assert not path.parent.exists()


def _refused(address: str, path: Path, scheme: str = "http", **more) -> str:
    with pytest.raises(WiringError) as refused:
        download(f"{scheme}://{address}/file.bin", path, SHA256, advice="copy it", **more)
    assert not path.exists()
    return str(refused.value)


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "answer, reason",
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://[bad\r\n\r\n", "cannot be followed"),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", "cannot be followed"),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://nowhere/x\r\n\r\n", "cannot be followed"),
        (OK + b"Content-Encoding: gzip\r\n\r\nnone", "sends it as gzip"),
        (OK + b"X: " + b"x" * 70_000 + b"\r\n\r\n", "no answer that is HTTP"),
        (b"SSH-2.0-OpenSSH\r\n", "no answer that is HTTP"),
        (b"", "no answer that is HTTP"),
        (OK + b"Content-Length: 900\r\n\r\n" + CONTENT[:100], "broke off; 0.0 MB are kept"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "broke off"),
    ],
    ids=range(9),
)
def test_a_hostile_answer_is_named_in_one_sentence(path, answer, reason):
    with answering(answer) as address:
        assert reason in _refused(address, path)


@pytest.mark.parametrize("length", ["abc", "-5", "1e3", ""])
def test_a_length_that_is_none_is_not_believed(path, length):
    with answering(OK + f"Content-Length: {length}\r\n\r\n".encode() + CONTENT) as address:
        assert download(f"http://{address}/f", path, SHA256, advice="copy it") == SHA256


def test_a_certificate_that_cannot_be_verified_is_named(path):
    with answering(b"no TLS at all") as address:
        assert "TLS certificate cannot be verified" in _refused(address, path, "https")


def test_a_body_that_ends_early_without_a_length_is_gone_on_with(server, path):
    server.says_length, server.cut = False, 100_000
    with pytest.raises(WiringError, match="broke off; 0.1 MB are kept"):
        download(server.url, path, SHA256, size=len(CONTENT), advice="copy it")
    server.cut = None
    assert download(server.url, path, SHA256, size=len(CONTENT), advice="copy it") == SHA256
    assert server.asked == [None, "bytes=100000-"]


def test_bytes_that_come_too_slowly_and_without_end_are_given_up(path, monkeypatch):
    monkeypatch.setattr(downloads, "TIME_OUT", (1, 0.2))
    with answering(OK + b"\r\n", *[b"x"] * 50, pause=0.02) as address:
        assert "less than 100 bytes a second" in _refused(address, path)
    monkeypatch.setattr(downloads, "LARGEST_DOWNLOAD", 1000)
    with answering(OK + b"\r\n", CONTENT) as address:
        assert "sends more than the 1,000 bytes" in _refused(address, path)
    with answering(OK, pause=0.5) as address:
        assert "no answer for 0.2 seconds" in _refused(address, path)


def _process(server: _Server, path: Path) -> subprocess.Popen:
    code = (
        "import sys; from pathlib import Path; from brainscore_wiring.downloads import download; "
        "download(sys.argv[1], Path(sys.argv[2]), sys.argv[3], advice='copy it')"
    )
    return subprocess.Popen([sys.executable, "-c", code, server.url, str(path), SHA256])


def _wait_until(condition) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_a_process_killed_in_the_middle_of_a_file_leaves_what_it_received_to_the_next(server, path):
    server.cut, server.go = 300_000, threading.Event()
    process = _process(server, path)
    try:
        _wait_until(lambda: any(part.stat().st_size > 200_000 for part in _parts(path)))
    finally:
        process.kill()
        process.wait()
        server.go.set()
    assert not path.exists()
    [part] = _parts(path)
    received = part.stat().st_size
    server.cut = server.go = None
    assert _download(server, path) == SHA256 and path.read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={received}-"] and list(path.parent.iterdir()) == [path]


def test_of_two_processes_one_downloads_and_the_other_takes_its_file(server, path):
    server.cut, server.go = 300_000, threading.Event()
    first = _process(server, path)
    _wait_until(lambda: server.asked)
    second = _process(server, path)
    time.sleep(0.5)  # were it not to wait, it would have asked by now
    server.go.set()
    assert (first.wait(20), second.wait(20)) == (0, 0)
    assert (
        len(server.asked) == 1
        and path.read_bytes() == CONTENT
        and list(path.parent.iterdir()) == [path]
    )

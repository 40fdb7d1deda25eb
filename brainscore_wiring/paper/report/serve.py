"""The report on this machine alone, made again when a table, log or record has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import identity_of

_HOST = "127.0.0.1"
_WATCHED = ("log.csv", "record.json")


class ReportServer(ThreadingHTTPServer):
    """Answers / with the page and /changed with what changes when the files do.

    `make`: the page as text. Raises `WiringError` where the port is taken.
    """

    daemon_threads = True

    def __init__(
        self, port: int, tables: Sequence[Path], folders: Sequence[Path], make: Callable[[], str]
    ):
        self._tables, self._folders, self._make = tables, folders, make
        self._made: tuple[str, str] = ("", "")
        self._lock = Lock()
        try:
            super().__init__((_HOST, port), _Answers)
        except OSError as error:
            raise WiringError(
                f"Port {port} cannot be served on: {error.strerror or error}. Give another "
                "one: `--port NUMBER`."
            ) from None

    @property
    def address(self) -> str:
        return f"http://{_HOST}:{self.server_port}/"

    def state(self) -> str:
        """Another text when a file was written to, came or went."""
        found = [identity_of(path) for path in self._files() if path.is_file()]
        return hashlib.sha256(repr(found).encode()).hexdigest()

    def _files(self) -> Iterator[Path]:
        yield from self._tables
        for folder in self._folders:
            for name in _WATCHED:
                yield folder / name
                yield from sorted(folder.glob(f"*/{name}"))

    def page(self) -> str:
        """The page of the files as they are; of the last sound ones where they cannot be read."""
        with self._lock:
            state = self.state()
            if state != self._made[0]:
                try:
                    self._made = (state, self._make())
                except WiringError as error:
                    if not self._made[1]:
                        return str(error)
            return self._made[1]


class _Answers(BaseHTTPRequestHandler):
    server: ReportServer

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0]
        if host not in (_HOST, "localhost"):  # another site's name for this machine
            self.send_error(403)
        elif self.path == "/":
            self._send(self.server.page(), "text/html; charset=utf-8")
        elif self.path == "/changed":
            self._send(self.server.state(), "text/plain")
        else:
            self.send_error(404)

    def _send(self, text: str, kind: str) -> None:
        content = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing: there would be a line every two seconds."""

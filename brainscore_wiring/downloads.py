"""Files from the web: verified and whole, or not there; a download cut short is resumed."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from brainscore_wiring.errors import WiringError, shortened
from brainscore_wiring.locks import lock

#: Seconds without a connection, and without a byte, after which a download is given up.
TIME_OUT = (10, 30)
_CHUNK = 1 << 16
#: Bytes a second, over `TIME_OUT[1]` seconds, below which a download is given up.
SLOWEST = 100
#: The most bytes that are taken for a file whose size is not known.
LARGEST_DOWNLOAD = 1_000_000_000
BROKE_OFF, NO_CONNECTION = "the connection broke off", "no connection"

#: Called while a file arrives, with the bytes that are here and the bytes expected (0 where the
#: server does not say).
ByteCount = Callable[[int, int], None]


class NoConnection(WiringError):
    """A server does not answer: there is no sense in asking it for another file."""


def digest(path: str | Path, algorithm: str = "sha256") -> str:
    """A file's hash, in lower-case hex. Raises `WiringError` where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest()
    except OSError as error:
        raise WiringError(f"'{path}' cannot be read: {error.strerror or error}.") from None


def host(url: str) -> str:
    """The server that a URL names."""
    return urlsplit(url).netloc


def download(
    url: str,
    path: Path,
    expected: str,
    *,
    algorithm: str = "sha256",
    size: int | None = None,
    advice: str,
    progress: ByteCount | None = None,
) -> str:
    """Download to `path` if the content's hash begins with `expected`; returns the whole hash.

    What a broken connection or a killed process has received stays beside `path`, under a name of
    this URL and hash, and the next call asks the server for the rest only; where the server sends
    no rest, it starts again. Of several processes one downloads, the others wait for its file.
    Raises `WiringError`, ended by `advice`, where the download fails, or brings more than `size`
    bytes or another content, of which nothing is kept; `path` is then as it was.
    """
    identity = hashlib.sha256(f"{url} {expected}".encode()).hexdigest()[:16]
    part = path.parent / f".{path.name}.{identity}.part"
    with lock(part.with_suffix(".lock")):
        if path.is_file() and (found := digest(path, algorithm)).startswith(expected):
            return found  # another process was faster
        attempts = 2 if part.is_file() else 1  # a file that was begun may have changed since
        for _ in range(attempts):
            found = _received(url, part, path, algorithm, size, advice, progress)
            if found.startswith(expected):
                break
            part.unlink()
        else:
            raise WiringError(
                f"What {url} sends is not the published {path.name} ({algorithm} {found}, not "
                f"{expected}), so it was not kept: {advice}."
            )
        try:
            os.replace(part, path)
        except OSError as error:
            raise _unwritable(path, error) from None
    return found


def _received(
    url: str,
    part: Path,
    path: Path,
    algorithm: str,
    size: int | None,
    advice: str,
    progress: ByteCount | None,
) -> str:
    """Receive what `part` lacks, and keep it on failure; returns the hash of the whole."""
    import requests
    import urllib3

    try:
        _receive(url, part, size, progress)
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, _Broken) as error:
        kept = part.stat().st_size if part.is_file() else 0
        going_on = (
            f"; {kept / 1e6:,.1f} MB are kept and the next attempt goes on from there"
            if kept
            else ""
        )
        reason = _reason(error)
        raise (NoConnection if reason == NO_CONNECTION else WiringError)(
            f"{path.name} cannot be downloaded from {url} ({reason}{going_on}): {advice}."
        ) from None
    except _TooLong as error:
        part.unlink()
        raise WiringError(
            f"{url} sends more than the {error} bytes of {path.name}, so nothing was kept: "
            f"{advice}."
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    return digest(part, algorithm)


class _TooLong(Exception):
    """More bytes came than the file has."""


class _Broken(Exception):
    """An answer that cannot be taken as it is; says why."""


def _receive(url: str, part: Path, size: int | None, progress: ByteCount | None) -> None:
    import requests

    have = part.stat().st_size if part.is_file() else 0
    if have and have == size:
        return  # it ended between its last byte and its name
    most = LARGEST_DOWNLOAD if size is None else size
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIME_OUT) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # there is no more to come: the hash tells whether that is all
        response.raise_for_status()
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding != "identity":
            raise _Broken(f"the server sends it as {shortened(encoding, 20)}, not as it is")
        rest = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if response.status_code != requests.codes.partial_content or not rest:
            have = 0
        stated = response.headers.get("Content-Length", "")
        length = int(stated) if stated.isdecimal() else 0
        total = have + length if length else size or 0
        with open(part, "ab" if have else "wb") as file:
            for chunk in _chunks(response.raw):
                file.write(chunk)
                have += len(chunk)
                if have > most:
                    raise _TooLong(f"{most:,}")
                if progress is not None:
                    progress(have, total)
            file.flush()
            os.fsync(file.fileno())
        if not length and have < (size or 0):
            raise _Broken(BROKE_OFF)


def _chunks(raw: Any) -> Iterator[bytes]:
    """What a server sends, as it comes. Raises `_Broken` where it comes too slowly."""
    came, since = 0, time.monotonic()
    while chunk := raw.read1(_CHUNK):
        yield chunk
        came += len(chunk)
        passed = time.monotonic() - since
        if passed > TIME_OUT[1]:
            if came < SLOWEST * passed:
                raise _Broken(f"less than {SLOWEST:,} bytes a second come")
            came, since = 0, time.monotonic()


def _unwritable(path: Path, error: OSError) -> WiringError:
    return WiringError(
        f"'{path}' cannot be written ({error.strerror or error}): free its disk or give another "
        "folder."
    )


def _reason(error: Exception) -> str:
    """A download's failure in a few words, without the library's chain of exceptions."""
    import requests
    import urllib3

    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answers {response.status_code} {shortened(response.reason, 40)}"
    if isinstance(error, _Broken):
        return str(error)
    if isinstance(error, requests.exceptions.SSLError):
        return (
            "its TLS certificate cannot be verified; behind a proxy that reads along, name the "
            "proxy's certificates in REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no answer for {TIME_OUT[0]} seconds"
    if isinstance(error, (requests.Timeout, urllib3.exceptions.ReadTimeoutError)):
        return f"no answer for {TIME_OUT[1]} seconds"
    if isinstance(error, urllib3.exceptions.HTTPError):  # while the file came
        return BROKE_OFF
    if isinstance(error, requests.ConnectionError):
        cause = error.args[0] if error.args else None
        other = isinstance(cause, urllib3.exceptions.ProtocolError)
        return "it gives no answer that is HTTP" if other else NO_CONNECTION
    return "it is redirected to an address that cannot be followed"

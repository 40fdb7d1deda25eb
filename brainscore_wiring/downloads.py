"""Files from the web: verified and whole, or not there; a download that was cut short goes on where
it stopped.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from brainscore_wiring.errors import WiringError
from brainscore_wiring.locks import lock

#: Seconds without a connection, and without a byte, after which a download is given up.
TIME_OUT = (10, 30)
_CHUNK = 1 << 16

#: Called while a file arrives, with the bytes that are here and the bytes expected (0 where the
#: server does not say).
ByteCount = Callable[[int, int], None]


class NoConnection(WiringError):
    """A server does not answer: there is no sense in asking it for another file."""


def digest(path: str | Path, algorithm: str = "sha256") -> str:
    """The hash of a file, in lower-case hexadecimal digits. Raises `WiringError` where it cannot be
    read.
    """
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
    no rest, it starts anew. Of several processes one downloads, the others wait for its file.
    Raises `WiringError`, ended by `advice`, where the download fails, or brings more than `size`
    bytes or another content, of which nothing is kept; `path` is then as it was.
    """
    part = _part(url, path, expected)
    with lock(part.with_suffix(".lock")):
        if path.is_file() and (found := digest(path, algorithm)).startswith(expected):
            return found  # another process was faster
        resumed = part.is_file()
        found = _received(url, part, path, algorithm, size, advice, progress)
        if resumed and not found.startswith(
            expected
        ):  # the file on the server is no longer the one that was begun
            part.unlink()
            found = _received(url, part, path, algorithm, size, advice, progress)
        if not found.startswith(expected):
            part.unlink()
            raise WiringError(
                f"What {url} sends is not the published {path.name} ({algorithm} {found}, not "
                f"{expected}), so it was not kept: {advice}."
            )
        try:
            os.replace(part, path)
        except OSError as error:
            raise _unwritable(path, error) from None
    return found


def _part(url: str, path: Path, expected: str) -> Path:
    """Where the bytes of one content from one URL wait for the rest."""
    identity = hashlib.sha256(f"{url} {expected}".encode()).hexdigest()[:16]
    return path.parent / f".{path.name}.{identity}.part"


def _received(
    url: str,
    part: Path,
    path: Path,
    algorithm: str,
    size: int | None,
    advice: str,
    progress: ByteCount | None,
) -> str:
    """Receive what `part` lacks; returns the hash of the whole. On failure `part` keeps what has
    come.
    """
    import requests

    try:
        _receive(url, part, size, progress)
    except requests.RequestException as error:
        kept = part.stat().st_size if part.is_file() else 0
        going_on = (
            f"; {kept / 1e6:,.1f} MB are kept and the next attempt goes on from there"
            if kept
            else ""
        )
        raise (NoConnection if isinstance(error, requests.ConnectionError) else WiringError)(
            f"{path.name} cannot be downloaded from {url} ({_reason(error)}{going_on}): {advice}."
        ) from None
    except _TooLong:
        part.unlink()
        raise WiringError(
            f"{url} sends more than the {size} bytes of {path.name}, so nothing was kept: {advice}."
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    return digest(part, algorithm)


class _TooLong(Exception):
    """More bytes came than the file has."""


def _receive(url: str, part: Path, size: int | None, progress: ByteCount | None) -> None:
    import requests

    have = part.stat().st_size if part.is_file() else 0
    if have and have == size:
        return  # it ended between its last byte and its name
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIME_OUT) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # there is no more to come: the hash tells whether that is all
        response.raise_for_status()
        rest = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if response.status_code != requests.codes.partial_content or not rest:
            have = 0
        length = int(response.headers.get("Content-Length", 0))
        total = have + length if length else size or 0
        with open(part, "ab" if have else "wb") as file:
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                if size is not None and have > size:
                    raise _TooLong
                if progress is not None:
                    progress(have, total)
            file.flush()
            os.fsync(file.fileno())


def _unwritable(path: Path, error: OSError) -> WiringError:
    return WiringError(
        f"'{path}' cannot be written ({error.strerror or error}): free its disk or give another "
        "folder."
    )


def _reason(error: Exception) -> str:
    """A download's failure in a few words, without the library's chain of exceptions."""
    import requests

    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answers {response.status_code} {response.reason}"
    if isinstance(error, requests.Timeout):
        return (
            f"no answer for {TIME_OUT[0 if isinstance(error, requests.ConnectTimeout) else 1]} "
            "seconds"
        )
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    return "no connection"

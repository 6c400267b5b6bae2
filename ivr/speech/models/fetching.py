"""Fetches one file over HTTP: goes on where it was cut, and keeps nothing whose sum is wrong."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import structlog

from ivr.errors import Fault
from ivr.speech.models.catalogue import RemoteFile
from ivr.speech.models.settings import ModelsSettings

_log = structlog.get_logger(__name__)

Told = Callable[[int, int | None], None]
"""Takes the bytes that are there and the bytes of the whole file, None while unknown."""

Sleep = Callable[[float], Awaitable[None]]

_CHUNK = 1 << 18
_SHA256 = re.compile(r'(?:W/)?"([0-9a-f]{64})"')
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_LINKED_SUM = "X-Linked-ETag"
"""Where the hub of the ONNX models tells the SHA-256 of a large file, on its redirect to the storage."""


class FetchFailed(Fault):
    """A file could not be fetched; what has come so far is kept and gone on with the next time."""


class SumWrong(Fault):
    """A file is not the one that was published."""


class _Cut(Exception):
    """The connection ended early."""


class Fetcher:
    """Fetches files into a folder, one after another. Range requests as in RFC 9110, section 14."""

    def __init__(self, settings: ModelsSettings, *, sleep: Sleep = asyncio.sleep) -> None:
        self._settings = settings
        self._sleep = sleep

    async def fetch(self, remote: RemoteFile, folder: Path, told: Told) -> Path:
        """Fetch the file unless it is there already.

        Raises:
            FetchFailed: No network, not there, or it broke off time and again.
            SumWrong: It came whole and is another file; it is removed.
        """
        target = folder / remote.path
        if target.exists():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        told_sum = await self._whole(remote, part, told)
        await asyncio.to_thread(verify, part, remote, told_sum)
        part.replace(target)
        return target

    async def _whole(self, remote: RemoteFile, part: Path, told: Told) -> str | None:
        """Bring the part to its full length; the SHA-256 that the host tells, or None."""
        limits = aiohttp.ClientTimeout(
            total=None, sock_connect=self._settings.connect_seconds, sock_read=self._settings.silence_seconds
        )
        async with aiohttp.ClientSession(timeout=limits, trust_env=True) as session:
            fruitless = 0
            while True:
                before = _length(part)
                try:
                    return await self._attempt(session, remote, part, told)
                except (_Cut, aiohttp.ClientError, TimeoutError) as error:
                    fruitless = 0 if _length(part) > before else fruitless + 1
                    if fruitless >= self._settings.attempts or _hopeless(error):
                        raise _given_up(remote, error) from error
                    _log.info(
                        "download_cut", file=remote.path, bytes=_length(part), error=type(error).__name__
                    )
                    await self._sleep(min(2.0**fruitless, 30.0))

    async def _attempt(
        self, session: aiohttp.ClientSession, remote: RemoteFile, part: Path, told: Told
    ) -> str | None:
        start = _length(part)
        headers = {"Range": f"bytes={start}-", "Accept-Encoding": "identity"}
        async with session.get(remote.url, headers=headers) as response:
            if response.status == 416:
                _require_complete(part, remote)
                return _told_sum(response)
            if response.status not in (200, 206):
                response.raise_for_status()
                raise FetchFailed(f"The host answers with status {response.status}.", remote.url)
            begin, whole = _extent(response, remote)
            _refuse_if_too_large(part.parent, (whole or 0) - begin)
            await _take(response, part, begin, lambda there: told(there, whole))
            if whole is not None and _length(part) < whole:
                raise _Cut
            return _told_sum(response)


def verify(file: Path, remote: RemoteFile, told_sum: str | None = None) -> None:
    """Compare a file with what is published of it; remove it when it differs. Reads the file: blocks.

    Args:
        file: The file.
        remote: Its size and sums as far as they are known.
        told_sum: SHA-256 that the host told, for a file without a known one.

    Raises:
        SumWrong: They differ.
    """
    if wrong := differences(file, remote, told_sum):
        file.unlink()
        raise SumWrong(
            f"{remote.path} is not the file that was published ({', '.join(wrong)} differs); it was removed.",
            remote.url,
            "Fetch it again; if that does not help, the publisher or something on the way has replaced it.",
        )


def differences(file: Path, remote: RemoteFile, told_sum: str | None = None) -> list[str]:
    """In what a file differs from the published one: `size`, `sha256`, `md5`; as far as these are known."""
    expected = {"sha256": remote.sha256 or told_sum, "md5": remote.md5}
    found = digests(file, [name for name, value in expected.items() if value])
    wrong = [name for name, value in found.items() if value != expected[name]]
    if remote.bytes is not None and file.stat().st_size != remote.bytes:
        wrong.insert(0, "size")
    return wrong


def digests(file: Path, algorithms: list[str]) -> dict[str, str]:
    """Algorithm → digest of a file as hexadecimal digits, in one reading."""
    sums = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            for digest in sums.values():
                digest.update(chunk)
    return {name: digest.hexdigest() for name, digest in sums.items()}


async def _take(
    response: aiohttp.ClientResponse, part: Path, begin: int, told: Callable[[int], None]
) -> None:
    with part.open("ab") as stream:  # short writes into the page cache
        stream.truncate(begin)
        async for chunk in response.content.iter_chunked(_CHUNK):
            stream.write(chunk)
            told(stream.tell())


def _extent(response: aiohttp.ClientResponse, remote: RemoteFile) -> tuple[int, int | None]:
    """Where the answer begins in the file, and the length of the whole file."""
    if response.status == 206 and (found := _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))):
        return int(found[1]), remote.bytes if found[2] == "*" else int(found[2])
    return 0, response.content_length or remote.bytes


def _told_sum(response: aiohttp.ClientResponse) -> str | None:
    for answer in (*response.history, response):
        if found := _SHA256.fullmatch(answer.headers.get(_LINKED_SUM, "")):
            return found[1]
    return None


def _require_complete(part: Path, remote: RemoteFile) -> None:
    """The host has nothing to add: either all is there, or it is more than there should be.

    Raises:
        _Cut: It is more; the file is begun anew.
    """
    if remote.bytes not in (None, _length(part)):
        part.unlink()
        raise _Cut


def _refuse_if_too_large(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if wanted > free:
        raise FetchFailed(
            f"{wanted / 1e6:.0f} MB are still to come and {free / 1e6:.0f} MB are free.",
            str(folder),
            "Free space, or name another folder: speech.models.folder.",
        )


def _hopeless(error: Exception) -> bool:
    """Whether another attempt can't help."""
    if isinstance(error, aiohttp.ClientResponseError):
        return 400 <= error.status < 500 and error.status not in (408, 429)
    return isinstance(error, aiohttp.ClientConnectorDNSError | aiohttp.InvalidURL)


def _given_up(remote: RemoteFile, error: Exception) -> FetchFailed:
    if isinstance(error, aiohttp.ClientResponseError):
        return FetchFailed(f"The host answers with status {error.status}.", remote.url)
    if isinstance(error, aiohttp.ClientConnectorError):
        return FetchFailed("There is no way to this host: no network, or a proxy is needed.", remote.url)
    return FetchFailed("The download broke off time and again; what has come is kept.", remote.url)


def _length(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0

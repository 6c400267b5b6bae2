"""The files of the pages, read once at the start: a path is a key, so that no path leads elsewhere."""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from aiohttp import web

_INDEX = "index.html"
_TEXTS = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/manifest")
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}
_LEAST_PACKED = 1_000


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    packed: bytes | None
    type: str
    tag: str


class Pages:
    """Serves the files of a folder; browsers keep them and ask each time whether they are still the same."""

    def __init__(self, folder: Path, policy: str) -> None:
        """Read the folder.

        Args:
            folder: `index.html` in it is the page of `/`; it may be missing.
            policy: Content security policy of the pages.
        """
        self._policy = policy
        self._files = dict(_read(folder))

    @property
    def paths(self) -> list[str]:
        """What is served, from the root."""
        return sorted(self._files)

    async def serve(self, request: web.Request) -> web.Response:
        """Answer a GET or HEAD of any path."""
        file = self._files.get(request.match_info["path"] or _INDEX)
        if file is None:
            raise web.HTTPNotFound
        headers = {"ETag": f'W/"{file.tag}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        headers["Content-Security-Policy"] = self._policy
        if any(file.tag == known.value for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return _whole(file, request, headers)


def _whole(file: _File, request: web.Request, headers: Mapping[str, str]) -> web.Response:
    if file.packed is None or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=file.content, headers={**headers, "Content-Type": file.type})
    packed = {"Content-Encoding": "gzip", "Content-Type": file.type}
    return web.Response(body=file.packed, headers={**headers, **packed})


def _read(folder: Path) -> Iterator[tuple[str, _File]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path.relative_to(folder).as_posix(), _file(path)


def _file(path: Path) -> _File:
    content = path.read_bytes()
    type_ = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = type_.startswith(_TEXTS)
    packs = text and len(content) >= _LEAST_PACKED
    return _File(
        content=content,
        packed=gzip.compress(content, mtime=0) if packs else None,
        type=f"{type_}; charset=utf-8" if text else type_,
        tag=sha256(content).hexdigest()[:32],
    )

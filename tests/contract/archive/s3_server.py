"""A bucket behind HTTP, as far as the archive asks for it; it can be away."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

BUCKET = "archive"
_LISTING = '<?xml version="1.0"?><ListBucketResult><IsTruncated>{more}</IsTruncated>{rest}</ListBucketResult>'
_ENTRY = (
    "<Contents><Key>{key}</Key><LastModified>2026-11-24T12:00:00.000Z</LastModified>"
    '<ETag>"0"</ETag><Size>{size}</Size></Contents>'
)
_DAY = "Tue, 24 Nov 2026 12:00:00 GMT"


class Bucket:
    """What it holds, and how it is asked.

    Attributes:
        files: Content by key.
        away: Whether every request is refused.
        page: Most keys in one answer to a listing.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.away = False
        self.page = 1000
        self.endpoint = ""


class _Handler(BaseHTTPRequestHandler):
    bucket: Bucket
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self._key() is not None:
            self.bucket.files[self._key() or ""] = content
            self._answer(200, headers={"ETag": '"0"'})

    def do_HEAD(self) -> None:
        self._object(body=False)

    def do_GET(self) -> None:
        if "list-type" in self._asked():
            self._list()
        else:
            self._object(body=True)

    def do_POST(self) -> None:
        """Deletes keys."""
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._key() is not None:
            keys = re.findall(r"<Key>(.*?)</Key>", asked)
            for key in keys:
                self.bucket.files.pop(unescape(key), None)
            gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self._answer(200, f'<?xml version="1.0"?><DeleteResult>{gone}</DeleteResult>'.encode())

    def _key(self) -> str | None:
        """Key of the request; None when it has been refused."""
        if self.bucket.away:
            self._answer(403)
            return None
        _, name, *key = unquote(urlsplit(self.path).path).split("/", 2)
        if name != BUCKET:
            self._answer(404)
            return None
        return key[0] if key else ""

    def _asked(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query)

    def _object(self, *, body: bool) -> None:
        key = self._key()
        if key is None:
            return
        if key not in self.bucket.files:
            self._answer(404)
            return
        content, status, headers = self.bucket.files[key], 200, {"ETag": '"0"', "Last-Modified": _DAY}
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if found:
            start, end = int(found[1]), min(int(found[2]), len(content) - 1)
            headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
            content, status = content[start : end + 1], 206
        self._answer(status, content, headers, body=body)

    def _list(self) -> None:
        if self._key() is None:
            return
        asked = self._asked()
        prefix, after = asked.get("prefix", [""])[0], asked.get("continuation-token", [""])[0]
        keys = sorted(key for key in self.bucket.files if key.startswith(prefix) and key > after)
        page, more = keys[: self.bucket.page], len(keys) > self.bucket.page
        rest = "".join(_ENTRY.format(key=escape(key), size=len(self.bucket.files[key])) for key in page)
        if more:
            rest += f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>"
        self._answer(200, _LISTING.format(more=str(more).lower(), rest=rest).encode())

    def _answer(
        self,
        status: int,
        content: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        body: bool = True,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def s3_server() -> Iterator[Bucket]:
    """A server on the loopback with one bucket."""
    bucket = Bucket()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"bucket": bucket})) as server:
        bucket.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield bucket
        server.shutdown()
        thread.join()

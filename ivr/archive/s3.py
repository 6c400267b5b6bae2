"""Files of the archive in a bucket of an S3-compatible storage.

Through obstore (the Apache Arrow project's object_store in Rust: one wheel, no dependencies): requests are
signed, retried and sent in parts by it. The bucket is to have versioning and object lock off, or a purge
would leave older versions behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from ivr.archive.settings import S3Settings
from ivr.archive.storage import NotStored, StorageAway

if TYPE_CHECKING:
    from obstore.store import S3Config

_PAGE = 1000
_NOT_FOUND = (NotFoundError, FileNotFoundError)
T = TypeVar("T")


class S3Storage:
    """One bucket, or what is under one prefix of it; as `Storage`."""

    def __init__(self, settings: S3Settings) -> None:
        """Prepare; nothing is asked of the storage yet."""
        secret = settings.secret_access_key
        given = {
            "endpoint": settings.endpoint,
            "access_key_id": settings.access_key_id,
            "secret_access_key": secret.get_secret_value() if secret else "",
        }
        config = cast("S3Config", {name: value for name, value in given.items() if value})
        self._store = S3Store(
            settings.bucket,
            prefix=settings.prefix or None,
            config=config,
            region=settings.region,
            virtual_hosted_style_request=settings.virtual_hosted,
            client_options={
                "allow_http": settings.endpoint.startswith("http://"),
                "timeout": timedelta(seconds=settings.timeout_seconds),
                "connect_timeout": timedelta(seconds=min(5.0, settings.timeout_seconds)),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=settings.timeout_seconds)},
        )

    def put(self, path: str, source: Path) -> None:
        """As `Storage.put`: the storage answers when the file is kept, and compares lengths."""
        with source.open("rb") as file:
            try:
                _ask(path, lambda: obstore.put(self._store, path, file))
            except NotStored as error:
                raise StorageAway("there is no such bucket") from error

    def size(self, path: str) -> int:
        """As `Storage.size`."""
        return _ask(path, lambda: obstore.head(self._store, path)["size"])

    def read(self, path: str, start: int, length: int) -> bytes:
        """As `Storage.read`."""
        if start >= self.size(path):
            return b""
        return _ask(path, lambda: bytes(obstore.get_range(self._store, path, start=start, length=length)))

    def delete(self, path: str) -> None:
        """As `Storage.delete`: that nothing is there is believed only of a bucket that answers."""
        try:
            self.size(path)
            _ask(path, lambda: obstore.delete(self._store, path))
        except NotStored:
            _ask("", lambda: next(iter(obstore.list(self._store, chunk_size=1)), None))

    def paths(self) -> Iterator[list[str]]:
        """As `Storage.paths`."""
        pages = iter(obstore.list(self._store, chunk_size=_PAGE))
        while page := _ask("", lambda: next(pages, None)):
            yield [found["path"] for found in page]

    def free_bytes(self) -> int | None:
        """As `Storage.free_bytes`: a bucket does not tell."""
        return None


def _ask(path: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except _NOT_FOUND as error:
        raise NotStored(path) from error
    except (BaseError, OSError) as error:
        raise StorageAway(str(error).splitlines()[0] if str(error) else type(error).__name__) from error

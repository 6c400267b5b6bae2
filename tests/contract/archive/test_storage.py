"""What the archive may expect of each storage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.archive import keeping
from ivr.archive.purging import purge
from ivr.archive.s3 import S3Storage
from ivr.archive.settings import S3Settings
from ivr.archive.storage import LocalStorage, NotStored, Storage, StorageAway
from tests.contract.archive.conftest import Place
from tests.contract.archive.s3_server import BUCKET, Bucket, s3_server
from tests.contract.archive.test_archive import EVERYTHING, listed
from tests.contract.archive.test_keeping import AFTER_THE_TERM

ONE, TWO = "2026/11/23/one.sealed", "2026/11/24/two.sealed"


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    given = os.environ.get("IVR_TEST_S3")
    if given:
        real = Bucket()
        real.endpoint = given
        yield real
        return
    with s3_server() as bucket:
        yield bucket


def in_bucket(bucket: Bucket, name: str = BUCKET) -> S3Storage:
    return S3Storage(
        S3Settings(
            bucket=name,
            prefix=f"calls-{os.getpid()}",
            endpoint=bucket.endpoint,
            access_key_id=os.environ.get("IVR_TEST_S3_KEY", "test"),
            secret_access_key=os.environ.get("IVR_TEST_S3_KEY", "test"),
            timeout_seconds=5,
        )
    )


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return LocalStorage(tmp_path / "archive")
    return in_bucket(request.getfixturevalue("bucket"))


def put(storage: Storage, tmp_path: Path, path: str, content: bytes) -> None:
    (tmp_path / "source").write_bytes(content)
    storage.put(path, tmp_path / "source")


def all_of(storage: Storage) -> list[str]:
    return [path for page in storage.paths() for path in page]


def test_a_file_is_kept_read_listed_and_deleted(storage: Storage, tmp_path: Path) -> None:
    assert all_of(storage) == []
    put(storage, tmp_path, ONE, b"0123456789")
    put(storage, tmp_path, TWO, b"")
    assert (storage.size(ONE), storage.size(TWO)) == (10, 0)
    parts = [(0, 10), (3, 4), (8, 10), (10, 1), (0, 0)]
    assert [storage.read(ONE, *part) for part in parts if part[1]] == [b"0123456789", b"3456", b"89", b""]
    assert all_of(storage) == [ONE, TWO]
    put(storage, tmp_path, ONE, b"other")
    assert storage.read(ONE, 0, 100) == b"other"
    for _ in range(2):
        storage.delete(ONE)
    storage.delete(TWO)
    assert all_of(storage) == []


def test_what_is_not_there(storage: Storage) -> None:
    for ask in (lambda: storage.size(ONE), lambda: storage.read(ONE, 0, 1)):
        with pytest.raises(NotStored):
            ask()


def test_pages_of_a_listing_lose_nothing(bucket: Bucket, tmp_path: Path) -> None:
    bucket.page = 2
    storage, paths = in_bucket(bucket), [f"2026/11/24/{n}.sealed" for n in range(5)]
    for path in paths:
        put(storage, tmp_path, path, b"x")
    assert all_of(storage) == paths
    for path in paths:
        storage.delete(path)


def test_a_bucket_that_is_not_there_is_no_empty_one(bucket: Bucket, tmp_path: Path) -> None:
    """A deletion must not count as done because the name of the bucket is wrong."""
    storage = in_bucket(bucket, "nothing")
    for ask in (
        lambda: put(storage, tmp_path, ONE, b"x"),
        lambda: storage.delete(ONE),
        lambda: all_of(storage),
    ):
        with pytest.raises(StorageAway):
            ask()


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    gone = Bucket()
    gone.endpoint = "http://127.0.0.1:1"
    storage = in_bucket(gone)
    for ask in (
        lambda: put(storage, tmp_path, ONE, b"x"),
        lambda: storage.delete(ONE),
        lambda: storage.size(ONE),
    ):
        with pytest.raises(StorageAway):
            ask()


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageAway):
        put(LocalStorage(tmp_path / "file"), tmp_path, ONE, b"x")


@pytest.mark.skipif("IVR_TEST_S3" in os.environ, reason="it can't be sent away")
async def test_an_archive_in_a_bucket_that_is_away_for_a_time(place: Place, bucket: Bucket) -> None:
    place.storage = in_bucket(bucket)
    call_id = await place.call()
    file = place.record(call_id)
    sound = file.read_bytes()
    archive = place.archive()
    archive.take_over(call_id, "", file)
    bucket.away = True
    await archive._take_batch(archive._due())
    assert (place.seen.failed, file.exists(), bucket.files) == (["storage"], True, {})
    bucket.away = False
    place.clock.seconds = 11
    await archive._take_batch(archive._due())
    [recording] = await listed(place)
    assert place.content(recording) == sound
    assert (await keeping.verify(place.database, place.vault, EVERYTHING)).ok
    bucket.away = True
    with pytest.raises(StorageAway):
        await purge(place.database, place.storage, AFTER_THE_TERM, dry_run=False)
    bucket.away = False
    await purge(place.database, place.storage, AFTER_THE_TERM, dry_run=False)
    assert (await listed(place), bucket.files) == ([], {})

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import pytest
from aiohttp.test_utils import BaseTestServer

from ivr.speech.models.catalogue import RemoteFile
from ivr.speech.models.fetching import Fetcher, FetchFailed, SumWrong
from ivr.speech.models.settings import ModelsSettings
from tests.contract.models.host import Host, serving

CONTENT = os.urandom(900_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class Naps:
    """Waits for nothing, and counts."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def remote(server: BaseTestServer, **known: object) -> RemoteFile:
    given = {"url": str(server.make_url("/model.zip")), "path": "model.zip", **known}
    return RemoteFile.model_validate(given)


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def fetch(folder: Path, file: RemoteFile, naps: Naps | None = None) -> list[tuple[int, int | None]]:
    told: list[tuple[int, int | None]] = []
    fetcher = Fetcher(ModelsSettings(attempts=3), sleep=naps or Naps())
    target = await fetcher.fetch(file, folder, lambda there, whole: told.append((there, whole)))
    assert target.read_bytes() == CONTENT
    assert names(folder) == ["model.zip"]
    return told


@pytest.mark.parametrize("known", [{}, {"sha256": SHA256}, {"md5": MD5, "bytes": len(CONTENT)}])
async def test_a_file_is_fetched_with_progress(tmp_path: Path, known: dict[str, object]) -> None:
    host = Host({"/model.zip": CONTENT})
    async with await serving(host) as server:
        told = await fetch(tmp_path, remote(server, **known))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [there for there, _ in told] == sorted(there for there, _ in told)


async def test_what_is_there_is_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "model.zip").write_bytes(CONTENT)
    host = Host({})
    async with await serving(host) as server:
        await fetch(tmp_path, remote(server))
    assert host.asked == []


async def test_a_cut_download_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    host = Host({"/model.zip": CONTENT}, cuts=[200_000, 300_000])
    async with await serving(host) as server:
        await fetch(tmp_path, remote(server, sha256=SHA256))
    assert host.asked == ["bytes=0-", "bytes=200000-", "bytes=500000-"]


async def test_a_download_that_an_earlier_run_began_goes_on(tmp_path: Path) -> None:
    (tmp_path / "model.zip.part").write_bytes(CONTENT[:700_000])
    host = Host({"/model.zip": CONTENT})
    async with await serving(host) as server:
        await fetch(tmp_path, remote(server, sha256=SHA256))
    assert host.asked == ["bytes=700000-"]


async def test_a_host_without_ranges_sends_all_again(tmp_path: Path) -> None:
    (tmp_path / "model.zip.part").write_bytes(b"x" * 10)
    host = Host({"/model.zip": CONTENT}, ranges=False, cuts=[100_000])
    async with await serving(host) as server:
        await fetch(tmp_path, remote(server, sha256=SHA256))
    assert len(host.asked) == 2


async def test_a_whole_part_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "model.zip.part").write_bytes(CONTENT)
    host = Host({"/model.zip": CONTENT})
    async with await serving(host) as server:
        await fetch(tmp_path, remote(server, sha256=SHA256, bytes=len(CONTENT)))
    assert len(host.asked) == 1


async def test_a_part_that_is_too_long_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "model.zip.part").write_bytes(CONTENT + b"more")
    host = Host({"/model.zip": CONTENT})
    async with await serving(host) as server:
        await fetch(tmp_path, remote(server, sha256=SHA256, bytes=len(CONTENT)))
    assert host.asked == [f"bytes={len(CONTENT) + 4}-", "bytes=0-"]


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"sha256": "0" * 64}, "sha256"),
        ({"md5": "0" * 32}, "md5"),
        ({"bytes": 5}, "size"),
        ({"sha256": "0" * 64, "bytes": 5}, "size, sha256"),
    ],
)
async def test_another_file_is_removed(tmp_path: Path, known: dict[str, object], told: str) -> None:
    async with await serving(Host({"/model.zip": CONTENT})) as server:
        with pytest.raises(SumWrong, match=f"not the file that was published \\({told} differs\\)"):
            await fetch(tmp_path, remote(server, **known))
    assert names(tmp_path) == []


async def test_the_sum_that_a_hub_tells_counts(tmp_path: Path) -> None:
    lying = Host({"/model.zip": CONTENT}, headers={"X-Linked-ETag": f'"{"0" * 64}"'})
    async with await serving(lying) as server:
        with pytest.raises(SumWrong, match="sha256"):
            await fetch(tmp_path, remote(server))
    honest = Host({"/model.zip": CONTENT}, headers={"X-Linked-ETag": f'"{SHA256}"'})
    async with await serving(honest) as server:
        await fetch(tmp_path, remote(server))


async def test_what_does_not_exist_is_asked_for_once(tmp_path: Path) -> None:
    host = Host({})
    async with await serving(host) as server:
        with pytest.raises(FetchFailed, match="status 404"):
            await fetch(tmp_path, remote(server))
    assert len(host.asked) == 1


async def test_a_busy_host_is_asked_again(tmp_path: Path) -> None:
    host, naps = Host({"/model.zip": CONTENT}, statuses=[503, 429]), Naps()
    async with await serving(host) as server:
        await fetch(tmp_path, remote(server), naps)
    assert naps.seconds == [2.0, 4.0]


async def test_a_connection_that_always_breaks_is_given_up_and_nothing_lost(tmp_path: Path) -> None:
    host = Host({"/model.zip": CONTENT}, cuts=[200_000, 0, 0, 0, 0])
    async with await serving(host) as server:
        with pytest.raises(FetchFailed, match="what has come is kept"):
            await fetch(tmp_path, remote(server))
    assert host.asked == ["bytes=0-", *["bytes=200000-"] * 3]
    assert (tmp_path / "model.zip.part").read_bytes() == CONTENT[:200_000]


async def test_no_network_is_told_as_such(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/model.zip"
    with pytest.raises(FetchFailed, match="no network"):
        await fetch(tmp_path, RemoteFile(url=url, path="model.zip"))


async def test_a_name_that_nobody_knows_is_not_tried_again(tmp_path: Path) -> None:
    naps = Naps()
    with pytest.raises(FetchFailed, match="no network"):
        await fetch(tmp_path, RemoteFile(url="http://models.invalid/model.zip", path="model.zip"), naps)
    assert naps.seconds == []

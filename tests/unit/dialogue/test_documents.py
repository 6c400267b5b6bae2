from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialogue import documents
from ivr.dialogue.documents import Document, parse, read
from ivr.dialogue.problems import Mark


def content(text: str) -> object:
    document = parse(text, "f.yaml")
    assert isinstance(document, Document), document
    return document.content


@pytest.mark.parametrize(
    "text", ["012", "1:30", "no", "yes", "on", "off", "0x1F", "1_000", "2026-11-24", "+7", "1e3"]
)
def test_what_yaml_1_1_would_change_stays_text(text: str) -> None:
    assert content(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-12", -12),
        ("1.50", Decimal("1.50")),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
    ],
)
def test_constants(text: str, value: object) -> None:
    found = content(f"a: {text}")
    assert found == {"a": value}
    assert isinstance(found, dict)
    assert type(found["a"]) is type(value)


def test_keys_are_text() -> None:
    assert content('1: a\non: b\n"*": c') == {"1": "a", "on": "b", "*": "c"}


def test_every_value_has_its_place() -> None:
    document = parse("a:\n  b: [x, {c: d}]\n", "f.yaml")
    assert isinstance(document, Document)
    assert document.find("a", "b", 1, "c") == Mark(2, 14)
    assert document.find("a", "b", "tag", 0) == Mark(2, 7)
    assert document.find_key("a", "b") == Mark(2, 3)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: 1\nb: 2\na: 3", "duplicate-key", (3, 1)),
        ("a: &x 1\nb: *x", "anchor", (1, 4)),
        ("a: *x", "alias", (1, 4)),
        ("a: !!str 1", "tag", (1, 4)),
        ("a: 1\n---\nb: 2", "documents", (2, 1)),
        ("%YAML 1.1\n---\na: 1", "yaml-version", (2, 1)),
        ("{a: 1}: 2", "key", (1, 1)),
        ("a: [1", "yaml", (1, 6)),
        ("a: x: y", "yaml", (1, 5)),
        ("[" * 31 + "]" * 31, "too-deep", (1, 31)),
    ],
)
def test_refusals(text: str, code: str, place: tuple[int, int]) -> None:
    problems = parse(text, "f.yaml")
    assert not isinstance(problems, Document)
    assert [(problem.code, (problem.line, problem.column)) for problem in problems] == [(code, place)]


def test_all_duplicates_are_reported() -> None:
    problems = parse("a: 1\na: 2\nb: 1\nb: 2", "f.yaml")
    assert not isinstance(problems, Document)
    assert [problem.line for problem in problems] == [2, 4]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    large, latin = tmp_path / "large.yaml", tmp_path / "latin.yaml"
    large.write_bytes(b"a" * (512 * 1024 + 1))
    latin.write_bytes("a: 1\nb: да".encode("cp1251"))
    found = [read(tmp_path / "none.yaml"), read(large), read(latin)]
    assert [problems[0].code for problems in found if isinstance(problems, list)] == [
        "unreadable",
        "too-large",
        "encoding",
    ]
    assert isinstance(found[2], list)
    assert found[2][0].line == 2


@given(st.text(max_size=200))
def test_any_text_gives_a_document_or_problems(text: str) -> None:
    result = parse(text, "f.yaml")
    assert isinstance(result, Document) or all(problem.line >= 1 for problem in result)


ROOT = Path(__file__).parents[3]
WRITTEN = [
    ROOT / "ivr.yaml",
    *(file for folder in ("scenarios", "kb", "metrics") for file in sorted((ROOT / folder).rglob("*.yaml"))),
]


def read_both(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    """With libyaml, and by ruamel.yaml alone."""
    fast = parse(text, "f.yaml")
    monkeypatch.setattr(documents, "_PARSER", None)
    return fast, parse(text, "f.yaml")


def test_libyaml_is_there() -> None:
    assert documents._PARSER is not None


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.name)
def test_what_is_written_is_read_alike_by_both(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast, slow = read_both(file.read_text(encoding="utf-8"), monkeypatch)
    assert isinstance(fast, Document)
    assert fast == slow


@pytest.mark.parametrize(
    "text",
    [
        "a:\nb: 1",
        "a: 1\nb:",
        "- a:\n-\n",
        "a: |\n   \n b\n",
        "a: |# no comment\n b",
        'a: ["b":c]',
        ">\n# text\n",
        "a:\tb",
        "a: b\x85c: d",
        "a: b\u2028c",
        "\ufeffa: b",
        "%YAML 1.2\n---\na: b",
        "a: 'x\n\n  y'\nb: \"x\\\n  y\"\nc: x\n  y",
        "a: >-\n  x\n  y\n\n   z\n",
        "a: |2\n   x\n",
        "{a: [b, {c: d}], e: f,}",
        "a:b: c",
        "a: b:c #d\n",
        "a: x\r\nb: y\r\n",
        "? a\n: b",
    ],
)
def test_where_libyaml_goes_its_own_way_nobody_follows(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast, slow = read_both(text, monkeypatch)
    assert fast == slow

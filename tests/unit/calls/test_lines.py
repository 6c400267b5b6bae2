from __future__ import annotations

import pytest
from pydantic import ValidationError

from ivr.calls.lines import Line, Lines
from ivr.errors import Fault


def line(name: str, *numbers: str) -> Line:
    return Line(
        name=name,
        title="Частные клиенты",
        numbers=numbers,
        scenario="meter-reading",
        profile="bryansk",
        queue="clients",
    )


def test_a_line_is_found_by_name_and_by_any_of_its_numbers() -> None:
    private, corporate = line("private", "4832000000", "100"), line("corporate", "4832000009")
    lines = Lines([private, corporate])
    assert lines.by_name("corporate") is corporate
    assert lines.by_number("100") is private
    assert lines.by_number("4832000009") is corporate
    assert lines.by_number("999") is None
    assert lines.by_name("none") is None


def test_two_lines_with_one_number_are_refused() -> None:
    with pytest.raises(Fault, match="100 belongs to private and to corporate"):
        Lines([line("private", "100"), line("corporate", "100")])


def test_two_lines_with_one_name_are_refused() -> None:
    with pytest.raises(Fault, match="Two lines are named private"):
        Lines([line("private", "100"), line("private", "200")])


@pytest.mark.parametrize("name", ["Линия", "a b", "", "1a", "a]"])
def test_a_name_that_the_dialplan_could_not_bear_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        line(name, "100")

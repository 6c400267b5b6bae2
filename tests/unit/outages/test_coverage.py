from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ivr.outages.coverage import HouseRange, Houses, Side

NUMBERS = st.integers(1, 99_999)
SPANS = st.tuples(NUMBERS, NUMBERS).map(sorted)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("1-15", ["1", "д. 15", "15А", "7к2", "15/2"], ["16", "115", "б/н", ""]),
        ("с 1 по 15", ["1", "15"], ["16"]),
        ("д. 3 – д. 9", ["3", "9"], ["2", "10"]),
        ("2к1", ["2к1", "дом 2, корпус 1"], ["2", "2к2", "21"]),
        ("5", ["5", "д.5"], ["5А", "5к1", "51"]),
        ("2-20 чётные", ["2", "20", "4А"], ["3", "22"]),
        ("нечётные 1–9", ["1", "9"], ["2", "11"]),
        ("1-9 (нечет.)", ["5"], ["6"]),
        ("чётная сторона", ["2", "8000"], ["1"]),
        ("1-3, 7; 10к2,20-22 чет", ["2", "7", "10к2", "22"], ["4", "10", "21", "5"]),
        ("все", ["1", "б/н", ""], []),
        ("", ["1", "б/н", ""], []),
    ],
)
def test_which_houses_a_list_names(text: str, inside: list[str], outside: list[str]) -> None:
    houses = Houses.parse(text)
    assert [each for each in inside if not houses.covers(each)] == []
    assert [each for each in outside if houses.covers(each)] == []


@pytest.mark.parametrize("text", ["15-1", "0-5", "1-", "первый", "5 чётный", "1-2-3", "2А-8Б", "1 5"])
def test_what_is_no_list_of_houses(text: str) -> None:
    with pytest.raises(ValueError, match="neither a house"):
        Houses.parse(text)


@given(SPANS, NUMBERS, st.sampled_from(["", "а", "к1", "/2"]))
def test_a_range_holds_its_numbers_whatever_follows_them(span: list[int], number: int, rest: str) -> None:
    first, last = span
    covered = Houses.parse(f"{first}-{last}").covers(f"{number}{rest}")
    assert covered is (first <= number <= last)


@given(SPANS, NUMBERS)
def test_the_sides_of_a_street_share_its_houses(span: list[int], number: int) -> None:
    first, last = span
    both, odd, even = (
        Houses.parse(f"{first}-{last}{side}").covers(str(number)) for side in ("", " нечётные", " чётные")
    )
    assert both is (odd or even)
    assert not (odd and even)


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.lists(SPANS, max_size=4), NUMBERS)
def test_a_list_holds_what_its_items_hold(singles: list[int], spans: list[list[int]], number: int) -> None:
    assume([1, 99_999] not in spans)
    items = [*map(str, singles), *(f"{first}-{last}" for first, last in spans)]
    by_item = any(Houses.parse(item).covers(str(number)) for item in items)
    assert Houses.parse(", ".join(items)).covers(str(number)) is by_item
    assert Houses.parse(";".join(reversed(items))).covers(str(number)) is by_item


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        houses = Houses.parse(text)
    except ValueError:
        return
    houses.covers("1")


def test_a_range_knows_its_side() -> None:
    assert HouseRange(1, 9, Side.ODD) == Houses.parse("1-9 odd").ranges[0]
    assert HouseRange(2, 8, Side.EVEN) == Houses.parse("even 2-8").ranges[0]

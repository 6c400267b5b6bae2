from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialogue.expressions import ExpressionError, unparse
from ivr.dialogue.interpreter.utterances import plain
from ivr.dialogue.templates import Hole, parse_template


def parts(source: str) -> list[str | tuple[str, str | None]]:
    return [
        (unparse(part.node), part.filter) if isinstance(part, Hole) else part
        for part in parse_template(source).parts
    ]


def test_text_and_holes() -> None:
    assert parts("Улица {account.street}. Долг {a.debt - 1|amount}!") == [
        "Улица ",
        ("account.street", None),
        ". Долг ",
        ("a.debt - 1", "amount"),
        "!",
    ]


def test_braces_themselves() -> None:
    assert parts("{{a}} {b}") == ["{a} ", ("b", None)]


def test_signs_in_quotes_are_text() -> None:
    assert parts("{count('}')}") == [('count("}")', None)]


@pytest.mark.parametrize(
    ("source", "offset"),
    [
        ("счёт {a", 5),
        ("счёт }", 5),
        ("{a|}", 1),
        ("{a +|number}", 4),
        ("да {}", 4),
        ("{a|Number}", 1),
        ("да {a|b|c}", 4),
    ],
)
def test_refusals_say_where(source: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as fault:
        parse_template(source)
    assert fault.value.offset == offset


@given(st.text(max_size=40) | st.text("{}|ab'. ", max_size=40))
def test_any_text_is_read_or_refused(source: str) -> None:
    with suppress(ExpressionError):
        assert parse_template(source).source == source


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        (". Верно?", ". Верно?"),
        (" — верно?", "верно?"),
        (". ", "."),
        (" киловатт-часов ", "киловатт-часов"),
        (" — ", ""),
        ("", ""),
        ("да,\n нет", "да, нет"),
    ],
)
def test_pieces_of_text_keep_the_signs_that_are_pauses(piece: str, said: str) -> None:
    assert plain(piece) == said

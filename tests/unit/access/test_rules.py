from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.access.attempts import delay_seconds
from ivr.access.model import Right, Role, User
from ivr.access.passwords import Rules, Weakness

RULES = Rules(least_length=10)


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("korotko", Weakness.SHORT),
        ("x" * 201, Weakness.LONG),
        ("moj-IVANOVA-2026", Weakness.LOGIN),
        ("1234567890", Weakness.COMMON),
        ("QWERTYUIOP", Weakness.COMMON),
        ("йцукенгшщзхъ", Weakness.COMMON),
        ("Energosbyt-2026!", Weakness.COMMON),
        ("ababababababab", Weakness.COMMON),
        ("синий трамвай у реки", None),
        ("kQ7-vagon-Lz", None),
    ],
)
def test_which_passwords_are_taken(password: str, found: Weakness | None) -> None:
    assert RULES.weakness(password, "ivanova") is found


@given(st.text(max_size=250))
def test_nothing_short_and_nothing_with_the_login_is_taken(password: str) -> None:
    if RULES.weakness(password, "ivanova") is None:
        assert 10 <= len(password) <= 200
        assert "ivanova" not in password.casefold()


def test_the_delay_doubles_up_to_the_lock() -> None:
    delays = [delay_seconds(failures, 3, 1, 900) for failures in (0, 3, 4, 5, 6, 13, 14, 10_000)]
    assert delays == [0, 0, 1, 2, 4, 512, 900, 900]


@given(st.integers(0, 5_000))
def test_one_more_failure_never_shortens_the_delay(failures: int) -> None:
    assert delay_seconds(failures, 3, 1, 900) <= delay_seconds(failures + 1, 3, 1, 900) <= 900


def test_an_administrator_sees_no_cards_and_a_senior_changes_no_users() -> None:
    administrator = User(login="a", name="А", role=Role.ADMINISTRATOR)
    assert not administrator.may(Right.CARDS)
    assert not User(login="s", name="С", role=Role.SENIOR).may(Right.USERS)

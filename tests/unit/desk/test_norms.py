from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.desk.card_texts import CardTexts
from ivr.desk.norms import kind_of, norm_of
from ivr.errors import Fault
from ivr.kpi.norms import CallKind
from ivr.kpi.profiles import load_profiles

PROFILES = load_profiles(Path("metrics/standards"))


@pytest.mark.parametrize(
    ("topic", "personal", "segment", "kind", "seconds", "preparation"),
    [
        ("readings.submit", True, "private", "readings", 120, None),
        ("tariff.current", False, "private", "general", 180, None),
        ("balance.debt", True, "any", "personal", 300, None),
        ("balance.debt", True, "corporate", "corporate", 360, 120),
        (None, False, None, "general", 180, None),
    ],
)
def test_the_norm_of_bryansk_depends_on_the_kind_of_call(
    topic: str | None,
    personal: bool,
    segment: str | None,
    kind: str,
    seconds: int,
    preparation: int | None,
) -> None:
    norm = norm_of(PROFILES["bryansk"], kind_of(topic, personal, segment))
    assert (norm.kind, norm.seconds, norm.preparation_seconds) == (kind, seconds, preparation)
    assert (norm.search_seconds, norm.wrap_up_seconds) == (None, None)


def test_omsk_states_search_and_wrap_up_too() -> None:
    norm = norm_of(PROFILES["omsk"], CallKind.PERSONAL)
    assert (norm.seconds, norm.search_seconds, norm.wrap_up_seconds) == (300, 40, 60)


def test_where_the_standard_is_silent_nothing_is_attributed_to_it() -> None:
    for profile in (None, PROFILES["vladimir"]):
        norm = norm_of(profile, CallKind.GENERAL)
        assert (norm.seconds, norm.search_seconds, norm.wrap_up_seconds) == (None, None, None)


@pytest.mark.parametrize(
    ("hour", "hello"),
    [
        (0, "Здравствуйте!"),
        (4, "Здравствуйте!"),
        (5, "Доброе утро!"),
        (12, "Добрый день!"),
        (22, "Добрый вечер!"),
    ],
)
def test_the_greeting_goes_by_the_time_of_day(hour: int, hello: str) -> None:
    texts = CardTexts.load()
    at = datetime(2026, 11, 24, hour, 30, tzinfo=UTC)
    assert texts.greet(texts.greeting, at, "Энергосбыт", "Анна") == (
        f"{hello} Энергосбыт, оператор Анна, чем могу помочь?"
    )


@pytest.mark.parametrize("content", [b"greeting: [", "greeting: только это".encode(), b"\xff"])
def test_a_broken_file_of_texts_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "texts.yaml"
    file.write_bytes(content)
    with pytest.raises(Fault, match="texts of the card"):
        CardTexts.load(file)

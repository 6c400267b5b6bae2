from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ivr.customers.model import Address
from ivr.customers.sheets import in_zone
from ivr.outages.entries import OutageEntry
from ivr.outages.model import Place
from ivr.outages.settings import OutagesSettings
from tests.unit.customers.samples import MOSCOW


def entry(**changes: Any) -> OutageEntry:
    given = {
        "id": "1",
        "kind": "planned",
        "begins_at": "25.11.2026 10:00",
        "places": [{"settlement": "Дебрянск"}],
        **changes,
    }
    return OutageEntry.model_validate(given, context=in_zone(MOSCOW))


def expires(given: OutageEntry) -> str:
    return f"{given.columns(OutagesSettings())['expires_at']:%d %H:%M}"


def test_two_streets_of_one_name_are_told_apart_by_their_types() -> None:
    mira = Place("Дебрянск", "ул. Мира", "1-9")
    assert mira.covers(Address("Дебрянск", "Мира", "5", "улица"))
    assert not mira.covers(Address("Дебрянск", "Мира", "5", "проспект"))
    assert mira.covers(Address("Дебрянск", "Мира", "5"))
    assert Place("Дебрянск", "Мира").covers(Address("Дебрянск", "Мира", "5", "проспект"))


def test_moments_without_a_zone_are_the_company_s() -> None:
    assert entry().begins_at.isoformat() == "2026-11-25T10:00:00+03:00"
    assert entry(begins_at="2026-11-25T10:00+05:00").begins_at.isoformat() == "2026-11-25T10:00:00+05:00"
    assert entry(begins_at="2026-11-25").begins_at.hour == 0
    assert (
        entry(expected_end="2026-11-25").expected_end
        == entry(expected_end="2026-11-25T23:59:59").expected_end
    )


def test_an_outage_expires_some_time_after_its_end() -> None:
    assert expires(entry(expected_end="25.11.2026 15:00")) == "25 21:00"
    assert expires(entry()) == "26 10:00"
    assert expires(entry(expires_at="25.11.2026 12:30")) == "25 12:30"


@pytest.mark.parametrize(
    "changes",
    [
        {"begins_at": "25 ноября"},
        {"expected_end": "2026-11-25T10:00"},
        {"expected_end": "2026-11-25T12:00", "expires_at": "2026-11-25T11:00"},
        {"places": []},
        {"places": [{"settlement": "Дебрянск", "houses": "1-9"}]},
        {"places": [{"settlement": "", "street": "Мира"}]},
        {"places": [{"settlement": "Дебрянск", "street": "Мира", "houses": "9-1"}]},
        {"kind": "storm"},
        {"colour": "red"},
    ],
)
def test_what_cannot_be_entered(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        entry(**changes)

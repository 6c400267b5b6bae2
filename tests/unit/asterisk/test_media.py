"""What Asterisk tells of a leg's sound, read with care: figures of the exchange itself (22.8, PJSIP)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

import pytest

from ivr.asterisk.ami import AmiLink
from ivr.asterisk.media import MediaWatch
from ivr.calls.lines import Line, Lines
from ivr.kpi.network import LegMedia, Link
from tests.unit.asterisk.test_watching import Wire

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
COUNTS = (
    "ssrc=1118288395;themssrc=3413691994;lp={lost};rxjitter=0.000000;rxcount={received};"
    "txjitter=0.000875;txcount=356;rlp={lost_there};rtt={delay};rxmes=0.000000;txmes=82.609138"
)
NONE: Mapping[str, int] = {}


class StandingClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits")


def heard(
    channel: str = "PJSIP/trunk-in-00000000",
    line: str = "main",
    round_trip: str = "0.000000",
    counts: Mapping[str, int] = NONE,
) -> list[LegMedia]:
    told: list[LegMedia] = []
    wire = Wire()
    known = Line(
        name="main", title="Линия", numbers=("1",), scenario="reception", profile="bryansk", queue="clients"
    )
    MediaWatch(cast(AmiLink, wire), Lines([known]), told.append, StandingClock())
    numbers = {"lost": 5, "received": 350, "lost_there": 0, "delay": 0, **counts}
    wire.send(
        "UserEvent",
        UserEvent="IvrMedia",
        Channel=channel,
        Uniqueid="ivr-1.0",
        CallId="c-1",
        Line=line,
        RoundTrip=round_trip,
        Counts=COUNTS.format(**numbers) if counts.get("received") != -1 else "",
    )
    return told


def test_without_reports_of_the_other_end_only_what_came_is_counted() -> None:
    [leg] = heard()
    assert (leg.link, leg.packets, leg.lost, leg.delay_seconds) == (Link.TRUNK, 355, 5, None)
    assert (leg.leg_id, leg.call_id, leg.line, leg.profile, leg.at) == (
        "ivr-1.0",
        "c-1",
        "main",
        "bryansk",
        NOW,
    )


def test_with_reports_both_ways_are_counted_and_the_delay_is_half_the_round_trip() -> None:
    [leg] = heard("PJSIP/op-201-00000001", round_trip="0.240000", counts={"lost_there": 4})
    assert (leg.link, leg.packets, leg.lost, leg.delay_seconds) == (Link.WORKPLACE, 711, 9, 0.12)


@pytest.mark.parametrize("counts", [{"lost": 2**32 - 3}, {"lost_there": 2**32 - 1}, {"received": 0}])
def test_nonsense_is_left_out(counts: dict[str, int]) -> None:
    assert heard(counts=counts) == []


def test_figures_that_are_missing_are_left_out() -> None:
    assert heard(counts={"received": -1}) == []


def test_a_call_of_no_line_is_counted_with_the_whole_company() -> None:
    [leg] = heard(line="")
    assert (leg.line, leg.profile) == ("", "")

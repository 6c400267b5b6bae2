"""The timer of a call shows what the company's standard says, and nothing that it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.kpi.norms import CallKind, call_kind, norm
from ivr.kpi.profiles import Measure, load_profile

STANDARDS = Path(__file__).parents[3] / "metrics" / "standards"


@pytest.mark.parametrize(
    ("profile", "kind", "talk", "preparation"),
    [
        ("bryansk", CallKind.READINGS, 120, None),
        ("bryansk", CallKind.GENERAL, 180, None),
        ("bryansk", CallKind.PERSONAL, 300, None),
        ("bryansk", CallKind.CORPORATE, 360, 120),
        ("omsk", CallKind.READINGS, 300, None),
        ("omsk", CallKind.CORPORATE, 300, None),
        ("kostroma", CallKind.PERSONAL, None, 120),
        ("krasnoyarsk", CallKind.GENERAL, None, None),
        ("vladimir", CallKind.GENERAL, None, None),
    ],
)
def test_talk_and_preparation(
    profile: str, kind: CallKind, talk: int | None, preparation: int | None
) -> None:
    found = norm(load_profile(STANDARDS / f"{profile}.yaml"), kind)
    assert (found.talk, found.preparation) == (talk, preparation)


def test_what_else_is_stated() -> None:
    omsk = norm(load_profile(STANDARDS / "omsk.yaml"), CallKind.PERSONAL)
    assert (omsk.search, omsk.wrap_up, omsk.measure, omsk.clause) == (40, 60, Measure.AVERAGE, "2.2.1")
    corporate = norm(load_profile(STANDARDS / "bryansk.yaml"), CallKind.CORPORATE)
    assert (corporate.most, corporate.measure, corporate.search) == (1200, Measure.RECOMMENDED, None)
    silent = norm(load_profile(STANDARDS / "vladimir.yaml"), CallKind.READINGS)
    assert (silent.measure, silent.clause, silent.most) == (None, "", None)


@pytest.mark.parametrize(
    ("segment", "readings", "personal", "kind"),
    [
        ("private", True, True, CallKind.READINGS),
        ("private", False, True, CallKind.PERSONAL),
        ("any", False, False, CallKind.GENERAL),
        ("corporate", True, False, CallKind.CORPORATE),
    ],
)
def test_the_kind_of_a_call(segment: str, readings: bool, personal: bool, kind: CallKind) -> None:
    assert call_kind(segment, readings=readings, personal=personal) is kind

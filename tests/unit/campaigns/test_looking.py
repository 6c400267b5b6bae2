"""What stands in the way of a start in the words and days of a campaign, told in Russian."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ivr.app.knowledge import forbidden_phrases
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.looking import Looking
from ivr.campaigns.model import Campaign, CampaignState
from ivr.campaigns.service import Severity
from ivr.kpi.profiles import load_profiles

ROOT = Path(__file__).parents[3]
KINDS = Kinds.load(ROOT / "scenarios")
PROFILE = load_profiles(ROOT / "metrics" / "standards")["kostroma"]
FORBIDDEN = forbidden_phrases(ROOT / "scenarios" / "forbidden-phrases.yaml")
GOOD: dict[str, Any] = {"date": "2026-11-30", "change": "тариф вырастет на пять процентов"}


def found(
    kind: str = "tariff-change",
    last: date = date(2026, 11, 20),
    questionnaires: Collection[str] = (),
    **fields: Any,
) -> list[Any]:
    looking = Looking(
        kinds=lambda: KINDS, forbidden=FORBIDDEN, profile=PROFILE, questionnaires=questionnaires
    )
    campaign = Campaign(
        campaign_id=1,
        name="one",
        kind=kind,
        title="Первая",
        state=CampaignState.DRAFT,
        first_day=date(2026, 11, 1),
        last_day=last,
        fields=fields,
    )
    return looking(campaign)


def test_a_good_campaign_is_let_through() -> None:
    assert found(**GOOD) == []


def test_a_field_that_the_kind_does_not_have_is_told_with_those_that_it_has() -> None:
    (one,) = found(**GOOD | {"chnage": "опечатка"})
    assert (one.severity, one.where) == (Severity.ERROR, "fields.chnage")
    assert "«chnage»" in one.what
    assert "change" in one.fix


@pytest.mark.parametrize(("named", "faults"), [("visits", 0), ("", 0), ("visit", 1)])
def test_answers_of_a_survey_go_to_a_questionnaire_that_there_is(named: str, faults: int) -> None:
    question = "Оцените обслуживание"
    those = found("survey", questionnaires=["visits"], question=question, questionnaire=named)
    assert [each.where for each in those] == ["fields.questionnaire"] * faults
    assert all("visits" in each.fix for each in those)


@pytest.mark.parametrize("text", ["тариф за кВт·ч", "тариф № 5", "тариф Peak"])
def test_what_a_voice_can_not_say_stands_at_its_field(text: str) -> None:
    (one,) = found(**GOOD | {"change": text})
    assert (one.severity, one.where) == (Severity.ERROR, "fields.change")
    assert "голос неверно прочитает" in one.what


def test_forbidden_words_are_told_with_what_to_say() -> None:
    phrase = next(each for each in FORBIDDEN if each.instead)
    (one, *_) = found(**GOOD | {"change": phrase.phrase})
    assert one.where == "fields.change"
    assert "стандарт запрещает" in one.what
    assert one.fix.startswith("Скажите")


def test_a_notice_comes_as_early_as_the_standard_wants_it() -> None:
    outage = {"starts": "2026-11-24 09:00"}
    days = max(one.days_before or 0 for one in PROFILE.notices if one.kind == "planned-outage")
    latest = date(2026, 11, 24 - days)
    assert [one.where for one in found("planned-outage", latest, **outage)] == []
    (late,) = found("planned-outage", date(2026, 11, 25 - days), **outage)
    assert (late.where, late.severity) == ("last_day", Severity.ERROR)
    assert f"{latest:%d.%m.%Y}" in late.what


def test_an_unknown_kind_is_told_elsewhere() -> None:
    assert found("other") == []

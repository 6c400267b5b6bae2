"""Questionnaires: those of the project are in order, and what is wrong with others is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import Fault
from ivr.kpi.profiles import load_profiles
from ivr.satisfaction.questionnaires import examine, load_questionnaires

METRICS = Path(__file__).parents[3] / "metrics"
PROFILES = load_profiles(METRICS / "standards")
GOOD = """id: {id}
title: Анкета
profile: {profile}
{survey}
segment: {segment}
ways: [{ways}]
questions:
  - {{id: overall, kind: score, overall: true, text: Довольны?}}
{more}
"""


def faults(tmp_path: Path, text: str = "", **told: str) -> list[str]:
    plain = {
        "id": "mine",
        "profile": "bryansk",
        "survey": "survey: clients-yearly",
        "segment": "any",
        "ways": "office",
        "more": "",
    }
    (tmp_path / "mine.yaml").write_text(text or GOOD.format(**{**plain, **told}), encoding="utf-8")
    return [fault.what for fault in examine(tmp_path, PROFILES)]


def test_each_standard_has_its_questionnaires_and_all_are_in_order() -> None:
    assert examine(METRICS / "questionnaires", PROFILES) == []
    found = load_questionnaires(METRICS / "questionnaires", PROFILES)
    assert {each.profile for each in found.values()} == set(PROFILES)
    answered = {(each.profile, each.survey) for each in found.values()}
    stated = {(profile.id, survey.id) for profile in PROFILES.values() for survey in profile.surveys}
    assert stated <= answered  # every survey that a standard wants can be held


def test_a_good_one_has_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"id": "other"}, "differs from the file's name"),
        ({"profile": "nowhere"}, "There is no standard 'nowhere'"),
        ({"survey": "survey: weekly"}, "no survey 'weekly'"),
        ({"survey": "survey: clients-yearly\ncycle: month"}, "leave the cycle out"),
        ({"profile": "omsk", "survey": "survey: web"}, "names other ways: not office"),
        ({"profile": "vladimir", "survey": "survey: clients-half-yearly"}, "name the segment"),
        (
            {"profile": "vladimir", "survey": "survey: clients-half-yearly", "segment": "private"},
            "lacks a questionnaire for corporate clients",
        ),
        ({"more": "  - {id: overall, kind: words, text: Ещё}"}, "asked twice: overall"),
        ({"more": "  - {id: a, kind: score, weight: 0.4, text: А}"}, "add up to 0.400, not to 1"),
        ({"more": "  - {id: a, kind: score, overall: true, text: А}"}, "exactly one question"),
        ({"more": "  - {id: a, kind: nps, weight: 1, text: А}"}, "belong to a question of the kind score"),
        ({"more": "  - {id: a, kind: choice, text: А}"}, "options belong to"),
        ({"ways": "pigeon"}, "ways.0"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, told: dict[str, str], said: str) -> None:
    assert any(said in what for what in faults(tmp_path, **told))


def test_no_yaml_is_told_and_nothing_is_loaded(tmp_path: Path) -> None:
    assert "can't be read" in faults(tmp_path, text="a: [")[0]
    with pytest.raises(Fault):
        load_questionnaires(tmp_path, PROFILES)

"""Formulas, and the file of definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ivr.errors import Fault
from ivr.kpi.definitions import Definition, Value, load_definitions
from ivr.kpi.named import NAMES
from ivr.kpi.profiles import load_profiles

ROOT = Path(__file__).parents[3]
OWN = ROOT / "metrics" / "definitions.yaml"


def definition(formula: dict[str, Any], **told: Any) -> Definition:
    values = {"id": "x", "title": "Х", "explanation": "х", "unit": "count", "better": "low", **told}
    return Definition(**values, formula=formula)


@pytest.mark.parametrize(
    ("formula", "told", "value"),
    [
        ({"count": "lost"}, {}, Value(3, 3)),
        ({"share": ("lost", "incoming")}, {}, Value(0.25, 12)),
        ({"share": (("lost", "served"), "incoming")}, {}, Value(0.5, 12)),
        ({"share": ("lost", ("incoming", "blocked"))}, {}, Value(0.2, 15)),
        ({"mean": ("wait_us", "waited")}, {}, Value(2.5, 4)),
        ({"mean": ("score", "surveyed")}, {}, Value(4.5, 2)),
        ({"max": "longest_wait_us"}, {"base": "waited"}, Value(7.5, 4)),
        ({"share": ("alone", "summed_up")}, {}, Value(None)),
    ],
)
def test_formulas(formula: dict[str, Any], told: dict[str, Any], value: Value) -> None:
    sums = {
        "lost": 3,
        "served": 3,
        "incoming": 12,
        "blocked": 3,
        "wait_us": 10_000_000,
        "waited": 4,
        "score": 9,
        "surveyed": 2,
        "longest_wait_us": 7_500_000,
    }
    assert definition(formula, **told).value(sums) == value


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ({}, "exactly one"),
        ({"count": "lost", "max": "longest_wait_us"}, "exactly one"),
        ({"count": "nonsense"}, "no measure 'nonsense'"),
        ({"share": ("lost", ("incoming", "nonsense"))}, "no measure 'nonsense'"),
        ({"max": "longest_wait_us"}, "needs a base"),
    ],
)
def test_a_wrong_formula_is_refused(formula: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        definition(formula)


def test_the_calls_behind_a_figure() -> None:
    assert definition({"share": ("lost", "incoming")}).shown == ("incoming",)
    assert definition({"share": ("lost", "incoming")}, calls="lost").shown == ("lost",)
    assert definition({"max": "longest_wait_us"}, base="waited").shown == ("waited",)
    assert definition({"named": "occupancy"}).shown == ()


def test_what_the_measures_of_calls_tell() -> None:
    assert definition({"share": ("lost", "incoming")}).told_by_calls
    assert not definition({"mean": ("talk_us", "talks")}).told_by_calls
    assert not definition({"named": "occupancy"}).told_by_calls


def test_what_is_counted_elsewhere_has_no_value_of_its_own() -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        definition({"named": "occupancy"}).value({})


def test_the_programs_own_definitions() -> None:
    found = load_definitions(OWN, NAMES)
    assert {each.formula.named for each in found.kpis} - {None} == set(NAMES)
    assert found.find("lost-calls") is not None
    assert {each.id for each in found.kpis if not each.group} == set()
    assert found.find("nonsense") is None


def test_every_target_of_every_standard_has_its_kpi() -> None:
    known = {each.target_id for each in load_definitions(OWN).kpis}
    profiles = load_profiles(ROOT / "metrics" / "standards")
    stated = {(name, target.id) for name, profile in profiles.items() for target in profile.targets}
    assert {one for one in stated if one[1] not in known} == set()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("kpis: [", "can't be read"),
        ("kpis: []", "at least 1"),
        (
            "kpis: [{id: x, group: moon, title: x, explanation: x, unit: count, better: low,"
            " formula: {count: lost}}]",
            "no group 'moon'",
        ),
        ("kpis: [{id: x}]", "Field required"),
    ],
)
def test_a_broken_file_is_told(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "definitions.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Fault, match=reason):
        load_definitions(file)


def test_a_kpi_is_defined_once_and_names_what_is_counted(tmp_path: Path) -> None:
    one = "{id: x, title: Х, explanation: х, unit: count, better: low, formula: {named: nothing}}"
    file = tmp_path / "definitions.yaml"
    file.write_text(f"kpis: [{one}, {one}]", encoding="utf-8")
    with pytest.raises(Fault, match="defined twice: x"):
        load_definitions(file)
    file.write_text(f"kpis: [{one}]", encoding="utf-8")
    with pytest.raises(Fault, match="nothing is counted as nothing"):
        load_definitions(file, NAMES)

"""What points make together, and a form that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import Fault
from ivr.kpi.profiles import load_profiles
from ivr.quality.form import Criterion, Form, load_form

ROOT = Path(__file__).parents[3]
FORM = Form(
    version=1,
    criteria=(
        Criterion(id="hello", title="Приветствие", asks="", weight=1, levels=("нет", "не всё", "да")),
        Criterion(id="answer", title="Ответ", asks="", weight=3, levels=("нет", "да")),
        Criterion(id="secret", title="Данные", asks="", weight=2, levels=("нет", "да"), critical=True),
    ),
)


@pytest.mark.parametrize(
    ("hello", "answer", "secret", "percent"),
    [
        (2, 1, 1, 100.0),
        (1, 1, 1, round(550 / 6, 2)),
        (0, 0, 1, round(200 / 6, 2)),
        (2, 1, None, 100.0),
        (1, None, None, 50.0),
        (2, 1, 0, 0.0),
        (None, None, None, None),
    ],
)
def test_points_count_by_weight(
    hello: int | None, answer: int | None, secret: int | None, percent: float | None
) -> None:
    assert FORM.percent({"hello": hello, "answer": answer, "secret": secret}) == percent


@pytest.mark.parametrize(
    ("scores", "wrong"),
    [
        ({"hello": 2, "answer": 1, "secret": 1}, None),
        ({"hello": 3, "answer": 1, "secret": 1}, "hello"),
        ({"hello": -1, "answer": 1, "secret": 1}, "hello"),
        ({"hello": 1, "answer": 1}, "secret"),
        ({"hello": 1, "answer": 1, "secret": None, "other": 1}, "other"),
    ],
)
def test_wrong_points_are_named(scores: dict[str, int | None], wrong: str | None) -> None:
    assert FORM.wrong(scores) == wrong


@given(st.fixed_dictionaries({each.id: st.none() | st.integers(0, each.most) for each in FORM.criteria}))
def test_more_points_never_make_less(scores: dict[str, int | None]) -> None:
    before = FORM.percent(scores)
    for each in FORM.criteria:
        points = scores[each.id]
        if before is not None and points is not None and points < each.most:
            after = FORM.percent(scores | {each.id: points + 1})
            assert after is not None
            assert 0 <= before <= after <= 100


def test_the_companys_form_names_only_standards_that_there_are() -> None:
    form = load_form(ROOT / "metrics" / "evaluation.yaml")
    named = {profile for each in form.criteria for profile in each.clauses}
    assert named <= set(load_profiles(ROOT / "metrics" / "standards"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: 1\ncriteria: []\n", "criteria"),
        ("version: 1\ncriteria:\n  - {id: a, title: А, asks: '', weight: 0, levels: [нет, да]}\n", "weight"),
        ("version: [\n", "can't be read"),
    ],
)
def test_a_broken_form_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "evaluation.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Fault) as fault:
        load_form(path)
    assert told in fault.value.what
    assert fault.value.where == str(path)

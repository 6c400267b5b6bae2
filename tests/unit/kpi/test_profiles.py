from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from ivr.errors import Fault
from ivr.kpi.profiles import Profile, examine, load_profile, load_profiles
from ivr.requests.terms import Form, Stage

STANDARDS = Path(__file__).parents[3] / "metrics" / "standards"
IDS = ["bryansk", "kostroma", "krasnoyarsk", "omsk", "vladimir"]


@pytest.fixture(scope="module")
def profiles() -> dict[str, Profile]:
    return dict(load_profiles(STANDARDS))


def test_five_profiles(profiles: dict[str, Profile]) -> None:
    assert sorted(profiles) == IDS


@pytest.mark.parametrize(
    ("name", "days"),
    [("krasnoyarsk", 60), ("omsk", None), ("kostroma", None), ("bryansk", None), ("vladimir", None)],
)
def test_only_krasnoyarsk_states_a_retention(
    profiles: dict[str, Profile], name: str, days: int | None
) -> None:
    assert profiles[name].retention_days == days


@pytest.mark.parametrize(
    ("name", "window"),
    [
        ("krasnoyarsk", None),
        ("omsk", None),
        ("kostroma", (23, 25, False)),
        ("bryansk", (1, 25, True)),
        ("vladimir", None),
    ],
)
def test_reading_windows(
    profiles: dict[str, Profile], name: str, window: tuple[int, int, bool] | None
) -> None:
    found = profiles[name].reading_window
    assert (found and (found.from_day, found.to_day, found.certain)) == window


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("krasnoyarsk", {}),
        (
            "omsk",
            {
                "wait-average": 40,
                "client-search-average": 40,
                "answer-average": 300,
                "wrap-up-average": 60,
                "answered-alone": 0.9,
            },
        ),
        ("kostroma", {}),
        (
            "bryansk",
            {
                "lost-calls": 0.15,
                "answer-average-readings": 120,
                "answer-average-general": 180,
                "answer-average-personal": 300,
                "wait-maximum": 600,
                "corporate-talk-recommended": 360,
                "corporate-talk-maximum": 1200,
                "network-delay-maximum": 0.15,
                "network-loss-maximum": 0.003,
            },
        ),
        ("vladimir", {}),
    ],
)
def test_targets(profiles: dict[str, Profile], name: str, bounds: dict[str, float]) -> None:
    targets = profiles[name].targets
    assert {t.id: t.at_most if t.at_most is not None else t.at_least for t in targets} == bounds


@pytest.mark.parametrize(
    ("name", "form", "terms"),
    [
        ("krasnoyarsk", Form.WRITTEN, {}),
        ("omsk", Form.WRITTEN, {"registration": "1 working limit", "answer": "20 calendar limit",
                                "extension": "20 calendar limit"}),
        ("omsk", Form.ELECTRONIC, {"registration": "1 working limit", "answer": "20 calendar limit"}),
        ("omsk", Form.SOCIAL, {"registration": "1 working limit", "answer": "10 working limit"}),
        ("kostroma", Form.WRITTEN, {}),
        ("bryansk", Form.WRITTEN, {"registration": "1 calendar average", "answer": "30 calendar average"}),
        ("bryansk", Form.ELECTRONIC, {"answer": "30 calendar limit"}),
        ("vladimir", Form.WRITTEN, {"answer": "30 calendar limit"}),
        ("omsk", Form.TELEPHONE, {}),
    ],
)  # fmt: skip
def test_terms_of_requests(
    profiles: dict[str, Profile], name: str, form: Form, terms: dict[str, str]
) -> None:
    rules = profiles[name].requests.rules()
    found = {stage: rules.term(stage, form) for stage in Stage}
    told = {stage.value: f"{t.days} {t.counted} {t.bound}" for stage, t in found.items() if t}
    assert told == terms


def test_grounds_of_refusal(profiles: dict[str, Profile]) -> None:
    counts = {name: len(profile.requests.grounds) for name, profile in profiles.items()}
    assert counts == {"krasnoyarsk": 2, "omsk": 3, "kostroma": 4, "bryansk": 6, "vladimir": 6}
    in_a_week = {each.id for each in profiles["bryansk"].requests.grounds if each.tell_within_days == 7}
    assert in_a_week == {"unreadable", "unclear"}


def test_only_krasnoyarsk_speaks_of_home_visits_and_control_calls(profiles: dict[str, Profile]) -> None:
    assert [name for name, each in profiles.items() if each.home_visits] == ["krasnoyarsk"]
    assert [name for name, each in profiles.items() if each.control_call] == ["krasnoyarsk"]
    assert [name for name, each in profiles.items() if each.requests.rules().phone_answer_suffices] == [
        "krasnoyarsk"
    ]
    visits = profiles["krasnoyarsk"].home_visits
    assert visits is not None
    assert (visits.months_between, visits.within_days, visits.remote_excepted) == (6, 30, True)


def test_operator_hours_are_a_number_or_times(profiles: dict[str, Profile]) -> None:
    weekdays, weekend = profiles["bryansk"].operator_hours
    assert (weekdays.opens, weekdays.closes, len(weekdays.days)) == (time(8), time(20), 5)
    assert (weekend.opens, weekend.closes, len(weekend.days)) == (time(8), time(18), 2)
    assert profiles["krasnoyarsk"].operator_hours[0].hours_at_least == 8
    assert [hours.hours_at_least for hours in profiles["omsk"].operator_hours] == [10, 6, 8]


HEAD = "id: x\ncompany: X\nstandard: S\n"


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (HEAD + "retention: 60\n", 4, "retention"),
        (HEAD + "reading_window:\n  from_day: 25\n  to_day: 1\n  certain: true\n"
         "  source: {clause: a, line: 1}\n", 4, "from_day is after to_day"),
        (HEAD + "recording:\n  source: {clause: a, line: 1}\n  retention:\n    days_at_least: 0\n"
         "    source: {clause: a, line: 1}\n", 7, "days_at_least"),
        (HEAD + "targets:\n  - id: a\n    title: A\n    unit: seconds\n    measure: limit\n"
         "    source: {clause: a, line: 1}\n",
         5, "either at_most or at_least"),
        (HEAD + "targets:\n" + 2 * ("  - {id: a, title: A, unit: seconds, measure: limit, at_most: 1,\n"
         "     source: {clause: a, line: 1}}\n"), 1, "stated twice: a"),
        (HEAD + "company: Y\n", 4, "not YAML"),
        (HEAD + "x: [1\n", 5, "not YAML"),
        ("- 1\n", 1, "the profile"),
        ("", 1, "the profile"),
    ],
)  # fmt: skip
def test_a_broken_profile_is_told_with_its_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Fault, match=told) as fault:
        load_profile(path)
    assert fault.value.where == f"{path}:{line}"


def test_examining_tells_everything_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(HEAD + "retention: 60\nlines:\n  - {kind: segment, source: {clause: a, line: 1}}\n")
    first, second = examine(path)
    assert (first.where, second.where) == (f"{path}:6", f"{path}:4")
    assert "names the segment" in first.what
    assert "retention" in second.what
    assert [fault.where for fault in examine(tmp_path / "y.yaml")] == [str(tmp_path / "y.yaml")]
    path.write_text(HEAD)
    assert not examine(path)


def test_hours_without_a_closing_time_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(
        HEAD + "operator_hours:\n  - segment: any\n    days: [mon]\n    opens: '08:00'\n"
        "    source: {clause: a, line: 1}\n",
        encoding="utf-8",
    )
    with pytest.raises(Fault, match="opens and closes"):
        load_profile(path)


def test_a_missing_file_and_an_empty_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="can't be read"):
        load_profile(tmp_path / "x.yaml")
    with pytest.raises(Fault, match="no profile"):
        load_profiles(tmp_path)


def test_the_id_is_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "y.yaml"
    path.write_text(HEAD, encoding="utf-8")
    with pytest.raises(Fault, match="differs"):
        load_profile(path)

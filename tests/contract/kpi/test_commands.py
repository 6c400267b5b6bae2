"""`ivr kpi` as its users call it: a history in, figures out, in clear words when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from typer.testing import CliRunner, Result

from ivr.calls.tables import calls
from ivr.commands import kpi
from ivr.errors import Fault
from ivr.requests.callback_tables import callbacks
from ivr.settings import Settings, load
from tests.databases import sqlite_file

ROOT = Path(__file__).parents[3]
HEADING = (
    "call_id,came_at,line,caller_number,topic,robot_completed,queue,queued_at,abandoned_at,agent,"
    "agent_answered_at,agent_ended_at,wrapup_seconds,personal,blocked,callback_promised_at,callback_kept_at"
)
HISTORY = [
    "c1,2026-11-24T10:00:00,main,+79000000001,balance.debt,no,clients,2026-11-24T10:00:30,,anna,"
    "2026-11-24T10:00:45,2026-11-24T10:04:00,30,yes,no,,",
    "c2,2026-11-24T11:00:00,main,+79000000002,readings.submit,yes,,,,,,,,,no,,",
    "c3,2026-11-24T12:00:00,main,,,no,clients,2026-11-24T12:00:30,2026-11-24T12:02:00,,,,,,no,,",
    "c4,2026-11-25T09:00:00,main,+79000000003,,no,clients,2026-11-25T09:00:10,2026-11-25T09:01:00,,,,,,no,"
    "2026-11-25T09:00:50,",
    "c5,2026-11-30T23:59:59,main,,,no,,,,,,,,,yes,,",
]
PERIOD = ("--from", "2026-11-01", "--to", "2026-11-30")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "ivr.db").write_bytes(sqlite_file())
    metrics = ROOT / "metrics"
    return load(
        ROOT / "ivr.yaml",
        [
            f"data_folder={tmp_path}",
            f"standards_folder={metrics / 'standards'}",
            f"kpi.definitions={metrics / 'definitions.yaml'}",
            f"requests.calendar.file={metrics / 'calendars' / 'ru.yaml'}",
        ],
    )


def run(settings: Settings, *arguments: str) -> Result:
    result = CliRunner().invoke(kpi.app, list(arguments), obj=settings)
    if isinstance(result.exception, Fault):
        raise result.exception
    return result


def write(folder: Path, lines: list[str], heading: str = HEADING) -> str:
    file = folder / "history.csv"
    file.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    return str(file)


def take(settings: Settings, folder: Path, lines: list[str] | None = None, *options: str) -> dict[str, Any]:
    done = run(settings, "import-calls", write(folder, lines or HISTORY), *options, "--format", "json")
    return dict(json.loads(done.stdout))


def report(settings: Settings, *arguments: str) -> dict[str, Any]:
    return dict(json.loads(run(settings, "report", *PERIOD, *arguments, "--format", "json").stdout))


def figures(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in document["kpis"]}


def counts(taken: dict[str, Any]) -> tuple[int, int, int, int]:
    return taken["added"], taken["changed"], taken["unchanged"], taken["bad"]


def test_a_report_of_an_imported_history(settings: Settings, tmp_path: Path) -> None:
    assert counts(take(settings, tmp_path)) == (5, 0, 0, 0)
    document = report(settings, "--standard", "bryansk")
    assert document["standard"] == "bryansk"
    found = figures(document)
    assert (found["incoming"]["value"], found["blocked"]["value"]) == (4, 1)
    lost = found["lost-calls"]
    assert (lost["value"], lost["target"], lost["bound"], lost["verdict"], lost["calls"], lost["clause"]) == (
        0.75,
        0.15,
        "at_most",
        "missed",
        4,
        "п. 79 г",
    )
    assert found["lost-unserved"]["value"] == 0.5
    assert found["lost-unserved"]["verdict"] == "no-target"
    assert found["callbacks-broken"]["value"] == 1
    assert found["wait-average"]["value"] == pytest.approx((15 + 90 + 50) / 3)
    assert found["answer-average-personal"]["value"] == 195
    assert found["wrap-up-average"]["value"] == 30
    assert found["client-search-average"]["verdict"] == "no-data"


@pytest.mark.parametrize("standard", ["krasnoyarsk", "omsk", "kostroma", "bryansk", "vladimir"])
def test_every_standard_has_its_report(settings: Settings, tmp_path: Path, standard: str) -> None:
    take(settings, tmp_path)
    document = report(settings, "--standard", standard)
    assert figures(document)["incoming"]["value"] == 4
    keys = {"id", "title", "unit", "value", "target", "verdict", "calls", "clause"}
    assert all(keys <= set(each) for each in document["kpis"])
    assert "Поступившие звонки" in run(settings, "report", *PERIOD, "--standard", standard).stdout


def test_a_file_taken_twice_changes_nothing_and_a_line_that_differs_replaces(
    settings: Settings, tmp_path: Path
) -> None:
    take(settings, tmp_path)
    before = report(settings)["kpis"]
    assert counts(take(settings, tmp_path)) == (0, 0, 5, 0)
    assert report(settings)["kpis"] == before
    served = HISTORY[2].replace(",no,clients", ",yes,clients")
    assert counts(take(settings, tmp_path, [served])) == (0, 1, 0, 0)
    assert figures(report(settings))["served"]["value"] == 2


def test_semicolons_and_any_order_of_columns(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("number_called;came_at;call_id\n100;2026-11-24 10:00;c9\n", encoding="utf-8")
    run(settings, "import-calls", str(file))
    found = report(settings, "--line", "main")
    assert figures(found)["lost-in-robot"]["value"] == 1


def test_a_broken_file_is_not_taken_over_at_all(settings: Settings, tmp_path: Path) -> None:
    broken = [*HISTORY, HISTORY[0].replace("c1,", "c6,").replace("10:04:00", "10:00:00")]
    file = write(tmp_path, broken)
    result = CliRunner().invoke(kpi.app, ["import-calls", file], obj=settings)
    assert isinstance(result.exception, Fault)
    assert "nothing was taken over" in str(result.exception)
    assert "history.csv:7: agent_ended_at is before agent_answered_at" in result.stderr
    assert "nothing to judge" in run(settings, "report", *PERIOD).stderr


def test_bad_lines_may_be_left_out(settings: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, [*HISTORY[:2], "c3,yesterday,main" + "," * 14])
    result = CliRunner().invoke(
        kpi.app, ["import-calls", file, "--skip-bad", "--format", "json"], obj=settings
    )
    assert result.exit_code == 1
    assert ":4: came_at: has to be" in result.stderr
    assert counts(json.loads(result.stdout)) == (2, 0, 0, 1)


def test_a_column_that_is_missing_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="Columns are missing: came_at"):
        run(settings, "import-calls", write(tmp_path, ["c1,main"], "call_id,line"))


def test_a_call_that_the_engine_took_is_never_replaced(settings: Settings, tmp_path: Path) -> None:
    take(settings, tmp_path, HISTORY[:1])
    engine = create_engine(settings.store.url)
    with engine.begin() as connection:
        connection.execute(calls.update().values(origin="engine"))
    with pytest.raises(Fault, match="nothing was taken over"):
        take(settings, tmp_path, HISTORY[:1])


def test_an_imported_promise_rings_nobody(settings: Settings, tmp_path: Path) -> None:
    take(settings, tmp_path)
    with create_engine(settings.store.url).begin() as connection:
        assert connection.execute(select(callbacks.c.status)).scalars().all() == ["expired"]


def test_the_columns_are_told(settings: Settings) -> None:
    text = run(settings, "import-calls", "--help").stdout
    for column in HEADING.split(","):
        assert column in text


def test_the_calls_behind_a_figure(settings: Settings, tmp_path: Path) -> None:
    take(settings, tmp_path)
    shown = json.loads(run(settings, "calls", "lost-calls", *PERIOD, "--format", "json").stdout)
    assert [each["call_id"] for each in shown["calls"]] == ["c2", "c3", "c4"]
    assert "+7900" not in json.dumps(shown)
    longest = json.loads(run(settings, "calls", "wait-maximum", *PERIOD, "--format", "json").stdout)
    assert [each["call_id"] for each in longest["calls"]] == ["c3", "c4", "c1"]
    assert "За этим показателем звонков нет" in run(settings, "calls", "occupancy", *PERIOD).stdout
    with pytest.raises(Fault, match="Take one of: incoming"):
        run(settings, "calls", "nonsense", *PERIOD)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("hour", ["09:00", "10:00", "11:00", "12:00", "23:00"]),
        ("half-hour", ["09:00", "10:00", "11:00", "12:00", "23:30"]),
        ("day", ["2026-11-24", "2026-11-25", "2026-11-30"]),
        ("weekday", ["1", "2", "3"]),
        ("topic", ["", "balance.debt", "readings.submit"]),
        ("agent", ["", "anna"]),
        ("line", ["main"]),
    ],
)
def test_breakdowns(settings: Settings, tmp_path: Path, by: str, keys: list[str]) -> None:
    take(settings, tmp_path)
    groups = report(settings, "--by", by)["groups"]
    assert [group["key"] for group in groups] == keys
    incoming = [figure["value"] for group in groups for figure in group["kpis"] if figure["id"] == "incoming"]
    assert sum(incoming) == 4
    assert run(settings, "report", *PERIOD, "--by", by).exit_code == 0


@pytest.mark.parametrize(
    ("narrower", "incoming"),
    [
        (("--topic", "balance.debt"), 1),
        (("--agent", "anna"), 1),
        (("--agent", "anna", "--topic", "balance.debt"), 1),
        (("--agent", "anna", "--topic", "readings.submit"), None),
        (("--queue", "clients", "--by", "hour"), 3),
        (("--line", "main", "--segment", "any"), 4),
    ],
)
def test_narrower_reports(
    settings: Settings, tmp_path: Path, narrower: tuple[str, ...], incoming: int | None
) -> None:
    take(settings, tmp_path)
    assert figures(report(settings, *narrower))["incoming"]["value"] == incoming


def test_an_empty_period_has_no_data(settings: Settings) -> None:
    result = run(settings, "report", *PERIOD, "--format", "json")
    assert "No calls came from 2026-11-01 to 2026-11-30" in result.stderr
    found = json.loads(result.stdout)
    assert found["empty"] is True
    assert figures(found)["lost-calls"]["verdict"] == "no-data"
    assert figures(found)["incoming"]["value"] is None


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--standard", "moscow"), "Take one of: bryansk, kostroma, krasnoyarsk, omsk, vladimir"),
        (("--from", "2999-01-01", "--to", "2999-01-31"), "in the future"),
        (("--from", "2026-11-30", "--to", "2026-11-01"), "ends before that"),
    ],
)
def test_wrong_questions_are_answered_in_words(
    settings: Settings, arguments: tuple[str, ...], reason: str
) -> None:
    given = arguments if "--from" in arguments else (*arguments, *PERIOD)
    with pytest.raises(Fault, match=reason):
        run(settings, "report", *given)


def test_what_is_no_day_is_told(settings: Settings) -> None:
    result = run(settings, "report", "--from", "1.11.2026", "--to", "2026-11-30")
    assert result.exit_code == 2
    assert "write it as 2026-11-30" in result.stderr


def test_the_companys_own_target_is_told_as_such(settings: Settings, tmp_path: Path) -> None:
    take(settings, tmp_path)
    own = settings.model_copy(
        update={
            "kpi": settings.kpi.model_validate(
                {**settings.kpi.model_dump(), "targets": {"service-level": {"at_least": 0.8}}}
            )
        }
    )
    level = figures(report(own))["service-level"]
    assert (level["target"], level["target_source"], level["clause"], level["verdict"]) == (
        0.8,
        "company",
        None,
        "met",
    )
    assert "настройка компании" in run(own, "report", *PERIOD).stdout


def test_a_target_for_what_does_not_exist_is_told(settings: Settings) -> None:
    wrong = settings.kpi.model_validate(
        {**settings.kpi.model_dump(), "targets": {"nonsense": {"at_least": 0.8}}}
    )
    with pytest.raises(Fault, match="no KPI 'nonsense'"):
        run(settings.model_copy(update={"kpi": wrong}), "report", *PERIOD)


def test_a_rebuild_counts_anew_with_new_settings(settings: Settings, tmp_path: Path) -> None:
    take(settings, tmp_path)
    stricter = settings.model_copy(
        update={"kpi": settings.kpi.model_copy(update={"service_level_seconds": 10.0})}
    )
    assert figures(report(stricter))["service-level"]["value"] == 1.0
    assert json.loads(run(stricter, "rebuild", "--format", "json").stdout) == {"calls": 5}
    assert figures(report(stricter))["service-level"]["value"] == 0.0


def test_a_report_in_a_file_of_its_own(settings: Settings, tmp_path: Path) -> None:
    take(settings, tmp_path)
    folder = tmp_path / "reports"
    for form in ("csv", "xlsx", "text"):
        done = run(settings, "report", *PERIOD, "--format", form, "--output", str(folder))
        assert done.stdout == ""
    names = sorted(file.name for file in folder.iterdir())
    assert names == [f"bryansk-2026-11-01--2026-11-30.{ending}" for ending in ("csv", "txt", "xlsx")]
    assert (folder / names[1]).stat().st_mode & 0o007 == 0  # no business of others


def test_a_file_by_its_name_and_on_standard_output(settings: Settings, tmp_path: Path) -> None:
    take(settings, tmp_path)
    file = tmp_path / "own.csv"
    run(settings, "report", *PERIOD, "--format", "csv", "--by", "topic", "--output", str(file))
    assert (
        run(settings, "report", *PERIOD, "--format", "csv", "--by", "topic").stdout_bytes == file.read_bytes()
    )


def test_a_period_by_a_day_of_it(settings: Settings, tmp_path: Path) -> None:
    take(settings, tmp_path)
    arguments = ("report", "--period", "week", "--of", "2026-11-18", "--format", "json", "--by", "day")
    document = json.loads(run(settings, *arguments, "--by", "line").stdout)
    assert (document["period"]["from"], document["period"]["to"]) == ("2026-11-16", "2026-11-22")
    assert [each["by"] for each in document["breakdowns"]] == ["day", "line"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--from", "2026-11-01"), "The period is not told"),
        (("--period", "month", "--from", "2026-11-01"), "Both days and a period are given"),
        ((*PERIOD, "--calls", "nothing"), "There is no KPI 'nothing'"),
        ((*PERIOD, "--output", "/proc/report.txt"), "can't be written"),
    ],
)
def test_a_report_that_can_not_be_made(settings: Settings, arguments: tuple[str, ...], problem: str) -> None:
    with pytest.raises(Fault, match=problem):
        run(settings, "report", *arguments)


def test_deliveries_are_listed(settings: Settings) -> None:
    assert json.loads(run(settings, "deliveries", "--format", "json").stdout) == {"deliveries": []}
    assert "REPORT" in run(settings, "deliveries").stdout


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_of_no_times_is_refused(settings: Settings, day: str) -> None:
    result = run(settings, "report", "--period", "week", "--of", day)
    assert result.exit_code == 2
    assert "no day of these times" in result.stderr

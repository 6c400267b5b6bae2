"""Rules and dashboard of metrics/ are well formed, tried, and ask for nothing that there is not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.unit.monitoring.exposed import FIGURES, PROJECT, samples

PROMETHEUS = PROJECT / "metrics/prometheus"
DASHBOARDS = sorted((PROJECT / "metrics/grafana").glob("*.json"))
PROMTOOL = shutil.which("promtool", path=f"{PROJECT / '.cache/bin'}:/usr/bin:/usr/local/bin")
KPIS = {figure.definition.id for figure in FIGURES}
JOBS = {"ivr-engine", "ivr-recogniser"}
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="`make setup` could not fetch promtool")


def promtool(*arguments: str) -> str:
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, cwd=PROMETHEUS, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rules() -> list[dict[str, Any]]:
    tree = YAML(typ="safe", pure=True).load((PROMETHEUS / "rules.yml").read_text(encoding="utf-8"))
    return [rule for group in tree["groups"] for rule in group["rules"]]


def panels(dashboard: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(dashboard.read_text(encoding="utf-8"))["panels"]
    return found


def shown() -> Iterator[str]:
    """The dashboards' expressions, their variables filled in."""
    for dashboard in DASHBOARDS:
        for panel in panels(dashboard):
            for target in panel.get("targets", ()):
                yield target["expr"].replace("$standard", ".*")


EXPRESSIONS = [*dict.fromkeys([*(rule["expr"] for rule in rules()), *shown()])]
_STRING = re.compile(r'"[^"]*"')
_NAME = re.compile(r"(?<![\w:])((?:ivr[_:]|process_)[\w:]+|up)\b")
_SELECTOR = re.compile(r"((?:ivr[_:]|process_)[\w:]+|up)\{([^}]*)\}")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')


@needs_promtool
def test_promtool_takes_the_rules_and_the_example() -> None:
    assert "SUCCESS" in promtool("check", "rules", "rules.yml")
    assert "SUCCESS" in promtool("check", "config", "prometheus.yml")


@needs_promtool
def test_the_rules_do_what_they_say() -> None:
    assert "SUCCESS" in promtool("test", "rules", "tests.yml")


@needs_promtool
def test_promtool_takes_every_expression_of_the_dashboards(tmp_path: Path) -> None:
    file = tmp_path / "shown.yml"
    group = [{"record": f"shown:{number}", "expr": expr} for number, expr in enumerate(shown())]
    assert len(group) > 40
    file.write_text(json.dumps({"groups": [{"name": "shown", "rules": group}]}), encoding="utf-8")
    assert "SUCCESS" in promtool("check", "rules", str(file))


def test_only_what_there_is_is_asked_for() -> None:
    exposed = samples()
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for expression in EXPRESSIONS:
        names = set(_NAME.findall(_STRING.sub("", expression)))
        assert names <= {*exposed, *recorded, "up"}, expression
        for name, matchers in _SELECTOR.findall(expression):
            for label, _, value in _MATCHER.findall(matchers):
                assert name not in exposed or label in exposed[name] | {"job"}, expression
                assert label != "job" or value in JOBS, expression
                assert label != "kpi" or set(value.split("|")) <= KPIS, expression


def test_each_alert_says_what_is_wrong_and_what_to_do() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len({rule["alert"] for rule in alerts}) == len(alerts) > 15
    for rule in alerts:
        assert rule["labels"]["severity"] in {"critical", "warning"}, rule["alert"]
        assert re.search("[а-я]", rule["annotations"]["summary"]), rule["alert"]
        assert rule["annotations"]["action"], rule["alert"]


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda file: file.stem)
def test_panels_have_titles_units_and_a_place_of_their_own(dashboard: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels(dashboard):
        assert re.search("[А-Яа-яA]", panel["title"])
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["type"] == "row" or panel["fieldConfig"]["defaults"]["unit"]
    ids = [panel["id"] for panel in panels(dashboard)]
    assert len(ids) == len(set(ids))

"""docs/operations.md says what there is: every setting, every metric, every command, every unit."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from ivr.cli import app
from ivr.kpi.metrics import Metrics
from ivr.settings import Settings
from tests.unit.core.settings_table import renewed, tables

DOCUMENT = Path(__file__).parents[3] / "docs/operations.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_settings_are_those_of_the_code() -> None:
    assert renewed(TEXT) == TEXT, "renew with: python -m tests.unit.core.settings_table docs/operations.md"


def test_the_tables_hold_every_branch_and_a_meaning_for_every_key() -> None:
    rows = [line.split(" | ") for line in tables().splitlines() if line.startswith("| `")]
    branches = {row[0].strip("| `").partition(".")[0].removesuffix("[]") for row in rows}
    assert branches == set(Settings.model_fields)
    assert [row[0] for row in rows if not row[2].strip(" |")] == []


def test_every_metric_is_explained() -> None:
    metrics = {family.name for family in Metrics().registry.collect() if family.name.startswith("ivr_")}
    assert {name for name in metrics if f"`{name}" not in TEXT} == set()


def test_every_command_that_is_named_exists() -> None:
    commands = get_command(app)
    named = set(re.findall(r"`?ivr ((?:[a-z]+(?:-[a-z]+)*)(?: [a-z]+(?:-[a-z]+)*)?)", TEXT))
    top = set(getattr(commands, "commands", {}))
    assert {name for name in named if name.split()[0] in top}
    for words in (name.split() for name in sorted(named) if name.split()[0] in top):
        group = getattr(commands, "commands", {})[words[0]].load()
        if len(words) == 2 and hasattr(group, "commands"):
            assert words[1] in group.commands, " ".join(words)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_the_units_are_ones_that_systemd_reads(tmp_path: Path) -> None:
    units = re.findall(r"```ini\n# (\S+)\n(.*?)```", TEXT, re.DOTALL)
    assert len(units) >= 2
    for name, text in units:
        runnable = re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(re.sub(r"^User=.*$", "User=root", runnable, flags=re.MULTILINE))
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name, _ in units)],
        capture_output=True,
        text=True,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "ivr" in line]
    assert complaints == []

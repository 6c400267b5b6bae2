"""`ivr bench speech --quick` with a real model: every key of its contract, nothing about times."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ivr.commands import bench
from ivr.settings import load

MODELS = Path(os.environ.get("IVR_SPEECH__MODELS__FOLDER", ".cache/models"))

pytestmark = [
    pytest.mark.skipif(
        not (MODELS / "vosk-ko").is_dir(), reason="the model is not installed: `ivr models install vosk-ko`"
    ),
    pytest.mark.skipif(not shutil.which("festival"), reason="no voice: install festival and festvox-ru"),
]


def test_every_figure_is_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ivr", "bench", "speech", "--quick", "--format", "json"]
    ran = subprocess.run([*command, "--folder", tmp_path / "bench"], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    found = json.loads(ran.stdout)
    for side in ("bare", "engine"):
        for slot in ("closed", "free"):
            assert found[side][slot]["cpu_seconds_per_audio_second"] > 0
    assert found["engine"]["closed"]["failed_turns"] == found["engine"]["free"]["failed_turns"] == 0
    assert found["ratio_closed"] > 0
    assert found["ratio_free"] > 0
    assert found["free_to_closed"] > 1, "a closed grammar is cheaper"
    assert set(found["streams_per_core"]) == {"closed", "free"}
    assert_waits(found["next_prompt_ms"], least=250)
    assert_waits(found["barge_in_ms"], least=30)
    assert found["note"]
    assert found["machine"]["cores"]


def assert_waits(found: Mapping[str, Any], least: float) -> None:
    assert least < found["p50"] <= found["p95"] < 20_000


@pytest.mark.parametrize("wanted", ["no-such-model", "whisper-base"])
def test_a_model_that_does_not_fit_is_told(tmp_path: Path, wanted: str) -> None:
    ran = CliRunner().invoke(
        bench.app, ["speech", "--quick", "--model", wanted, "--folder", str(tmp_path)], obj=load()
    )
    assert ran.exit_code != 0
    assert "Fault" in type(ran.exception).__name__

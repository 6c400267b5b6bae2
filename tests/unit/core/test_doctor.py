"""Each check of `ivr doctor`: what is in order, what is not, and that none of them raises."""

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.app.doctor import Finding, Result, checks, company, examine, voice
from ivr.app.doctor.database import database
from ivr.app.spoken import fixed_texts
from ivr.commands.doctor import _table
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.speech.building import build, open_library
from ivr.speech.voices.festival import FestivalVoice
from ivr.store import StoreSettings
from ivr.store.upgrading import newest
from tests.databases import with_tables
from tests.unit.core.examined import NOW, ROOT, nothing_at, settings_of
from tests.unit.knowledge.support import write as small_knowledge_base
from tests.unit.speech.fakes import HummingVoice


class TestExamining:
    async def test_findings_come_in_the_order_of_the_checks(self) -> None:
        async def slow() -> Result:
            await asyncio.sleep(0.01)
            return Result("slow")

        async def wrong() -> Result:
            return Result("wrong", "mend it")

        findings = await examine({"slow": slow, "wrong": wrong}, 5)
        assert findings == [
            Finding("slow", ok=True, detail="slow", fix=""),
            Finding("wrong", ok=False, detail="wrong", fix="mend it"),
        ]

    async def test_a_fault_is_told_with_place_and_remedy(self) -> None:
        async def faulty() -> Result:
            raise Fault("It is broken.", "there", "Mend it.")

        [finding] = await examine({"faulty": faulty}, 5)
        assert finding == Finding("faulty", ok=False, detail="there: It is broken.", fix="Mend it.")

    @pytest.mark.parametrize("error", [Fault("It is broken."), RuntimeError("unforeseen")])
    async def test_whatever_is_raised_becomes_a_finding_with_a_remedy(self, error: Exception) -> None:
        async def raising() -> Result:
            raise error

        [finding] = await examine({"raising": raising}, 5)
        assert not finding.ok
        assert finding.fix

    async def test_a_check_that_hangs_is_ended(self) -> None:
        async def hanging() -> Result:
            await asyncio.Event().wait()
            raise AssertionError

        [finding] = await examine({"hanging": hanging}, 0.01)
        assert not finding.ok
        assert "0.01 s" in finding.detail

    def test_text_tells_the_state_in_words_and_the_remedy(self) -> None:
        text = _table([Finding("disk", True, "fine", ""), Finding("clock", False, "late", "Set it.")])
        good, bad, remedy = text.splitlines()
        assert good == "✓ ok     disk   fine"
        assert bad == "✗ wrong  clock  late"
        assert remedy.strip() == "→ Set it."


class TestCommand:
    def test_stdout_is_one_document_and_the_status_tells_whether_all_is_well(self, data: Path) -> None:
        arguments = ["--settings", str(ROOT / "ivr.yaml"), "--set", f"data_folder={data}"]
        done = subprocess.run(
            [sys.executable, "-m", "ivr", *arguments, "doctor", "--format", "json"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        found = json.loads(done.stdout)["checks"]
        assert {tuple(sorted(one)) for one in found} == {("detail", "fix", "name", "ok")}
        assert {one["name"] for one in found} >= {
            "python", "database", "asterisk", "sounds", "speech-model", "voices", "ports", "disk", "clock",
        }  # fmt: skip
        assert all(one["ok"] is not bool(one["fix"]) for one in found)
        assert {one["name"]: one["ok"] for one in found}["prompts"] is False
        assert done.returncode == 1

    async def test_nothing_needs_to_run_and_nothing_is_made(self, data: Path) -> None:
        settings = settings_of(data)
        quick = {name: check for name, check in checks(settings).items() if name != "voices"}
        findings = {finding.name: finding for finding in await examine(quick, 30)}
        assert findings["settings"].ok
        assert findings["database"].ok
        assert nothing_at(data)


class TestDatabase:
    @pytest.fixture
    def store(self, tmp_path: Path) -> StoreSettings:
        return StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}", busy_seconds=0.2)

    @pytest.fixture
    async def file(self, store: StoreSettings, tmp_path: Path) -> Path:
        """A database of this program's revision."""
        await (await with_tables(store)).close()
        return tmp_path / "ivr.db"

    def change(self, file: Path, statement: str) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute(statement)

    async def test_one_that_is_not_there_is_not_made(self, store: StoreSettings, tmp_path: Path) -> None:
        assert (await database(store, NOW)).ok
        assert not (tmp_path / "ivr.db").exists()

    async def test_one_in_order(self, store: StoreSettings, file: Path) -> None:
        result = await database(store, NOW)
        assert result.ok
        assert newest() in result.detail

    async def test_one_without_tables(self, store: StoreSettings, tmp_path: Path) -> None:
        (tmp_path / "ivr.db").touch()
        assert (await database(store, NOW)).fix == "Run `ivr db upgrade`."

    async def test_an_older_one(self, store: StoreSettings, file: Path) -> None:
        self.change(file, "UPDATE alembic_version SET version_num = '0001'")
        assert (await database(store, NOW)).fix == "Run `ivr db upgrade`."

    async def test_a_newer_one(self, store: StoreSettings, file: Path) -> None:
        self.change(file, "UPDATE alembic_version SET version_num = '9999'")
        assert "newer version of the program" in (await database(store, NOW)).fix

    async def test_one_that_is_locked(self, store: StoreSettings, file: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            [finding] = await examine({"database": lambda: database(store, NOW)}, 10)
        assert "locked" in finding.detail
        assert "holds the lock" in finding.fix

    async def test_a_file_that_is_none(self, store: StoreSettings, tmp_path: Path) -> None:
        (tmp_path / "ivr.db").write_text("something else, and long enough to be looked at. " * 30)
        [finding] = await examine({"database": lambda: database(store, NOW)}, 10)
        assert not finding.ok
        assert "backup" in finding.fix

    async def test_a_call_from_the_future(self, store: StoreSettings, file: Path) -> None:
        self.change(
            file,
            "INSERT INTO calls (call_id, origin, came_at, data, stage, disposition)"
            f" VALUES ('a', 'engine', '{NOW:%Y-%m-%d %H:%M:%S.%f}', '{{}}', 'ended', 'served')",
        )
        assert (await database(store, NOW)).ok
        assert "clock" in (await database(store, NOW - timedelta(hours=3))).fix

    @pytest.mark.parametrize("url", ["nonsense", "mysql://host/name", "sqlite://"])
    async def test_a_url_that_is_none(self, url: str) -> None:
        [finding] = await examine({"database": lambda: database(StoreSettings(url=url), NOW)}, 10)
        assert not finding.ok
        assert "store.url" in finding.detail

    async def test_a_folder_that_is_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "folder").touch()
        store = StoreSettings(url=f"sqlite:///{tmp_path / 'folder' / 'ivr.db'}")
        assert not (await database(store, NOW)).ok


class TestCompany:
    def test_the_demo_company_fits_together(self, data: Path) -> None:
        assert company.settings_fit(settings_of(data)).ok
        assert company.scenarios(settings_of(data)).ok

    @pytest.mark.parametrize(
        ("override", "told"),
        [
            ("company.profile=nowhere", "'nowhere'"),
            ("asterisk.trunks=[]", "asterisk.trunks is empty"),
            ("asterisk.queues.clients.members=[]", "queue clients has no members"),
            ("scenarios.filler_prompt=hum", "prompt 'hum'"),
            ("lines=[]", "lines is empty"),
        ],
    )
    def test_what_does_not_fit_is_named(self, data: Path, override: str, told: str) -> None:
        result = company.settings_fit(settings_of(data, override))
        assert not result.ok
        assert told in result.detail

    def test_names_of_a_line_that_lead_nowhere(self, data: Path) -> None:
        line = "{name: a, title: А, numbers: ['1'], scenario: no-flow, profile: no-standard, queue: clients}"
        result = company.settings_fit(settings_of(data, f"lines=[{line}]"))
        assert "'no-flow'" in result.detail
        assert "'no-standard'" in result.detail

    def test_a_queue_of_a_scenario_that_asterisk_does_not_have(self, data: Path) -> None:
        folder = data / "scenarios"
        shutil.copytree(ROOT / "scenarios", folder)
        reception = folder / "reception.yaml"
        text = reception.read_text()
        assert "queue: clients" in text
        reception.write_text(text.replace("queue: clients", "queue: experts"))
        assert (
            "queue 'experts'" in company.settings_fit(settings_of(data, f"scenarios.folder={folder}")).detail
        )

    def test_a_broken_scenario_is_named_with_its_place(self, data: Path) -> None:
        folder = data / "scenarios"
        shutil.copytree(ROOT / "scenarios", folder)
        (folder / "reception.yaml").write_text("id: reception\nstates: {}\n")
        result = company.scenarios(settings_of(data, f"scenarios.folder={folder}"))
        assert not result.ok
        assert "reception.yaml:" in result.detail
        assert "ivr scenario lint" in result.fix


class TestVoice:
    async def test_a_voice_that_is_not_installed(self, data: Path) -> None:
        settings = settings_of(data, "speech.festival.program=no-such-program").speech.festival
        [finding] = await examine({"voices": lambda: voice.voice(settings)}, 10)
        assert not finding.ok
        assert "apt-get install" in finding.fix

    async def test_no_prompts_folder(self, data: Path) -> None:
        assert (await voice.prompts(settings_of(data))).fix == "Run `ivr prompts build`."
        assert nothing_at(data)

    async def test_prompts_are_counted_and_those_of_the_dialplan_looked_for(self, data: Path) -> None:
        settings = settings_of(data, f"knowledge.folder={small_knowledge_base(data.with_name('kb'))}")
        settings.prompts_folder.mkdir(parents=True)
        result = await voice.prompts(settings)
        assert "prompts are missing" in result.detail

        await self.build(settings)
        assert (await voice.prompts(settings)).ok

        (settings.prompts_folder / "fixed" / "engine-away.wav").unlink()
        result = await voice.prompts(settings)
        assert not result.ok
        assert "engine-away" in result.detail

    async def build(self, settings: Settings) -> None:
        festival = FestivalVoice(settings.speech.festival)
        await festival.close()
        texts = fixed_texts(settings)
        library = open_library(settings.speech, settings.prompts_folder, texts, HummingVoice(festival.id))
        await build(library, texts)
        await library.close()

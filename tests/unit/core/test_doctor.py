"""Each check of `ivr doctor`: what is in order, what is not, and that none of them raises."""

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.app.doctor import Finding, Result, checks, company, examine, machine, telephony, voice
from ivr.app.doctor.database import database
from ivr.app.spoken import fixed_texts
from ivr.asterisk.settings import HostKind
from ivr.commands.doctor import _table
from ivr.errors import Fault
from ivr.settings import Settings, load
from ivr.speech.building import build, open_library
from ivr.speech.voices.festival import FestivalVoice
from ivr.store import StoreSettings
from ivr.store.upgrade import newest
from tests.databases import with_tables
from tests.unit.knowledge.support import write as small_knowledge_base
from tests.unit.speech.fakes import HummingVoice

ROOT = Path(__file__).parents[3]
NOW = datetime.now(UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def settings_of(data: Path, *overrides: str) -> Settings:
    """The demo company, with its data in another folder."""
    own = [
        f"data_folder={data}",
        f"archive.folder={data / 'recordings'}",
        f"scenarios.folder={ROOT / 'scenarios'}",
        f"standards_folder={ROOT / 'metrics/standards'}",
        f"speech.recorded_folder={data / 'recorded'}",
        f"asterisk.root_folder={data / 'root'}",
    ]
    return load(ROOT / "ivr.yaml", [*own, *overrides])


def nothing_at(path: Path) -> bool:
    return not path.exists()


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


class TestMachine:
    def test_python_and_its_libraries(self) -> None:
        assert machine.python().ok

    def test_a_missing_library_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "requires", lambda _: ["aiohttp>=3.10", "no-such-library[x]>=1"])
        result = machine.python()
        assert not result.ok
        assert "no-such-library" in result.detail
        assert "aiohttp" not in result.detail

    def test_enough_space(self, data: Path) -> None:
        result = machine.disk(settings_of(data), lambda _: 10 << 30)
        assert result.ok
        assert "994 hours" in result.detail

    def test_little_space_is_told_with_the_folder(self, data: Path) -> None:
        (data / "recordings").mkdir(parents=True)
        result = machine.disk(settings_of(data), lambda path: 1 << (20 if path.name == "recordings" else 40))
        assert not result.ok
        assert "archive" in result.fix
        assert "prompts" not in result.fix

    def test_a_folder_that_is_a_file(self, data: Path) -> None:
        data.write_text("")
        result = machine.disk(settings_of(data))
        assert not result.ok
        assert str(data) in result.detail

    def test_the_clock_and_its_zone(self, data: Path) -> None:
        result = machine.clock(settings_of(data), datetime(2099, 1, 1, tzinfo=UTC), True)
        assert result.ok
        assert "2099-01-01 03:00:00 +0300" in result.detail

    def test_a_clock_behind_the_program(self, data: Path) -> None:
        assert not machine.clock(settings_of(data), machine.newest_file() - timedelta(hours=1), True).ok

    def test_a_clock_that_nobody_sets(self, data: Path) -> None:
        assert "timedatectl" in machine.clock(settings_of(data), NOW, False).fix

    def test_a_machine_that_does_not_tell_of_ntp(self, data: Path) -> None:
        assert machine.clock(settings_of(data), NOW, None).ok

    @pytest.mark.parametrize(("answer", "state"), [("yes", True), ("no", False), ("", None)])
    def test_what_systemd_says_of_ntp(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, state: bool | None
    ) -> None:
        program(tmp_path, monkeypatch, "timedatectl", f"echo {answer}")
        assert machine.ntp_synchronised() is state


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


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> None:
    """A program of that name, before all others in the path."""
    file = folder / "bin" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    if str(file.parent) not in os.environ["PATH"]:
        monkeypatch.setenv("PATH", f"{file.parent}:{os.environ['PATH']}")


@contextmanager
def listening(kind: socket.SocketKind) -> Iterator[int]:
    """A port of the loopback that this process has."""
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        yield taken.getsockname()[1]


class TestAsterisk:
    @pytest.fixture(autouse=True)
    def _no_asterisk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program(tmp_path, monkeypatch, "asterisk", "exit 1")
        program(tmp_path, monkeypatch, "docker", "exit 1")

    def test_the_one_of_the_system(self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program(tmp_path, monkeypatch, "asterisk", "echo Asterisk 22.5.0")
        result = telephony.asterisk(settings_of(data).asterisk)
        assert result.ok
        assert result.detail == "Asterisk 22.5.0 (system); it does not run now."

    def test_one_that_is_too_old_is_passed_over(
        self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(tmp_path, monkeypatch, "asterisk", "echo Asterisk 18.1.0")
        assert telephony.installed(settings_of(data).asterisk).kind is HostKind.CHROOT

    def test_one_that_is_too_old_and_asked_for(
        self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(tmp_path, monkeypatch, "asterisk", "echo Asterisk 18.1.0")
        with pytest.raises(Fault, match=r"18\.1\.0 is too old"):
            telephony.installed(settings_of(data, "asterisk.host=system").asterisk)

    def test_none_at_all(self, data: Path) -> None:
        result = telephony.asterisk(settings_of(data).asterisk)
        assert not result.ok
        assert "Install" in result.fix or "ivr asterisk prepare" in result.fix

    def test_docker_without_the_image(
        self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(tmp_path, monkeypatch, "docker", '[ "$1" = version ]')
        settings = settings_of(data, "asterisk.docker_image=example/asterisk:22").asterisk
        assert telephony.asterisk(settings).fix == "Run `docker pull example/asterisk:22`."

    def test_sounds_of_the_private_root(self, data: Path) -> None:
        settings = settings_of(data, "asterisk.host=chroot").asterisk
        assert "asterisk-core-sounds-ru-wav" in telephony.sounds(settings).fix
        digits = settings.root_folder / "usr/share/asterisk/sounds/ru/digits"
        digits.mkdir(parents=True)
        (digits / "1.wav").touch()
        assert telephony.sounds(settings).ok


class TestPorts:
    """Asterisk and engine of the data folder do not run, so that every port has to be free."""

    def settings(self, data: Path, *overrides: str) -> Settings:
        rtp = ["asterisk.rtp.first_port=20000", "asterisk.rtp.last_port=20059", "asterisk.max_calls=20"]
        free = ["agi.port=0", "web.port=0", "asterisk.agi.port=4573"]
        with ExitStack() as listens:
            sip = listens.enter_context(listening(socket.SOCK_DGRAM))
            manager, phones = (listens.enter_context(listening(socket.SOCK_STREAM)) for _ in range(2))
            free += [f"asterisk.sip.port={sip}", f"asterisk.manager.port={manager}"]
            free += [f"asterisk.websocket.port={phones}"]
        return settings_of(data, *rtp, *free, *overrides)

    def test_free_ports(self, data: Path) -> None:
        result = telephony.ports(self.settings(data))
        assert result.ok
        assert result.detail.count(" free") == 5

    @pytest.mark.parametrize(
        "setting", ["web.port", "agi.port", "asterisk.manager.port", "asterisk.websocket.port"]
    )
    def test_a_port_of_another_program(self, data: Path, setting: str) -> None:
        with listening(socket.SOCK_STREAM) as port:
            settings = self.settings(data, f"{setting}={port}")
            with pytest.raises(Fault) as caught:
                telephony.ports(settings)
        assert f"(process {os.getpid()})" in caught.value.what
        assert setting in caught.value.fix

    def test_a_sip_port_of_another_program(self, data: Path) -> None:
        with listening(socket.SOCK_DGRAM) as port, pytest.raises(Fault, match="taken"):
            telephony.ports(self.settings(data, f"asterisk.sip.port={port}"))

    def test_a_port_of_our_engine(self, data: Path) -> None:
        """Its process id is in the data folder, and its command line says `engine`."""
        sleep = "import time; time.sleep(60)"
        with subprocess.Popen([sys.executable, "-c", sleep, "engine"]) as engine:
            data.mkdir()
            (data / "engine.pid").write_text(str(engine.pid))
            try:
                with listening(socket.SOCK_STREAM) as port:
                    result = telephony.ports(self.settings(data, f"web.port={port}"))
            finally:
                engine.kill()
        assert result.ok
        assert f"web tcp {port} ours" in result.detail

    @pytest.mark.parametrize(
        "content", ["", "no number", "999999999", pytest.param(str(os.getpid()), id="ours")]
    )
    def test_an_engine_that_is_gone(self, data: Path, content: str) -> None:
        data.mkdir()
        (data / "engine.pid").write_text(content)
        assert telephony.engine_pid(settings_of(data)) is None

    def test_too_few_media_ports(self, data: Path) -> None:
        result = telephony.ports(self.settings(data, "asterisk.max_calls=31"))
        assert not result.ok
        assert "asterisk.rtp" in result.fix


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

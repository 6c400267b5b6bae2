"""Where settings come from, what follows from them, and how wrong ones are told."""

from pathlib import Path

import pytest

from ivr.errors import Fault
from ivr.settings import Settings, load


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file lies about, and the data folder is the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IVR_SETTINGS", raising=False)


def written(text: str, name: str = "given.yaml") -> Path:
    file = Path(name)
    file.write_text(text, encoding="utf-8")
    return file


def refused(file: Path | None = None, *overrides: str) -> Fault:
    with pytest.raises(Fault) as caught:
        load(file, overrides)
    assert caught.value.fix
    return caught.value


class TestSources:
    def test_without_anything_the_defaults_count(self) -> None:
        assert load().web.port == 8080

    def test_the_file_goes_before_the_default(self) -> None:
        assert load(written("web: {port: 8081}")).web.port == 8081

    def test_the_environment_goes_before_the_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IVR_WEB__PORT", "8082")
        assert load(written("web: {port: 8081}")).web.port == 8082

    def test_the_command_line_goes_before_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IVR_WEB__PORT", "8082")
        assert load(written("web: {port: 8081}"), ["web.port=8083"]).web.port == 8083

    def test_sources_complement_each_other_within_a_branch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IVR_WEB__CHECK_SECONDS", "1.5")
        web = load(written("web: {port: 8081}"), ["web.stop_seconds=4"]).web
        assert (web.port, web.check_seconds, web.stop_seconds) == (8081, 1.5, 4.0)

    def test_a_list_replaces_a_list(self) -> None:
        queue = "asterisk: {queues: {clients: {members: ['sip:a@10.0.0.1', 'sip:b@10.0.0.1']}}}"
        settings = load(written(queue), ["asterisk.queues.clients.members=['sip:c@10.0.0.1']"])
        assert settings.asterisk.queues["clients"].members == ("sip:c@10.0.0.1",)

    def test_a_list_in_the_environment_is_json(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IVR_SPEECH__ACCOUNT_GROUPING", "[3, 3, 3]")
        assert load().speech.account_grouping == (3, 3, 3)

    def test_the_variable_names_the_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IVR_SETTINGS", str(written("web: {port: 8084}", "named.yaml")))
        written("web: {port: 8085}", "ivr.yaml")
        assert load().web.port == 8084

    def test_a_file_on_the_command_line_goes_before_the_variable(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("IVR_SETTINGS", str(written("web: {port: 8084}", "named.yaml")))
        assert load(written("web: {port: 8086}")).web.port == 8086

    def test_ivr_yaml_is_read_where_it_is(self) -> None:
        written("web: {port: 8085}", "ivr.yaml")
        assert load().web.port == 8085

    def test_an_empty_file_is_a_file(self) -> None:
        assert load(written("# nothing yet\n")) == load()


LINES = """
lines:
  - {name: main, title: Единый номер, numbers: ["84830000001", "100"], scenario: reception,
     profile: bryansk, queue: clients}
asterisk: {queues: {clients: {}}}
"""


class TestDerived:
    def test_the_data_folder_decides_where_everything_is(self, tmp_path: Path) -> None:
        settings = load(None, [f"data_folder={tmp_path / 'data'}"])
        data = tmp_path / "data"
        assert settings.store.url == f"sqlite:///{data}/ivr.db"
        assert settings.recordings_spool == data / "spool" / "recordings"
        assert settings.prompts_folder == data / "prompts"
        assert settings.asterisk.data_folder == data / "asterisk"
        assert settings.readings.export_folder == data / "readings"

    def test_what_is_said_itself_wins(self, tmp_path: Path) -> None:
        settings = load(
            None,
            [
                f"data_folder={tmp_path / 'data'}",
                f"asterisk.prompts_folder={tmp_path / 'voice'}",
                "store.url=sqlite:////srv/other.db",
            ],
        )
        assert settings.prompts_folder == tmp_path / "voice"
        assert settings.store.url == "sqlite:////srv/other.db"
        assert settings.asterisk.data_folder == tmp_path / "data" / "asterisk"

    def test_a_relative_data_folder_is_one_of_the_working_folder(self, tmp_path: Path) -> None:
        assert load(None, ["data_folder=here"]).data_folder == tmp_path / "here"

    def test_lines_are_known_to_asterisk(self) -> None:
        lines = load(written(LINES)).asterisk.lines
        assert lines["main"].numbers == ("84830000001", "100")
        assert lines["main"].last_resort == "clients"

    def test_a_line_needs_a_queue_that_exists(self) -> None:
        fault = refused(written(LINES.replace("clients: {}", "others: {}")))
        assert "line main" in fault.what
        assert "clients" in fault.what

    def test_asterisk_finds_the_agi_server(self) -> None:
        target = load(None, ["agi.host=127.0.0.2", "agi.port=4600"]).asterisk.agi
        assert (str(target.host), target.port) == ("127.0.0.2", 4600)

    def test_the_links_find_the_manager(self) -> None:
        ami = load(None, ["asterisk.manager.host=127.0.0.3", "asterisk.manager.port=5100"]).ami
        assert (ami.host, ami.port) == ("127.0.0.3", 5100)

    def test_a_value_of_the_environment_is_derived_from_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IVR_AGI__PORT", "4601")
        assert load().asterisk.agi.port == 4601

    def test_nothing_can_be_changed_afterwards(self) -> None:
        with pytest.raises(ValueError, match="frozen"):
            load().web.port = 1  # type: ignore[misc]


class TestYaml:
    def test_a_number_with_a_leading_nought_is_decimal(self) -> None:
        assert load(written("web: {port: 0808}")).web.port == 808

    def test_a_time_is_no_sexagesimal_number(self) -> None:
        assert load(written("company: {name: 1:30}")).company.name == "1:30"

    def test_no_is_a_word(self) -> None:
        assert load(written("company: {name: no}")).company.name == "no"

    def test_a_number_called_has_to_be_quoted(self) -> None:
        fault = refused(written(LINES.replace('"100"', "100")))
        assert "lines.0.numbers.1" in fault.what

    @pytest.mark.parametrize(
        ("override", "port"), [("web.port=0808", 808), ("web.port='0808'", 808), ("web={port: 8}", 8)]
    )
    def test_a_value_of_the_command_line_is_yaml_too(self, override: str, port: int) -> None:
        assert load(None, [override]).web.port == port

    def test_an_empty_value_is_an_empty_text(self) -> None:
        assert load(None, ["company.name="]).company.name == ""

    def test_a_value_may_hold_equals_signs(self) -> None:
        assert load(None, ["company.name=a=b"]).company.name == "a=b"

    def test_the_last_of_two_values_counts(self) -> None:
        assert load(None, ["web.port=1", "web.port=2"]).web.port == 2


class TestFaults:
    def test_an_unknown_key_is_named_with_its_file(self) -> None:
        fault = refused(written("web: {prot: 1}"))
        assert fault.where == "given.yaml"
        assert "web.prot" in fault.what

    def test_an_unknown_branch_is_named(self) -> None:
        assert "webb" in refused(written("webb: {port: 1}")).what

    def test_a_wrong_type_is_named(self) -> None:
        assert "web.port" in refused(written("web: {port: many}")).what

    def test_every_problem_is_told_at_once(self) -> None:
        what = refused(written("web: {port: many}\nlog: {level: LOUD}")).what
        assert "web.port" in what
        assert "log.level" in what

    def test_an_unknown_key_of_the_environment_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IVR_WEB__PROT", "1")
        assert "web.prot" in refused().what

    def test_a_group_in_the_environment_that_is_no_json(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IVR_LINES", "[{")
        fault = refused()
        assert "lines" in fault.what
        assert "environment" in fault.where

    def test_broken_yaml_has_line_and_column(self) -> None:
        fault = refused(written("web:\n  port: 1\n port: 2\n"))
        assert fault.where.startswith("given.yaml:3:")

    def test_a_key_given_twice_has_its_line(self) -> None:
        assert refused(written("web: {}\nlog: {}\nweb: {}\n")).where.startswith("given.yaml:3:")

    @pytest.mark.parametrize("text", ["- web\n", "web\n", "5: five\n"])
    def test_something_else_than_groups(self, text: str) -> None:
        assert refused(written(text)).where == "given.yaml"

    @pytest.mark.parametrize("text", ["lines: 5", "lines:", "web: 5", "web:", "asterisk: 5", "store: text"])
    def test_something_else_than_a_branch(self, text: str) -> None:
        assert text.partition(":")[0] in refused(written(text)).what

    def test_a_secret_in_the_wrong_place_is_not_repeated(self) -> None:
        fault = refused(written("store: postgresql+asyncpg://ivr:hunter2@db/ivr"))
        assert "hunter2" not in str(fault)

    def test_a_line_without_a_name(self) -> None:
        assert "'name'" in refused(written("lines: [{title: x}]")).what

    def test_a_file_that_is_not_there(self) -> None:
        fault = refused(Path("nowhere.yaml"))
        assert fault.where == "nowhere.yaml"

    def test_a_file_that_the_variable_names_and_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IVR_SETTINGS", "nowhere.yaml")
        assert refused().where == "nowhere.yaml"

    def test_a_file_of_another_encoding(self) -> None:
        Path("given.yaml").write_bytes("company: {name: Энергосбыт}".encode("cp1251"))
        assert "UTF-8" in refused(Path("given.yaml")).what

    def test_a_file_with_control_characters(self) -> None:
        assert refused(written("company: {name: \x01}")).where.startswith("given.yaml")

    @pytest.mark.parametrize("override", ["web.port", "=5", ""])
    def test_what_is_no_setting(self, override: str) -> None:
        assert refused(None, override).where == "--set"

    def test_a_broken_value_of_the_command_line(self) -> None:
        assert refused(None, "web.port=[1").where.startswith("--set web.port")

    def test_a_value_where_a_branch_is_expected(self) -> None:
        assert "'port'" in refused(None, "web.port=1", "web.port.deep=2").what

    def test_a_setting_named_file_is_an_unknown_key(self) -> None:
        assert "file" in refused(None, "file=x").what

    def test_an_unknown_time_zone(self) -> None:
        assert "Europe/Bryansk" in refused(None, "company.time_zone=Europe/Bryansk").what

    def test_the_manager_stays_on_the_loopback(self) -> None:
        assert "loopback" in refused(None, "asterisk.manager.host=0.0.0.0").what


def test_the_demo_company_of_the_repository_can_be_read() -> None:
    settings = load(Path(__file__).parents[3] / "ivr.yaml")
    assert isinstance(settings, Settings)
    assert {line.name for line in settings.lines} == set(settings.asterisk.lines)

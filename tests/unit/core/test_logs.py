"""Log lines: one a line, the call id on each, nothing personal."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ivr.logs import PERSONAL, LogFormat, LogSettings, configure
from ivr.store import Database, StoreSettings

PHONE = "+79161234567"
ACCOUNT = "320145678"
SURNAME = "Иванова"  # by its name in the tests: a traceback shows the source, and so a literal


class Log:
    """What was written, and a logger that writes there."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def configure(self, settings: LogSettings) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stderr", self.stream)
            configure(settings)

    @property
    def logger(self) -> Any:
        return structlog.get_logger("test")

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    """Logging configured as in the engine, into a buffer; put back afterwards."""
    root = logging.getLogger()
    handlers, level, before = list(root.handlers), root.level, structlog.get_config()
    written = Log()
    written.configure(LogSettings())
    yield written
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


class TestPersonalData:
    @pytest.mark.parametrize("key", sorted(PERSONAL))
    def test_personal_keys_are_hidden(self, log: Log, key: str) -> None:
        log.logger.info("event", **{key: ACCOUNT, "line": "main"})
        assert log.lines[0][key] == "[hidden]"
        assert log.lines[0]["line"] == "main"

    def test_a_personal_key_of_the_context_is_hidden(self, log: Log) -> None:
        with structlog.contextvars.bound_contextvars(phone=PHONE):
            log.logger.info("event")
        assert PHONE not in log.text

    def test_a_bound_personal_key_is_hidden(self, log: Log) -> None:
        log.logger.bind(account=ACCOUNT).info("event")
        assert ACCOUNT not in log.text

    def test_long_numbers_in_an_exception_are_hidden(self, log: Log) -> None:
        try:
            int(f"{ACCOUNT}x")
        except ValueError:
            log.logger.exception("event")
        assert ACCOUNT not in log.text
        assert "ValueError" in log.lines[0]["exception"]

    def test_the_row_that_postgresql_quotes_is_hidden(self, log: Log) -> None:
        try:
            raise RuntimeError(f"duplicate key\nDETAIL:  Key (name)=({SURNAME}) exists.\nHINT: none")
        except RuntimeError:
            log.logger.exception("event")
        assert SURNAME not in log.text
        assert "HINT" in log.text

    async def test_a_failing_statement_does_not_tell_its_parameters(self, log: Log, tmp_path: Path) -> None:
        database = await Database.open(StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}"))
        statement = text("INSERT INTO nowhere (surname) VALUES (:surname)")
        try:
            await database.write(lambda connection: connection.execute(statement, {"surname": SURNAME}))
        except SQLAlchemyError:
            log.logger.exception("event")
        finally:
            await database.close()
        assert "nowhere" in log.text
        assert SURNAME not in log.text

    def test_what_a_library_logs_is_cleaned_too(self, log: Log) -> None:
        try:
            int(f"{ACCOUNT}x")
        except ValueError:
            logging.getLogger("asyncio").exception("Task exception was never retrieved")
        assert log.lines[0]["logger"] == "asyncio"
        assert ACCOUNT not in log.text


class TestCallId:
    def test_every_line_within_a_call_has_its_id(self, log: Log) -> None:
        with structlog.contextvars.bound_contextvars(call_id="a-call"):
            log.logger.info("within")
        log.logger.info("outside")
        within, outside = log.lines
        assert within["call_id"] == "a-call"
        assert "call_id" not in outside

    async def test_tasks_of_a_call_have_its_id_and_calls_do_not_mix(self, log: Log) -> None:
        async def step(call_id: str) -> None:
            await asyncio.sleep(0)
            log.logger.info("step", expected=call_id)

        async def call(call_id: str) -> None:
            with structlog.contextvars.bound_contextvars(call_id=call_id):
                await asyncio.gather(asyncio.create_task(step(call_id)), step(call_id))

        await asyncio.gather(*(call(f"call-{number}") for number in range(5)))
        assert len(log.lines) == 10
        assert all(line["call_id"] == line["expected"] for line in log.lines)

    def test_lines_of_libraries_within_a_call_have_its_id(self, log: Log) -> None:
        with structlog.contextvars.bound_contextvars(call_id="a-call"):
            logging.getLogger("aiohttp").warning("slow")
        assert log.lines[0]["call_id"] == "a-call"


class TestForm:
    def test_a_line_break_stays_within_its_line(self, log: Log) -> None:
        log.logger.info("event", detail="one\ntwo\r\nthree")
        assert len(log.text.splitlines()) == 1
        assert log.lines[0]["detail"] == "one\ntwo\r\nthree"

    def test_an_exception_stays_within_its_line(self, log: Log) -> None:
        try:
            raise OSError("no disk")
        except OSError:
            log.logger.exception("event")
            logging.getLogger("library").exception("theirs")
        assert [line["event"] for line in log.lines] == ["event", "theirs"]
        assert all("no disk" in line["exception"] for line in log.lines)

    def test_russian_stays_readable(self, log: Log) -> None:
        log.logger.info("event", title="Единый номер")
        assert "Единый номер" in log.text

    def test_a_line_tells_level_and_time(self, log: Log) -> None:
        log.logger.warning("event")
        assert log.lines[0]["level"] == "warning"
        assert log.lines[0]["timestamp"].endswith("Z")

    def test_less_than_the_level_is_not_written(self, log: Log) -> None:
        log.configure(LogSettings(level="WARNING"))
        log.logger.info("quiet")
        logging.getLogger("library").info("quiet")
        log.logger.warning("loud")
        assert [line["event"] for line in log.lines] == ["loud"]

    def test_text_for_a_terminal_without_colours_in_a_file(self, log: Log) -> None:
        log.configure(LogSettings(format=LogFormat.TEXT))
        log.logger.info("event", phone=PHONE)
        assert "event" in log.text
        assert PHONE not in log.text
        assert "\x1b" not in log.text

    @pytest.mark.parametrize("level", ["LOUD", "info", ""])
    def test_an_unknown_level_is_refused(self, level: str) -> None:
        with pytest.raises(ValidationError):
            LogSettings(level=level)

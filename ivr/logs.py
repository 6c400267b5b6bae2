"""Structured logs: one line an event, the call id on each line of a call, no personal data."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from enum import StrEnum
from typing import TextIO, cast

import structlog
from pydantic import BaseModel, ConfigDict, Field
from structlog.typing import EventDict, Processor, WrappedLogger

PERSONAL = frozenset(
    {
        "account",
        "address",
        "balance",
        "caller",
        "caller_number",
        "heard",
        "name",
        "number",
        "phone",
        "reading",
    }
)
"""Keys whose values never reach a log."""

_POSTGRES_DETAIL = re.compile(r"^DETAIL:.*$", re.MULTILINE)
_LONG_NUMBER = re.compile(r"(?<![0-9a-f-])\d{6,}(?![0-9a-f-])", re.IGNORECASE)


class LogFormat(StrEnum):
    """How a log line looks."""

    JSON = "json"
    TEXT = "text"


class LogSettings(BaseModel):
    """What is logged, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: str = Field(
        "INFO",
        description="Least level: DEBUG, INFO, WARNING or ERROR.",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
    )
    format: LogFormat = Field(LogFormat.JSON, description="json for machines, text for a terminal.")


def _without_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key in PERSONAL & event.keys():
        event[key] = "[hidden]"
    return event


def _without_personal_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Exceptions of drivers and parsers quote the values they dislike: hide rows, accounts and phones."""
    exception = event.get("exception")
    if isinstance(exception, str):
        shown = _POSTGRES_DETAIL.sub("DETAIL: [hidden]", exception)
        event["exception"] = _LONG_NUMBER.sub("[hidden]", shown)
    return event


class _Unfailing:
    """A text stream whose lines are dropped where they can't be written: a full disk must not end calls."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            return self._stream.write(text)
        return 0

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def configure(settings: LogSettings) -> None:
    """Set logging up for the process; lines go to stderr, those of libraries in the same form."""
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.format is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    level = logging.getLevelNamesMapping()[settings.level]
    stream = _Unfailing(sys.stderr)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _without_personal_data,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        _without_personal_exception,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, stream)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)

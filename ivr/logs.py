"""Structured logs: one line an event, the call id on each line of a call, no personal data."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum

import structlog
from pydantic import BaseModel, ConfigDict, Field
from structlog.typing import EventDict, WrappedLogger

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


class LogFormat(StrEnum):
    """How a log line looks."""

    JSON = "json"
    TEXT = "text"


class LogSettings(BaseModel):
    """What is logged, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: str = Field("INFO", description="Least level: DEBUG, INFO, WARNING or ERROR.", pattern="^[A-Z]+$")
    format: LogFormat = Field(LogFormat.JSON, description="json for machines, text for a terminal.")


def _without_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key in PERSONAL & event.keys():
        event[key] = "[hidden]"
    return event


def configure(settings: LogSettings) -> None:
    """Set logging up for the process; lines go to stderr."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.format is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    level = logging.getLevelNamesMapping()[settings.level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _without_personal_data,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=max(level, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )

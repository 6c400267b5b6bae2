"""What `ivr kpi` prints for people besides reports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from ivr.kpi.behind import Behind
from ivr.kpi.importing import Imported
from ivr.kpi.papers.text import table
from ivr.kpi.papers.words import words


def behind_text(found: Iterable[Behind], zone: tzinfo) -> str:
    """Calls as a table."""
    rows = [
        [f"{each.at.astimezone(zone):%d.%m.%Y %H:%M:%S}", each.call_id, each.line, each.topic, each.agent]
        for each in found
    ]
    return table(rows) if rows else str(words()["no_calls"])


def imported_text(done: Imported) -> str:
    """What became of a file."""
    text = (
        f"{done.file}: {done.calls} calls: {done.added} added, {done.changed} changed, "
        f"{done.unchanged} unchanged; {done.bad} bad lines"
    )
    return text + (f"\ncolumns nobody knows: {', '.join(done.ignored)}" if done.ignored else "")

"""Taking outages over from files: CSV with a line a place, or JSON with an object an outage."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ivr.customers.files import BadLine
from ivr.customers.sheets import Imported, Numbered, Sheet, bad_lines, in_zone
from ivr.errors import Fault
from ivr.outages.entries import OutageEntry, OutageRow
from ivr.outages.service import Outages
from ivr.outages.writing import Outcome

Report = Callable[[BadLine], None]
_CHUNK = 200  # entered at once: they share a transaction
_MOST_BYTES = 50_000_000
_Entry = OutageEntry | BadLine


async def import_outages(
    outages: Outages, path: Path, source: str, entered_by: str, zone: tzinfo, report: Report
) -> Imported:
    """Take one file over; a repeat changes nothing, what the file does not name is left as it is.

    An outage with a bad line is left out altogether, so that none is told for a part of its places.

    Args:
        outages: The register.
        path: CSV, or JSON where the name ends in `.json`.
        source: Whose ids the file's are.
        entered_by: Noted with new outages.
        zone: Of moments without one.
        report: Called with each bad line; for JSON `line` is the number of the object, from 1.

    Raises:
        Fault: The file cannot be read, or is none of ours.
        StoreUnavailable: What had been taken by then stays; the import can be repeated.
    """
    ignored: tuple[str, ...] = ()
    if path.suffix.lower() == ".json":
        entries = _from_json(path, zone)
    else:
        sheet = Sheet(path, OutageRow, zone)
        ignored = sheet.ignored
        entries = _from_rows(sheet)
    tally: Counter[str] = Counter()
    while chunk := list(islice(entries, _CHUNK)):
        for bad in (each for each in chunk if isinstance(each, BadLine)):
            report(bad)
            tally["bad"] += 1
        good = (each for each in chunk if not isinstance(each, BadLine))
        written = await asyncio.gather(*(outages.enter(each, source, entered_by) for each in good))
        tally.update(each.outcome for each in written)
    counts = {outcome.value: tally[outcome] for outcome in Outcome}
    return Imported(path, bad=tally["bad"], ignored=ignored, **counts)


def _from_rows(sheet: Sheet[OutageRow]) -> Iterator[_Entry]:
    by_id: dict[str, list[Numbered[OutageRow]]] = {}
    spoilt: set[str] = set()
    for line in sheet.rows():
        if isinstance(line, Numbered):
            by_id.setdefault(line.row.id, []).append(line)
        else:
            yield from line.bad
            spoilt.add(line.cells.get("id", ""))
    for outage_id, lines in by_id.items():
        yield _left_out(lines) if outage_id in spoilt else _merged(lines)


def _left_out(lines: list[Numbered[OutageRow]]) -> BadLine:
    return BadLine(lines[0].line, "id", "left out: another line of this outage is bad")


def _merged(lines: list[Numbered[OutageRow]]) -> _Entry:
    facts = lines[0].row.facts()
    for other in lines[1:]:
        if other.row.facts() != facts:
            return BadLine(other.line, "id", "tells otherwise of this outage than an earlier line")
    return OutageEntry.model_validate({**facts, "places": [each.row.place() for each in lines]})


def _from_json(path: Path, zone: tzinfo) -> Iterator[_Entry]:
    for number, given in enumerate(_objects(path), start=1):
        try:
            entry = OutageEntry.model_validate(given, context=in_zone(zone))
        except ValidationError as error:
            yield from bad_lines(number, error)
            continue
        if entry.id is None:
            yield BadLine(number, "id", "has to be there, so that a repeat is harmless")
        else:
            yield entry


def _objects(path: Path) -> list[Any]:
    fix = 'Write {"outages": [{"id": …, "kind": …, "begins_at": …, "places": [{"settlement": …}]}]}.'
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise Fault("The file is too large.", str(path), "Part it.")
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Fault(
            f"The file cannot be read: {error.strerror}.", str(path), "Check its name and rights."
        ) from error
    except (ValueError, RecursionError) as error:
        raise Fault("The file is no JSON in UTF-8.", str(path), fix) from error
    found = document.get("outages") if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise Fault("The file holds no list of outages.", str(path), fix)
    return found

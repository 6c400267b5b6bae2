"""What is known of a caller that speaks for serving him before others; implements `Acquaintances`."""

from __future__ import annotations

from functools import partial

from ivr.desk import lost_rows
from ivr.desk.routing import Claims
from ivr.desk.tasks import Tasks
from ivr.dialogue.ports import CallFacts
from ivr.requests.callbacks import Callbacks
from ivr.store import Database


class KnownCallers:
    """Who was lost and not found again, has an open task, or is owed a call."""

    def __init__(self, database: Database, promises: Callbacks, tasks: Tasks) -> None:
        self._database = database
        self._promises = promises
        self._tasks = tasks

    async def claims(self, facts: CallFacts) -> Claims:
        """What speaks for him; nothing for a withheld number.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        phone = facts.caller_number
        if not phone:
            return Claims()
        lost = await self._database.read(partial(lost_rows.pending_of, phone=phone))
        returning = lost is not None or bool(await self._tasks.of_client(phone))
        owed = await self._promises.of_client(phone)
        return Claims(returning=returning, promised=any(each.call_id != facts.call_id for each in owed))

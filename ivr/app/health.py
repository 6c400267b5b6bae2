"""What must be in order before calls are taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ivr.asterisk.ami import AmiLink, LinkState
from ivr.dialogue.ports import Prompt
from ivr.settings import Settings
from ivr.speech.library import PromptLibrary
from ivr.store import Database, StoreUnavailable
from ivr.web.health import Check, Health


def readiness(
    settings: Settings,
    database: Database,
    link: AmiLink,
    prompts: PromptLibrary,
    knowledge_fault: Callable[[], str],
    archive_warning: Callable[[], str],
) -> Mapping[str, Check]:
    """The checks of `/readyz`, by name."""

    async def database_takes_writes() -> Health:
        try:
            await database.probe()
        except StoreUnavailable as fault:
            return Health(ok=False, detail=str(fault))
        return Health(ok=True)

    async def manager_is_up() -> Health:
        detail = str(link.fault) if link.fault else link.state.value
        return Health(ok=link.state is LinkState.UP, detail=detail)

    async def prompts_are_built() -> Health:
        notice = Prompt(settings.scenarios.notice_prompt)
        ready = prompts.ready([notice])
        return Health(ok=ready, detail="" if ready else "run `ivr prompts build`")

    async def knowledge_is_read() -> Health:
        fault = knowledge_fault()
        return Health(ok=not fault, detail=fault)

    async def archive_has_room() -> Health:
        """Little room is told, and keeps no call away."""
        return Health(ok=True, detail=archive_warning())

    return {
        "database": database_takes_writes,
        "asterisk": manager_is_up,
        "prompts": prompts_are_built,
        "knowledge": knowledge_is_read,
        "archive": archive_has_room,
    }

"""Calls of the API that change what the card of a call shows: whoever has the call sees it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ivr.web.api.route import Answer, Asked, Route


def telling_cards(routes: Iterable[Route], changed: Callable[[str], None]) -> list[Route]:
    """The same; once something was made in a call (`call_id` in the body), `changed` hears its id."""
    return [_telling(route, changed) if _is_made_in_a_call(route) else route for route in routes]


def _is_made_in_a_call(route: Route) -> bool:
    return route.method == "POST" and route.body is not None and "call_id" in route.body.model_fields


def _telling(route: Route, changed: Callable[[str], None]) -> Route:
    async def run(asked: Asked) -> Answer:
        answer = await route.run(asked)
        if asked.body.call_id:
            changed(asked.body.call_id)
        return answer

    return replace(route, run=run)

"""Fifty operators at work: the page tells what the counters tell, in order, and soon.

How soon is written down, not asserted: `pytest --log-cli-level=INFO tests/browser/supervisor/test_wall.py`.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.supervisor.wall import Wall, at_work

log = logging.getLogger(__name__)
pytestmark = pytest.mark.asyncio(loop_scope="session")

OPERATORS, CALLS, SECONDS = 50, 120, 4.0
WATCH = """() => {
  const seen = { calls: [], states: {}, most: 0 };
  const text = (place) => document.querySelector(place)?.textContent ?? "";
  const look = () => {
    const at = performance.timeOrigin + performance.now();
    const calls = Number(text("[data-kpi=incoming] td.strong").replace(/\\D/g, ""));
    if (calls !== seen.calls.at(-1)?.[1]) seen.calls.push([at, calls]);
    for (const { dataset } of document.querySelectorAll("[role=option][data-agent]")) {
      const known = (seen.states[dataset.agent] ??= []);
      if (known.at(-1)?.[1] !== dataset.state) known.push([at, dataset.state]);
    }
  };
  look();
  const options = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(look).observe(document.querySelector("[data-part=now]"), options);
  window.seen = seen;
}"""


def late_calls(wall: Wall, seen: Any) -> list[float]:
    """From each call's coming to the moment at which the page counts it, milliseconds."""
    return [
        next(at for at, count in seen["calls"] if count > number) - came
        for number, came in enumerate(wall.told.calls)
    ]


def late_states(wall: Wall, seen: Any) -> list[float]:
    """The same of the operators' states. What came and went between two drawings was never to be seen."""
    late = []
    for login, shown in seen["states"].items():
        known = 0.0
        for at, state in shown[1:]:
            then = [came for came, name in wall.told.states[login] if name == state and known < came <= at]
            assert then, f"{login} was never {state} then"
            known = then[-1]
            late.append(at - known)
    return late


def summed_up(late: list[float]) -> str:
    ordered = sorted(late)
    middle, most = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    return f"half within {middle:.0f} ms, 95 % within {most:.0f} ms, the latest after {ordered[-1]:.0f} ms"


async def test_the_wall_tells_what_goes_on(context: BrowserContext, tmp_path: Path) -> None:
    async with at_work(tmp_path, OPERATORS) as wall:
        await context.add_cookies([{"name": "ivr_session", "value": wall.secret, "url": wall.url}])
        page = await context.new_page()
        await page.goto(f"{wall.url}/supervisor.html#part=now")
        await expect(page.locator("[role=option][data-agent]")).to_have_count(OPERATORS)
        await expect(page.locator("footer")).to_contain_text("На связи")
        await page.evaluate(WATCH)
        await wall.work(CALLS, SECONDS)
        assert len(wall.told.calls) == CALLS

        for tile, value in (("in-robot", 0), ("queued", 0), ("talking", 0), ("people", OPERATORS)):
            await expect(page.locator(f"[data-tile={tile}] .now-big")).to_contain_text(str(value))
        counted = wall.counters.today()
        for kpi, measure in (("incoming", "incoming"), ("served", "served"), ("answered", "answered")):
            shown = page.locator(f"[data-kpi={kpi}] td.strong")
            await expect(shown).to_have_text(str(counted[measure]))
        assert counted["incoming"] == CALLS
        assert min(counted["served"], counted["answered"], counted["lost"]) > 0
        for agent in wall.floor.agents():
            row = page.locator(f"[role=option][data-agent={agent.login}]")
            await expect(row).to_have_attribute("data-state", agent.state.value)

        seen = await page.evaluate("window.seen")
        counts = [count for _, count in seen["calls"]]
        assert counts == sorted(counts)
        assert len(counts) > SECONDS
        log.info("Calls: %s", summed_up(late_calls(wall, seen)))
        log.info("States: %s", summed_up(late_states(wall, seen)))

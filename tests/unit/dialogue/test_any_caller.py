"""Whatever a caller does, and however the actions end, a call comes to an end and nothing is left over."""

import asyncio
from datetime import date
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.dialogue.ports import Action, CallFacts, Ending, EndingKind, Result, Said, Silence, Value
from ivr.dialogue.scenarios import Environment, ScenarioSet
from ivr.dialogue.simulator import HangUp, Input, Inputs, SimulatedClock, Typed, simulate
from ivr.speech.russian import formatters
from tests.unit.dialogue.support import NOON, facts

FLOWS = Path(__file__).parent / "flows"
USUAL_KEYS = st.sampled_from(["1", "2", "320145678#", "12345", "100#"])
KEYS = st.one_of(USUAL_KEYS, st.text("0123456789*#", min_size=1))
TURNS: st.SearchStrategy[Input] = st.one_of(
    KEYS.map(Typed), st.just(Silence()), st.just(HangUp()), st.sampled_from(["да", "нет", "что?"]).map(Said)
)
ZONE: Value = {"code": "day", "last": 100}
METERS: Value = [{"digits": 5, "zones": [ZONE, ZONE]}, {"digits": 6, "zones": []}]
ACCOUNT: Value = {"street": "Мира", "meters": METERS}
RESULTS = {
    "customers.find_account": [Result("found", ACCOUNT), Result("unknown")],
    "readings.check": [Result("plausible"), Result("below_last"), Result("too_high", {"consumption": 7})],
    "readings.accept": [Result("accepted"), Result("late"), Result("never")],
}
KINDS = set(EndingKind)


@cache
def sketch() -> ScenarioSet:
    return ScenarioSet.load([FLOWS], Environment(formatters=formatters(lambda: date(2026, 11, 24))))


@settings(deadline=None)
@given(st.lists(TURNS, max_size=25), st.data())
def test_every_call_ends(turns: list[Input], data: st.DataObject) -> None:
    async def call() -> Ending:
        clock = SimulatedClock(NOON)

        def drawn(name: str) -> Action:
            async def run(_facts: CallFacts, **_arguments: Value) -> Result:
                await clock.elapse(data.draw(st.sampled_from([0, 0, 1, 5])))
                return data.draw(st.sampled_from(RESULTS[name]))

            outcomes = {result.outcome: None for result in RESULTS[name] if result.outcome != "never"}
            return Action(name=name, inputs={}, outcomes=outcomes, run=run)

        happened = await simulate(
            sketch(),
            "meter-reading",
            Inputs(turns),
            facts=facts(),
            clock=clock,
            actions={name: drawn(name) for name in RESULTS},
        )
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return happened.ending

    assert asyncio.run(call()).kind in KINDS - {EndingKind.FAILED}

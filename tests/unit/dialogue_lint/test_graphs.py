"""The algorithms under the rules."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from ivr.dialogue.lint.components import cycles

NODES = "abcdefgh"
GRAPHS = st.fixed_dictionaries({node: st.lists(st.sampled_from(NODES), max_size=3) for node in NODES})


def _reachable(graph: Mapping[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += graph[node]
    return seen


@given(GRAPHS)
def test_cycles_are_the_nodes_that_reach_each_other(graph: dict[str, list[str]]) -> None:
    reach = {node: _reachable(graph, node) for node in NODES}
    on_cycle = [node for node in NODES if node in reach[node]]

    expected = {
        frozenset(other for other in on_cycle if other in reach[node] and node in reach[other])
        for node in on_cycle
    }

    found = list(cycles(graph))
    assert set(found) == expected
    assert len(found) == len(expected)


def test_a_long_chain_does_not_exhaust_the_stack() -> None:
    chain = {str(number): [str(number + 1)] for number in range(20_000)}
    chain["20000"] = ["0"]

    assert [len(loop) for loop in cycles(chain)] == [20_001]

"""What holds at a state whatever way a call took to it: a forward data-flow analysis by fixpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ivr.dialogue.lint.control import ControlFlow, Edge


class Effect(NamedTuple):
    """What changes on a way: facts that end, then facts that begin."""

    gained: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

    def after(self, before: frozenset[str]) -> frozenset[str]:
        """The facts after the way."""
        return before - self.lost | self.gained


NO_EFFECT = Effect()


def holding(
    control: ControlFlow, at_start: Iterable[str], effect: Callable[[Edge], Effect]
) -> Mapping[str, frozenset[str]]:
    """For each node that is reached: the facts that hold there on every way.

    Facts are bits of a number, so that a step costs the same however many there are.

    Args:
        control: The flow.
        at_start: Facts with which it begins.
        effect: What a way changes.
    """
    if control.start is None:
        return {}
    bits = _Bits()
    masks = {
        node: [
            (edge.target, bits.mask(change.gained), ~bits.mask(change.lost))
            for edge in control.edges[node]
            if edge.target is not None
            for change in (effect(edge),)
        ]
        for node in control.reached
    }
    known = {control.start: bits.mask(at_start)}
    waiting = [control.start]
    while waiting:
        node = waiting.pop()
        for target, gained, kept in masks[node]:
            after = known[node] & kept | gained
            merged = known[target] & after if target in known else after
            if known.get(target) != merged:
                known[target] = merged
                waiting.append(target)
    return {node: bits.names(mask) for node, mask in known.items()}


class _Bits:
    """Numbers names."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mask(self, names: Iterable[str]) -> int:
        result = 0
        for name in names:
            result |= 1 << self._numbers.setdefault(name, len(self._numbers))
        return result

    def names(self, mask: int) -> frozenset[str]:
        return frozenset(name for name, number in self._numbers.items() if mask >> number & 1)

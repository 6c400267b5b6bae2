"""The rules, one module each. A rule looks at one flow, or at the whole set."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.rules import (
    exits,
    keys,
    length,
    loops,
    menus,
    notice,
    outcomes,
    person,
    phrasing,
    queues,
    reach,
    recursion,
    topics,
    unset,
)
from ivr.dialogue.lint.scope import Scope
from ivr.dialogue.problems import Problem

FLOW_RULES: tuple[Callable[[Scope, Flow], Iterable[Problem]], ...] = (
    exits.check,
    outcomes.check,
    reach.check,
    loops.check,
    unset.check,
    keys.check,
    queues.check,
    topics.check,
    length.check,
    menus.check_breadth,
)
SET_RULES: tuple[Callable[[Scope], Iterable[Problem]], ...] = (
    recursion.check,
    notice.check,
    person.check,
    phrasing.check,
    menus.check_depth,
)

"""The scenario language: schema, loader, lint, expressions, interpreter, simulator, conversation tests.

Pure: no Asterisk, no database, no clock of its own. `ports` says what it needs of the world. The names below
are the room's face; they are loaded when they are first used, so that whoever needs only `ports` or
`settings` does not pay for the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.dialogue.conversation import TestBench, TestResult, read_tests
    from ivr.dialogue.interpreter.runner import Interpreter
    from ivr.dialogue.ports import Understanding
    from ivr.dialogue.problems import Problem, ScenarioFault
    from ivr.dialogue.scenarios import Environment, Scenarios, ScenarioSet
    from ivr.dialogue.settings import DialogueSettings
    from ivr.dialogue.simulator import PLAIN_FORMATTERS, ActionsFor, SimulatedClock, simulate
    from ivr.dialogue.understanding import PlainUnderstanding

__all__ = [
    "PLAIN_FORMATTERS",
    "ActionsFor",
    "DialogueSettings",
    "Environment",
    "Interpreter",
    "PlainUnderstanding",
    "Problem",
    "ScenarioFault",
    "ScenarioSet",
    "Scenarios",
    "SimulatedClock",
    "TestBench",
    "TestResult",
    "Understanding",
    "read_tests",
    "simulate",
]

_MODULES = {
    "conversation": ("TestBench", "TestResult", "read_tests"),
    "interpreter.runner": ("Interpreter",),
    "ports": ("Understanding",),
    "problems": ("Problem", "ScenarioFault"),
    "scenarios": ("Environment", "Scenarios", "ScenarioSet"),
    "settings": ("DialogueSettings",),
    "simulator": ("PLAIN_FORMATTERS", "ActionsFor", "SimulatedClock", "simulate"),
    "understanding": ("PlainUnderstanding",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

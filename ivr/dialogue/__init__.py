"""The scenario language: schema, loader, expressions, interpreter, simulator, conversation tests.

Pure: no Asterisk, no database, no clock of its own. `ports` says what it needs of the world.
"""

from ivr.dialogue.conversation import TestBench, TestResult, read_tests
from ivr.dialogue.interpreter.runner import Interpreter
from ivr.dialogue.interpreter.session import Understanding
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

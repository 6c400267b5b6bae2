"""The one small expression grammar of scenarios: `=account.debt > 0 and open(office)`.

Safe: it can read variables and call a dozen functions, nothing else. Typed: shapes are checked at load.
Numbers are exact (int and Decimal).
"""

from ivr.dialogue.expressions.evaluation import Evaluator, compiled, truth
from ivr.dialogue.expressions.functions import EvaluationError, ScenarioError, Surroundings
from ivr.dialogue.expressions.parser import parse
from ivr.dialogue.expressions.syntax import Node, calendars, names, unparse
from ivr.dialogue.expressions.tokens import ExpressionError

__all__ = [
    "EvaluationError",
    "Evaluator",
    "ExpressionError",
    "Node",
    "ScenarioError",
    "Surroundings",
    "calendars",
    "compiled",
    "names",
    "parse",
    "truth",
    "unparse",
]

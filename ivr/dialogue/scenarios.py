"""A set of scenarios as it runs: loaded, checked, compiled; replaced as a whole, never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from ivr.dialogue import contents
from ivr.dialogue.calendars import Calendars, Holiday, no_holidays
from ivr.dialogue.flow import Flow
from ivr.dialogue.interpreter.compiler import Compiler
from ivr.dialogue.interpreter.everywhere import Everywhere
from ivr.dialogue.interpreter.program import Program
from ivr.dialogue.interpreter.utterances import spoken_parts
from ivr.dialogue.loader import Loaded, load
from ivr.dialogue.ports import Action, Formatter
from ivr.dialogue.problems import Problem, ScenarioFault, Severity
from ivr.dialogue.references import check_everywhere, check_references
from ivr.dialogue.schema.files import PromptText
from ivr.dialogue.schema.states import Ask, Choose
from ivr.dialogue.schema.turns import Choice
from ivr.dialogue.settings import DialogueSettings
from ivr.dialogue.templates import Template
from ivr.dialogue.typecheck import check_types
from ivr.dialogue.variables import World
from ivr.errors import Fault

log = structlog.get_logger(__name__)

Lint = Callable[[Loaded, World], Iterable[Problem]]
"""Further checks of a set; errors keep it from being used, warnings do not."""


def no_lint(_loaded: Loaded, _world: World) -> Iterable[Problem]:
    """No further checks."""
    return ()


def check(loaded: Loaded, world: World) -> list[Problem]:
    """Everything that would keep the scenarios from running: syntax, schema, names, types."""
    problems = list(loaded.problems)
    for flow in loaded.flows.values():
        problems += check_references(flow, loaded.flows, loaded.prompts)
        problems += check_types(flow, world)
    problems += check_everywhere(loaded)
    return sorted(set(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What scenarios are loaded into.

    Attributes:
        formatters: Filter → how it puts a value into words.
        actions: The registered actions, or None when flows are not checked against them.
        is_holiday: The public holidays.
        always_open: Calendars that are open day and night.
        lint: Further checks.
    """

    formatters: Mapping[str, Formatter]
    actions: Mapping[str, Action] | None = None
    is_holiday: Holiday = no_holidays
    always_open: frozenset[str] = frozenset()
    settings: DialogueSettings = field(default_factory=DialogueSettings)
    lint: Lint = no_lint

    def world(self, loaded: Loaded) -> World:
        """What the flows are checked against."""
        return World(loaded.flows, self.actions, frozenset(loaded.calendars), frozenset(self.formatters))


@dataclass(frozen=True, slots=True)
class ScenarioSet:
    """Scenarios that fit together, immutable; a call keeps the set that it began with.

    Attributes:
        flows: By id.
        prompts: The catalogue, by id.
        programs: The flows compiled, by id.
        everywhere: What holds at every question.
    """

    flows: Mapping[str, Flow]
    prompts: Mapping[str, PromptText]
    calendars: Calendars
    programs: Mapping[str, Program]
    everywhere: Everywhere = field(default_factory=Everywhere)
    spoken_everywhere: tuple[str, ...] = ()

    @classmethod
    def load(cls, paths: Sequence[Path], environment: Environment) -> ScenarioSet:
        """Read, check and compile files and folders.

        Raises:
            ScenarioFault: With all problems.
        """
        loaded = load(list(paths))
        world = environment.world(loaded)
        problems = check(loaded, world) or list(environment.lint(loaded, world))
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        if errors:
            raise ScenarioFault(errors)
        compiler = Compiler(loaded.prompts, environment.formatters, environment.settings)
        programs = {flow.id: compiler.program(flow) for flow in loaded.flows.values()}
        calendars = Calendars(loaded.calendars, environment.is_holiday, environment.always_open)
        everywhere = compiler.everywhere(loaded.everywhere)
        return cls(
            loaded.flows, loaded.prompts, calendars, programs, everywhere, tuple(_pieces(loaded.everywhere))
        )

    def flow_in(self, file: Path) -> str:
        """Id of the flow that is written in a file.

        Raises:
            Fault: None of the set is.
        """
        for flow in self.flows.values():
            if Path(flow.document.file).resolve() == file.resolve():
                return flow.id
        raise Fault("There is no flow in this file.", str(file), "Name the file of a flow.")

    def phrases(self) -> frozenset[str]:
        """What callers may say at closed questions, as the flows have it."""
        return frozenset(phrase for flow in self.flows.values() for phrase in _option_phrases(flow))

    def texts(self) -> Iterator[tuple[str | None, str]]:
        """Every fixed text that may be said: the id of a prompt or None, and the text; each text once."""
        yield from ((name, prompt.text) for name, prompt in self.prompts.items())
        parts = (
            part for flow in self.flows.values() for part in (*flow.states.values(), *flow.ways.values())
        )
        pieces = [text for part in parts for text in _pieces(part)]
        named = [text for flow in self.flows.values() for text in _option_names(flow)]
        texts = dict.fromkeys((*pieces, *named, *self.spoken_everywhere))
        yield from ((None, text) for text in texts)


def _option_phrases(flow: Flow) -> Iterator[str]:
    """Everything that the options of a flow's questions may be called."""
    for state in flow.states.values():
        if isinstance(state, Choose):
            yield from (phrase for option in (state.choose.options or {}).values() for phrase in option.words)
        elif isinstance(state, Ask) and isinstance(state.ask.expect, Choice):
            yield from (phrase for option in state.ask.expect.options.values() for phrase in option.words)


def _pieces(part: object) -> Iterator[str]:
    """The fixed texts in a part of the files."""
    for _, template in contents.of_kind(part, Template):
        yield from (text for text in spoken_parts(template) if isinstance(text, str))


def _option_names(flow: Flow) -> Iterator[str]:
    """The first words of each option: they are said when the recogniser is not sure."""
    for state in flow.states.values():
        if isinstance(state, Choose):
            yield from (option.words[0] for option in (state.choose.options or {}).values() if option.words)
        elif isinstance(state, Ask) and isinstance(state.ask.expect, Choice):
            yield from (option.words[0] for option in state.ask.expect.options.values())


class Scenarios:
    """The set that new calls begin with; replaced only by one that is in order."""

    def __init__(self, paths: Sequence[Path], environment: Environment) -> None:
        self._paths = tuple(paths)
        self._environment = environment
        self._current = ScenarioSet.load(self._paths, environment)

    @property
    def current(self) -> ScenarioSet:
        """The set for a call that begins now."""
        return self._current

    def reload(self) -> tuple[Problem, ...]:
        """Read the files again; calls that run keep the set that they have.

        Returns:
            The problems for which the old set is kept; empty when the new one is in use.
        """
        try:
            self._current = ScenarioSet.load(self._paths, self._environment)
        except ScenarioFault as fault:
            log.error("scenarios not reloaded", problems=len(fault.problems), first=str(fault.problems[0]))
            return fault.problems
        log.info("scenarios reloaded", flows=[flow.label for flow in self._current.flows.values()])
        return ()

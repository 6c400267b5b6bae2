"""Flow → program: everything that can be worked out before a call is worked out here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ivr.dialogue.expressions import compiled
from ivr.dialogue.flow import Flow
from ivr.dialogue.interpreter import acting, deciding, talking
from ivr.dialogue.interpreter.answers import Answer, answer_of, keys_alone
from ivr.dialogue.interpreter.everywhere import Everywhere
from ivr.dialogue.interpreter.hearing import Listening, Misses, Questions
from ivr.dialogue.interpreter.names import OneOf
from ivr.dialogue.interpreter.program import Assignments, Node, Program, Verb, Way
from ivr.dialogue.interpreter.utterances import Compiled, UtteranceCompiler
from ivr.dialogue.ports import Formatter
from ivr.dialogue.schema import states, turns
from ivr.dialogue.schema.files import EverywhereFile, PromptText
from ivr.dialogue.schema.values import Exit, Expression, Utterance
from ivr.dialogue.settings import DialogueSettings


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles flows against a catalogue, filters and settings.

    Attributes:
        prompts: The catalogue.
        formatters: Filter → how it puts a value into words.
    """

    prompts: Mapping[str, PromptText]
    formatters: Mapping[str, Formatter]
    settings: DialogueSettings

    def program(self, flow: Flow) -> Program:
        """The flow, compiled; it must be free of problems."""
        return _FlowCompiler(flow, UtteranceCompiler(self.prompts, self.formatters), self.settings).program()

    def everywhere(self, file: EverywhereFile | None) -> Everywhere:
        """What holds at every question."""
        if file is None:
            return Everywhere()
        utterances = UtteranceCompiler(self.prompts, self.formatters)
        commands = file.commands.items()
        return Everywhere(
            flows={command: one.flow for command, one in commands if one.flow is not None},
            keys={one.key: command for command, one in commands if one.key is not None},
            sayings={command: utterances.compiled(one.say) for command, one in commands if one.say},
            heard={command: one.heard for command, one in commands if one.heard is not None},
            unsure=utterances.compiled(file.unsure) if file.unsure else None,
            deaf=utterances.compiled(file.deaf) if file.deaf else None,
        )


class _FlowCompiler:
    def __init__(self, flow: Flow, utterances: UtteranceCompiler, settings: DialogueSettings) -> None:
        self._flow = flow
        self._utterances = utterances
        self._settings = settings
        self._globals = {key: self._way(exit_) for key, exit_ in flow.file.globals.items()}

    def program(self) -> Program:
        nodes = {name: self._node(name, state) for name, state in self._flow.states.items()}
        return Program(self._flow, nodes, self._maybe(self._flow.file.on_error))

    def _node(self, name: str, state: states.State) -> Node:
        visits = (state.visits.most, self._way(state.visits.then)) if state.visits is not None else None
        verb = COMPILERS[type(state)](self, name, state)
        return Node(state.verb, verb, visits, state.reached, self._maybe(_error_exit(state)))

    def _way(self, exit_: Exit) -> Way:
        return Way(exit_.then, exit_.end, self._said(exit_.say), _assignments(exit_.set))

    def _maybe(self, exit_: Exit | None) -> Way | None:
        return self._way(exit_) if exit_ is not None else None

    def _ways(self, exits: Mapping[str, Exit]) -> dict[str, Way]:
        return {name: self._way(exit_) for name, exit_ in exits.items()}

    def _said(self, utterance: Utterance) -> Compiled | None:
        return self._utterances.compiled(utterance) if utterance else None

    def _listening(self, turn: turns.Turn, answer: Answer, question: Questions | None = None) -> Listening:
        settings = self._settings
        attempts = turn.attempts or turns.Attempts(no_input=settings.attempts, no_match=settings.attempts)
        return Listening(
            question=question or self._utterances.compiled(turn.prompt, turn.interruptible).speeches,
            answer=answer,
            no_input=self._misses(turn.no_input, attempts.no_input, turn),
            no_match=self._misses(turn.no_match, attempts.no_match, turn),
            globals=self._globals,
            first_key=turn.first_key or settings.first_key_seconds,
            next_key=turn.next_key or settings.next_key_seconds,
            personal=answer.personal if turn.personal is None else turn.personal,
            voice=turn.voice,
            free=self._free(turn),
        )

    def _free(self, turn: turns.Turn) -> tuple[str, Way] | None:
        free = turn.free if isinstance(turn, turns.Offer) else None
        return None if free is None else (free.save, self._way(free))

    def _misses(self, said: tuple[Utterance, ...], most: int, turn: turns.Turn) -> Misses:
        prompts = tuple(self._utterances.compiled(utterance, turn.interruptible) for utterance in said)
        return Misses(prompts, most, turn.reprompt)

    def _giving_up(self, state: states.Ask | states.Choose | states.Confirm) -> talking.GivingUp:
        return talking.GivingUp(self._maybe(state.silent), self._maybe(state.otherwise))

    def say(self, _name: str, state: states.Say) -> Verb:
        return talking.Say(self._utterances.compiled(state.say), self._maybe(state.onward))

    def ask(self, _name: str, state: states.Ask) -> Verb:
        listening = self._listening(state.ask, answer_of(state.ask.expect, self._settings))
        return talking.Ask(listening, state.save, self._maybe(state.onward), self._giving_up(state))

    def choose(self, _name: str, state: states.Choose) -> Verb:
        offer = state.choose
        if offer.among is not None:
            return self._choose_item(state, offer, offer.among)
        options = offer.options or {}
        words = {key: option.words for key, option in options.items()}
        answer = keys_alone("choice", words, free=offer.free is not None)
        listening = self._listening(offer, answer)
        return talking.Choose(listening, self._ways(options), self._giving_up(state))

    def _choose_item(self, state: states.Choose, offer: turns.Offer, among: Mapping[str, Expression]) -> Verb:
        ((variable, expression),) = among.items()
        items = compiled(expression.node)
        before = self._utterances.compiled(offer.prompt, offer.interruptible)
        each = self._utterances.compiled(offer.each, offer.interruptible)
        question = talking.ItemQuestion(before, each, variable, items)
        listening = self._listening(offer, OneOf(items, offer.called), question)
        return talking.Ask(listening, variable, self._maybe(state.onward), self._giving_up(state))

    def confirm(self, _name: str, state: states.Confirm) -> Verb:
        listening = self._listening(state.confirm, answer_of(turns.YesNo(kind="yes_no"), self._settings))
        return talking.Confirm(
            listening, self._maybe(state.yes), self._maybe(state.no), self._giving_up(state)
        )

    def do(self, _name: str, state: states.Do) -> Verb:
        ways = self._ways(state.on)
        ways.pop(states.ERROR, None)
        return acting.Do(
            action=state.do,
            arguments=_assignments(state.arguments),
            within=state.within or self._settings.action_seconds,
            filler_after=self._settings.filler_after_seconds,
            meanwhile=self._said(state.meanwhile),
            save=state.save,
            ways=ways,
        )

    def call(self, _name: str, state: states.Call) -> Verb:
        ways = self._ways(state.on)
        ways.pop(states.ERROR, None)
        return acting.Call(
            flow=state.call, arguments=_assignments(state.arguments), save=state.save, ways=ways
        )

    def when(self, _name: str, state: states.When) -> Verb:
        cases = tuple((compiled(case.condition.node), self._way(case.then)) for case in state.when)
        return deciding.When(cases, self._maybe(state.otherwise))

    def set(self, _name: str, state: states.Set) -> Verb:
        return deciding.Set(_assignments(state.set), self._maybe(state.onward))

    def for_each(self, name: str, state: states.ForEach) -> Verb:
        return deciding.ForEach(
            name,
            _assignments(state.for_each),
            Way(state.start),
            self._flow.bodies[name],
            self._maybe(state.onward),
        )

    def form_entry(self, _name: str, state: states.FormEntry) -> Verb:
        return deciding.FormEntry(state.slots, Way(state.first))

    def form_progress(self, _name: str, state: states.FormProgress) -> Verb:
        slots = {slot: Way(target) for slot, target in state.slots.items()}
        return deciding.FormProgress(slots, self._maybe(state.done))

    def queue(self, _name: str, state: states.Queue) -> Verb:
        body = state.queue
        return acting.Queue(self._said(state.say), compiled(body.name.node), body.topic, body.carry)

    def end(self, _name: str, state: states.End) -> Verb:
        return acting.End(self._said(state.say), state.end, _assignments(state.returned))


def _error_exit(state: states.State) -> Exit | None:
    """Where a fault leads: for actions and sub-flows, `error` is one of the outcomes."""
    if isinstance(state, states.Do | states.Call) and states.ERROR in state.on:
        return state.on[states.ERROR]
    return state.error


def _assignments(values: Mapping[str, Expression]) -> Assignments:
    return tuple((name, compiled(value.node)) for name, value in values.items())


COMPILERS: Mapping[type[states.State], Callable[[_FlowCompiler, str, Any], Verb]] = {
    states.Say: _FlowCompiler.say,
    states.Ask: _FlowCompiler.ask,
    states.Choose: _FlowCompiler.choose,
    states.Confirm: _FlowCompiler.confirm,
    states.Do: _FlowCompiler.do,
    states.When: _FlowCompiler.when,
    states.Set: _FlowCompiler.set,
    states.ForEach: _FlowCompiler.for_each,
    states.FormEntry: _FlowCompiler.form_entry,
    states.FormProgress: _FlowCompiler.form_progress,
    states.Call: _FlowCompiler.call,
    states.Queue: _FlowCompiler.queue,
    states.End: _FlowCompiler.end,
}

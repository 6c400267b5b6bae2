"""The states of a flow: one class for each verb. A state does one thing, and every way out is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_validator

from ivr.dialogue.schema.turns import Offer, Question, ShortTurn
from ivr.dialogue.schema.values import (
    Condition,
    Datum,
    Exit,
    FlowId,
    Identifier,
    OutcomeName,
    Part,
    Seconds,
    StateName,
    Target,
    Utterance,
    Way,
    fault,
)

ActionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")]
ERROR = "error"
FREE = "free"
"""The way of a choice for what was said and is no option."""


class WayOut(NamedTuple):
    """A way out as the state offers it.

    Attributes:
        path: Where it is written, from the state's key on.
        label: `then`, `yes`, an outcome of an action, …
    """

    path: tuple[str | int, ...]
    label: str
    exit: Exit


class Visits(Part):
    """A bound on how often a state is entered, within one item of a `for_each` if it is inside one."""

    most: int = Field(ge=1, le=100, description="Entered at most so often.")
    then: Way = Field(description="Where one visit more leads.")


class State(Part):
    """What every state may have."""

    verb: ClassVar[str]

    title: str | None = Field(None, description="What the state is for, in the author's words.")
    visits: Visits | None = Field(None, description="A bound on how often it is entered.")
    reached: OutcomeName | None = Field(
        None, description="The outcome that is reached on entering, even if the caller hangs up from now on."
    )
    error: Way | None = Field(
        None, description="Where a fault in this state leads, instead of the flow's 'on_error'."
    )

    def ways(self) -> Iterator[WayOut]:
        """Every way out: its path in the state, a label, and the exit."""
        if self.visits is not None:
            yield WayOut(("visits", "then"), "visits", self.visits.then)
        if self.error is not None:
            yield WayOut(("error",), ERROR, self.error)
        yield from self.own_ways()

    def own_ways(self) -> Iterator[WayOut]:
        """The ways out that belong to the verb."""
        yield from ()


class Going(State):
    """A state that goes on to one place."""

    then: Way | None = Field(None, description="Where it leads.")
    end: OutcomeName | None = Field(None, description="The outcome with which the flow ends here.")

    @model_validator(mode="after")
    def _leads_to_one_place(self) -> Self:
        if self.then is not None and self.end is not None:
            raise fault("exit", "a state has either 'then' or 'end'")
        return self

    @property
    def onward(self) -> Exit | None:
        """The way on, or None when it was forgotten."""
        return self.then if self.end is None else Exit(end=self.end)

    def own_ways(self) -> Iterator[WayOut]:
        """The way on."""
        if self.onward is not None:
            yield WayOut(("then" if self.end is None else "end",), "then", self.onward)


class Say(Going):
    """Says something."""

    verb = "say"

    say: Utterance = Field(description="What is said.")


class Ask(Going):
    """Asks a question and saves the answer."""

    verb = "ask"

    ask: Question = Field(description="The question.")
    save: Identifier | None = Field(None, description="The variable for the answer.")
    silent: Way | None = Field(
        None, description="Where it leads when silences are used up; else 'otherwise'."
    )
    otherwise: Way | None = Field(None, description="Where it leads when the attempts are used up.")

    def own_ways(self) -> Iterator[WayOut]:
        """The way on and the ways of giving up."""
        yield from super().own_ways()
        yield from _given(self, "silent", "otherwise")


class Choose(Going):
    """Offers options; with `from`, the items of a list."""

    verb = "choose"

    choose: Offer = Field(description="What is offered.")
    silent: Way | None = Field(
        None, description="Where it leads when silences are used up; else 'otherwise'."
    )
    otherwise: Way | None = Field(None, description="Where it leads when the attempts are used up.")

    def own_ways(self) -> Iterator[WayOut]:
        """The options, the way on and the ways of giving up."""
        for key, option in (self.choose.options or {}).items():
            yield WayOut(("choose", "options", key), key, option)
        if self.choose.free is not None:
            yield WayOut(("choose", "free"), FREE, self.choose.free)
        yield from super().own_ways()
        yield from _given(self, "silent", "otherwise")


class Confirm(State):
    """Asks for a yes or a no."""

    verb = "confirm"

    confirm: ShortTurn = Field(description="The question.")
    yes: Way | None = Field(None, description="Where yes leads.")
    no: Way | None = Field(None, description="Where no leads.")
    silent: Way | None = Field(
        None, description="Where it leads when silences are used up; else 'otherwise'."
    )
    otherwise: Way | None = Field(None, description="Where it leads when the attempts are used up.")

    def own_ways(self) -> Iterator[WayOut]:
        """Yes, no and the ways of giving up."""
        yield from _given(self, "yes", "no", "silent", "otherwise")


class Deed(Part):
    """The call of an action: what it gets, how long it may take, what is said meanwhile."""

    do: ActionName = Field(description="Name of the action.")
    arguments: dict[Identifier, Datum] = Field({}, alias="with", description="Its arguments.")
    within: Seconds | None = Field(None, description="How long it may take.")
    meanwhile: Utterance = Field((), description="Said while the back end is slow.")


class Do(State, Deed):
    """Calls a registered action."""

    verb = "do"

    save: Identifier | None = Field(None, description="The variable for the action's data.")
    on: dict[OutcomeName, Way] = Field(
        description="Outcome → way out; 'error' for faults and the time limit."
    )

    def own_ways(self) -> Iterator[WayOut]:
        """The outcomes."""
        yield from (WayOut(("on", name), name, way) for name, way in self.on.items())


class Case(Part):
    """A condition and where it leads."""

    condition: Condition = Field(alias="if", description="True or false.")
    then: Way = Field(description="Where it leads when true.")


class When(State):
    """Goes where the first condition that holds leads."""

    verb = "when"

    when: tuple[Case, ...] = Field(strict=False, min_length=1, description="Conditions, tried in order.")
    otherwise: Way | None = Field(None, alias="else", description="Where it leads when none holds.")

    def own_ways(self) -> Iterator[WayOut]:
        """The cases and `else`."""
        for index, case in enumerate(self.when):
            yield WayOut(("when", index, "then"), f"if {index + 1}", case.then)
        if self.otherwise is not None:
            yield WayOut(("else",), "else", self.otherwise)


class Set(Going):
    """Sets variables, one after another."""

    verb = "set"

    set: dict[Target, Datum] = Field(min_length=1, description="Variable → value.")


class ForEach(Going):
    """Goes through a list; a second list may depend on the item of the first, and so on."""

    verb = "for_each"

    for_each: dict[Identifier, Condition] = Field(min_length=1, description="Variable → list.")
    start: StateName = Field(description="The state where each item begins; 'next' goes on.")

    def own_ways(self) -> Iterator[WayOut]:
        """Into the body, and on after the last item."""
        yield WayOut(("start",), "each", Exit(then=self.start))
        yield from super().own_ways()


class Check(Deed):
    """The action that checks a slot; its outcomes lead to `accept`, `again` or a state."""

    on: dict[OutcomeName, Way] = Field(description="Outcome → 'accept', 'again' or a way out.")
    save: Identifier | None = Field(None, description="The variable for the action's data.")


class Slot(Question):
    """A value that a form asks for: asked, checked, read back."""

    check: Check | None = Field(None, description="The action that checks it.")
    read_back: ShortTurn | None = Field(
        None, description="The question whether it was understood; no asks again."
    )
    rounds: int = Field(3, ge=1, le=10, description="How often it is asked, anew or not, until giving up.")


class FormBody(Part):
    """Slots that are filled one after another, and a confirmation of all."""

    slots: dict[Identifier, Slot] = Field(min_length=1, max_length=9, description="Variable → what is asked.")
    confirm: ShortTurn | None = Field(None, description="The question whether all is right.")
    correct: ShortTurn | None = Field(
        None, description="The question which slot is wrong, by keys from 1 in their order."
    )

    @model_validator(mode="after")
    def _can_be_corrected(self) -> Self:
        if self.confirm is not None and self.correct is None and len(self.slots) > 1:
            raise fault("form", "a form that confirms several slots needs 'correct': which of them is wrong?")
        return self


class Form(Going):
    """Asks, checks, confirms and corrects several values."""

    verb = "form"

    form: FormBody = Field(description="The slots.")
    otherwise: Way | None = Field(None, description="Where giving up leads.")

    def own_ways(self) -> Iterator[WayOut]:
        """The way on and giving up; the states of the slots have their own."""
        yield from super().own_ways()
        yield from _given(self, "otherwise")


class FormEntry(State):
    """A form's beginning, made of it at load: forgets the slots and asks for the first."""

    verb = "form"

    slots: tuple[Identifier, ...]
    first: StateName

    def own_ways(self) -> Iterator[WayOut]:
        """Into the first slot."""
        yield WayOut(("form", "slots"), "first", Exit(then=self.first))


class FormProgress(State):
    """What follows a filled slot, made of a form at load: the first slot without a value, else on."""

    verb = "form"

    slots: dict[Identifier, StateName]
    done: Exit | None = None

    def own_ways(self) -> Iterator[WayOut]:
        """To each slot, and on."""
        for name, state in self.slots.items():
            yield WayOut(("form", "slots", name), name, Exit(then=state))
        if self.done is not None:
            yield WayOut(("then",), "then", self.done)


class Call(State):
    """Runs another flow, which takes and returns data."""

    verb = "call"

    call: FlowId = Field(description="Id of the flow.")
    arguments: dict[Identifier, Datum] = Field({}, alias="with", description="What it takes.")
    save: Identifier | None = Field(None, description="The variable for what it returns, a record.")
    on: dict[OutcomeName, Way] = Field(description="Outcome → way out; 'error' for its failure.")

    def own_ways(self) -> Iterator[WayOut]:
        """The outcomes."""
        yield from (WayOut(("on", name), name, way) for name, way in self.on.items())


class QueueBody(Part):
    """A queue of people and what the operator will see."""

    name: Datum = Field(description="Name of the queue.")
    topic: str | None = Field(None, description="Topic of the knowledge base.")
    carry: tuple[Identifier, ...] = Field(
        (), strict=False, description="Variables for the operator's screen."
    )


def _as_queue(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Queue(State):
    """Hands the caller to people."""

    verb = "queue"

    say: Utterance = Field((), description="Said before.")
    queue: Annotated[QueueBody, BeforeValidator(_as_queue, str | QueueBody)] = Field(description="The queue.")


class End(State):
    """Ends the flow with an outcome; the outermost flow hangs up."""

    verb = "end"

    say: Utterance = Field((), description="Said before.")
    end: OutcomeName = Field(description="The outcome.")
    returned: dict[Identifier, Datum] = Field(
        {}, alias="return", description="What a sub-flow gives back to its caller."
    )


def _given(state: State, *names: str) -> Iterator[WayOut]:
    """The ways out of those names that are written."""
    for name in names:
        way = getattr(state, name)
        if way is not None:
            yield WayOut((name,), name, way)

"""What the rules look at: one kind, with the flows that its talks go through."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ivr.campaigns.kinds import Kind, Kinds
from ivr.campaigns.lint.walk import CAMPAIGN, TARGET, Walk
from ivr.campaigns.needed import Owner
from ivr.dialogue.documents import Place
from ivr.dialogue.loader import Loaded
from ivr.dialogue.problems import Problem, Severity
from ivr.kpi.profiles import Notice, Profile

OF_TARGET = frozenset({"name", "account", "tail"})
OF_CAMPAIGN = frozenset({"kind", "topic", "title", "queue", "asks_for", "promise_days"})
"""What every flow is given beside the fields of its kind (`Kinds.given`)."""


@dataclass(frozen=True)
class Subject:
    """A kind under examination.

    Attributes:
        profiles: The standards that are kept, by id.
        topics: Of the knowledge base; None when they are not known.
    """

    kinds: Kinds
    kind: Kind
    loaded: Loaded
    profiles: Mapping[str, Profile]
    topics: Collection[str] | None = None

    @cached_property
    def talk(self) -> Walk:
        """The talk with a person."""
        return Walk(self.loaded.flows, self.kind.flow, personal=self.kind.personal)

    @cached_property
    def message(self) -> Walk | None:
        """What a machine is told."""
        flow = self.kind.machine.flow
        return None if flow is None else Walk(self.loaded.flows, flow, personal=False)

    @property
    def walks(self) -> Iterator[Walk]:
        """Both."""
        yield self.talk
        if self.message is not None:
            yield self.message

    @cached_property
    def known(self) -> Mapping[str, frozenset[str]]:
        """The fields that there are, of `target` and of `campaign`."""
        of = {owner: {each.name for each in self.kind.needed(owner)} for owner in Owner}
        return {TARGET: OF_TARGET | of[Owner.TARGET], CAMPAIGN: OF_CAMPAIGN | of[Owner.CAMPAIGN]}

    @cached_property
    def personal(self) -> frozenset[str]:
        """The fields of `target` that only the right person may hear."""
        public = {each.name for each in self.kind.needed(Owner.TARGET) if not each.personal}
        return self.known[TARGET] - public

    @property
    def notices(self) -> Iterator[tuple[str, Notice]]:
        """What the standards say of such a notice, with their ids."""
        for name, profile in self.profiles.items():
            yield from ((name, one) for one in profile.notices if one.kind == self.kind.notice)

    def problem(self, place: Place, code: str, message: str, severity: Severity = Severity.ERROR) -> Problem:
        """A problem of the kind, at its place in the file of kinds."""
        document = self.kinds.document
        mark = document.find("kinds", self.kind.id, *place)
        return Problem(document.file, mark.line, mark.column, code, message, severity)

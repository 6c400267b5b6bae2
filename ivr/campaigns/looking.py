"""What the words and days of a campaign lack, told to the supervisor before a start. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from ivr.campaigns.kinds import Kind, Kinds
from ivr.campaigns.lint.campaign import latest_day
from ivr.campaigns.lint.wording import unspeakable_in
from ivr.campaigns.model import Campaign
from ivr.campaigns.needed import FieldKind, Owner
from ivr.campaigns.opinions import QUESTIONNAIRE
from ivr.campaigns.ports import OpinionOf
from ivr.campaigns.service import Finding, Severity
from ivr.dialogue.lint.rules.phrasing import forbidden_in
from ivr.dialogue.schema.files import ForbiddenPhrase
from ivr.kpi.profiles import Profile

_UNKNOWN = "У этого вида кампаний нет поля «{name}»."
_LEAVE_OUT = "Уберите его; есть поля: {known}."
_NO_FIELDS = "Уберите его: у этого вида нет своих полей."
_NO_QUESTIONNAIRE = "Анкеты «{name}» нет: ответы никуда бы не попали."
_THERE_ARE = "Есть анкеты: {known}."
_NONE_THERE = "Анкет нет: оставьте поле пустым."
_FORBIDDEN = "В поле «{title}» выражение, которое стандарт запрещает: «{phrase}»{clause}."
_SAY = "Скажите: {instead}."
_SAY_WHAT_CAN = "Скажите, что можно сделать."
_UNSPEAKABLE = "В поле «{title}» голос неверно прочитает «{text}»."
_WRITE_OUT = "Напишите русскими словами, без сокращений и знаков."
_LATE = "Кампания идёт по {last:%d.%m.%Y}, а предупредить нужно не позже {latest:%d.%m.%Y}."
_EARLIER = "Назначьте последний день не позже этого."


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Looks at what a campaign says.

    Attributes:
        kinds: As they are now.
        forbidden: Phrases that are never said.
        profile: Standard that is kept.
        questionnaires: Ids of those that answers may belong to.
    """

    kinds: Callable[[], Kinds]
    forbidden: Collection[ForbiddenPhrase]
    profile: Profile | None
    questionnaires: Collection[str] = ()

    def __call__(self, campaign: Campaign) -> list[Finding]:
        """As `ivr.campaigns.service.Look`."""
        kinds = self.kinds()
        if campaign.kind not in kinds:
            return []
        kind = kinds[campaign.kind]
        return [
            *_unknown(kind, campaign),
            *self._questionnaire(kind, campaign),
            *self._wording(kind, campaign),
            *self._days(kind, campaign),
        ]

    def _questionnaire(self, kind: Kind, campaign: Campaign) -> Iterator[Finding]:
        name = str(campaign.fields.get(QUESTIONNAIRE) or "")
        if kind.opinion is OpinionOf.SURVEY and name and name not in self.questionnaires:
            known = ", ".join(sorted(self.questionnaires))
            fix = _THERE_ARE.format(known=known) if known else _NONE_THERE
            where = f"fields.{QUESTIONNAIRE}"
            yield Finding(Severity.ERROR, _NO_QUESTIONNAIRE.format(name=name), where, fix)

    def _wording(self, kind: Kind, campaign: Campaign) -> Iterator[Finding]:
        for needed in kind.needed(Owner.CAMPAIGN):
            if needed.kind not in {FieldKind.TEXT, FieldKind.NAME}:
                continue
            text, where = str(campaign.fields.get(needed.name) or ""), f"fields.{needed.name}"
            for phrase in forbidden_in(text, self.forbidden):
                clause = f" ({phrase.clause})" if phrase.clause else ""
                what = _FORBIDDEN.format(title=needed.title, phrase=phrase.phrase, clause=clause)
                fix = _SAY.format(instead=phrase.instead) if phrase.instead else _SAY_WHAT_CAN
                yield Finding(Severity.ERROR, what, where, fix)
            for found in unspeakable_in(text):
                what = _UNSPEAKABLE.format(title=needed.title, text=found)
                yield Finding(Severity.ERROR, what, where, _WRITE_OUT)

    def _days(self, kind: Kind, campaign: Campaign) -> Iterator[Finding]:
        latest = latest_day(kind, campaign.fields, self.profile)
        if latest is not None and campaign.last_day > latest:
            what = _LATE.format(last=campaign.last_day, latest=latest)
            yield Finding(Severity.ERROR, what, "last_day", _EARLIER)


def _unknown(kind: Kind, campaign: Campaign) -> Iterator[Finding]:
    known = {each.name for each in kind.needed(Owner.CAMPAIGN)}
    fix = _LEAVE_OUT.format(known=", ".join(sorted(known))) if known else _NO_FIELDS
    for name in sorted(campaign.fields.keys() - known):
        yield Finding(Severity.ERROR, _UNKNOWN.format(name=name), f"fields.{name}", fix)

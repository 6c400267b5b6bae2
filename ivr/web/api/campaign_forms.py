"""What is wrong with a campaign as it is wanted, and how telephones are written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import phonenumbers

from ivr.campaigns.kinds import Kind, Kinds
from ivr.campaigns.model import Mode
from ivr.errors import Fault
from ivr.web.api.campaign_models import NewCampaignTold
from ivr.web.api.route import Refused

_NO_KIND = "Такого вида кампаний нет. Обновите страницу."
_NO_QUEUE = "Такой очереди нет. Выберите очередь операторов."
_NO_CALLER_ID = "Такого номера нет в списке разрешённых. Выберите другой."
_BACKWARDS = "Последний день раньше первого."
_SHUT = "Звонки кончаются раньше, чем начинаются."
_BAD_FIELD = "Это поле заполнено неверно: {what}."
_UNKNOWN_FIELD = "Такого поля у этого вида кампаний нет."
_EXPECTED = {
    "a number is expected": "нужно число, например 1234,56",
    "a date is expected": "нужна дата, например 30.11.2026",
    "a moment is expected": "нужны дата и время, например 30.11.2026 09:00",
}
_HOME = "RU"

_Wrong = Iterator[tuple[str, str, str]]
"""Field, code and message."""


def require_form(
    body: NewCampaignTold, kinds: Kinds | None, queues: Collection[str], caller_ids: Collection[str]
) -> None:
    """See that a campaign can be as it is wanted; what its text still lacks is told by the check.

    Raises:
        Refused: The first thing that is wrong.
    """
    if kinds is None or body.kind not in kinds:
        raise Refused(422, "no-kind", _NO_KIND, "kind")
    found = [*_terms(body, queues, caller_ids), *_fields(kinds[body.kind], body.fields)]
    for field, code, message in found:
        raise Refused(422, code, message, field)


def telephone(text: str) -> str | None:
    """A number in E.164, one without a country is Russian; None: it is none."""
    try:
        number = phonenumbers.parse(text, _HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def known(kinds: Callable[[], Kinds]) -> Kinds | None:
    """The kinds; None where the company has none."""
    try:
        return kinds()
    except Fault:
        return None


def _terms(body: NewCampaignTold, queues: Collection[str], caller_ids: Collection[str]) -> _Wrong:
    if body.last_day < body.first_day:
        yield "last_day", "bad-days", _BACKWARDS
    if body.opens and body.closes and body.closes <= body.opens:
        yield "closes", "bad-hours", _SHUT
    if (body.mode is not Mode.AGENTLESS or body.queue) and body.queue not in queues:
        yield "queue", "no-queue", _NO_QUEUE
    if body.caller_id and body.caller_id not in caller_ids:
        yield "caller_id", "no-caller-id", _NO_CALLER_ID


def _fields(kind: Kind, given: Mapping[str, str]) -> _Wrong:
    """Those that are not there may be added later; those that are there have to fit."""
    for name, text in given.items():
        if name not in kind.fields:
            yield f"fields.{name}", "no-field", _UNKNOWN_FIELD
            continue
        try:
            kind.fields[name].value(text)
        except ValueError as error:
            expected = [words for begin, words in _EXPECTED.items() if str(error).startswith(begin)]
            if expected:
                yield f"fields.{name}", "bad-field", _BAD_FIELD.format(what=expected[0])

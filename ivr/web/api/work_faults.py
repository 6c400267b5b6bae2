"""How the person hears that work can't be changed as he wants, and the ids of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ivr.desk.conflicts import Conflict, NotThere
from ivr.requests.worktime import NobodyWorks
from ivr.web.api.route import Asked, Refused

_GONE = "Такой записи нет. Обновите список."
_WHYS = {
    "taken": "Этим уже занимается другой сотрудник. Обновите список.",
    "closed": "Это дело уже закрыто. Обновите список.",
    "not-ready": "Сейчас позвонить нельзя: закончите разговор и проверьте телефон.",
    "no-phone": "В задаче не указан телефон клиента.",
    "past": "Это время уже прошло. Выберите более позднее.",
    "too-late": "Это позже срока по стандарту обслуживания. Выберите более раннее время.",
}
_NOT_POSSIBLE = "Так сделать нельзя. Проверьте введённое."
_NOBODY = "В это время звонить некому. Выберите рабочие часы."


@contextmanager
def told() -> Iterator[None]:
    """Turn what the desk raises into what a person hears.

    Raises:
        Refused: In the place of the desk's exceptions.
    """
    try:
        yield
    except NotThere as error:
        raise Refused(404, "not-there", _GONE) from error
    except Conflict as error:
        status = 422 if error.why in {"past", "too-late", "no-phone"} else 409
        raise Refused(status, error.why, _WHYS.get(error.why, _NOT_POSSIBLE)) from error
    except NobodyWorks as error:
        raise Refused(422, "nobody-works", _NOBODY) from error


def id_of(asked: Asked) -> int:
    """The id in the path.

    Raises:
        Refused: It is none.
    """
    text = asked.path["id"]
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Refused(404, "not-there", _GONE)
    return int(text)

"""Every figure that a standard states is in its profile, under the line of the standard's text.

The figures, lines and words were written down from the five texts by hand, not from the profiles. The texts
are no part of the project: where they are not beside it, their words are not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ivr.kpi.profiles import NoticeKind, Profile, Source, load_profiles

ROOT = Path(__file__).parents[3]
SEEDS = ROOT.parent / "shared" / "seeds"
TEXTS = {"krasnoyarsk": "000", "omsk": "001", "kostroma": "002", "bryansk": "003", "vladimir": "004"}
PROFILES = load_profiles(ROOT / "metrics" / "standards")

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
SEVEN = [*WEEKDAYS, "sat", "sun"]
OUTAGE_FIELDS = ["organisation", "works", "reason", "starts", "duration", "responsible", "phone"]
FOUR_INDICATORS = ["reasons", "against-previous", "mismatch", "repeated"]


def hours(number: int) -> Callable[[Profile], Any]:
    return lambda profile: profile.operator_hours[number]


def target(name: str) -> Callable[[Profile], Any]:
    return lambda profile: profile.target(name)


def named(part: str, name: str) -> Callable[[Profile], Any]:
    return lambda profile: next(each for each in getattr(profile, part) if each.id == name)


def nth(part: str, number: int) -> Callable[[Profile], Any]:
    return lambda profile: getattr(profile, part)[number]


def notice(kind: NoticeKind) -> Callable[[Profile], Any]:
    return lambda profile: profile.notices_of(kind)[0]


def term(number: int) -> Callable[[Profile], Any]:
    return lambda profile: profile.requests.terms[number]


def at(path: str) -> Callable[[Profile], Any]:
    def part(profile: Profile) -> Any:
        found: Any = profile
        for step in path.split("."):
            found = getattr(found, step)
        return found

    return part


OUTAGE, RESTRICTION, DEBT = NoticeKind.PLANNED_OUTAGE, NoticeKind.RESTRICTION, NoticeKind.DEBT

ROWS: Sequence[tuple[str, Callable[[Profile], Any], dict[str, Any], int, str]] = [
    # operator hours
    ("krasnoyarsk", hours(0), {"segment": "any", "days": WEEKDAYS, "hours_at_least": 8,
                               "public_holidays": False}, 341, "не менее 8 часов в сутки по будням"),
    ("omsk", hours(0), {"segment": "private", "days": WEEKDAYS, "hours_at_least": 10,
                        "public_holidays": False}, 440, "не менее 10 часов в день с понедельника по субботу"),
    ("omsk", hours(1), {"segment": "private", "days": ["sat"], "hours_at_least": 6,
                        "public_holidays": False}, 440, "в субботу до 6 часов"),
    ("omsk", hours(2), {"segment": "corporate", "days": WEEKDAYS, "hours_at_least": 8,
                        "public_holidays": False}, 447, "не менее 8 часов в день с понедельника по пятницу"),
    ("bryansk", hours(0), {"days": WEEKDAYS, "opens": time(8), "closes": time(20), "public_holidays": None},
     934, "с 8:00 до 20:00"),
    ("bryansk", hours(1), {"days": ["sat", "sun"], "opens": time(8), "closes": time(18)},
     936, "с 8:00 до 18:00"),
    ("vladimir", hours(0), {"segment": "private", "days": SEVEN, "opens": time(8), "closes": time(20)},
     474, "для физических лиц"),
    ("vladimir", hours(1), {"segment": "corporate", "days": SEVEN, "opens": time(8), "closes": time(20)},
     475, "для юридических лиц"),
    # outside hours
    ("krasnoyarsk", at("outside_hours"), {"robot": "required"}, 341, "голосового сервиса Smart"),
    ("bryansk", at("outside_hours"), {"robot": "required"}, 938, "круглосуточно"),
    # targets of the telephone
    ("bryansk", target("lost-calls"), {"at_most": 0.15, "measure": "average", "unit": "share"},
     917, "количество потерянных звонков"),
    ("omsk", target("wait-average"), {"at_most": 40, "measure": "average"}, 462, "Время ожидания ответа"),
    ("omsk", target("client-search-average"), {"at_most": 40, "measure": "average"},
     463, "Запрос и поиск информации о Клиенте"),
    ("omsk", target("answer-average"), {"at_most": 300, "measure": "average"}, 464, "5 мин."),
    ("omsk", target("wrap-up-average"), {"at_most": 60, "measure": "average"}, 465, "1 мин."),
    ("omsk", target("answered-alone"), {"at_least": 0.9, "measure": "average"}, 729, "В 90 % случаев"),
    ("bryansk", target("wait-maximum"), {"at_most": 600, "measure": "limit"}, 930, "600 сек"),
    ("bryansk", target("answer-average-readings"), {"at_most": 120, "measure": "average"},
     921, "при приеме показаний"),
    ("bryansk", target("answer-average-general"), {"at_most": 180, "measure": "average"},
     924, "по вопросам"),
    ("bryansk", target("answer-average-personal"), {"at_most": 300, "measure": "average"},
     927, "по вопросам"),
    ("bryansk", target("corporate-talk-recommended"), {"at_most": 360, "measure": "recommended",
                                                       "segment": "corporate"}, 1155, "Рекомендуемая"),
    ("bryansk", target("corporate-talk-maximum"), {"at_most": 1200, "measure": "limit",
                                                   "segment": "corporate"}, 1155, "Рекомендуемая"),
    ("bryansk", target("network-delay-maximum"), {"at_most": 0.15, "unit": "seconds", "measure": "limit"},
     953, "время доставки пакетов"),
    ("bryansk", target("network-loss-maximum"), {"at_most": 0.003, "unit": "share", "measure": "limit"},
     956, "потери IP пакетов"),
    # one contact, deferral
    ("kostroma", at("one_contact"), {}, 76, "решения вопроса клиента за одно обращение"),
    ("vladimir", at("one_contact"), {}, 21, "за 1 обращение"),
    ("krasnoyarsk", at("deferral"), {"told": ["term", "form"], "segment": "any"}, 171, "За одно обращение"),
    ("omsk", at("deferral"), {"told": ["term", "form"], "segment": "any"}, 187, "о сроках и форме"),
    ("kostroma", at("call_back"), {"when_answer_takes_seconds": 120, "working_days_at_most": 1,
                                   "segment": "private"}, 368, "более 2 минут"),
    ("kostroma", at("deferral"), {"segment": "corporate"}, 408, "в его компетенции"),
    ("bryansk", at("call_back"), {"when_answer_takes_seconds": 120, "working_days_at_most": None,
                                  "segment": "corporate"}, 982, "не может дать"),
    # recordings
    ("krasnoyarsk", at("recording"), {"warn_at_start": True}, 343, "записываются"),
    ("krasnoyarsk", at("recording.retention"), {"days_at_least": 60}, 343, "не менее 60"),
    ("omsk", at("recording"), {"warn_at_start": True, "retention": None}, 449, "записывается"),
    ("kostroma", at("recording"), {"warn_at_start": None, "retention": None}, 380, "ведется запись"),
    ("bryansk", at("recording"), {"warn_at_start": True, "retention": None}, 905, "в начале"),
    ("bryansk", at("recording.archive"), {"complete": True, "central": True, "export": True},
     971, "полный архив всех разговоров"),
    # readings
    ("kostroma", at("reading_window"), {"from_day": 23, "to_day": 25, "certain": False}, 710, "с 23 по 25"),
    ("bryansk", at("reading_window"), {"from_day": 1, "to_day": 25, "certain": True}, 1424, "показаний"),
    ("bryansk", nth("reading_intake", 0), {"way": "robot", "hours": "always"},
     938, "автоматический прием показаний"),
    ("vladimir", nth("reading_intake", 0), {"way": "operator", "hours": "working"}, 94, "в рабочее время"),
    # numbers
    ("krasnoyarsk", nth("lines", 0), {"kind": "single"}, 337, "единый для региона"),
    ("omsk", nth("lines", 0), {"kind": "free"}, 424, "бесплатным"),
    ("kostroma", nth("lines", 0), {"kind": "free", "segment": "private"}, 378, "звонок бесплатен"),
    ("kostroma", nth("lines", 1), {"kind": "free", "segment": "corporate"}, 414, "звонок бесплатен"),
    ("bryansk", nth("lines", 0), {"kind": "single"}, 898, "единый на всей территории"),
    ("bryansk", nth("lines", 1), {"kind": "free"}, 901, "бесплатным"),
    ("vladimir", nth("lines", 0), {"kind": "segment", "segment": "private"}, 474, "для физических лиц"),
    ("vladimir", nth("lines", 1), {"kind": "segment", "segment": "corporate"}, 475, "для юридических лиц"),
    ("vladimir", nth("lines", 2), {"kind": "readings"}, 94, "по специально отведённому номеру"),
    # requests
    ("omsk", term(0), {"stage": "registration", "forms": ["written"], "days": 1, "counted": "working"},
     495, "не более 1 раб. дня"),
    ("omsk", term(1), {"stage": "answer", "forms": ["written"], "days": 20, "counted": "calendar"},
     496, "не более 20 календарных"),
    ("omsk", term(2), {"stage": "extension", "forms": ["written"], "days": 20, "counted": "calendar"},
     497, "при направлении промежуточного ответа"),
    ("omsk", term(3), {"stage": "registration", "forms": ["electronic"], "days": 1, "counted": "working"},
     519, "не более 1 раб. дня"),
    ("omsk", term(4), {"stage": "answer", "forms": ["electronic"], "days": 20}, 520, "не более 20"),
    ("omsk", term(5), {"stage": "registration", "forms": ["social"], "days": 1}, 547, "не более 1 раб. дня"),
    ("omsk", term(6), {"stage": "answer", "forms": ["social"], "days": 10, "counted": "working"},
     548, "не более 10 раб. дня"),
    ("bryansk", term(0), {"stage": "registration", "forms": ["written"], "days": 1, "bound": "average"},
     1228, "Регистрация"),
    ("bryansk", term(1), {"stage": "answer", "forms": ["written"], "days": 30, "counted": "calendar",
                          "bound": "average"}, 1236, "не более 30"),
    ("bryansk", term(2), {"stage": "answer", "forms": ["electronic", "social"], "days": 30,
                          "bound": "limit"}, 1386, "Не более 30"),
    ("vladimir", term(0), {"stage": "answer", "forms": ["written"], "days": 30, "counted": "calendar"},
     131, "30 дней со дня регистрации"),
    ("krasnoyarsk", at("requests.phone_answer"), {"suffices": True}, 371, "по телефону"),
    ("krasnoyarsk", at("home_visits"), {"months_between": 6, "within_days": 30, "remote_excepted": True},
     292, "в 6 (шесть) месяцев"),
    # satisfaction, quality
    ("krasnoyarsk", at("control_call"), {}, 537, "контрольные звонки по жалобам"),
    ("omsk", named("surveys", "office"), {"cycle": "year", "times": 2, "act_within_working_days": 21},
     1094, "не реже 2 раз в год"),
    ("omsk", named("surveys", "web"), {"cycle": "month", "times": 1, "act_within_working_days": 21},
     1095, "ежемесячно"),
    ("bryansk", named("surveys", "clients-yearly"), {"cycle": "year", "times": 1}, 1706, "1 раз в год"),
    ("vladimir", named("surveys", "clients-half-yearly"), {"cycle": "half-year", "per_segment": True},
     158, "Раз в полгода"),
    ("krasnoyarsk", named("analyses", "reports"), {"cycles": ["unstated"]}, 216, "отчётов"),
    ("krasnoyarsk", named("analyses", "complaints"), {"cycles": ["unstated"]}, 535, "анализ обращений"),
    ("omsk", named("analyses", "recorded-data"), {"cycles": ["unstated"]}, 196, "регулярно анализируются"),
    ("omsk", named("analyses", "indicators"), {"cycles": ["continuous"]}, 200, "на постоянной основе"),
    ("kostroma", named("analyses", "satisfaction"), {"cycles": ["unstated"]}, 145, "мониторинг"),
    ("kostroma", named("analyses", "reports"), {"cycles": ["unstated"]}, 147, "отчетов"),
    ("bryansk", named("analyses", "reports"), {"cycles": ["unstated"]}, 276, "отчетов"),
    ("bryansk", named("analyses", "feedback"), {"cycles": ["unstated"]}, 1772, "клиентской поддержки"),
    ("vladimir", named("analyses", "quality"), {"cycles": ["quarter", "half-year", "year"]},
     150, "раз в квартал, раз в полгода и раз в год"),
    ("vladimir", named("analyses", "complaints-report"), {"cycles": ["quarter"]}, 156, "ежеквартально"),
    ("vladimir", at("complaint_analysis"), {"cycle": "quarter", "indicators": FOUR_INDICATORS},
     151, "Раз в квартал"),
    # talks by telephone
    ("bryansk", nth("greetings", 0), {"calls": "incoming", "says": ["hello", "company", "name"]},
     1067, "вежливо поздороваться"),
    ("bryansk", nth("greetings", 1), {"calls": "outgoing", "says": ["hello", "name", "company"]},
     1100, "надо представиться"),
    ("bryansk", at("pauses"), {"avoided": True}, 1046, "не допускать"),
    # notices
    ("omsk", notice(OUTAGE), {"days_before": 10, "hours_after_known": None}, 640, "За 10 дней до перерыва"),
    ("kostroma", notice(OUTAGE), {"hours_after_known": 24, "states": OUTAGE_FIELDS}, 639, "в течение суток"),
    ("vladimir", notice(OUTAGE), {"states": ["reason", "duration"]}, 13, "о причинах"),
    ("krasnoyarsk", notice(DEBT), {"states": ["amount"]}, 501, "с адресным сообщением суммы долга"),
    ("krasnoyarsk", notice(RESTRICTION), {"days_before": None}, 502, "ограничения/прекращения"),
    ("omsk", notice(RESTRICTION), {"channels": ["written", "bill"],
                                   "additional": ["telephone", "account", "sms"]}, 953, "в обязательном"),
    ("omsk", notice(DEBT), {"states": ["amount"], "channels": ["written", "bill"]}, 953, "задолженности"),
    ("kostroma", notice(RESTRICTION), {"states": ["ground"], "channels":
                                       ["written", "registered-post", "email", "edi", "account", "sms"]},
     668, "с обязательным указанием основания"),
    ("vladimir", notice(RESTRICTION), {"states": ["ground"]}, 113, "при нарушении обязательств по оплате"),
]  # fmt: skip


def plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(
    ("profile", "part", "stated", "line", "words"), ROWS, ids=[f"{row[0]}-{row[3]}" for row in ROWS]
)
def test_what_is_stated_is_in_the_profile(
    profile: str, part: Callable[[Profile], Any], stated: dict[str, Any], line: int, words: str
) -> None:
    found = part(PROFILES[profile])
    assert {name: plain(getattr(found, name)) for name in stated} == stated
    assert found.source.line == line


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the texts of the standards are not there")
@pytest.mark.parametrize(("profile", "line", "words"), [(row[0], row[3], row[4]) for row in ROWS])
def test_the_text_says_so_in_that_line(profile: str, line: int, words: str) -> None:
    assert words in text_of(profile)[line - 1]


def test_every_figure_of_a_profile_is_in_the_table() -> None:
    written = {(row[0], id(row[1](PROFILES[row[0]]))) for row in ROWS}
    stated = {(name, id(part)) for name, each in PROFILES.items() for part in sourced(each)}
    grounds = {(name, id(each)) for name, profile in PROFILES.items() for each in profile.requests.grounds}
    assert stated - grounds == written


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the texts of the standards are not there")
@pytest.mark.parametrize("profile", PROFILES)
def test_every_line_that_is_named_says_something(profile: str) -> None:
    text = text_of(profile)
    empty = [part for part in sourced(PROFILES[profile]) if not text[part.source.line - 1].strip()]
    assert not empty


def text_of(profile: str) -> list[str]:
    (file,) = SEEDS.glob(f"{TEXTS[profile]}_*.txt")
    return file.read_text(encoding="utf-8").split("\n")


def sourced(part: BaseModel) -> Iterator[Any]:
    """Every part that names its clause."""
    if isinstance(getattr(part, "source", None), Source):
        yield part
    for name in type(part).model_fields:
        value = getattr(part, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, BaseModel) and not isinstance(each, Source):
                yield from sourced(each)

"""A small knowledge base, written into a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.dialogue.ports import CallFacts

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY_MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=MOSCOW)

PHRASES: Mapping[str, Sequence[str]] = {
    "readings.submit": (
        "передать показания",
        "хочу сдать показания счётчика",
        "примите показания за свет",
        "запишите цифры со счётчика",
    ),
    "payment.deadline": (
        "до какого числа платить",
        "срок оплаты за электроэнергию",
        "когда крайний срок заплатить",
        "начислили пени за просрочку оплаты",
    ),
    "emergency.danger": (
        "оборван провод",
        "искрит щиток в подъезде",
        "дымится счётчик горит проводка",
        "провод упал на землю",
    ),
    "corporate.settlement": (
        "нужен акт сверки",
        "пришлите универсальный передаточный документ",
        "акт сверки для организации",
        "счёт фактура за месяц",
    ),
}
OFF_TOPIC = (
    "закажите пиццу",
    "какая завтра погода",
    "вызовите такси",
    "передать показания за воду",
    "позовите врача",
)

TOPICS = """\
topics:
  - {id: readings.submit, title: Передача показаний, about: передачу показаний, segment: any, personal: true,
     resolve: robot}
  - {id: payment.deadline, title: Срок оплаты, about: срок оплаты, segment: any, personal: false,
     resolve: inform}
  - {id: emergency.danger, title: Опасность для жизни, about: опасность, segment: any, personal: false,
     resolve: operator, urgent: true}
  - {id: corporate.settlement, title: Акты сверки, about: акты сверки, segment: corporate, personal: true,
     resolve: operator}
"""

SYNONYMS = """\
concepts:
  счётчик: [счётчик, прибор учёта]
  сдать: [сдать, передать, подать]
fillers: [здравствуйте, пожалуйста]
"""

OFFICES = """\
vladimir:
  - id: kovrov
    town: Ковров
    in_town: в Коврове
    also: [коврове, ковровский]
    name: Офис на Школьной улице
    address: ул. Школьная, 5
    address_spoken: улица Школьная, дом пять
    phones: []
    hours:
      private: {mon-fri: ["08:00-18:00"], sat: ["10:00-15:00"], sun: []}
      corporate: {mon-fri: ["08:00-12:00", "13:00-17:00"]}
    source: {line: 200}
  - id: kirzhach
    town: Киржач
    in_town: в Киржаче
    name: Офис на улице Гагарина
    address: ул. Гагарина, 45
    address_spoken: улица Гагарина, дом сорок пять
    phones: []
    hours:
      private: {mon-fri: ["08:00-17:00"]}
      corporate: null
    source: {line: 274}
kostroma:
  - id: sharya
    town: Шарья
    in_town: в Шарье
    name: Шарьинское представительство
    kind: representation
    address: ул. Центральная, 13
    address_spoken: улица Центральная, дом тринадцать
    phones: []
    hours: null
    source: {line: 288}
"""


def article(topic: str, /, **changes: str) -> str:
    """The text of a good article; changed or added keys are given as YAML, `None` takes a key away."""
    phrases = "".join(f"\n  - {phrase}" for phrase in PHRASES.get(topic, ()))
    personal = topic in {"readings.submit", "corporate.settlement"}
    matter = {
        "id": topic,
        "topic": topic,
        "title": f"Статья о {topic}",
        "segment": "corporate" if topic.startswith("corporate") else "any",
        "personal": str(personal).lower(),
        "owner": "Отдел по работе с клиентами",
        "valid_from": "2026-01-01",
        "valid_to": "null",
        "phrases": phrases or "[]",
        "spoken": "Это скажет голос.",
        "sources": '[{profile: bryansk, clause: "п. 1", line: 10}]',
        **changes,
    }
    lines = (f"{key}: {value}\n" for key, value in matter.items() if value != "-")
    return f"---\n{''.join(lines)}---\nЭто прочтёт оператор.\n"


def write(folder: Path, articles: Mapping[str, str] | None = None) -> Path:
    """Write the base; `articles` replaces or adds files by id."""
    folder.mkdir(exist_ok=True)
    texts = {topic: article(topic) for topic in PHRASES} | dict(articles or {})
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / "topics.yaml").write_text(TOPICS, encoding="utf-8")
    (folder / "synonyms.yaml").write_text(SYNONYMS, encoding="utf-8")
    (folder / "offices.yaml").write_text(OFFICES, encoding="utf-8")
    (folder / "off-topic.txt").write_text("# other talk\n" + "\n".join(OFF_TOPIC), encoding="utf-8")
    return folder


class StoppedClock:
    """Stands still at a moment."""

    def __init__(self, moment: datetime = MONDAY_MORNING) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing waits here")


def facts(segment: str = "private", profile: str = "vladimir", call_id: str = "call-1") -> CallFacts:
    return CallFacts(
        call_id=call_id,
        line="main",
        segment=segment,
        profile=profile,
        caller_number="",
        started_at=MONDAY_MORNING,
    )

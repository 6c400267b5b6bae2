"""What the stand-in server tells those who lead: what all parts need, and what goes on now."""

from __future__ import annotations

from tests.browser.stub.data import Json, dictionaries

RIGHTS = [
    *("work", "cards", "block", "desk", "floor"),
    *("reports", "recordings", "listen", "announce", "quality", "audit"),
]


def leading() -> Json:
    """What every part needs."""
    return {
        "company": "Энергосбыт Заречье",
        "standard": "bryansk",
        "standard_title": "Стандарт обслуживания клиентов, ООО «Газпром энергосбыт Брянск»",
        "time_zone": "Europe/Moscow",
        "pause_reasons": dictionaries()["pause_reasons"],
        "lines": [{"id": "main", "title": "Единый номер"}, {"id": "legal", "title": "Юридические лица"}],
        "queues": [{"id": "clients", "title": "Общая"}, {"id": "clients.billing", "title": "Начисления"}],
    }

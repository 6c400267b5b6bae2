"""The texts that prompts are built from, and the values of customers that are spoken."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

from ivr.app.scenarios import static_texts
from ivr.commands.prompts import all_texts
from ivr.customers.demo import write_demo
from ivr.customers.importing import import_file
from ivr.settings import Settings, load
from ivr.store import Database, upgrade

FLOW = """
id: flow
title: Проба
version: 1
start: first
outcomes:
  done: {complete: true, title: Готово}
on_error: last
states:
  first: {say: Добрый день., then: second}
  second: {say: thanks, then: last}
  last: {end: done}
"""


def _settings(folder: Path) -> Settings:
    scenarios = folder / "scenarios"
    scenarios.mkdir()
    (scenarios / "prompts.yaml").write_text("prompts:\n  thanks: Спасибо.\n")
    (scenarios / "flow.yaml").write_text(FLOW)
    return load(None, [f"data_folder={folder}", f"scenarios.folder={scenarios}"])


async def _import_demo(settings: Settings, folder: Path) -> None:
    database = await Database.open(settings.store)
    await upgrade(database)
    for file in write_demo(folder, 3, date(2026, 11, 1)):
        await import_file(database, file, settings.customers, lambda bad: None)
    await database.close()


def test_catalogue_and_texts_of_flows(tmp_path: Path) -> None:
    assert static_texts(_settings(tmp_path)) == (("thanks", "Спасибо."), (None, "Добрый день."))


def test_streets_and_zones_of_customers_are_built_ahead_and_nobodys_name_is(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    asyncio.run(_import_demo(settings, tmp_path / "billing"))
    spoken = {text for name, text in all_texts(settings) if name is None}
    assert {"Пушкина", "улица", "день", "ночь"} <= spoken
    assert not any("Ковригин" in text for text in spoken)

"""A flow with everything in it, and changes to it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ivr.dialogue.documents import Document, parse

Where = tuple[str | int, ...]

FLOW = """\
id: flow
title: Проверка
version: 1
start: menu
outcomes: {done: true, left: {complete: false, title: Ушёл}}
globals: {"0": operator, "*": repeat}
on_error: {say: Сейчас., then: operator}
states:
  menu:
    visits: {most: 3, then: operator}
    choose:
      prompt: [recording-notice, {prompt: Куда?, interruptible: keys}]
      no_input: [Один или два., [А., Б.]]
      attempts: {no_input: 2}
      options: {"1": number, "2": {words: [форма], set: {a: 1.5}, then: form}}
    otherwise: operator
  number:
    ask: {prompt: Сколько?, expect: {kind: number, least: 1}, first_key: 5s}
    save: b
    then: find
    otherwise: {end: left}
  find:
    do: customers.find_account
    with: {number: =b, flag: true, nothing: null}
    within: 500ms
    meanwhile: one-moment
    on: {found: decide, error: operator}
  decide:
    when: [{if: =b > 1, then: each}]
    else: operator
  each:
    for_each: {item: =list}
    start: tell
    then: sub
  tell:
    say: "{item}"
    then: next
  sub:
    call: other
    with: {a: =b}
    on: {done: form}
  form:
    form:
      slots:
        day: {prompt: День?, expect: date, rounds: 2, check: {do: a.b, on: {good: accept}}, read_back: Верно?}
        wish: {prompt: Что?, expect: {kind: choice, options: {"1": тариф}}}
      confirm: Верно?
      correct: Что исправить?
    then: bye
    otherwise: operator
  bye:
    say: До свидания.
    end: done
  operator:
    queue: {name: clients, carry: [b]}
"""


def changed(value: Any, path: Where, replacement: Any) -> Any:
    """The value with something else at that path."""
    if not path:
        return replacement
    key, *rest = path
    inner = changed(value[key], tuple(rest), replacement)
    if isinstance(value, dict):
        return {**value, key: inner}
    return [inner if index == key else item for index, item in enumerate(value)]


def _places(value: Any, path: Where = ()) -> list[Where]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in items for place in _places(inner, (*path, key)))]


def _at(path: Where) -> Any:
    value: Any = PLAIN
    for key in path:
        value = value[key]
    return value


def _plain() -> Any:
    document = parse(FLOW, "flow.yaml")
    assert isinstance(document, Document)
    return document.content


PLAIN = _plain()
PATHS = st.sampled_from(_places(PLAIN))
TYPICAL = [None, True, 3, "menu", "=x", "Здравствуйте.", "2s", [], {}, ["А."], {"then": "menu"}]
VALUES = st.sampled_from(TYPICAL) | PATHS.map(_at)
"""Typical values, and other parts of the same flow."""

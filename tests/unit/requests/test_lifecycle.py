"""A request goes one way: to its answer. Every step is judged by the standard that it was taken under."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ivr.kpi.profiles import load_profiles, request_rules
from ivr.requests.lifecycle import (
    Answer,
    Assign,
    Circumstances,
    Interim,
    Note,
    NotPossible,
    Obstacle,
    Refuse,
    Step,
    Withdraw,
    with_terms,
)
from ivr.requests.model import AnswerChannel, Request, RequestKind, RequestStatus
from ivr.requests.terms import Form, RequestRules, by_law
from ivr.requests.workdays import Own, WorkCalendar
from tests.unit.customers.samples import MOSCOW

ROOT = Path(__file__).parents[3]
RULES = request_rules(load_profiles(ROOT / "metrics" / "standards"))
CALENDAR = WorkCalendar.load(ROOT / "metrics" / "calendars" / "ru.yaml", Own())
NOW = datetime(2026, 11, 24, 10, tzinfo=MOSCOW)
REQUEST = Request(
    number="2600001",
    account_number="320145678",
    kind=RequestKind.COMPLAINT,
    topic="quality.voltage",
    registered_at=NOW,
    due_at=None,
    status=RequestStatus.REGISTERED,
    answer_channel="post",
    answered_at=None,
    received_at=NOW - timedelta(days=1),
    form=Form.TELEPHONE.value,
)
STEPS: dict[str, Step] = {
    "assign": Assign(by="anna", responsible="ivan"),
    "interim": Interim(by="anna", text="ждите"),
    "answer": Answer(by="anna", channel=AnswerChannel.POST, text="ответ"),
    "refuse": Refuse(by="anna", ground="abusive", text="брань"),
    "withdraw": Withdraw(by="anna"),
    "note": Note(by="anna", text="звонил"),
}
NEXT = {
    ("registered", "assign"): "in_progress",
    ("registered", "interim"): "prolonged",
    ("in_progress", "assign"): "in_progress",
    ("in_progress", "interim"): "prolonged",
    ("prolonged", "assign"): "prolonged",
    ("prolonged", "interim"): Obstacle.PROLONGED_ALREADY,
    **{
        (status, step): after
        for status, (step, after) in product(
            ("registered", "in_progress", "prolonged"),
            (("answer", "answered"), ("refuse", "refused"), ("withdraw", "withdrawn")),
        )
    },
    **{(status.value, "note"): status.value for status in RequestStatus},
}


def given(profile: str = "omsk", telephone_as: Form = Form.WRITTEN) -> Circumstances:
    rules = RULES[profile].or_else(RequestRules(terms=by_law()))
    return Circumstances(NOW, CALENDAR, rules, telephone_as, control_working_days=3)


@pytest.mark.parametrize(("status", "step"), list(product(RequestStatus, STEPS)))
def test_every_step_from_every_status(status: RequestStatus, step: str) -> None:
    after = NEXT.get((status.value, step), Obstacle.CLOSED)
    request = replace(REQUEST, status=status)
    if isinstance(after, Obstacle):
        with pytest.raises(NotPossible) as refused:
            STEPS[step].taken(request, given())
        assert refused.value.obstacle is after
    else:
        assert STEPS[step].taken(request, given()).status.value == after


@pytest.mark.parametrize(
    ("profile", "form", "register", "due"),
    [
        ("omsk", Form.TELEPHONE, "2026-11-24", "2026-12-14"),  # as a written one
        ("omsk", Form.ELECTRONIC, "2026-11-24", "2026-12-14"),
        ("omsk", Form.SOCIAL, "2026-11-24", "2026-12-08"),  # ten working days
        ("bryansk", Form.WRITTEN, "2026-11-24", "2026-12-24"),
        ("vladimir", Form.WRITTEN, "2026-11-26", "2026-12-24"),  # registration by the law
        ("krasnoyarsk", Form.WRITTEN, "2026-11-26", "2026-12-24"),  # the law alone
        ("kostroma", Form.ELECTRONIC, "2026-11-26", "2026-12-24"),
    ],
)
def test_terms_of_the_standards_and_of_the_law(profile: str, form: Form, register: str, due: str) -> None:
    found = with_terms(replace(REQUEST, form=form.value), given(profile))
    assert found.due_at is not None
    assert found.register_due_at is not None
    assert found.due_at.isoformat() == f"{due}T23:59:59+03:00"
    assert found.register_due_at.isoformat() == f"{register}T23:59:59+03:00"
    assert not found.was_registered_late


def test_a_number_that_came_late_is_told() -> None:
    late = replace(REQUEST, received_at=NOW - timedelta(days=4))
    assert with_terms(late, given()).was_registered_late


def test_the_company_may_treat_calls_as_electronic_requests() -> None:
    by_phone = with_terms(REQUEST, given("bryansk", Form.ELECTRONIC))
    assert by_phone.due_at is not None
    assert by_phone.due_at.date().isoformat() == "2026-12-24"


def test_an_interim_answer_puts_the_old_term_off() -> None:
    prolonged = Interim(by="anna", text="ждите").taken(with_terms(REQUEST, given()), given())
    assert prolonged.due_at is not None
    assert prolonged.due_at.date().isoformat() == "2027-01-11"  # 3 January, moved
    assert prolonged.prolonged_at == NOW


@pytest.mark.parametrize(
    ("profile", "channel", "flags", "possible"),
    [
        ("omsk", AnswerChannel.POST, {}, True),
        ("omsk", AnswerChannel.PHONE, {"satisfied": True}, False),
        ("krasnoyarsk", AnswerChannel.PHONE, {"satisfied": True}, True),
        ("krasnoyarsk", AnswerChannel.PHONE, {}, False),
        ("krasnoyarsk", AnswerChannel.EMAIL, {"satisfied": True}, False),
        ("bryansk", AnswerChannel.PHONE, {"unreachable": True}, True),
    ],
)
def test_the_answer_goes_the_way_that_the_client_has_named(
    profile: str, channel: AnswerChannel, flags: dict[str, Any], possible: bool
) -> None:
    step = Answer(by="anna", channel=channel, text="ответ", **flags)
    if possible:
        assert step.taken(REQUEST, given(profile)).answer_channel == channel.value
        return
    with pytest.raises(NotPossible) as refused:
        step.taken(REQUEST, given(profile))
    assert refused.value.obstacle is Obstacle.OTHER_CHANNEL


def test_only_the_grounds_of_the_standard_refuse() -> None:
    assert Refuse(by="anna", ground="secret").taken(REQUEST, given("bryansk")).ground == "secret"
    with pytest.raises(NotPossible) as refused:
        Refuse(by="anna", ground="secret").taken(REQUEST, given("omsk"))
    assert refused.value.obstacle is Obstacle.UNKNOWN_GROUND


def test_a_closed_complaint_is_to_be_checked_and_nothing_else_is() -> None:
    closed = STEPS["answer"].taken(REQUEST, given())
    assert closed.control_due_at is not None
    assert closed.control_due_at.date().isoformat() == "2026-11-27"
    assert (closed.answered_at, closed.answer) == (NOW, "ответ")
    question = replace(REQUEST, kind=RequestKind.QUESTION)
    assert STEPS["answer"].taken(question, given()).control_due_at is None
    assert STEPS["withdraw"].taken(REQUEST, given()).control_due_at is None

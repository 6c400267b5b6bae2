"""Live events of call-backs, lost callers, tasks and bulletins.

An event goes to many pages at once, so it shows personal data to nobody: a page that may see them asks.
"""

from __future__ import annotations

from pydantic import BaseModel

from ivr.access.model import Right, Role
from ivr.desk.bulletins import Bulletin
from ivr.desk.lost_rows import LostCaller
from ivr.desk.task_rows import Task
from ivr.desk.work import Work
from ivr.dialogue.ports import Clock
from ivr.requests.callback_model import Callback
from ivr.web.api.bulletins import BulletinTold
from ivr.web.api.events import Audience, EventHub
from ivr.web.api.work_models import CallbackTold, LostTold, TaskRow

_EVERYBODY_WHO_WORKS = Audience(right=Right.WORK)
_OF_ROLE = {
    None: Right.WORK,
    Role.OPERATOR: Right.WORK,
    Role.SENIOR: Right.CARDS,
    Role.SUPERVISOR: Right.DESK,
    Role.ADMINISTRATOR: Right.USERS,
}
"""The right by which the pages of a role are told."""


class CallbackEvent(BaseModel):
    """`callback`: a promise was given, has changed, or is kept."""

    callback: CallbackTold


class LostEvent(BaseModel):
    """`lost`: a lost caller is new or has changed."""

    lost: LostTold


class TaskEvent(BaseModel):
    """`task`: a task is new or has changed; `reminder`: its time has nearly come, or it is overdue."""

    task: TaskRow


class BulletinEvent(BaseModel):
    """`bulletin`: one is new or was taken down."""

    bulletin: BulletinTold


def publish(work: Work, hub: EventHub, clock: Clock) -> None:
    """Bring the news of the work to the pages."""

    def callback(promise: Callback) -> None:
        hub.publish("callback", CallbackEvent(callback=CallbackTold.of(promise, None)), _EVERYBODY_WHO_WORKS)

    def lost(caller: LostCaller) -> None:
        hub.publish("lost", LostEvent(lost=LostTold.of(caller, None)), _EVERYBODY_WHO_WORKS)

    def task(changed: Task) -> None:
        event = TaskEvent(task=TaskRow.of(changed, None, clock.now()))
        hub.publish("task", event, Audience(right=_OF_ROLE[changed.role]))

    def reminder(due: Task) -> None:
        event = TaskEvent(task=TaskRow.of(due, None, clock.now()))
        hub.publish("reminder", event, _whom_to_remind(due))
        if due.overdue_at is not None and due.assignee is not None:
            hub.publish("reminder", event, Audience(right=Right.DESK))

    def bulletin(changed: Bulletin) -> None:
        hub.publish("bulletin", BulletinEvent(bulletin=BulletinTold.of(changed)), _EVERYBODY_WHO_WORKS)

    work.callbacks.news.subscribe(callback)
    work.lost.news.subscribe(lost)
    work.tasks.news.subscribe(task)
    work.tasks.reminders.subscribe(reminder)
    work.bulletins.news.subscribe(bulletin)


def _whom_to_remind(task: Task) -> Audience:
    return Audience(login=task.assignee) if task.assignee else Audience(right=_OF_ROLE[task.role])

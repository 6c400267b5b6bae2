"""When a campaign pauses itself, and what the supervisor reads then."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from ivr.campaigns.dialling.settings import GuardSettings
from ivr.campaigns.dispositions import REFUSALS
from ivr.campaigns.model import Disposition

_REFUSED = (
    "Ни один из последних {count} звонков не прошёл ({ends}). "
    "Проверьте транк {trunk}, его договор и список номеров, затем продолжите."
)
_ABANDONED = (
    "Доля потерянных звонков {share} % превысила допустимые {bound} %: людям, которые ответили, "
    "не хватило операторов. Продолжите, когда операторов станет больше, или замедлите обзвон."
)
_BILLING = (
    "Биллинг не отвечает уже {minutes} мин: без свежей суммы долга никому не звоним. "
    "Продолжите, когда он заработает."
)
_BROKEN = "Правила кампании не годятся: {what} Исправьте их и продолжите."
_ENDS = {
    Disposition.CONGESTION: "перегрузка сети",
    Disposition.FAULT: "отказ",
    Disposition.NOT_DIALLED: "вызов не принят",
    Disposition.REJECTED: "отклонён",
    Disposition.UNKNOWN_NUMBER: "номер не существует",
}


@dataclass(slots=True)
class _Row:
    """Calls of a campaign over one trunk, one after another, none of which has gone through."""

    ends: deque[Disposition] = field(default_factory=deque)


class Guard:
    """Watches one campaign from its start; made anew when it is started again."""

    def __init__(self, settings: GuardSettings) -> None:
        self._settings = settings
        self._rows: dict[str, _Row] = {}
        self._billing_silent: int = 0
        self._billing_silent_since: float | None = None
        self._why = ""

    @property
    def why(self) -> str:
        """Why the campaign has to pause; empty: it may go on."""
        return self._why

    def ended(self, trunk: str, disposition: Disposition) -> None:
        """A call over a trunk has ended so; one that was lost tells nothing."""
        if disposition is Disposition.LOST:
            return
        row = self._rows.setdefault(trunk, _Row())
        if disposition not in REFUSALS:
            row.ends.clear()
            return
        row.ends.append(disposition)
        if len(row.ends) >= self._settings.refused_in_a_row and not self._why:
            counted = Counter(row.ends).most_common()
            ends = ", ".join(f"{_ENDS[end]}: {count}" for end, count in counted)
            self._why = _REFUSED.format(count=len(row.ends), ends=ends, trunk=trunk)

    def abandoned(self, share: float, bound: float) -> None:
        """More were abandoned than is allowed."""
        self._why = self._why or _ABANDONED.format(share=_percent(share), bound=_percent(bound))

    def broken(self, what: str) -> None:
        """Its kind, its caller id or a rule of its own can't be used (any more)."""
        self._why = self._why or _BROKEN.format(what=what)

    def billing(self, now: float, *, answers: bool) -> None:
        """Billing was asked; `now` are seconds of `Clock.monotonic`."""
        if answers:
            self._billing_silent, self._billing_silent_since = 0, None
            return
        since = now if self._billing_silent_since is None else self._billing_silent_since
        self._billing_silent_since = since
        self._billing_silent += 1
        long = now - since >= self._settings.billing_away_seconds
        if long and self._billing_silent >= self._settings.billing_away_questions:
            self._why = self._why or _BILLING.format(minutes=round((now - since) / 60))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".replace(".", ",")

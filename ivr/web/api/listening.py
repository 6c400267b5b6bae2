"""Listening to an operator's talk, whispering to him, joining."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict

from ivr.access.model import Right
from ivr.desk.listening import Changed, Listening, ListenRefused, Why
from ivr.desk.listening_book import Listened, Stage
from ivr.desk.ports_listening import ListenMode
from ivr.web.api.events import Audience, EventHub
from ivr.web.api.route import Asked, Refused, Route

_WORDS: Final = {
    Why.NO_TELEPHONE: (
        409,
        "Разговор придёт на Ваш телефон: начните смену на месте оператора и выберите телефон.",
    ),
    Why.BUSY: (409, "Ваш телефон сейчас занят. Закончите разговор и повторите."),
    Why.LISTENS: (409, "Вы уже слушаете разговор. Сначала закончите слушать его."),
    Why.OWN: (422, "Это Ваш собственный разговор."),
    Why.NO_TALK: (409, "Этот оператор сейчас не разговаривает."),
    Why.NOT_LISTENING: (409, "Вы никого не слушаете: разговор закончился."),
    Why.NOT_ANSWERED: (409, "Сначала снимите трубку: Ваш телефон звонит."),
    Why.THREE: (409, "В разговоре уже трое: клиент Вас не услышит. Подскажите оператору."),
    Why.EXCHANGE_AWAY: (503, "Станция сейчас не отвечает. Подождите несколько секунд и повторите."),
}


class ModeWanted(BaseModel):
    """Who hears the supervisor: nobody, the operator alone, or operator and client."""

    model_config = ConfigDict(extra="forbid")

    mode: ListenMode = ListenMode.LISTEN


class ListeningTold(BaseModel):
    """A supervisor at a talk; also the event `listening`. `over`: it has ended.

    The telephone that rings for it is told `order_id` in the header `X-Ivr-Listen`.
    """

    order_id: str
    listener: str
    listener_name: str
    agent: str
    agent_name: str
    call_id: str
    mode: ListenMode
    stage: Stage
    since: AwareDatetime
    over: bool = False


class ListeningsTold(BaseModel):
    """`mine`: the talk that I listen to; `to_me`: who listens to mine, if operators are told."""

    mine: ListeningTold | None
    to_me: list[ListeningTold]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningRoutes:
    """`/floor/{login}/listen` and `/listening`; `name`: login → name for people."""

    listening: Listening
    name: Callable[[str], str]
    tell_operator: bool

    def routes(self) -> list[Route]:
        """All that there are."""
        of = partial(Route, path="/floor/{login}/listen", right=Right.LISTEN)
        return [
            Route(
                method="GET",
                path="/listening",
                title="Tell whom I listen to, and who listens to me",
                right=Right.WORK,
                run=self.tell,
                answer=ListeningsTold,
            ),
            of(
                method="POST",
                title="Ring my telephone and let me hear a colleague's talk",
                run=self.listen,
                body=ModeWanted,
                answer=ListeningTold,
                status=201,
            ),
            of(
                method="PUT",
                title="Listen, whisper to the operator, or join the talk",
                run=self.change,
                body=ModeWanted,
                answer=ListeningTold,
            ),
            of(method="DELETE", title="Listen no more", run=self.leave),
        ]

    def publish(self, hub: EventHub) -> None:
        """Bring the event `listening` to who listens, and to the operator if he is told."""

        def changed(news: Changed) -> None:
            told = self._told(news.one, over=news.over)
            hub.publish("listening", told, Audience(login=news.one.listener))
            if self.tell_operator:
                hub.publish("listening", told, Audience(login=news.one.agent))

        self.listening.news.subscribe(changed)

    async def tell(self, asked: Asked) -> ListeningsTold:
        """`GET /listening`."""
        mine = self.listening.of(asked.user.login)
        to_me = self.listening.at(asked.user.login) if self.tell_operator else []
        return ListeningsTold(
            mine=self._told(mine) if mine else None, to_me=[self._told(one) for one in to_me]
        )

    async def listen(self, asked: Asked) -> ListeningTold:
        """`POST /floor/{login}/listen`."""
        wanted: ModeWanted = asked.body
        with _told():
            one = await self.listening.listen(
                asked.user.login, asked.path["login"], wanted.mode, asked.session_id
            )
        return self._told(one)

    async def change(self, asked: Asked) -> ListeningTold:
        """`PUT /floor/{login}/listen`."""
        wanted: ModeWanted = asked.body
        with _told():
            self._demand(asked)
            return self._told(await self.listening.change(asked.user.login, wanted.mode))

    async def leave(self, asked: Asked) -> None:
        """`DELETE /floor/{login}/listen`; no fault when it has ended."""
        with _told():
            await self.listening.leave(asked.user.login)

    def _demand(self, asked: Asked) -> None:
        one = self.listening.of(asked.user.login)
        if one is None or one.agent != asked.path["login"]:
            raise ListenRefused(Why.NOT_LISTENING)

    def _told(self, one: Listened, *, over: bool = False) -> ListeningTold:
        return ListeningTold(
            order_id=one.order_id,
            listener=one.listener,
            listener_name=self.name(one.listener),
            agent=one.agent,
            agent_name=self.name(one.agent),
            call_id=one.call_id,
            mode=one.mode,
            stage=one.stage,
            since=one.since,
            over=over,
        )


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ListenRefused as refused:
        status, message = _WORDS[refused.why]
        raise Refused(status, refused.why.value, message) from refused

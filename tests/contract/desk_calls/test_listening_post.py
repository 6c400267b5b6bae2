"""What listening asks of Asterisk when the listener's channel is still on its way from the mode before."""

from __future__ import annotations

import pytest

from ivr.asterisk.desk import AsteriskListening, SwitchboardSettings
from ivr.desk.ports import CallNotThere, ExchangeAway
from ivr.desk.ports_listening import ListenMode
from tests.contract.ami.fake_manager import Answer, Peer, error, success
from tests.contract.desk_calls.conftest import LEG, Desk

ON_ITS_WAY = "Redirect failed, channel not up."


def _answers(*answers: Answer) -> Answer:
    """One after the other, the last one for ever."""
    left = list(answers)

    def answer(peer: Peer, action: dict[str, str]) -> str | None:
        return (left.pop(0) if len(left) > 1 else left[0])(peer, action)

    return answer


@pytest.fixture
def post(desk: Desk) -> AsteriskListening:
    return AsteriskListening(desk.link, SwitchboardSettings())


async def test_a_mode_that_follows_at_once_is_asked_for_again(desk: Desk, post: AsteriskListening) -> None:
    desk.manager.answers["Redirect"] = _answers(error(ON_ITS_WAY), error(ON_ITS_WAY), success())
    await post.set_mode("order-1", LEG, ListenMode.JOIN)
    assert [sent["Context"] for sent in desk.sent("Redirect")] == ["desk-hear-join"] * 3


async def test_a_listener_who_hangs_up_meanwhile_is_gone(desk: Desk, post: AsteriskListening) -> None:
    desk.manager.answers["Redirect"] = _answers(error(ON_ITS_WAY), error("Channel does not exist: order-1"))
    with pytest.raises(CallNotThere):
        await post.set_mode("order-1", LEG, ListenMode.JOIN)


async def test_a_channel_that_never_gets_there_is_told(desk: Desk, post: AsteriskListening) -> None:
    desk.manager.answers["Redirect"] = error(ON_ITS_WAY)
    with pytest.raises(ExchangeAway, match="not up"):
        await post.set_mode("order-1", LEG, ListenMode.JOIN)

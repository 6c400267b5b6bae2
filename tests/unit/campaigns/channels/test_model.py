"""What holds of a part and of a message, whatever order receipts come in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.campaigns.channels.model import MessageState, PartState, stronger, whole

TOLD = st.sampled_from([PartState.ACCEPTED, PartState.UNKNOWN, PartState.UNDELIVERED, PartState.DELIVERED])


def after(told: list[PartState]) -> PartState:
    held = PartState.ACCEPTED
    for each in told:
        held = stronger(held, each)
    return held


@given(st.lists(TOLD, max_size=6), st.randoms())
def test_order_and_repeats_of_receipts_change_nothing(told: list[PartState], chance: object) -> None:
    shuffled = [*told, *told]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert after(shuffled) is after(told)


@given(st.lists(TOLD))
def test_what_a_telephone_has_acknowledged_was_delivered(told: list[PartState]) -> None:
    assert after([*told, PartState.DELIVERED]) is PartState.DELIVERED


def test_a_receipt_after_the_time_for_it_still_counts() -> None:
    assert stronger(PartState.UNKNOWN, PartState.DELIVERED) is PartState.DELIVERED
    assert stronger(PartState.UNKNOWN, PartState.UNDELIVERED) is PartState.UNDELIVERED
    assert stronger(PartState.UNKNOWN, PartState.ACCEPTED) is PartState.UNKNOWN


def test_a_message_is_delivered_when_all_its_parts_are() -> None:
    delivered, accepted = PartState.DELIVERED, PartState.ACCEPTED
    assert whole([delivered, delivered], 2) is MessageState.DELIVERED
    assert whole([delivered, accepted], 2) is MessageState.SENT
    assert whole([delivered], 2) is MessageState.SENDING
    assert whole([delivered, PartState.UNKNOWN], 2) is MessageState.UNKNOWN
    assert whole([delivered, PartState.UNDELIVERED], 2) is MessageState.FAILED
    assert whole([PartState.REFUSED], 2) is MessageState.FAILED
    assert whole([PartState.BEGUN], 1) is MessageState.SENDING

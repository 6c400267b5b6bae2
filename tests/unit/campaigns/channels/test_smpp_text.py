"""Russian texts in parts, and receipts as centres write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.campaigns.channels.model import PartState
from ivr.campaigns.channels.settings import IdForm
from ivr.campaigns.channels.smpp import told
from ivr.campaigns.channels.smpp.pdu import Address, Malformed, ShortMessage, Tag, header
from ivr.campaigns.channels.smpp.text import encoded, split, user_data_header

MOSCOW = ZoneInfo("Europe/Moscow")
BY = Address.of_number("+79031234567")
TO = Address.of_sender("Energosbyt")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_parts_make_the_text_again_and_fit(text: str) -> None:
    parts = split(text)
    assert "".join(parts) == text
    most = 140 if len(parts) == 1 else 134
    assert all(len(encoded(part)) <= most for part in parts)


def test_seventy_letters_are_one_message_one_more_makes_two() -> None:
    assert len(split("я" * 70)) == 1
    assert [len(part) for part in split("я" * 71)] == [67, 4]
    assert [len(part) for part in split("я" * 66 + "😀" + "я" * 10)] == [66, 11]


def test_a_part_tells_which_one_it_is() -> None:
    assert user_data_header(0x1FF, 3, 2) == bytes((5, 0, 3, 0xFF, 3, 2))


def receipt(text: str, optional: dict[int, bytes] | None = None, esm_class: int = 4) -> ShortMessage:
    return ShortMessage(BY, TO, text.encode(), esm_class, optional=optional or {})


TEXT = "id:{id} sub:001 dlvrd:001 submit date:2611241001 done date:2611241003 stat:{stat} err:{err} text:Ener"


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        ("DELIVRD", PartState.DELIVERED),
        ("EXPIRED", PartState.UNDELIVERED),
        ("UNDELIV", PartState.UNDELIVERED),
        ("REJECTD", PartState.UNDELIVERED),
        ("ENROUTE", PartState.ACCEPTED),
        ("UNKNOWN", PartState.UNKNOWN),
    ],
)
def test_receipts_of_appendix_b(stat: str, state: PartState) -> None:
    found = told.receipt(receipt(TEXT.format(id="7F", stat=stat, err="000")), "centre", IdForm.SAME, MOSCOW)
    assert found is not None
    assert (found.gateway_id, found.state) == ("7F", state)
    assert found.at == datetime(2026, 11, 24, 10, 3, tzinfo=MOSCOW)


def test_the_networks_error_is_kept_of_a_failure() -> None:
    found = told.receipt(receipt(TEXT.format(id="1", stat="UNDELIV", err="034")), "c", IdForm.SAME, MOSCOW)
    assert found is not None
    assert found.code == "UNDELIV 034"


def test_parameters_go_before_the_text() -> None:
    parameters = {Tag.RECEIPTED_MESSAGE_ID: b"abc\0", Tag.MESSAGE_STATE: b"\x02"}
    found = told.receipt(
        receipt("whatever", {int(t): v for t, v in parameters.items()}), "c", IdForm.SAME, MOSCOW
    )
    assert found is not None
    assert (found.gateway_id, found.state, found.at) == ("abc", PartState.DELIVERED, None)


def test_ids_in_two_forms_are_the_same() -> None:
    form = IdForm.HEX_THEN_DECIMAL
    found = told.receipt(receipt(TEXT.format(id="255", stat="DELIVRD", err="0")), "c", form, MOSCOW)
    assert found is not None
    assert found.gateway_id == told.answered("000000FF", form) == "ff"


def test_what_is_no_receipt_is_none() -> None:
    assert told.receipt(receipt("id:1 stat:NONSENSE"), "c", IdForm.SAME, MOSCOW) is None
    assert told.receipt(receipt("stat:DELIVRD"), "c", IdForm.SAME, MOSCOW) is None
    assert not told.is_receipt(receipt("СТОП", esm_class=0))
    assert told.is_receipt(receipt("id:1 stat:ENROUTE", esm_class=0x20))


@given(st.binary(max_size=80))
def test_octets_of_strangers_are_malformed_at_worst(octets: bytes) -> None:
    try:
        ShortMessage.decoded(octets)
        header(octets[:16].ljust(16, b"\0"))
    except Malformed:
        pass


@given(
    st.binary(max_size=254),
    st.dictionaries(st.integers(0, 0xFFFF).filter(lambda tag: tag != 0x424), st.binary(max_size=20)),
)
def test_a_short_message_is_read_as_it_was_written(content: bytes, optional: dict[int, bytes]) -> None:
    sent = ShortMessage(TO, BY, content, 0x40, 1, 8, "000000060000000R", optional)
    assert ShortMessage.decoded(sent.encoded()) == sent

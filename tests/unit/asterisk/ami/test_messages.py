"""Headers of messages."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.asterisk.ami.messages import Event, HeaderLines, Response, parse_headers


def test_repeated_headers_become_a_list() -> None:
    assert parse_headers("Event: Status\r\nVariable: A=1\r\nVariable: B=2\r\nName: Ёж: кв. 7") == {
        "Event": "Status",
        "Variable": ["A=1", "B=2"],
        "Name": "Ёж: кв. 7",
    }


def test_an_absent_header_is_empty_and_a_repeated_one_its_first() -> None:
    headers = parse_headers("Event: Status\r\nVariable: A=1\r\nVariable: B=2\r\nCause: ")
    for one in (Response(headers), Event("Status", headers)):
        assert (one["Nothing"], one["Cause"], one["Variable"]) == ("", "", "A=1")


def test_variables_leave_out_what_is_not_set() -> None:
    response = Response(
        parse_headers("Variable: A=1\r\nVariable: B=(null)\r\nVariable: C=x=y\r\nVariable: D=")
    )
    assert response.variables() == {"A": "1", "C": "x=y", "D": ""}
    assert Response({}).variables() == {}
    assert Response({"Variable": "A=1"}).variables() == {"A": "1"}


def test_what_is_shown_of_a_message_is_not_personal() -> None:
    headers = parse_headers("Event: Hangup\r\nCallerIDNum: +79990000000")
    assert "9990000000" not in repr(Event("Hangup", headers)) + repr(Response(headers))


NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_an_event_has_happened_when_asterisk_says() -> None:
    earlier = NOW - timedelta(seconds=2.5)
    event = Event("Hangup", {"Timestamp": f"{earlier.timestamp():.6f}"})
    assert event.happened(NOW) == earlier


@pytest.mark.parametrize(
    "stamp", ["", "now", "nan", "1e99", f"{NOW.timestamp() + 1}", f"{NOW.timestamp() - 3600}"]
)
def test_a_time_that_cannot_be_is_not_believed(stamp: str) -> None:
    assert Event("Hangup", {"Timestamp": stamp}).happened(NOW) == NOW


@pytest.mark.parametrize(
    "text",
    [
        "Event: Status\r\nVariable: A=1\r\nVariable: B=2\r\nName: Ёж: кв. 7\r\nCause: ",
        "Event: Hangup\r\nDestUniqueid: 2\r\nUniqueid: 1\r\nLinkedid: Uniqueid: 3",
    ],
)
def test_headers_that_are_looked_for_are_those_that_a_parser_finds(text: str) -> None:
    looked, parsed = HeaderLines(text), parse_headers(text)
    assert dict(looked) == parsed
    for name in (*parsed, "Nothing", "uniqueid"):
        assert Event("Status", looked)[name] == Event("Status", parsed)[name]
        assert (name in looked) == (name in parsed)

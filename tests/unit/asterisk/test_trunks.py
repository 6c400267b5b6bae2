"""Whether carriers answer, as Asterisk's events and lists tell."""

from __future__ import annotations

from typing import cast

from ivr.asterisk.ami import AmiLink, Snapshot
from ivr.asterisk.trunks import TrunkWatch
from tests.unit.asterisk.test_watching import Wire


def test_a_trunk_is_known_once_asterisk_has_asked_it() -> None:
    wire = Wire()
    watch = TrunkWatch(cast(AmiLink, wire), ["one", "two"])
    assert watch.answers == {"one": None, "two": None}
    wire.send("ContactStatus", EndpointName="trunk-one", ContactStatus="Unreachable", URI="sip:x")
    wire.send("ContactStatus", EndpointName="trunk-other", ContactStatus="Unreachable", URI="sip:x")
    wire.send("ContactStatus", EndpointName="op-201", ContactStatus="Removed", URI="sip:x")
    assert watch.answers == {"one": False, "two": None}
    wire.send("ContactStatus", EndpointName="trunk-one", ContactStatus="NonQualified", URI="sip:x")
    assert watch.answers["one"] is False
    wire.send("ContactStatus", EndpointName="trunk-one", ContactStatus="Reachable", URI="sip:x")
    assert watch.answers["one"] is True


def test_what_was_missed_is_made_up_from_the_states_of_devices() -> None:
    wire = Wire()
    watch = TrunkWatch(cast(AmiLink, wire), ["one", "two", "three"])
    devices = {"PJSIP/trunk-one": "UNAVAILABLE", "PJSIP/trunk-two": "NOT_INUSE", "PJSIP/op-201": "INUSE"}
    wire.resync(Snapshot(channels=(), queues=(), devices=devices))
    assert watch.answers == {"one": False, "two": True, "three": None}

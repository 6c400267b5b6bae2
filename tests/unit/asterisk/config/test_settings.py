from __future__ import annotations

import pytest
from pydantic import ValidationError

from ivr.asterisk.settings import AsteriskSettings
from tests.unit.asterisk.config.conftest import Settings

TRUNK = {"name": "main", "mode": "address", "addresses": ["192.0.2.7"]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lines": {"clients": {"numbers": ["1"], "last_resort": "absent"}}}, "absent"),
        ({"trunks": [TRUNK, TRUNK]}, "'main' is named twice"),
        (
            {
                "lines": {
                    "one": {"numbers": ["4832000001"], "last_resort": "people"},
                    "two": {"numbers": ["4832000001"], "last_resort": "people"},
                }
            },
            "'4832000001' is named twice",
        ),
        ({"manager": {"host": "0.0.0.0"}}, "loopback"),
        ({"rtp": {"first_port": 20000, "last_port": 10000}}, "last_port"),
        ({"data_folder": "/srv/call centre"}, "needs a path"),
        ({"queues": {"people": {"members": ["sip:anna@10.0.0.5;lr"]}}}, "members"),
        ({"queues": {"people,evil": {}}}, "people,evil"),
        ({"queues": {"people": {"groups": {"a.b": {}}}}}, "groups"),
        ({"queues": {"people": {"callback_key": "12"}}}, "callback_key"),
        ({"websocket": {"host": "10.0.0.1"}}, "loopback"),
        ({"websocket": {"certificate": "own.pem"}}, "together"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    settings: Settings, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        settings(**changes)


def test_folders_become_absolute(settings: Settings) -> None:
    assert settings(data_folder="var/asterisk").data_folder.is_absolute()
    assert settings().recordings_spool.is_absolute()


def test_outgoing_trunks_come_in_their_order(settings: Settings) -> None:
    orders = {"inbound": None, "second": 2, "first": 1}
    trunks = [TRUNK | {"name": name, "outbound_order": order} for name, order in orders.items()]
    assert [trunk.name for trunk in settings(trunks=trunks).outbound_trunks] == ["first", "second"]


def test_secrets_are_not_shown(settings: Settings) -> None:
    trunk = {"name": "op", "mode": "registration", "server": "sip.example", "user": "u", "secret": "hidden"}
    assert "hidden" not in repr(settings(trunks=[trunk], manager={"secret": "hidden"}))


def test_queues_of_asterisk_are_the_queues_and_their_groups(settings: Settings) -> None:
    queues = settings(queues={"people": {"groups": {"billing": {}, "meters": {}}}}).queues_of_asterisk
    assert {name: owner for name, (owner, _) in queues.items()} == {
        "people": "people",
        "people.billing": "people",
        "people.meters": "people",
    }


def test_a_call_about_a_topic_goes_to_the_group_that_takes_it() -> None:
    groups = {"billing": {"title": "Начисления", "topics": ["balance.debt"]}}
    settings = AsteriskSettings.model_validate({"queues": {"clients": {"groups": groups}}})
    assert settings.queue_for("clients", "balance.debt") == "clients.billing"
    assert settings.queue_for("clients", "outage.now") == "clients"
    assert settings.queue_for("clients", None) == "clients"
    assert settings.queue_for("elsewhere", "balance.debt") == "elsewhere"

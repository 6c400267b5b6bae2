from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.config import install, manager_secret, render, required_modules
from ivr.asterisk.settings import AsteriskSettings
from ivr.errors import Fault
from tests.unit.asterisk.config.conftest import TEMPLATES, Rendered, Settings, secrets

REGISTRATION = {
    "name": "op",
    "mode": "registration",
    "server": "sip.example:5070",
    "user": "u",
    "secret": "p;w",
}


def section(text: str, name: str, kind: str) -> str:
    """The section of pjsip.conf with this name and type."""
    parts = re.split(r"(?m)^(?=\[)", text)
    return next(part for part in parts if part.startswith(f"[{name}]") and (kind in part))


def test_only_the_numbers_of_the_lines_come_in(rendered: Rendered) -> None:
    context = re.search(r"\[from-trunk-main\]\n(.*?)\n\n", rendered()["extensions.conf"], re.DOTALL)
    assert context is not None
    assert re.findall(r"exten => (\S+?),", context.group(1)) == ["4832000001"]


def test_each_endpoint_but_the_workplaces_is_known_by_address_alone(rendered: Rendered) -> None:
    text = rendered(queues={"people": {"members": ["sip:anna@10.0.0.5"]}}, trunks=[REGISTRATION])[
        "pjsip.conf"
    ]
    party = section(text, "party", "endpoint")
    assert "identify_by = ip" in party
    endpoints = [part for part in re.split(r"(?m)^(?=\[)", text) if "context =" in part]
    assert len(endpoints) == 3
    assert [part for part in endpoints if "(party)" not in part] == [section(text, "workplace", "endpoint")]
    assert "identify_by = username\n" in endpoints[2]


def test_a_trunk_is_known_by_its_addresses(rendered: Rendered) -> None:
    assert "match = 192.0.2.0/28\n" in section(rendered()["pjsip.conf"], "trunk-main", "type = identify")


def test_a_trunk_with_registration(rendered: Rendered) -> None:
    text = rendered(trunks=[REGISTRATION | {"dtmf_mode": "info", "codecs": ["alaw", "ulaw"]}])["pjsip.conf"]
    assert r"password = p\;w" in section(text, "trunk-op", "type = auth")
    assert "server_uri = sip:sip.example:5070\n" in section(text, "trunk-op", "type = registration")
    assert "match = sip.example\n" in section(text, "trunk-op", "type = identify")
    endpoint = section(text, "trunk-op", "(party)")
    assert "dtmf_mode = info\n" in endpoint
    assert "allow = alaw,ulaw\n" in endpoint


def test_an_operator_of_two_queues_has_one_endpoint(rendered: Rendered) -> None:
    queues = {name: {"members": ["sip:anna@10.0.0.5:5070", "PJSIP/desk"]} for name in ("people", "debts")}
    files = rendered(queues=queues)
    assert files["pjsip.conf"].count("[sip-anna-10-0-0-5-5070](party)") == 1
    assert files["queues.conf"].count("member => PJSIP/sip-anna-10-0-0-5-5070\n") == 2
    assert files["queues.conf"].count("member => PJSIP/desk\n") == 2


def test_callers_hear_ringing_where_there_is_no_music(rendered: Rendered, settings: Settings) -> None:
    assert "Queue(${IVR_QUEUE},rc" in rendered()["extensions.conf"]
    music = settings().prompts_folder / "moh"
    music.mkdir(parents=True)
    (music / "waltz.wav").touch()
    assert "Queue(${IVR_QUEUE},c" in rendered()["extensions.conf"]


def test_extra_modules_are_required(rendered: Rendered) -> None:
    plain, more = rendered(), rendered(extra_modules=["cdr_odbc.so"])
    assert required_modules(more) - required_modules(plain) == {"cdr_odbc.so"}
    assert "enable = no" in plain["cdr.conf"]
    assert "enable = yes" in more["cdr.conf"]


def test_every_branch_of_the_dialplan_leads_somewhere(rendered: Rendered) -> None:
    trunk = {"name": "main", "mode": "address", "addresses": ["192.0.2.7"], "outbound_order": 1}
    files = rendered(trunks=[trunk])
    text = files["extensions.conf"] + files["extensions_desk.conf"]
    contexts = set(re.findall(r"(?m)^\[([\w-]+)\]", text))
    targets = re.findall(r"(?:Goto|Gosub|\?|push\)=|b)\(?([a-z][\w-]*)[,^]s[,^]1", text)
    assert targets
    assert {target for target in targets if not target.endswith("-")} <= contexts


def test_the_manager_listens_on_the_loopback_with_our_secret(rendered: Rendered) -> None:
    text = rendered()["manager.conf"]
    assert "bindaddr = 127.0.0.1\n" in text
    assert "secret = s3cret\n" in text


@given(secret=st.text(min_size=1))
def test_a_value_never_adds_a_line(secret: str) -> None:
    settings = AsteriskSettings.model_validate(
        {"templates_folder": TEMPLATES, "workplaces": {"count": 0}, "queues": {"people": {}}}
    )
    plain = render(settings, secrets("x"))["manager.conf"]
    try:
        text = render(settings, secrets(secret))["manager.conf"]
    except Fault:
        assert set(secret) & set("\r\n\0")
    else:
        assert len(text.split("\n")) == len(plain.split("\n"))
        assert not re.search(r"(?<!\\);", text.split("secret = ")[1].split("\n")[0])


@pytest.mark.parametrize(
    ("template", "where"), [("{% if %}", "bad.conf.j2:1"), ("\n{{ settings.absent }}", "bad.conf.j2")]
)
def test_a_wrong_template_is_named(settings: Settings, tmp_path: Path, template: str, where: str) -> None:
    (tmp_path / "bad.conf.j2").write_text(template)
    with pytest.raises(Fault) as caught:
        render(settings(templates_folder=tmp_path), secrets())
    assert caught.value.where.endswith(where)


def test_a_folder_without_templates_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no templates"):
        render(settings(templates_folder=tmp_path), secrets())


def test_files_of_an_earlier_rendering_go_away(settings: Settings) -> None:
    chosen = settings()
    install(chosen, {"old.conf": "1", "both.conf": "1"})
    install(chosen, {"both.conf": "2"})
    assert {path.name: path.read_text() for path in chosen.etc_folder.iterdir()} == {"both.conf": "2"}
    assert stat.S_IMODE((chosen.etc_folder / "both.conf").stat().st_mode) == 0o600


def test_the_secret_is_made_once(settings: Settings) -> None:
    first = manager_secret(settings()).get_secret_value()
    assert len(first) == 32
    assert manager_secret(settings()).get_secret_value() == first
    assert manager_secret(settings(manager={"secret": "own"})).get_secret_value() == "own"

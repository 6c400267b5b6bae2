from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.config import install, manager_secret, render, required_modules, workplace_secret
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


@pytest.fixture(scope="module")
def manager_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the manager's template and no other."""
    folder = tmp_path_factory.mktemp("templates")
    shutil.copy(TEMPLATES / "manager.conf.j2", folder)
    return folder


@given(secret=st.text(min_size=1))
def test_a_value_never_adds_a_line(manager_alone: Path, secret: str) -> None:
    settings = AsteriskSettings(templates_folder=manager_alone)
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


# --- workplaces, queues --------------------------------------------------------------------------------


def test_each_workplace_has_a_telephone_in_the_browser_and_one_on_the_desk(rendered: Rendered) -> None:
    text = rendered(workplaces={"first": 301, "count": 2, "lost_seconds": 7})["pjsip.conf"]
    assert re.findall(r"(?m)^\[(\S+)\]\((?:browser|desk)\)$", text) == [
        "op-301",
        "desk-301",
        "op-302",
        "desk-302",
    ]
    assert "webrtc = yes\nrtp_timeout = 7\n" in section(text, "browser", "workplace")
    passwords = re.findall(r"username = \S+-30\d\npassword = ([0-9a-f]{64})", text)
    assert len(set(passwords)) == 4


def test_a_password_follows_from_the_secret_and_the_telephone(settings: Settings, rendered: Rendered) -> None:
    chosen = settings()
    password = workplace_secret(chosen, "op-201").get_secret_value()
    assert password == workplace_secret(chosen, "op-201").get_secret_value()
    assert password != workplace_secret(chosen, "desk-201").get_secret_value()
    own = settings(workplaces={"secret": "w0rk"})
    assert f"password = {workplace_secret(own, 'op-201').get_secret_value()}\n" in rendered()["pjsip.conf"]
    assert stat.S_IMODE((chosen.data_folder / "workplaces.secret").stat().st_mode) == 0o600


def test_without_workplaces_nothing_is_offered_to_browsers(rendered: Rendered) -> None:
    files = rendered(workplaces={"count": 0})
    assert "enabled = no\n" in files["http.conf"]
    assert "workplace" not in files["pjsip.conf"].partition("[global]")[2]


def test_tls_is_offered_with_a_certificate_and_its_copy_is_kept_from_others(
    rendered: Rendered, settings: Settings, tmp_path: Path
) -> None:
    assert "tls" not in rendered()["http.conf"]
    given = {name: tmp_path / f"own.{name}" for name in ("certificate", "key")}
    for name, file in given.items():
        file.write_text(name)
    chosen = settings(websocket=given)
    install(chosen, rendered(websocket=given))
    keys = chosen.etc_folder / "keys"
    assert f"tlscertfile = {keys}/websocket.pem\n" in rendered(websocket=given)["http.conf"]
    assert {file.name: file.read_text() for file in keys.iterdir()} == {
        "websocket.pem": "certificate",
        "websocket.key": "key",
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in keys.iterdir()} == {0o600}


def test_a_missing_certificate_is_named(rendered: Rendered, settings: Settings, tmp_path: Path) -> None:
    given = {"certificate": tmp_path / "absent.pem", "key": tmp_path / "absent.key"}
    with pytest.raises(Fault, match=r"asterisk\.websocket\.certificate"):
        install(settings(websocket=given), {})


def test_media_of_browsers_goes_by_the_given_address(rendered: Rendered) -> None:
    files = rendered(
        rtp={"media_address": "10.0.0.1", "ice_host_candidates": {"10.0.0.1": "203.0.113.9"}, "ice": False}
    )
    assert "10.0.0.1 => 203.0.113.9\n" in files["rtp.conf"]
    assert "icesupport = no\n" in files["rtp.conf"]
    assert "media_address = 10.0.0.1\n" in section(files["pjsip.conf"], "browser", "workplace")


def test_a_group_has_a_queue_of_its_own(rendered: Rendered) -> None:
    queue = {"groups": {"billing": {}}, "callback_key": "5", "max_wait_seconds": 90}
    files = rendered(queues={"people": queue, "late": {"callback_key": ""}})
    named = re.findall(r"(?m)^\[(\S+)\]\(queue\)", files["queues.conf"])
    assert named == ["people", "people.billing", "late"]
    assert files["queues.conf"].count("context = queue-key-people\n") == 2
    assert "context = queue-key-late" not in files["queues.conf"]
    assert "[queue-key-people]\nexten => 5,1,Set(IVR_KEY=5)\n" in files["extensions.conf"]
    assert "[limits-people]\nexten => s,1,Set(IVR_MAX_WAIT=90)\n" in files["extensions.conf"]


def test_a_name_of_the_caller_never_reaches_an_operator(rendered: Rendered) -> None:
    """It is the caller's to choose, and may hold anything."""
    way = rendered()["extensions.conf"].partition("[call]")[2]
    assert way.index("Set(CALLERID(name)=)") < way.index("AGI(")


def test_calls_of_campaigns_show_their_own_number_and_need_no_answer_to_options(rendered: Rendered) -> None:
    trunk = {**REGISTRATION, "outbound_order": 1, "caller_id": "4832000000"}
    text = rendered(trunks=[trunk])["pjsip.conf"]
    endpoint = section(text, "trunk-op.campaign", "(party)")
    assert "from_user" not in endpoint
    assert "outbound_auth = trunk-op\n" in endpoint
    assert "identify_by = auth_username\n" in endpoint, "nobody may call in under this name"
    assert "qualify_frequency" not in section(text, "trunk-op.campaign", "type = aor")
    assert "trunk-op.campaign" not in rendered(trunks=[REGISTRATION])["pjsip.conf"]

"""SIPp scenarios (XML) and their media files, made from descriptions of callers and phones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.bench.sipp.actions import Action, Caller, ExpectHangup, Keys, Speak, Wait
from ivr.bench.sipp.rtp import PACKET_MS, Packet, Track, seconds_of_keys, write_pcap

_MEDIA_MARGIN_MS = 20
_BREATH_MS = 500
"""Between lifting the receiver and speaking: Asterisk joins the two legs meanwhile."""
_TRANSACTION_MS = 10_000
_LISTEN_PORT = "[auto_media_port+4]"
_DEAF_PORT = "[media_port+4]"
_PHONE_PORT = "[media_port]"
_LONGEST = 65_536
"""Characters that SIPp 3.6 takes in."""

_SDP = """v=0
o=phone 1 1 IN IP[local_ip_type] [local_ip]
s=call
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio {port} RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
a=sendrecv"""

_INVITE = """INVITE sip:[field1]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field2]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[field1]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Allow: INVITE, ACK, BYE, CANCEL, OPTIONS
Content-Type: application/sdp
Content-Length: [len]

{sdp}"""

_IN_DIALOG = """{method} [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field2]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[field1]@[remote_ip]:[remote_port]>[peer_tag_param]
[routes]
Call-ID: [call_id]
CSeq: {sequence} {method}
Max-Forwards: 70
Content-Length: 0"""

_OK = """SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:phone@[local_ip]:[local_port]>
Content-Length: 0"""

_ANSWER = """SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]p[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:phone@[local_ip]:[local_port]>
Allow: INVITE, ACK, BYE, CANCEL, OPTIONS
{body}"""

_PHONE_BYE = """BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: [$me];tag=[pid]p[call_number]
To: [$peer]
[routes]
Call-ID: [call_id]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0"""


@dataclass
class _Media:
    """Writes the media files of a scenario; equal ones are written once."""

    folder: Path
    _written: dict[tuple[Packet, ...], str] = field(default_factory=dict)

    def write(self, packets: list[Packet]) -> str:
        key = tuple(packets)
        if key not in self._written:
            name = f"{len(self._written)}.pcap"
            write_pcap(packets, self.folder / name)
            self._written[key] = name
        return self._written[key]


def write_callers(callers: Sequence[Caller], folder: Path, *, listened: bool = False) -> tuple[Path, Path]:
    """Write the scenario of one or several callers, who call in turn.

    Args:
        callers: The n-th call is made by the caller n modulo their number.
        folder: Where the files go; made when missing.
        listened: Each call has a media port of its own, at which somebody else listens: the port given
            to SIPp as `-mp`, plus four times the number of the call (from 1). Otherwise all calls share
            that of the first one.

    Returns:
        The scenario and the injection file (variant, number called, caller id).

    Raises:
        ValueError: So many different callers don't fit into one scenario (about a hundred do).
    """
    folder.mkdir(parents=True, exist_ok=True)
    media = _Media(folder)
    port = _LISTEN_PORT if listened else _DEAF_PORT
    parts = [_head("caller"), _send(_INVITE.format(sdp=_SDP.format(port=port)), retransmit=True)]
    parts += [_receive("100", optional=True), _receive("180", optional=True), _receive("183", optional=True)]
    parts.append('<recv response="200" rrs="true" rtd="true"/>')
    parts.append(_send(_IN_DIALOG.format(method="ACK", sequence=1)))
    parts += _choice(len(callers))
    endings: dict[Action, str] = {}
    for place, caller in enumerate(callers, 1):
        label = endings.setdefault(caller.actions[-1], str(len(callers) + len(endings) + 1))
        parts += [_label(place), *_play(caller.actions[:-1], media), f'<nop next="{label}"/>']
    for ending, label in endings.items():
        parts += [_label(label), *_end(ending), '<nop next="end"/>']
    parts += [_label("end"), "<nop/>", "</scenario>"]
    scenario = folder / "caller.xml"
    text = "\n".join(parts)
    if len(text) > _LONGEST:
        raise ValueError(f"{len(callers)} callers are too much for one scenario of SIPp")
    scenario.write_text(text, encoding="utf-8")
    calls = folder / "calls.csv"
    lines = [f"{place + 1};{caller.number};{caller.caller_id};" for place, caller in enumerate(callers)]
    calls.write_text("\n".join(["SEQUENTIAL", *lines]) + "\n", encoding="utf-8")
    return scenario, calls


def write_phone(folder: Path, *, ring_seconds: float, talk_seconds: float, speak: Path | None) -> Path:
    """Write the scenario of a phone that rings, answers, and hangs up unless the caller does so first."""
    folder.mkdir(parents=True, exist_ok=True)
    sdp = "Content-Type: application/sdp\nContent-Length: [len]\n\n" + _SDP.format(port=_PHONE_PORT)
    parts = [_head("phone"), _received_invite()]
    parts.append(_send(_ANSWER.format(status="180 Ringing", body="Content-Length: 0")))
    parts.append(_pause(ring_seconds * 1000))
    parts.append(_send(_ANSWER.format(status="200 OK", body=sdp), retransmit=True))
    parts.append('<recv request="ACK" crlf="true"/>')
    if speak:
        parts.append(_pause(_BREATH_MS))
        parts.append(_play_file(_Media(folder).write(Track().audio(speak))))
    parts.append(f'<recv request="BYE" timeout="{int(talk_seconds * 1000)}" ontimeout="leave" rrs="true"/>')
    parts += [_send(_OK), '<nop next="end"/>', _label("leave"), _send(_PHONE_BYE, retransmit=True)]
    parts += [_receive("200"), _label("end"), "<nop/>", "</scenario>"]
    path = folder / "phone.xml"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def _choice(callers: int) -> Iterator[str]:
    if callers == 1:
        return
    yield '<nop><action><assignstr assign_to="text" value="[field0]"/>'
    yield '<todouble assign_to="variant" variable="text"/></action></nop>'
    for number in range(1, callers + 1):
        test = f'<test assign_to="mine" variable="variant" compare="equal" value="{number}"/>'
        yield f'<nop next="{number}" test="mine"><action>{test}</action></nop>'
    yield '<Reference variables="text"/>'


def _play(actions: Sequence[Action], media: _Media) -> Iterator[str]:
    track = Track()
    pause_ms = 0.0
    for action in actions:
        if isinstance(action, Wait):
            track.pause(action.seconds)
            pause_ms += action.seconds * 1000
            continue
        packets = _packets(action, track)
        if pause_ms:
            yield _pause(pause_ms)
        yield _play_file(media.write(packets))
        pause_ms = _length_ms(action, packets) + _MEDIA_MARGIN_MS
    if pause_ms:
        yield _pause(pause_ms)


def _packets(action: Action, track: Track) -> list[Packet]:
    match action:
        case Keys(keys):
            return track.keys(keys)
        case Speak(wav):
            return track.audio(wav)
        case _:
            raise ValueError(f"{action} sends nothing")


def _length_ms(action: Action, packets: Sequence[Packet]) -> float:
    return seconds_of_keys(action.keys) * 1000 if isinstance(action, Keys) else len(packets) * PACKET_MS


def _end(ending: Action) -> list[str]:
    if isinstance(ending, ExpectHangup):
        return [f'<recv request="BYE" timeout="{int(ending.within * 1000)}"/>', _send(_OK)]
    return [_send(_IN_DIALOG.format(method="BYE", sequence=2), retransmit=True), _receive("200")]


def _label(name: object) -> str:
    return f'<label id="{name}"/>'


def _head(name: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">'


def _send(message: str, *, retransmit: bool = False) -> str:
    attributes = f' retrans="500" timeout="{_TRANSACTION_MS}"' if retransmit else ""
    return f"<send{attributes}><![CDATA[\n\n{message}\n\n]]></send>"


def _receive(response: str, *, optional: bool = False) -> str:
    attributes = ' optional="true"' if optional else f' timeout="{_TRANSACTION_MS}"'
    return f'<recv response="{response}"{attributes}/>'


def _received_invite() -> str:
    actions = "".join(
        f'<ereg regexp="(.*)" search_in="hdr" header="{header}:" check_it="true" assign_to="all,{name}"/>'
        for header, name in (("From", "peer"), ("To", "me"))
    )
    return f'<recv request="INVITE" rrs="true"><action>{actions}</action></recv><Reference variables="all"/>'


def _pause(milliseconds: float) -> str:
    return f'<pause milliseconds="{max(int(milliseconds), 1)}"/>'


def _play_file(name: str) -> str:
    return f'<nop><action><exec play_pcap_audio="{name}"/></action></nop>'

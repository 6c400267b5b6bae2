"""Settings of messages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, model_validator

from ivr.campaigns.channels.model import Channel, PartState

_MAILBOX = r"^[^@\s,;<>]+@[^@\s,;<>]+$"
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Long(StrEnum):
    """How a text that is longer than one short message is handed to an SMPP gateway."""

    UDH = "udh"
    """In parts, each with a user data header (3GPP TS 23.040, 9.2.3.24.1)."""

    SAR = "sar"
    """In parts, with the optional parameters sar_* (SMPP 3.4, 5.3.2.22 to 24)."""

    PAYLOAD = "payload"
    """As a whole in message_payload (5.3.2.32); the gateway takes it apart."""


class IdForm(StrEnum):
    """How receipts write the id that was given in the answer."""

    SAME = "same"
    HEX_THEN_DECIMAL = "hex-then-decimal"
    """Hexadecimal in the answer, decimal in receipts, as several message centres have it."""


class GatewaySettings(_Settings):
    """What every gateway has."""

    name: Name = Field(description="Name; unique, and never changed while receipts are awaited.")
    per_second: float = Field(10.0, gt=0, le=1_000, description="Messages handed over a second, at most.")
    window: int = Field(10, ge=1, le=500, description="Messages under way at once, at most.")
    timeout_seconds: float = Field(30.0, gt=0, le=120, description="Longest wait for an answer, seconds.")
    receipts: bool = Field(True, description="Whether it tells what became of messages.")
    repeatable: bool = Field(
        False,
        description="Whether it takes a message only once when it is handed over twice under the same key; "
        "only then is one repeated of which nobody knows whether it was taken.",
    )


class SmppSettings(GatewaySettings):
    """A message centre by SMPP 3.4."""

    host: str = Field(description="Name or address.")
    port: int = Field(2775, ge=1, le=65_535, description="TCP port.")
    tls: bool = Field(False, description="Whether the connection is encrypted; the certificate is checked.")
    system_id: str = Field(max_length=15, description="Name to bind with.")
    password: SecretStr = Field(SecretStr(""), max_length=8, description="Password.")
    system_type: str = Field("", max_length=12, description="As the operator of the centre wants it.")
    sender: str = Field(max_length=20, description="Name of up to 11 letters, or number, that SMS come from.")
    long: Long = Field(Long.UDH, description="How long texts go: udh, sar or payload.")
    ids: IdForm = Field(IdForm.SAME, description="How receipts write ids: same or hex-then-decimal.")
    zone: str | None = Field(None, description="Zone of times in receipts (IANA); left out: the company's.")
    enquire_seconds: float = Field(
        30.0, gt=0, description="After so many seconds of silence the link is tried (enquire_link)."
    )
    reconnect_seconds: float = Field(1.0, gt=0, description="Pause before a new connection; doubled up to …")
    reconnect_at_most_seconds: float = Field(60.0, gt=0, description="… so many seconds.")


class SmsHttpSettings(GatewaySettings):
    """An SMS gateway by HTTP: one request a message, as its operator describes it."""

    url: HttpUrl = Field(description="Where messages are posted.")
    headers: Mapping[str, SecretStr] = Field(default_factory=dict, description="Headers, the key among them.")
    body: Mapping[str, Any] = Field(
        description="JSON that is posted; {number}, {text}, {key} and {sender} in its texts are filled in."
    )
    sender: str = Field("", description="Name or number that SMS come from.")
    id_path: str = Field(
        "id", description="Where the answer has the gateway's id: names and numbers of places, with dots."
    )
    error_path: str = Field("", description="Where the answer has an error; something there: not taken.")
    callback: CallbackSettings | None = Field(None, description="How the gateway tells of receipts.")


class CallbackSettings(_Settings):
    """What a gateway posts to us about a message."""

    id_path: str = Field("id", description="Where it has the gateway's id.")
    state_path: str = Field("status", description="Where it has the state.")
    code_path: str = Field("", description="Where it has the reason, if it has one.")
    at_path: str = Field("", description="Where it has the moment (ISO 8601, or seconds since 1970).")
    states: Mapping[str, PartState] = Field(
        default_factory=lambda: {"delivered": PartState.DELIVERED, "undelivered": PartState.UNDELIVERED},
        description="Its words for accepted, delivered, undelivered, unknown.",
    )
    secret: SecretStr = Field(description="Comes in the address of the callback, so that no stranger posts.")


class Security(StrEnum):
    """How a connection to the mail server is kept private."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class MailSettings(GatewaySettings):
    """The server that takes mail to clients."""

    name: Name = Field("mail", description="Name of the gateway.")
    receipts: bool = Field(False, description="Whether returned mail is told of; else it ends as sent.")
    host: str = Field(description="Name or address.")
    port: int = Field(587, ge=1, le=65_535, description="TCP port.")
    security: Security = Field(
        Security.STARTTLS, description="none, starttls or tls; certificates are checked."
    )
    user: str | None = Field(None, description="Name to sign in with; left out: nobody signs in.")
    password: SecretStr = Field(SecretStr(""), description="Password.")
    sender: str = Field(pattern=_MAILBOX, description="Address that mail comes from.")
    sender_name: str = Field("", description="Name that mail comes from.")


class WebhookSettings(GatewaySettings):
    """A service of the company that shows messages in its application or personal account."""

    repeatable: bool = Field(True, description="It must know repeats by the header webhook-id.")
    receipts: bool = Field(False, description="Whether it tells what became of messages.")
    url: HttpUrl = Field(description="Where messages are posted.")
    secret: SecretStr = Field(min_length=16, description="Key of the signature (HMAC-SHA256).")
    callback: CallbackSettings | None = Field(None, description="How the service tells of receipts.")


class Price(_Settings):
    """What a part of an SMS costs, for estimates and reports."""

    per_part: Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)] = Field(
        Decimal(0), description="Roubles."
    )


class ChannelsSettings(_Settings):
    """Messages before, after and instead of calls."""

    smpp: SmppSettings | None = Field(None, description="SMS by SMPP; either this or sms_http.")
    sms_http: SmsHttpSettings | None = Field(None, description="SMS by HTTP.")
    mail: MailSettings | None = Field(None, description="E-mail.")
    push: WebhookSettings | None = Field(None, description="Messages of the company's application.")
    account: WebhookSettings | None = Field(None, description="Messages in the personal account.")
    price: Price = Field(Price(), description="Price of SMS.")
    parts_at_most: int = Field(
        6, ge=1, le=255, description="Longest SMS, in parts; longer texts are refused."
    )
    ruled: frozenset[Channel] = Field(
        frozenset({Channel.SMS, Channel.EMAIL, Channel.PUSH}),
        description="Channels for which the hours, limits and refusals of calling hold, too.",
    )
    stop_words: frozenset[str] = Field(
        frozenset({"стоп", "stop"}), description="Whoever answers an SMS with one of them gets none any more."
    )
    valid_hours: float = Field(
        6.0,
        gt=0,
        le=72,
        description="Longest time a centre tries to deliver an SMS; never into forbidden hours.",
    )
    receipt_hours: float = Field(
        72.0,
        gt=0,
        description="After so many hours without a receipt it is unknown whether a message arrived.",
    )
    poll_seconds: float = Field(1.0, gt=0, description="How often it is looked whether one is due, seconds.")
    first_pause_seconds: float = Field(
        30.0, gt=0, description="Pause after a failed try, seconds; doubled each time up to …"
    )
    longest_pause_seconds: float = Field(3_600.0, gt=0, description="… so many seconds.")
    tries: int = Field(12, ge=1, description="So many failed tries, then a message is given up.")

    @model_validator(mode="after")
    def _one_for_sms(self) -> Self:
        if self.smpp is not None and self.sms_http is not None:
            raise ValueError("SMS go by smpp or by sms_http, not by both")
        return self

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        found = [each.name for each in self.gateways()]
        if len(set(found)) < len(found):
            raise ValueError("two gateways have the same name")
        return self

    def gateways(self) -> list[GatewaySettings]:
        """Those that are set."""
        every = (self.smpp, self.sms_http, self.mail, self.push, self.account)
        return [each for each in every if each is not None]


SmsHttpSettings.model_rebuild()

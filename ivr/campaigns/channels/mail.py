"""Messages by e-mail."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

import aiosmtplib

from ivr.campaigns.channels.gateways import Letter, NotSent, Unsure
from ivr.campaigns.channels.settings import MailSettings, Security

_AWAY_SECONDS = 30.0
_SLOWER = frozenset({421, 450, 451, 452})
"""RFC 5321, 4.2.3: not now."""


class MailGateway:
    """Hands letters to a mail server, one connection a letter.

    After the end of the letter was sent and before the server's answer nobody can tell whether it was taken
    (RFC 1047). A letter handed over again bears the same Message-ID.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    def parts(self, whole: str) -> int:
        """One letter."""
        return 1

    async def hand_over(self, letter: Letter, part: int) -> str:
        """Send it; its Message-ID is its id. Raises NotSent, Unsure."""
        client = self._client()
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            code = _code(error)
            raise NotSent("the mail server is away", pause=_AWAY_SECONDS, code=code) from error
        made = self._made(letter)
        try:
            await self._envelope(client, letter.address)
            await self._content(client, made)
        finally:
            await _leave(client)
        return str(made["Message-ID"])

    async def run(self) -> None:
        """There is no connection to keep."""

    async def _envelope(self, client: aiosmtplib.SMTP, address: str) -> None:
        try:
            await client.mail(self._settings.sender)
            await client.rcpt(address)
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error.code) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NotSent("the mail server is away", pause=_AWAY_SECONDS, code=_code(error)) from error

    async def _content(self, client: aiosmtplib.SMTP, made: EmailMessage) -> None:
        try:
            await client.data(made.as_bytes())
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error.code) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unsure(f"mail: {type(error).__name__}") from error

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user,
            password=settings.password.get_secret_value() if settings.user else None,
            use_tls=settings.security is Security.TLS,
            start_tls=settings.security is Security.STARTTLS,
            timeout=settings.timeout_seconds,
        )

    def _made(self, letter: Letter) -> EmailMessage:
        settings = self._settings
        made = EmailMessage(policy=SMTP)
        made["Subject"] = letter.subject
        made["From"] = formataddr((settings.sender_name, settings.sender))
        made["To"] = letter.address
        made["Date"] = format_datetime(letter.written_at)
        made["Message-ID"] = f"<{letter.key}@{settings.sender.rpartition('@')[2]}>"
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834
        made.set_content(letter.text)
        return made


async def _leave(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError):
        client.close()


def _refused(code: int) -> NotSent:
    named = f"smtp {code}"
    if code in _SLOWER:
        return NotSent("the mail server says not now", code=named)
    return NotSent("the mail server refuses it", final=code >= 500, code=named)


def _code(error: Exception) -> str:
    return (
        f"smtp {error.code}" if isinstance(error, aiosmtplib.SMTPResponseException) else type(error).__name__
    )

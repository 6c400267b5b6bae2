"""Taking reports where they belong: a folder, or a mailbox."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

import aiosmtplib

from ivr.kpi.papers import numbers
from ivr.kpi.papers.book import Book
from ivr.kpi.papers.files import put_in_place
from ivr.kpi.papers.forms import Paper
from ivr.kpi.papers.settings import MailSettings, Security
from ivr.kpi.papers.words import day, words
from ivr.kpi.verdicts import Verdict

FOLDER, EMAIL = "folder:", "email:"


class NotDelivered(Exception):
    """A report has not arrived; the text tells why, without addresses."""


class Post:
    """Delivers papers; the same once more changes nothing, or bears the same Message-ID."""

    def __init__(self, mail: MailSettings | None) -> None:
        self._mail = mail

    async def deliver(self, destination: str, name: str, book: Book, papers: Sequence[Paper]) -> None:
        """Take papers to `folder:PATH` or `email:ADDRESS`.

        Raises:
            NotDelivered: They have not arrived, or only in part.
        """
        if destination.startswith(FOLDER):
            await self._put(Path(destination.removeprefix(FOLDER)), papers)
        else:
            await self._send(destination.removeprefix(EMAIL), name, book, papers)

    async def _put(self, folder: Path, papers: Sequence[Paper]) -> None:
        try:
            for paper in papers:
                await asyncio.to_thread(put_in_place, folder / paper.name, paper.content)
        except OSError as error:
            raise NotDelivered(f"the folder: {error.strerror}") from error

    async def _send(self, address: str, name: str, book: Book, papers: Sequence[Paper]) -> None:
        mail = self._mail
        if mail is None:
            raise NotDelivered("kpi.mail is not set")
        try:
            await aiosmtplib.send(
                message(mail.sender, address, name, book, papers),
                hostname=mail.host,
                port=mail.port,
                username=mail.user,
                password=mail.password.get_secret_value() if mail.user else None,
                use_tls=mail.security is Security.TLS,
                start_tls=mail.security is Security.STARTTLS,
                timeout=mail.timeout_seconds,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise NotDelivered(f"the mail server answers {error.recipients[0].code}") from error
        except aiosmtplib.SMTPResponseException as error:
            raise NotDelivered(f"the mail server answers {error.code}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NotDelivered(f"the mail server: {type(error).__name__}") from error


def message(sender: str, address: str, name: str, book: Book, papers: Sequence[Paper]) -> EmailMessage:
    """The message: what is not kept in words, all else attached."""
    report, told = book.report, words()["mail"]
    period = report.selection.period
    days = {"first": day(period.first), "last": day(period.last)}
    made = EmailMessage(policy=SMTP)
    made["Subject"] = told["subject"].format(title=words()["title"], **days)
    made["From"] = sender
    made["To"] = address
    made["Date"] = format_datetime(report.made_at)
    made["Message-ID"] = _message_id(sender, address, name, period.since)
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834
    made.set_content(
        told["body"].format(
            name=name,
            standard=report.profile.title,
            summary=words()["nothing"] if report.empty else book.summary(),
            missed=_missed(book),
            **days,
        )
    )
    for paper in papers:
        kind, _, subtype = paper.form.media_type.partition("/")
        made.add_attachment(paper.content, maintype=kind, subtype=subtype, filename=paper.name)
    return made


def _missed(book: Book) -> str:
    lines = [
        f"– {kpi.definition.title}: {numbers.figure(kpi.value.value, kpi.definition.unit, kpi.aim)}"
        f" ({numbers.target(kpi.aim, kpi.definition.unit)})"
        for kpi in book.report.kpis
        if kpi.verdict is Verdict.MISSED
    ]
    return "\n".join([words()["mail"]["missed"], *lines, ""]) if lines else ""


def _message_id(sender: str, address: str, name: str, since: datetime) -> str:
    what = hashlib.sha256(f"{name} {since.isoformat()} {address}".encode()).hexdigest()[:32]
    return f"<{what}@{sender.rpartition('@')[2]}>"

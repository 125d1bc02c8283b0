"""How does a reminder reach a mailbox? By SMTP, encrypted wherever the server lets us, within a bounded time."""

import logging
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from engine.errors import InvalidRequest
from engine.reports.reminders import Message, Outcome

log = logging.getLogger("kompetansegraf.reminders")

TIMEOUT = 20.0
"""Longest wait for each answer of the server [s]."""

PORTS = {"smtp": 25, "smtps": 465}


class SmtpMessenger:
    """A mailbox of a function (`engine.reports.reminders.Messenger`).

    Parameters
    ----------
    url : str
        ``smtp://HOST:PORT`` or ``smtps://USER:PASSWORD@HOST:PORT``. With ``smtp`` the connection is encrypted when
        the server offers it; a password is sent over nothing but an encrypted connection or to this machine itself.
    sender, to : str
        Addresses of functions.

    Raises
    ------
    InvalidRequest
        If the URL or an address will not do.
    """

    def __init__(self, url: str, *, sender: str, to: str, timeout: float = TIMEOUT) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise InvalidRequest("KG_REMINDER_SMTP: smtp://HOST:PORT is needed") from None
        if parts.scheme not in PORTS or not parts.hostname:
            raise InvalidRequest("KG_REMINDER_SMTP: smtp://HOST:PORT or smtps://HOST:PORT is needed")
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, port or PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender, self._to = _address(sender, "KG_REMINDER_FROM"), _address(to, "KG_REMINDER_TO")
        self._timeout = timeout

    @property
    def name(self) -> str:
        return f"mail {self._to}"

    def send(self, message: Message) -> Outcome:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, self._to, message.subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{message.id}@kompetansegraf>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        outcome: Outcome = "not_sent"
        try:
            with self._connected() as server:
                outcome = "unsure"
                server.send_message(mail)
                outcome = "sent"
        except smtplib.SMTPServerDisconnected as e:
            log.warning("%s: %s", self.name, e)
        except smtplib.SMTPException as e:  # the server has said no
            log.warning("%s: %s", self.name, type(e).__name__)
            return "sent" if outcome == "sent" else "not_sent"
        except OSError as e:
            log.warning("%s: %s", self.name, e)
        return outcome

    def _connected(self) -> smtplib.SMTP:
        if self._tls:
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            server.ehlo()
            encrypted = self._tls
            if not encrypted and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
                encrypted = True
            if self._user:
                if not encrypted and not _is_here(self._host):
                    raise smtplib.SMTPException(
                        "the server offers no encryption, so the password is not sent"
                    )
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(text: str, setting: str) -> str:
    local, at, domain = text.strip().rpartition("@")
    if not (local and at and domain) or not text.isprintable() or any(c in text for c in " ,;<>"):
        raise InvalidRequest(f"{setting}: one address is needed, that of a function")
    return text.strip()

"""How does a reminder reach another system? By a signed POST, tried again a few times within a bounded time."""

import hashlib
import hmac
import logging
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import orjson

from engine.errors import InvalidRequest
from engine.reports.reminders import Message, Outcome

log = logging.getLogger("kompetansegraf.reminders")

TRIES = 4
TIMEOUT = 10.0
"""Longest wait for one answer [s]."""

BUDGET = 45.0
"""Longest time for all tries together [s]."""

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class WebhookMessenger:
    """An address that takes reminders (`engine.reports.reminders.Messenger`).

    The body is JSON. ``Kompetansegraf-Signature: t=SECONDS,v1=HEX`` is the HMAC-SHA256 of ``SECONDS.BODY``;
    ``Idempotency-Key`` is the same for every try of one message, so that the receiver can tell a repetition.
    Redirects are not followed.

    Raises
    ------
    InvalidRequest
        If the URL is none, or the secret is shorter than 16 characters.
    """

    def __init__(
        self,
        url: str,
        *,
        secret: str,
        timeout: float = TIMEOUT,
        budget: float = BUDGET,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidRequest("KG_REMINDER_WEBHOOK: an http or https address is needed")
        if len(secret) < 16:
            raise InvalidRequest("KG_REMINDER_SECRET: at least 16 characters are needed")
        self._url, self._host, self._secret = url, parts.hostname, secret.encode()
        self._timeout, self._budget, self._pause = timeout, budget, pause

    @property
    def name(self) -> str:
        path = hashlib.sha256(self._url.encode()).hexdigest()[:8]  # the address itself may hold a token
        return f"webhook {self._host} {path}"

    def send(self, message: Message) -> Outcome:
        body = orjson.dumps(message.document)
        begun, doubt = time.monotonic(), False
        with httpx.Client(timeout=self._timeout, follow_redirects=False, trust_env=False) as client:
            for attempt in range(TRIES):
                if attempt:
                    left = self._budget - (time.monotonic() - begun)
                    if left <= 0:
                        break
                    self._pause(min(2.0 ** (attempt - 1), left))
                try:
                    answer = client.post(self._url, content=body, headers=self._headers(message.id, body))
                except (httpx.ConnectError, httpx.ConnectTimeout) as e:
                    log.warning("%s: %s", self.name, type(e).__name__)
                    continue
                except httpx.HTTPError as e:
                    log.warning("%s: %s", self.name, type(e).__name__)
                    doubt = True
                    continue
                if answer.is_success:
                    return "sent"
                log.warning("%s: status %d", self.name, answer.status_code)
                if answer.status_code not in _AGAIN:
                    return "unsure" if doubt else "not_sent"
        return "unsure" if doubt else "not_sent"

    def _headers(self, id_: str, body: bytes) -> dict[str, str]:
        at = str(int(time.time()))
        signature = hmac.new(self._secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "User-Agent": "Kompetansegraf",
            "Idempotency-Key": id_,
            "Kompetansegraf-Signature": f"t={at},v1={signature}",
        }

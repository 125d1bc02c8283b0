"""Who may do what? Keys with scopes, limits on requests, headers that keep browsers safe."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from engine.settings import ApiKey
from engine.settings import Scope as KeyScope

RANK: Mapping[KeyScope, int] = {"read": 0, "write": 1, "admin": 2}

MAX_BODY = 32 * 1024 * 1024
"""Largest request body [bytes]: a thousand resources of 30 kB."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The key behind a request: its name (a function's, never a person's), scope and edition."""

    name: str
    edition: str | None

    def may_write(self, edition: str) -> bool:
        """Tell whether the key may write resources of an edition."""
        return self.edition is None or self.edition == edition


def caller(request: Request, needed: KeyScope) -> Caller:
    """Return the key behind a request.

    Raises
    ------
    Problem
        401 without a key or with an unknown one, 403 when its scopes do not reach.
    """
    secret = request.headers.get("x-api-key", "")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        secret = token.strip()
    challenge = {"WWW-Authenticate": 'Bearer realm="kompetansegraf"'}
    if not secret:
        raise Problem(
            401,
            "unauthorized",
            "Send a key as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.",
            headers=challenge,
        )
    keys: dict[str, ApiKey] = request.app.state.engine.settings.api_keys
    digest = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
    found: str | None = None
    for name, key in keys.items():  # all of them, so that the time tells nothing
        if hmac.compare_digest(key.sha256, digest):
            found = name
    if found is None:
        raise Problem(401, "unauthorized", "The key is not known.", headers=challenge)
    key = keys[found]
    if max((RANK[s] for s in key.scopes), default=-1) < RANK[needed]:
        raise Problem(403, "forbidden", f"The key needs the scope {needed}.")
    return Caller(found, key.edition)


class SecurityHeaders:
    """ASGI middleware: sets the headers of `HEADERS` on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


class BodyLimit:
    """ASGI middleware: refuses a body of more than `limit` bytes with 413, stated length or not."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                raise HTTPException(413, f"A request body may have at most {self.limit} bytes.")
            return message

        await self.app(scope, counted, send)


class HeadAsGet:
    """ASGI middleware: HEAD is answered as GET without the body (RFC 9110 § 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def headless(message: Message) -> None:
            scope["method"] = "HEAD"  # the server looks here to know that no body will follow
            if message["type"] == "http.response.body":
                message = {
                    "type": "http.response.body",
                    "body": b"",
                    "more_body": message.get("more_body", False),
                }
            await send(message)

        scope["method"] = "GET"  # in place: what the router adds to the scope must be seen outside
        await self.app(scope, receive, headless)

"""Who is behind a request? Keys with scopes and sessions; and limits and headers that keep browsers safe.

What they may do then stands in `engine.rights`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from api.sessions import Session, SessionRefused, Sessions, cookie_of, editor_of
from engine.rights import Editor
from engine.service import Engine
from engine.settings import ApiKey
from engine.settings import Scope as KeyScope

RANK: Mapping[KeyScope, int] = {"read": 0, "write": 1, "admin": 2}

CHALLENGE: Mapping[str, str] = {"WWW-Authenticate": 'Bearer realm="kompetansegraf"'}

_IN_ADDRESS = frozenset({"key", "api_key", "apikey", "api-key", "x-api-key", "token", "access_token"})

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
class Caller(Editor):
    """Who is behind a request: a key or somebody who has signed in. `session` is None for a key."""

    session: Session | None = None


def caller(request: Request, needed: KeyScope) -> Caller:
    """Return the key behind a request; who has signed in is nobody here, see `caller_or_session`.

    Raises
    ------
    Problem
        401 without a key or with an unknown one, 403 when its scopes do not reach.
    """
    secret = _key_sent(request)
    if not secret:
        told = "A key in the address ends up in logs: " if _IN_ADDRESS & set(request.query_params) else ""
        raise Problem(
            401,
            "unauthorized",
            f"{told}Send a key as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.",
            headers=CHALLENGE,
            why="key in the address" if told else "no key",
        )
    name, key = known_key(request, secret)
    request.state.caller = name
    if max((RANK[s] for s in key.scopes), default=-1) < RANK[needed]:
        raise Problem(
            403, "forbidden", f"The key needs the scope {needed}.", why=f"scope {needed} is missing"
        )
    editor = editor_of(name, key)
    return Caller(editor.name, editor.edition, editor.admin, editor.rights)


def known_key(request: Request, secret: str) -> tuple[str, ApiKey]:
    """Return the key of a secret and its name; raises Problem 401."""
    keys: dict[str, ApiKey] = request.app.state.engine.settings.api_keys
    digest = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
    found: str | None = None
    for name, key in keys.items():  # all of them, so that the time tells nothing
        if hmac.compare_digest(key.sha256, digest):
            found = name
    if found is None:
        raise Problem(401, "unauthorized", "The key is not known.", headers=CHALLENGE, why="unknown key")
    return found, keys[found]


async def caller_or_session(request: Request, needed: KeyScope) -> Caller:
    """Return the key behind a request, or who has signed in; a key counts before a session.

    Who has signed in must send the token of forms with everything that changes something (`X-CSRF-Token`, or the
    field ``csrf`` of a form), from a page of ours.

    Raises
    ------
    Problem
        401 when nobody is behind it, 403 when it may not be done.
    """
    engine: Engine = request.app.state.engine
    if _key_sent(request) or not cookie_of(request, engine):
        return caller(request, needed)
    found = await run_in_threadpool(_by_session, request)
    assert found.session is not None
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        require_same_origin(request)
        sent = request.headers.get("x-csrf-token") or (await form_of(request)).get("csrf", "")
        wanted = request.app.state.sessions.form_token(found.session)
        if not hmac.compare_digest(sent.encode("utf-8", "replace"), wanted.encode()):
            raise Problem(
                403,
                "forbidden",
                "The token of the form is missing or old: open the page again.",
                why="no form token",
            )
    if needed == "admin" and not found.admin:
        raise Problem(403, "forbidden", "Only an administrator may do this.", why="scope admin is missing")
    return found


def signed_in(request: Request) -> Caller | None:
    """Return who has signed in with the browser; None when nobody has, or not any more."""
    engine: Engine = request.app.state.engine
    if not cookie_of(request, engine):
        return None
    try:
        return _by_session(request)
    except Problem:
        return None


def csrf_token(request: Request, who: Caller) -> str:
    """Return what the forms of a page must send as ``csrf``; the empty text for a key."""
    sessions: Sessions = request.app.state.sessions
    return sessions.form_token(who.session) if who.session else ""


def require_same_origin(request: Request) -> None:
    """Let pass what a page of ours sent, as the browser says; raises Problem 403."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        ours = site == "same-origin"
    else:
        origin = urlsplit(request.headers.get("origin", ""))
        public = urlsplit(request.app.state.engine.settings.public_url)
        hosts = {public.netloc.lower(), request.headers.get("host", "").lower()}
        ours = origin.scheme in {"http", "https"} and origin.netloc.lower() in hosts
    if not ours:
        raise Problem(
            403, "forbidden", "This was not sent from a page of this site.", why="from another site"
        )


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form (``application/x-www-form-urlencoded``); of a field sent twice the last."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    data = (await request.body()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(data, keep_blank_values=True, max_num_fields=1000))
    except ValueError:
        raise Problem(400, "invalid-request", "The form has too many fields.") from None


def _by_session(request: Request) -> Caller:
    engine: Engine = request.app.state.engine
    sessions: Sessions = request.app.state.sessions
    try:
        session = sessions.read(cookie_of(request, engine))
    except SessionRefused as error:
        raise Problem(
            401, "unauthorized", "You are not signed in any more.", headers=CHALLENGE, why=error.why
        ) from None
    request.state.caller = session.editor.name
    e = session.editor
    return Caller(e.name, e.edition, e.admin, e.rights, session)


def _key_sent(request: Request) -> str:
    secret = request.headers.get("x-api-key", "")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else secret


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

"""Editors sign in with their employer's account: out to the provider, and back with a code."""

import hmac
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.oidc import Attempt, Provider, SignInFailed
from api.problems import Problem, note_refusal
from api.rendering import ThePage
from api.routes.editor_pages.home import sign_in_answer, wanted_path
from api.routes.editor_pages.shell import HEADERS, HOME, local_path
from api.security import CHALLENGE
from api.sessions import SessionRefused, Sessions, is_secure, set_cookie
from engine.errors import NotFound
from engine.service import Engine

router = APIRouter(include_in_schema=False)

MINUTES: Final = 10
"""How long somebody may take to sign in [min]."""
_NAME: Final = "kompetansegraf-sign-in"
_PURPOSE: Final = "sign-in"
Given = Annotated[str, Query(max_length=4000)]


@router.get("/editor/sign-in/start")
def start(page: ThePage, next: Annotated[str, Query(max_length=2000)] = HOME) -> Response:
    """Send somebody to the provider; what it needs to come back stands in a signed cookie for ten minutes."""
    engine, provider = page.engine, _provider(page.request)
    sessions: Sessions = page.request.app.state.sessions
    attempt = Attempt.new()
    address = provider.address(attempt)
    claims = {
        "state": attempt.state,
        "nonce": attempt.nonce,
        "verifier": attempt.verifier,
        "next": wanted_path(page, next),
    }
    token = sessions.sign(_PURPOSE, claims, engine.now() + timedelta(minutes=MINUTES))
    response = RedirectResponse(address, 303, headers=HEADERS)
    response.set_cookie(
        _cookie(engine),
        token,
        max_age=MINUTES * 60,
        path="/",
        secure=is_secure(engine),
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/editor/callback")
def callback(
    page: ThePage, code: Given = "", state: Given = "", error: Given = "", iss: Given = ""
) -> Response:
    """Begin a session for who comes back from the provider, once for each that was sent there."""
    request, engine = page.request, page.engine
    sessions: Sessions = request.app.state.sessions
    try:
        claims = sessions.verify(_PURPOSE, request.cookies.get(_cookie(engine), ""))
        attempt = Attempt(claims["state"], claims["nonce"], claims["verifier"])
        if not hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "replace")):
            raise SignInFailed("state of another sign-in")
        if not sessions.spend(f"state:{attempt.state}", engine.now() + timedelta(minutes=MINUTES)):
            raise SignInFailed("state used before")
        if iss and iss != engine.settings.oidc_issuer:
            raise SignInFailed("answer of another provider")
        if error or not code:
            raise SignInFailed("the provider said no")
        found = _provider(request).groups(code, attempt, engine.now())
    except (SessionRefused, SignInFailed) as refused:
        return _refused(page, 401, "Signing in did not succeed: begin again.", refused.why, "not_signed_in")
    group = next((name for name in engine.settings.oidc_groups if name in found), None)
    if group is None:
        return _refused(
            page, 403, "Signed in, but in no group of editors.", "no group of editors", "no_group"
        )
    cookie, ends = sessions.begin("group", group)
    response = RedirectResponse(local_path(claims["next"]), 303, headers=HEADERS)
    set_cookie(response, engine, cookie, ends)
    _drop(response, engine)
    return response


def _refused(page: ThePage, status: int, detail: str, why: str, said: str) -> Response:
    if "text/html" not in page.request.headers.get("accept", ""):
        slug, headers = ("sign-in", CHALLENGE) if status == 401 else ("forbidden", None)
        raise Problem(status, slug, detail, headers=headers, why=why)
    note_refusal(page.request, why)
    response = sign_in_answer(page, page.links.to(HOME), status, said)
    _drop(response, page.engine)
    return response


def _provider(request: Request) -> Provider:
    state = request.app.state
    if not state.engine.settings.oidc_issuer:
        raise NotFound("this installation has no provider to sign in with")
    found: Provider = state.provider
    return found


def _cookie(engine: Engine) -> str:
    return f"__Host-{_NAME}" if is_secure(engine) else _NAME


def _drop(response: Response, engine: Engine) -> None:
    response.delete_cookie(_cookie(engine), path="/", secure=is_secure(engine), httponly=True, samesite="lax")

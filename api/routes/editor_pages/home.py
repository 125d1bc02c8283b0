"""Editors sign in, see who they are, and sign out."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.problems import Problem, note_refusal
from api.rendering import Page, ThePage
from api.routes.editor_pages.shell import HEADERS, HOME, SIGN_IN, TheEditorPage, TheForm, local_path
from api.security import CHALLENGE, known_key, require_same_origin, signed_in
from api.sessions import drop_cookie, set_cookie

router = APIRouter(include_in_schema=False)

Next = Annotated[str, Query(max_length=2000)]


@router.get("/editor/sign-in")
def sign_in_page(page: ThePage, next: Next = HOME, out: str = "") -> Response:
    """Return the page to sign in at."""
    if signed_in(page.request) is not None:
        return RedirectResponse(local_path(next), 303, headers=HEADERS)
    return sign_in_answer(page, wanted_path(page, next), said="signed_out" if out else "")


@router.post("/editor/sign-in")
async def sign_in_with_key(request: Request, page: ThePage, form: TheForm) -> Response:
    """Exchange a key for a session."""
    require_same_origin(request)
    wanted = wanted_path(page, form.get("next", HOME))
    sessions, engine = request.app.state.sessions, page.engine
    try:
        name, key = known_key(request, form.get("key", "").strip())
        request.state.caller = name
        if not {"write", "admin"} & set(key.scopes):
            raise Problem(403, "forbidden", "The key needs the scope write.", why="scope write is missing")
    except Problem as error:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        await run_in_threadpool(note_refusal, request, error.why)
        return sign_in_answer(
            page, wanted, error.status, "unknown_key" if error.status == 401 else "reading_key"
        )
    cookie, ends = await run_in_threadpool(sessions.begin, "key", name)
    response = RedirectResponse(wanted, 303, headers=HEADERS)
    set_cookie(response, engine, cookie, ends)
    return response


@router.post("/editor/sign-out")
async def sign_out(page: TheEditorPage) -> Response:
    """End the session here and on the server."""
    assert page.who.session is not None
    await run_in_threadpool(page.request.app.state.sessions.end, page.who.session)
    response = RedirectResponse(page.links.to(SIGN_IN, ("out", "1")), 303, headers=HEADERS)
    drop_cookie(response, page.engine)
    return response


def wanted_path(page: Page, asked: str) -> str:
    """Return the page that somebody wanted before signing in, in the language of this one."""
    path = local_path(asked)
    return page.links.to(HOME) if path == HOME else path


def sign_in_answer(page: Page, wanted: str, status: int = 200, said: str = "") -> Response:
    """Return the page to sign in at; `said` is ``editor.SAID`` in the texts."""
    response = page.render(
        "editor/sign_in.html",
        status,
        title=page.t("editor.sign_in"),
        section="editor",
        wanted=wanted,
        said=page.t(f"editor.{said}") if said else "",
        is_fault=said not in {"", "signed_out"},
        provider=bool(page.engine.settings.oidc_issuer),
        hours=f"{page.engine.settings.session_hours:g}",
    )
    response.headers.update(HEADERS if status != 401 else {**HEADERS, **CHALLENGE})
    return response

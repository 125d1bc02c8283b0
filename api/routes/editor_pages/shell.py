"""How is a page of editors made? For who has signed in, in their language, with what its forms must send.

    @router.get("/editor/thing")
    def thing(page: TheEditorPage) -> Response:
        return page.render("editor/thing.html", title=…, at="thing")

    @router.post("/editor/thing")
    async def change(page: TheEditorPage, form: TheForm) -> Response:
        page.who.require("tags", resource)
        return page.done("/editor/thing")

A template extends ``editor/base.html`` and writes ``{{ csrf_field }}`` into each form with ``method="post"``.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool

from api.problems import Elsewhere, Problem
from api.rendering import Page
from api.security import CHALLENGE, Caller, caller_or_session, csrf_token, form_of, signed_in
from engine.facets import value_label
from engine.rights import Kind

SIGN_IN: Final = "/editor/sign-in"
HOME: Final = "/editor"

HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
"""Browsers tell where a form came from only with such a policy."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the editors' menu: `name` is ``editor_menu.NAME`` in the texts, and what a page says it is `at`."""

    name: str
    path: str
    kinds: frozenset[Kind] = frozenset(get_args(Kind))
    """Who sees it."""


MENU: tuple[Entry, ...] = (
    Entry("home", HOME),
    Entry("write", "/editor/write"),
    Entry("duplicates", "/editor/duplicates"),
    Entry("stale", "/editor/stale"),
    Entry("gaps", "/editor/gaps"),
    Entry("demand", "/editor/demand"),
    Entry("decisions", "/editor/decisions"),
    Entry("trail", "/editor/trail", frozenset({"admin"})),
)


class EditorPage(Page):
    """A page for who has signed in, `who`."""

    def __init__(self, request: Request, who: Caller) -> None:
        super().__init__(request)
        self.who = who

    def render(self, template: str, status: int = 200, **context: Any) -> Response:  # noqa: ANN401
        """Return the page; `at` names its line of the menu."""
        token = csrf_token(self.request, self.who)
        given = {
            "who": who_words(self, self.who),
            "menu": [entry for entry in MENU if self.who.kind in entry.kinds],
            "at": "",
            "csrf": token,
            "csrf_field": Markup('<input type="hidden" name="csrf" value="{}">').format(token),
            "section": "editor",
        }
        response = super().render(template, status, **{**given, **context})
        response.headers.update(HEADERS)
        return response

    def done(self, path: str) -> Response:
        """Return what leads to a page after something was changed, so that loading it again changes nothing."""
        return RedirectResponse(self.links.to(path), 303, headers=HEADERS)


def who_words(page: Page, who: Caller) -> dict[str, str]:
    """Return who has signed in, for people: the function, and what it writes."""
    kind: Kind = who.kind
    edition = value_label("edition", who.edition, page.engine.vocabulary, page.lang) if who.edition else ""
    return {"name": who.name, "kind": kind, "reach": page.t(f"editor.reach_{kind}", edition=edition)}


async def _editor_page(request: Request) -> EditorPage:
    if request.method not in {"GET", "HEAD"}:
        who = await caller_or_session(request, "write")
        if who.session is None:
            raise Problem(
                401, "unauthorized", "Pages are for who has signed in.", headers=CHALLENGE, why="no session"
            )
        return EditorPage(request, who)
    found = await run_in_threadpool(signed_in, request)
    if found is None:
        query = f"?{request.url.query}" if request.url.query else ""
        raise Elsewhere(f"{SIGN_IN}?{urlencode({'next': request.url.path + query})}")
    return EditorPage(request, found)


TheEditorPage = Annotated[EditorPage, Depends(_editor_page)]
TheForm = Annotated[dict[str, str], Depends(form_of)]


def local_path(asked: str) -> str:
    """Return a page of editors that was asked for; the first one when it is none.

    Examples
    --------
    >>> [local_path(p) for p in ("/editor/stale?x=1", "//evil.example", "/editor/../om", "https://evil.example/editor")]
    ['/editor/stale?x=1', '/editor', '/editor', '/editor']
    """
    path = asked.partition("?")[0]
    ours = path == HOME or path.startswith(HOME + "/")
    odd = "\\" in asked or ".." in path or "//" in path or any(c < " " or c == "\x7f" for c in asked)
    return asked if ours and not odd and not path.startswith(SIGN_IN) else HOME

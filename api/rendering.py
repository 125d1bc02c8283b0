"""How is a page made? A template, the reader's language, and the addresses of the other pages."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.answers import dump, engine_of
from api.params import ui_language
from api.texts import LANGUAGES, Translator
from api.views import Links, initial
from engine.service import Engine

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Page:
    """One page being made: the reader's language, texts and addresses."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.lang = ui_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))
        self.t = Translator(self.lang)
        self.links = Links(request)
        self.assets = request.app.state.assets

    @property
    def engine(self) -> Engine:
        """The engine."""
        return engine_of(self.request)

    def render(self, template: str, status: int = 200, **context: Any) -> Response:  # noqa: ANN401
        """Return the page."""
        switch = [(lang, self.t(f"lang.{lang}"), self.links.here(lang=lang)) for lang in LANGUAGES]
        html = _TEMPLATES.get_template(template).render(
            t=self.t,
            lang=self.lang,
            links=self.links,
            asset=self.assets.url,
            switch=switch,
            initial=initial,
            **{"sample": False, "section": "", "canonical": "", "feed": "", **context},
        )
        return Response(
            html.encode("utf-8", "replace"),
            status,
            media_type="text/html",
            headers={"Content-Language": self.lang, "Vary": "Accept-Language", "Cache-Control": "no-cache"},
        )


def in_script(data: dict[str, Any]) -> Markup:
    """Return JSON that cannot end the script element it stands in."""
    text = dump(data).decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


async def _page(request: Request) -> Page:
    return Page(request)


ThePage = Annotated[Page, Depends(_page)]


def error_page(request: Request, status: int) -> Response:
    """Return a failure as a page in the same look."""
    page = Page(request)
    if status in {401, 403, 503}:
        kind = status
    else:
        kind = 404 if status in {404, 405} else 400 if status < 500 else 500
    return page.render(
        "error.html", status, title=page.t(f"error.title_{kind}"), text=page.t(f"error.text_{kind}")
    )

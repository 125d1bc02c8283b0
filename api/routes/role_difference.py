"""What does one role ask beyond another? The difference, for programs and as a page."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached, engine_of
from api.difference_schemas import DifferenceOut
from api.editions import known_edition
from api.jsonld import item_url
from api.params import UiLanguage
from api.present import label_in, obligation_out, recommendations_out, short
from api.rendering import Page, ThePage
from api.routes import problems
from api.routes.roles import VARY, language_of
from api.views import card, edition_options, initial, interval
from engine.recommendation import RecommendationRequest
from engine.role_difference import TaskSharing, role_difference
from engine.service import role_id
from graph.difference import Change
from graph.model import Requirement
from graph.plans import Obligation

router = APIRouter()
pages = APIRouter(include_in_schema=False)

KINDS = ("added", "raised", "shared", "dropped")


@router.get(
    "/v1/roles/{id}/difference",
    tags=["roles and plans"],
    summary="What another role asks beyond this one",
    responses={200: {"model": DifferenceOut}, **problems(400, 404, 422, 503)},
)
def difference(
    request: Request,
    id: str,
    to: Annotated[
        str, Query(max_length=200, description="The other role: id, HPR or STYRK-08 code.", examples=["lege"])
    ],
    minutes: Annotated[int | None, Query(ge=1, le=100_000, description="Time budget of the set.")] = None,
    edition: Annotated[str | None, Query(max_length=100, description="Edition of the reader.")] = None,
    lang: Annotated[UiLanguage | None, Query(description="Language of labels and sentences.")] = None,
) -> Response:
    """Return requirements added, raised, shared and dropped, and the shortest set that covers what is to be learnt."""
    engine = engine_of(request)
    language = language_of(request, lang)

    def make() -> dict[str, Any]:
        roles, requirements = engine.roles(), engine.requirements()
        found = role_difference(
            engine,
            role_id(id, roles),
            role_id(to, roles),
            edition=known_edition(edition, engine),
            language=language,
            minutes=minutes,
        )
        asked = RecommendationRequest(role=found.to, edition=edition, on=found.on)

        def ref(role: str) -> dict[str, str]:
            return {"id": role, "label": label_in(roles[role].labels, language, role)}

        return {
            "role": ref(found.role),
            "to": ref(found.to),
            "on": found.on,
            **{
                kind: [_change(c, requirements, language) for c in getattr(found.difference, kind)]
                for kind in KINDS
            },
            "resources": recommendations_out(asked, found.resources, engine, language),
        }

    return cached(request, make, vary=VARY)


def _change(change: Change, requirements: Mapping[str, Requirement], lang: str) -> dict[str, Any]:
    def asked(o: Obligation | None) -> dict[str, Any] | None:
        keep = ("necessity", "validity", "plans", "groups")
        return {k: v for k, v in obligation_out(o, requirements, lang).items() if k in keep} if o else None

    known = requirements.get(change.requirement)
    return {
        "requirement": change.requirement,
        "label": label_in(known.labels, lang, change.requirement) if known else change.requirement,
        "before": asked(change.before),
        "after": asked(change.after),
        "raised": list(change.raised),
        "instead_of": change.instead_of,
        "to_learn": change.to_learn,
    }


@pages.get("/rolle/{id}/forskjell")
def difference_page(
    page: ThePage,
    id: str,
    til: Annotated[str, Query(max_length=200)] = "",
    edition: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Return the difference as a page; without another role, the choice of one."""
    engine, t = page.engine, page.t
    roles = engine.roles()
    rid = role_id(id, roles)
    place = known_edition(edition, engine)
    found = (
        role_difference(engine, rid, role_id(til, roles), edition=place, language=page.lang) if til else None
    )
    today = engine.today()
    planned = {r for p in engine.plans().values() if p.in_force(today) for r in p.roles} - {rid}
    name = _name(page, rid)
    title = (
        t("difference.title", role=name, to=_name(page, found.to))
        if found
        else t("difference.choose", role=name)
    )
    return page.render(
        "difference.html",
        section="roles",
        title=title,
        role=(page.links.item("rolle", rid), name),
        action=page.links.item("rolle", f"{rid}/forskjell"),
        choices=sorted(
            ((r, _name(page, r), bool(found and found.to == r)) for r in planned if r in roles),
            key=lambda item: item[1].lower(),
        ),
        editions=edition_options(engine, place or "", t),
        found=_shown(found, page) if found else None,
        canonical=item_url(engine, "rolle", rid),
        sample=any(p.sample for p in engine.plans().values() if {rid, til} & set(p.roles)),
    )


def _name(page: Page, role: str) -> str:
    return initial(short(label_in(page.engine.roles()[role].labels, page.lang, role)))


def _shown(found: TaskSharing, page: Page) -> dict[str, Any]:
    engine, t, links = page.engine, page.t, page.links
    requirements = engine.requirements()
    names = {q: initial(label_in(r.labels, page.lang, q)) for q, r in requirements.items()}
    covering: dict[str, list[tuple[str, str]]] = {}
    for item in found.resources.items:
        for q in item.requirements:
            covering.setdefault(q, []).append((links.item("ressurs", item.resource.id), item.resource.title))

    def asked(o: Obligation | None) -> str:
        if o is None:
            return t("difference.not_asked")
        group = "".join(f"; {t('plan.group', n=g.minimum, group=g.name)}" for g in o.groups)
        return f"{t(f'necessity.{o.necessity}')}, {interval(o.validity, t).lower()}{group}"

    def rows(changes: Sequence[Change]) -> list[dict[str, Any]]:
        return [
            {
                "url": links.item("krav", c.requirement),
                "label": names.get(c.requirement, c.requirement),
                "before": asked(c.before),
                "after": asked(c.after),
                "raised": [
                    t(f"difference.raised_{r}", name=names.get(c.instead_of or "", "")) for r in c.raised
                ],
                "resources": covering.get(c.requirement, []) if c.to_learn else [],
                "why": t(f"why.{found.resources.why[c.requirement]}")
                if c.to_learn and c.requirement in found.resources.why
                else "",
            }
            for c in changes
        ]

    return {
        "from": _name(page, found.role),
        "to": _name(page, found.to),
        "kinds": [
            (
                kind,
                t(f"difference.{kind}"),
                rows(getattr(found.difference, kind)),
                kind in {"added", "raised"},
            )
            for kind in KINDS
        ],
        "items": [
            card(
                item.resource,
                engine,
                t,
                links,
                minutes=t("search.minutes", n=item.minutes)
                + (f" ({t('role.assumed')})" if item.minutes_assumed else ""),
                sentences=[r.sentences[page.lang] for r in item.reasons],
            )
            for item in found.resources.items
        ],
        "minutes": found.resources.minutes,
    }

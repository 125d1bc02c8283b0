"""The pages of roles."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response

from api import picture
from api.editions import known_edition
from api.jsonld import item_url
from api.neighbourhood import Near, near_role
from api.picture import Named
from api.present import label_in, short
from api.problems import Problem
from api.rendering import Page, ThePage
from api.routes.roles import csv_download
from api.views import card, edition_options, initial, requirement_row
from engine.learning_path import portal_link
from engine.model import COMMON_EDITION
from engine.recommend import RecommendationRequest
from engine.service import role_id
from graph.model import Evidence, Plan, Role
from graph.plans import Obligation, narrower_roles_with_plans

router = APIRouter(include_in_schema=False)
MOST_MINUTES = 100_000
"""Largest time budget taken [minutes]."""

MOST_FIELDS = 5000
"""Most fields of a form."""


@router.get("/rolle")
def roles_page(page: ThePage) -> Response:
    """Return all roles, those with a plan first."""
    engine = page.engine
    today = engine.today()
    planned = {r for p in engine.plans().values() if p.in_force(today) for r in p.roles}
    named = sorted(
        (
            (
                initial(short(label_in(r.labels, page.lang, r.id))),
                page.links.item("rolle", r.id),
                r.id in planned,
            )
            for r in engine.roles().values()
        ),
        key=lambda item: item[0].lower(),
    )
    return page.render(
        "roles.html",
        section="roles",
        title=page.t("role.list_title"),
        with_plan=[(label, url) for label, url, has in named if has],
        without_plan=[(label, url) for label, url, has in named if not has],
        sample=any(p.sample for p in engine.plans().values()),
    )


@router.get("/rolle/{id}")
def role_page(page: ThePage, id: str) -> Response:
    """Return a role: what is asked of it, and what to learn."""
    return _role_page(page, id, list(page.request.query_params.multi_items()))


async def _form(request: Request) -> list[tuple[str, str]]:
    data = await request.body()
    try:
        return parse_qsl(data.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        errors = [{"field": "done", "message": f"at most {MOST_FIELDS} fields"}]
        raise Problem(422, "validation", "Not valid: done.", errors=errors) from None


@router.post("/rolle/{id}")
def role_page_with_done(
    page: ThePage, id: str, form: Annotated[list[tuple[str, str]], Depends(_form)]
) -> Response:
    """Return the same with what the reader has ticked; it is used for this page and forgotten."""
    response = _role_page(page, id, form)
    response.headers["Cache-Control"] = "no-store"
    return response


def _role_page(page: Page, id: str, form: list[tuple[str, str]]) -> Response:
    engine, t, links = page.engine, page.t, page.links
    given = dict(form)
    rid = role_id(id, engine.roles())
    role = engine.roles()[rid]
    requirements = engine.requirements()
    done = frozenset(v for k, v in form if k == "done" and v in requirements)
    minutes = _minutes(given.get("minutes", ""))
    edition = known_edition(given.get("edition", "")[:100], engine) or ""
    today = engine.today()
    visible = {COMMON_EDITION, edition or COMMON_EDITION}
    plans = [
        p
        for p in engine.plans().values()
        if rid in p.roles and p.in_force(today) and visible & set(p.editions)
    ]
    chosen = given.get("plan", "")
    chosen = chosen if chosen in {p.id for p in plans} else ""
    found = engine.recommend(
        RecommendationRequest(
            role=rid,
            plan=chosen or None,
            done=tuple(Evidence(q, "approved", today) for q in sorted(done)),
            minutes=minutes,
            edition=edition or None,
            language=page.lang,
            k=12,
        )
    )
    if given.get("format") == "csv":
        return csv_download(found, engine, page.lang)
    rows = [
        {
            **requirement_row(o, requirements, t, links),
            "necessity": o.necessity,
            "done": o.requirement in done,
        }
        for o in found.obligations
    ]
    items = [
        card(
            item.resource,
            engine,
            t,
            links,
            label=t(f"label.{item.label}"),
            kind=item.label,
            minutes=t("search.minutes", n=item.minutes)
            + (f" ({t('role.assumed')})" if item.minutes_assumed else ""),
            sentences=[r.sentences[page.lang] for r in item.reasons],
        )
        for item in found.items
    ]
    names = {r["id"]: (r["url"], r["label"]) for r in rows}
    return page.render(
        "role.html",
        section="roles",
        title=initial(short(label_in(role.labels, page.lang, rid))),
        role=role,
        broader=role_link(page, role.broader),
        codes=[
            c
            for c in (
                f"HPR {role.hpr}" if role.hpr else "",
                f"STYRK-08 {role.styrk08}" if role.styrk08 else "",
            )
            if c
        ],
        search_url=links.to("/", ("role", rid), *([("plan", chosen)] if chosen else [])),
        compare_url=links.item("rolle", f"{rid}/forskjell"),
        narrower=[
            link
            for r in narrower_roles_with_plans(
                rid, engine.roles(), engine.plans().values(), on=today, edition=edition or None
            )
            if (link := role_link(page, r))
        ],
        plans=[
            {
                "id": p.id,
                "label": label_in(p.labels, page.lang, p.id),
                "url": links.item("plan", p.id),
                "chosen": p.id == chosen,
            }
            for p in plans
        ],
        groups=[
            (n, t(f"necessity.{n}"), [r for r in rows if r["necessity"] == n])
            for n in ("obligatorisk", "betinget", "anbefalt")
        ],
        rows=rows,
        items=items,
        uncovered=[(*names[q], t(f"why.{found.why[q]}")) for q in found.uncovered if q in names],
        portal=portal_link(engine.settings.portal_url, found.items),
        minutes=minutes,
        total_minutes=found.minutes,
        net=_net(
            page,
            role,
            plans if not chosen else [p for p in plans if p.id == chosen],
            found.obligations,
            edition,
        ),
        editions=edition_options(engine, edition, t),
        action=links.item("rolle", rid),
        canonical=item_url(engine, "rolle", rid),
        sample=any(p.sample for p in plans) or any(i.resource.sample for i in found.items),
    )


def _net(
    page: Page, role: Role, plans: Sequence[Plan], obligations: Sequence[Obligation], edition: str
) -> dict[str, Any] | None:
    """Return the drawings of what is near the role, and the same as a list; None when nothing is asked of it."""
    t, links, requirements = page.t, page.links, page.engine.requirements()
    near = [n for n in near_role(page.engine, obligations, plans, edition or None) if n.plans]
    if not near:
        return None

    def counted(kind: str, n: int) -> str:
        return f"{n} {t(f'net.{kind}_one' if n == 1 else f'net.{kind}_many')}"

    def note(n: Near) -> str:
        if n.cover == "none":
            return t("net.nothing")
        return counted("stated", n.stated) if n.stated else counted("proposed", n.proposed)

    def told(n: Near) -> str:
        parts = [counted("stated", n.stated)] if n.stated else []
        parts += [counted("proposed", n.proposed)] if n.proposed else []
        return f"{t(f'necessity.{n.necessity}').lower()}, {', '.join(parts) or t('net.nothing')}"

    def named(kind: str, id_: str, labels: Mapping[Any, str]) -> Named:
        return Named(initial(short(label_in(labels, page.lang, id_))), links.item(kind, id_))

    asked = {
        n.requirement: named(
            "krav", n.requirement, q.labels if (q := requirements.get(n.requirement)) else {}
        )
        for n in near
    }
    by_plan = {p.id: named("plan", p.id, p.labels) for p in plans if any(p.id in n.plans for n in near)}
    drawn = picture.chosen(near)
    parts = (
        named("rolle", role.id, role.labels),
        by_plan,
        asked,
        drawn,
        {n.requirement: note(n) for n in near},
    )
    return {
        "columns": picture.columns(*parts),
        "tree": picture.tree(*parts),
        "shown": len(drawn),
        "left_out": len(near) - len(drawn),
        "list": [
            (
                name,
                [{"name": asked[n.requirement], "told": told(n)} for n in near if plan in n.plans],
            )
            for plan, name in by_plan.items()
        ],
    }


def _minutes(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_MINUTES:
        errors = [{"field": "minutes", "message": f"a whole number from 1 to {MOST_MINUTES}"}]
        raise Problem(422, "validation", "Not valid: minutes.", errors=errors)
    return int(text[:9])


def role_link(page: Page, role: str | None) -> tuple[str, str] | None:
    """Return address and label of a role, None for an unknown one."""
    found = page.engine.roles().get(role) if role else None
    if found is None:
        return None
    return page.links.item("rolle", found.id), initial(short(label_in(found.labels, page.lang, found.id)))

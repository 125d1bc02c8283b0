"""The pages of single things: resources, plans, requirements; and the page about the service."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from api.counting import is_ahead
from api.editions import known_edition
from api.jsonld import item_url, resource_jsonld
from api.present import label_in, short
from api.rendering import Page, ThePage, in_script
from api.routes.resources import stored_id
from api.routes.role_pages import role_link
from api.routes.roles import plan_known
from api.views import card, day, facts_table, initial, interval, topics_of
from engine.errors import NotFound
from engine.facets import value_label
from graph.model import Plan
from graph.plans import validity_of
from vocab.concept import ConceptId

router = APIRouter(include_in_schema=False)


@router.get("/ressurs/{id:path}")
def resource_page(page: ThePage, id: str) -> Response:
    """Return a resource's own page."""
    engine, t, links = page.engine, page.t, page.links
    edition = known_edition(page.request.query_params.get("edition"), engine)
    resource = engine.resource(stored_id(id))
    requirements = engine.requirements()
    try:
        near = engine.similar(id, edition=edition or resource.edition, k=4)
    except NotFound:  # written after the build was made
        near = ()
    similar = [
        card(s.resource, engine, t, links, shared=[short(_concept_label(page, c)) for c in s.concepts[:3]])
        for s in near
    ]
    if not is_ahead(page.request):
        engine.counter.opened(resource.id)
    jsonld = resource_jsonld(resource, engine, page.lang)
    served = [
        (links.item("krav", q), initial(label_in(requirements[q].labels, page.lang, q)))
        for q in resource.teaches
        if q in requirements
    ]
    return page.render(
        "resource.html",
        section="search",
        title=resource.title,
        r=resource,
        card=card(resource, engine, t, links),
        paragraphs=[p for p in (p.strip() for p in resource.body.split("\n")) if p],
        facts=facts_table(resource, engine, t),
        topics=topics_of(resource, engine, t, links),
        requirements=served,
        similar=similar,
        jsonld=in_script(jsonld),
        canonical=item_url(engine, "ressurs", id),
        safe_url=resource.url if resource.url.startswith(("https://", "http://")) else "",
        sample=resource.sample,
    )


def _concept_label(page: Page, concept: str) -> str:
    found = page.engine.vocabulary.get(ConceptId(concept))
    return found.label(page.lang) if found else concept


@router.get("/plan/{id}")
def plan_page(page: ThePage, id: str) -> Response:
    """Return a plan and its requirements in order."""
    engine, t, links = page.engine, page.t, page.links
    plan = engine.plans()[plan_known(engine, id) or ""]
    requirements = engine.requirements()
    lines = []
    for line in sorted(plan.lines, key=lambda x: (x.order, x.requirement)):
        requirement = requirements.get(line.requirement)
        rule = validity_of(line, requirement)
        lines.append(
            {
                "label": initial(label_in(requirement.labels, page.lang, line.requirement))
                if requirement
                else line.requirement,
                "url": links.item("krav", line.requirement),
                "necessity": line.necessity,
                "necessity_text": t(f"necessity.{line.necessity}"),
                "interval": interval(rule.months, t, rule.calendar),
                "example": rule.interval is not None and (requirement is None or requirement.example),
                "local": t(
                    "plan.local", edition=value_label("edition", line.edition, engine.vocabulary, page.lang)
                )
                if line.edition
                else "",
                "group": t("plan.group", n=line.group_minimum, group=line.group)
                if line.group and line.group_minimum
                else "",
            }
        )
    return page.render(
        "plan.html",
        section="roles",
        title=label_in(plan.labels, page.lang, plan.id),
        plan=plan,
        kind=t(f"plan_kind.{plan.kind}"),
        roles=[link for r in plan.roles if (link := role_link(page, r))],
        facts=_plan_facts(plan, page),
        retired=t("plan.retired", date=day(plan.retired, page.lang)) if plan.retired else "",
        lines=lines,
        canonical=item_url(engine, "plan", id),
        sample=plan.sample,
    )


def _plan_facts(plan: Plan, page: Page) -> list[tuple[str, str]]:
    t = page.t
    valid = [
        t("plan.valid_from", date=day(plan.valid_from, page.lang)) if plan.valid_from else "",
        t("plan.valid_to", date=day(plan.valid_to, page.lang)) if plan.valid_to else "",
    ]
    editions = ", ".join(value_label("edition", e, page.engine.vocabulary, page.lang) for e in plan.editions)
    rows = [
        ("editions", initial(editions)),
        ("valid", " ".join(v for v in valid if v)),
        ("version", plan.version),
        ("owner", plan.owner),
        ("source", plan.source),
    ]
    return [(t(f"plan.{name}"), value) for name, value in rows if value]


@router.get("/krav/{id}")
def requirement_page(page: ThePage, id: str) -> Response:
    """Return a requirement and the resources that serve it; a replaced one leads to the one that counts."""
    engine, t, links = page.engine, page.t, page.links
    edition = known_edition(page.request.query_params.get("edition"), engine)
    requirement = engine.requirements().get(id)
    if requirement is None:
        raise NotFound(f"no requirement has the id {id!r}")
    if requirement.replaced_by is not None:
        return RedirectResponse(links.item("krav", requirement.replaced_by), 307)
    served = engine.resources_for(id, edition=edition)
    plans = [
        p
        for p in engine.plans().values()
        if any(x.requirement == id for x in p.lines) and p.in_force(engine.today())
    ]
    before = [q for p in requirement.prerequisites if (q := engine.requirements().get(p)) is not None]
    concepts = [
        (links.item("vocabulary", c), short(known.label(page.lang)))
        for c in requirement.concepts
        if (known := engine.vocabulary.get(c)) is not None and known.scheme != "krav"
    ]
    level = value_label("level", requirement.level, engine.vocabulary, page.lang) if requirement.level else ""
    rows = [
        (t("requirement.kind"), t(f"kind.{requirement.kind}")),
        (t("requirement.level"), initial(level)),
        (t("requirement.verification"), initial(requirement.verification)),
        (t("requirement.legal"), initial(requirement.legal_basis)),
        (t("requirement.code"), requirement.code or ""),
        (
            t("requirement.alt"),
            "; ".join(dict.fromkeys(w for ws in requirement.alt_labels.values() for w in ws)),
        ),
    ]
    return page.render(
        "requirement.html",
        section="roles",
        title=initial(label_in(requirement.labels, page.lang, id)),
        description=label_in(requirement.description, page.lang),
        interval=interval(requirement.validity, t, requirement.calendar),
        example=requirement.example and requirement.validity is not None,
        facts=[(name, value) for name, value in rows if value],
        prerequisites=[
            (links.item("krav", q.id), initial(label_in(q.labels, page.lang, q.id))) for q in before
        ],
        concepts=concepts,
        plans=[(links.item("plan", p.id), label_in(p.labels, page.lang, p.id)) for p in plans],
        stated=[card(r, engine, t, links) for r, stated in served if stated],
        proposed=[card(r, engine, t, links) for r, stated in served if not stated][:10],
        canonical=item_url(engine, "krav", id),
        sample=any(p.sample for p in plans) or any(r.sample for r, _ in served),
    )


@router.get("/om")
def about_page(page: ThePage) -> Response:
    """Return what this is, privacy, accessibility."""
    return page.render("about.html", section="about", title=page.t("about.title"))

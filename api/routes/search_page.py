"""The search page."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.counting import count_search
from api.params import SYNONYMS, SearchParams, search_request
from api.present import label_in, short
from api.rendering import Page, ThePage
from api.routes.search import requirements_of
from api.views import day, edition_options, hit_card, tree
from api.ways_out import ways_out
from engine.facets import DEFAULT_FACETS, REVIEW, value_label
from engine.model import SearchRequest, SearchResult
from engine.service import requirement_ids

router = APIRouter(include_in_schema=False)
ROOTS_SHOWN = 7
"""Values of a facet that are seen before "show more"."""

YEARS_BACK = (1, 2, 3)
"""How lately a resource must have been updated, to choose from [years]."""

LONG = 8
"""A facet with more values than this has a field to search in them, where there is a script."""


@router.get("/")
def search_page(page: ThePage, params: Annotated[SearchParams, Query()]) -> Response:
    """Return the search page."""
    engine, t = page.engine, page.t
    asked = search_request(params, engine, page.lang)
    asked = replace(asked, facets=tuple(dict.fromkeys((*DEFAULT_FACETS, REVIEW, *asked.filters))))
    result = engine.search(asked)
    count_search(page.request, engine, asked, result)
    required = requirements_of(asked, engine)
    hits = [hit_card(h, engine, t, page.links, required, plan=bool(asked.plan)) for h in result.hits]
    text = " ".join(params.q.split())
    return page.render(
        "search.html",
        section="search",
        title=t("search.title_for", q=text[:80]) if text else t("search.title"),
        q=params.q,
        text=text,
        count=_count(result.total, text[:120], page),
        total=result.total,
        hits=hits,
        facets=_facets(result, page),
        chips=_chips(asked, page),
        hidden=_hidden(params, asked),
        sorts=[
            (s, t(f"search.sort_{s}"), s == params.sort)
            for s in ("relevance", "updated", "published", "duration")
        ],
        editions=edition_options(engine, asked.edition or "", t),
        did_you_mean=_did_you_mean(result, page),
        only=_only(asked, result, page),
        since=_since(asked, page),
        ways_out=_ways_out(asked, result, page),
        next_url=page.links.here(cursor=result.next_cursor) if result.next_cursor else "",
        first_url=page.links.here() if params.cursor else "",
        feed="/v1/feeds/atom" + page.links.query(),
        sample=any(h.resource.sample for h in result.hits),
        degraded=not {"no_model", "model_failed", "similarity_failed"}.isdisjoint(result.degraded),
        landing=not page.links.items or page.links.items == [("lang", page.links.lang)],
        roots_shown=ROOTS_SHOWN,
        wishes=engine.counter.counts and bool(text),
        edition=asked.edition or "",
    )


def _count(total: int, text: str, page: Page) -> str:
    if not total:
        return page.t("search.count_none", q=text) if text else page.t("search.count_none_empty")
    key = "search.count_for" if text else "search.count"
    return page.t(f"{key}_one" if total == 1 else key, n=total, q=text)


def _facets(result: SearchResult, page: Page) -> list[dict[str, Any]]:
    found = []
    for facet in result.facets:
        selected = any(v.selected for v in facet.values)
        if not facet.values or (len(facet.values) == 1 and not selected):
            continue
        found.append(
            {
                "name": facet.name,
                "label": page.t(f"facet.{facet.name}"),
                # the parameter `edition` is the reader's edition, so its filter goes through `facet`
                "parameter": "facet" if facet.name == "edition" else facet.name,
                "prefix": "edition=" if facet.name == "edition" else "",
                "branches": tree(facet.values),
                "selected": selected,
                "long": len(facet.values) > LONG,
            }
        )
    return found


def _chips(asked: SearchRequest, page: Page) -> list[dict[str, str]]:
    """Return the selected values with the address that is the same without each."""
    engine = page.engine
    chips = []
    for name, values in asked.filters.items():
        for value in values:
            pairs = [(name, value), ("facet", f"{name}={value}")]
            if name == "requirement":
                pairs = [(k, v) for k, v in page.links.items if value in _requirements_in(k, v, page)]
            requirement = engine.requirements().get(value) if name == "requirement" else None
            label = (
                label_in(requirement.labels, page.lang, value)
                if requirement
                else value_label(name, value, engine.vocabulary, page.lang)
            )
            chips.append({"label": f"{page.t(f'facet.{name}')}: {label}", "url": page.links.here(drop=pairs)})
    role, plan = engine.roles().get(asked.role or ""), engine.plans().get(asked.plan or "")
    for name, known in (("role", role), ("plan", plan)):
        if known is not None:
            label = page.t(f"search.covers_{name}", label=short(label_in(known.labels, page.lang, known.id)))
            chips.append({"label": label, "url": page.links.here((), **{name: ""})})
    for name, shown in (
        ("max_duration", {"n": asked.max_duration}),
        ("reviewed_since", {"date": day(asked.reviewed_since, page.lang)}),
        ("published_since", {"date": day(asked.published_since, page.lang)}),
    ):
        if getattr(asked, name) is not None:
            chips.append(
                {"label": page.t(f"search.{name}", **shown), "url": page.links.here((), **{name: ""})}
            )
    return chips


def _requirements_in(name: str, value: str, page: Page) -> tuple[str, ...]:
    """Return the requirements that a query parameter names by id or code; none for other parameters."""
    if name == "facet":
        name, _, value = value.partition("=")
    known = page.engine.requirements()
    return requirement_ids(value, known) if SYNONYMS.get(name, name) == "requirement" else ()


def _hidden(params: SearchParams, asked: SearchRequest) -> list[tuple[str, str]]:
    """Return what the form has no visible field for, so that it is not lost."""
    pairs = [
        ("max_duration", str(asked.max_duration) if asked.max_duration is not None else ""),
        ("published_since", asked.published_since.isoformat() if asked.published_since else ""),
        ("role", params.role or ""),
        ("plan", params.plan or ""),
        ("diversify", params.diversify or ""),
        ("mode", params.mode if params.mode != "hybrid" else ""),
        ("k", str(params.k) if params.k != 10 else ""),
        ("lang", params.lang or ""),
    ]
    return [(name, value) for name, value in pairs if value]


def _did_you_mean(result: SearchResult, page: Page) -> dict[str, str] | None:
    if not result.did_you_mean:
        return None
    return {"text": result.did_you_mean, "url": page.links.here(q=result.did_you_mean)}


def _only(asked: SearchRequest, result: SearchResult, page: Page) -> list[dict[str, str]]:
    """Return the filters that the text seems to ask for, with their number of hits, unless it has none."""
    counts = {(f.name, v.value): v.count for f in result.facets for v in f.values}
    found = []
    for wish in result.understood:
        number = counts.get((wish.facet, wish.value), 0)
        if 0 < number < result.total and wish.value not in asked.filters.get(wish.facet, ()):
            url = page.links.to(page.links.path, *page.links.items, ("facet", f"{wish.facet}={wish.value}"))
            found.append({"label": wish.label, "url": url, "total": page.t("search.zero_hits", n=number)})
    return found


def _since(asked: SearchRequest, page: Page) -> list[tuple[str, str, bool]]:
    """Return (value, label, chosen) of the picker of how lately a resource must have been seen to."""
    today, chosen = page.engine.today(), asked.reviewed_since
    days = {n: today.replace(year=today.year - n, day=min(today.day, 28)) for n in YEARS_BACK}
    options = [("", page.t("search.since_any"), chosen is None)]
    options += [(d.isoformat(), page.t("search.since", n=12 * n), d == chosen) for n, d in days.items()]
    if chosen is not None and chosen not in days.values():
        label = page.t("search.reviewed_since", date=day(chosen, page.lang))
        options.append((chosen.isoformat(), label, True))
    return options


def _ways_out(asked: SearchRequest, result: SearchResult, page: Page) -> list[dict[str, str]]:
    found = []
    for w in ways_out(page.engine, asked, result):
        name = page.t(f"facet.{w.name}") if w.kind == "drop_filter" else ""
        found.append(
            {
                "label": page.t(f"search.zero_{w.kind}", label=w.label, name=name),
                "total": page.t("search.zero_hits", n=w.total),
                "url": page.links.to("/", *w.pairs()),
            }
        )
    return found

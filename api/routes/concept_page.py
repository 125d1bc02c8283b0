"""The page of one concept: what it is called and means, what it is near, who needs it, what there is to learn."""

from typing import Any

from fastapi import Response

from api.browse import (
    CODE_SYSTEMS,
    by_label,
    facet_value,
    path_to,
    public_uri,
    requirements_about,
    roles_asked,
    tagged_by,
)
from api.jsonld import concept_jsonld, item_url
from api.present import label_in
from api.rendering import Page, in_script
from api.routes.role_pages import role_link
from api.routes.vocabulary import MOST_BELOW, counts_of, values_of
from api.views import card, initial
from api.vocabulary_views import (
    LANGUAGE_ORDER,
    Named,
    edition_of,
    formats,
    in_language,
    named,
    pager,
    part,
    scheme_label,
)
from engine.errors import IndexMissing
from engine.model import SearchRequest, SearchResult
from vocab.concept import Concept
from vocab.vocabulary import Vocabulary

RESOURCES = 10
IN_A_LINK = 40
"""Most concepts that a link to the search names."""


def concept_page(page: Page, words: Vocabulary, concept: Concept, number: int) -> Response:
    """Return the page of a concept; `number` is the page of its list of narrower concepts."""
    engine, links = page.engine, page.links
    edition = edition_of(page)
    label, label_lang = in_language(concept.pref_label, page.lang, concept.id)
    definition, definition_lang = in_language(concept.definition, page.lang)
    below = by_label([c for c in words.narrower(concept.id) if not c.deprecated], page.lang)
    shown = part(below, number)
    broader = by_label(words.broader(concept.id), page.lang)
    related = by_label(words.related(concept.id), page.lang)
    counts = counts_of(page.request).of(engine, (*shown, *broader, *related), edition)
    requirements = requirements_about(engine, concept)
    scheme = words.scheme(concept.scheme)
    return page.render(
        "concept.html",
        section="vocabulary",
        title=initial(label),
        label=label,
        label_lang=label_lang,
        concept=concept,
        uri=words.uri(concept.id),
        scheme=Named(
            links.item("vocabulary", concept.scheme),
            scheme_label(page, scheme) if scheme else concept.scheme,
            page.lang,
        ),
        way=[named(page, c) for c in path_to(words, concept)],
        replaced_by=_replacement(page, words, concept),
        definition=definition,
        definition_lang=definition_lang,
        languages=_languages(page, concept),
        broader=[named(page, c, counts) for c in broader],
        narrower=[named(page, c, counts) for c in shown],
        narrower_total=len(below),
        pager=pager(page, len(below), number, "#underordnede"),
        related=[named(page, c, counts) for c in related],
        mappings=[
            (_code(m.vocabulary, m.code), public_uri(m), page.t(f"match.{m.match}")) for m in concept.mappings
        ],
        requirements=[
            Named(links.item("krav", q.id), initial(label_in(q.labels, page.lang, q.id)), page.lang)
            for q in requirements
        ],
        roles=_roles(page, [q.id for q in requirements], edition),
        own_role=role_link(page, concept.id.partition("/")[2]) if concept.scheme == "rolle" else None,
        formats=formats(f"/v1/concepts/{concept.id}"),
        jsonld=in_script(concept_jsonld(concept, engine, page.lang)),
        canonical=item_url(engine, "vocabulary", concept.id),
        **_resources(page, words, concept, edition),
    )


def _replacement(page: Page, words: Vocabulary, concept: Concept) -> Named | None:
    """Return what to use in place of a concept that is no longer in use."""
    found = words.get(words.resolve(concept.id) or "") if concept.deprecated else None
    return None if found is None else named(page, found)


def _languages(page: Page, concept: Concept) -> list[dict[str, Any]]:
    """Return what a concept is called in each language, with its definition in those that are not the page's."""
    present = {*concept.pref_label, *concept.alt_label, *concept.definition}
    order = [lang for lang in LANGUAGE_ORDER if lang in present]
    shown = in_language(concept.definition, page.lang)[1]
    return [
        {
            "lang": lang,
            "name": initial(page.t(f"lang.{lang}")) if lang in LANGUAGE_ORDER else lang,
            "label": concept.pref_label.get(lang, ""),
            "also": list(dict.fromkeys(concept.alt_label.get(lang, ()))),
            "definition": concept.definition.get(lang, "") if lang != shown else "",
        }
        for lang in [*order, *sorted(present - {*order})]
    ]


def _code(vocabulary: str, code: str) -> str:
    return code if vocabulary == "uri" else f"{CODE_SYSTEMS.get(vocabulary, vocabulary)} {code}"


def _roles(page: Page, requirements: list[str], edition: str | None) -> list[Named]:
    found = []
    for asking in roles_asked(page.engine, requirements, edition):
        link = role_link(page, asking.role)
        if link is not None:
            note = page.t(f"necessity.{asking.necessity}").lower()
            found.append(Named(*link, page.lang, note=note))
    return found


def _resources(page: Page, words: Vocabulary, concept: Concept, edition: str | None) -> dict[str, Any]:
    """Return the first resources with who tagged them, their number, and where narrower concepts' are."""
    engine, t = page.engine, page.t
    try:
        found = _search(page, concept, (facet_value(concept)[1],), edition, RESOURCES)
    except IndexMissing:
        return {"hits": [], "total": 0, "all_url": "", "wider": None, "indexed": False}
    wider = None
    if 0 < len(words.descendants(concept.id)) <= MOST_BELOW:
        values = values_of(words, concept)
        if 1 < len(values) <= IN_A_LINK:
            total = _search(page, concept, values, edition, 1).total
            wider = (_search_url(page, concept, values), total) if total > found.total else None
    cards = []
    for hit in found.hits:
        by, score = tagged_by(hit.resource, concept)
        said = t(f"concept.by_{by}", score=_decimal(score, page.lang))
        cards.append(card(hit.resource, engine, t, page.links, said=said))
    return {
        "hits": cards,
        "total": found.total,
        "all_url": _search_url(page, concept, (facet_value(concept)[1],)),
        "wider": wider,
        "indexed": True,
        "sample": any(hit.resource.sample for hit in found.hits),
    }


def _decimal(score: float | None, lang: str) -> str:
    text = f"{score or 0:.2f}"
    return text if lang == "en" else text.replace(".", ",")


def _search(
    page: Page, concept: Concept, values: tuple[str, ...], edition: str | None, k: int
) -> SearchResult:
    facet, _ = facet_value(concept)
    return page.engine.search(
        SearchRequest(filters={facet: values}, edition=edition, k=k, facets=(), ui_language=page.lang)
    )


def _search_url(page: Page, concept: Concept, values: tuple[str, ...]) -> str:
    facet, _ = facet_value(concept)
    edition = page.request.query_params.get("edition", "")
    return page.links.to("/", *((facet, v) for v in values), *([("edition", edition)] if edition else ()))

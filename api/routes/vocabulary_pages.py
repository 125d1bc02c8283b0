"""The pages of the vocabulary: its schemes and the search in them, a scheme's tree, and where concepts are."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from api.answers import HTML, negotiate
from api.browse import Branch, find_scheme, gone, roots, size, tree
from api.jsonld import item_url, page_url, scheme_jsonld
from api.rendering import Page, ThePage, in_script
from api.routes.concept_page import concept_page
from api.routes.concepts import RDF
from api.routes.vocabulary import counts_of
from api.vocabulary_views import (
    Named,
    edition_of,
    formats,
    kept_fields,
    named,
    pager,
    part,
    scheme_label,
    words_now,
)
from vocab.concept import Concept, ConceptScheme
from vocab.vocabulary import Vocabulary

router = APIRouter(include_in_schema=False)
FOUND = 50
"""Concepts that a search shows."""

LOOKED_AT = 1000
"""Labels that a search in one scheme chooses from."""

SHORTEST = 2
"""Shortest text that is looked for [characters]."""

OPEN_ROOTS = 3
"""A tree with so many beginnings or fewer is open on its first level."""

PageNumber = Annotated[int, Query(alias="page", ge=1, le=100_000)]


@router.get("/vocabulary")
def vocabulary_page(
    page: ThePage,
    q: Annotated[str, Query(max_length=1000)] = "",
    scheme: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Return all schemes, or the concepts that a text finds."""
    words, t = words_now(page), page.t
    text = " ".join(q.split())
    hits = _search(page, words, text, scheme) if len(text) >= SHORTEST else []
    schemes = [s for s in words.schemes if size(words, s.id)]
    return page.render(
        "vocabulary.html",
        section="vocabulary",
        title=t("vocabulary.search_title", q=text[:80]) if text else t("vocabulary.title"),
        q=q,
        text=text,
        count=_count(page, text, len(hits)),
        hits=hits[:FOUND],
        options=[(s.id, scheme_label(page, s), s.id == scheme) for s in schemes],
        schemes=[
            Named(
                page.links.item("vocabulary", s.id),
                scheme_label(page, s),
                page.lang,
                note=t("vocabulary.size", n=size(words, s.id)),
            )
            for s in schemes
        ],
        hidden=kept_fields(page, "lang", "edition"),
        canonical=page_url(page.engine, "/vocabulary"),
    )


@router.get("/begrep/{id:path}")
def old_address(page: ThePage, id: str) -> Response:
    """Lead to where the page of a concept is now."""
    path = f"/vocabulary/{quote(id, safe='/', errors='replace')}"
    return RedirectResponse(page.links.to(path, *page.links.items), 308)


@router.get("/vocabulary/{id:path}")
def scheme_or_concept(page: ThePage, id: str, number: PageNumber = 1) -> Response:
    """Return the page of a concept or of a scheme; who likes RDF better is led to that."""
    words = words_now(page)
    scheme = None if id in words else find_scheme(words, id)
    kind = "concepts" if scheme is None else "schemes"
    wanted = negotiate(page.request, (HTML, *RDF))
    if wanted != HTML:
        places = {media_type: address for media_type, address, _ in formats(f"/v1/{kind}/{id}")}
        response = Response(status_code=303, headers={"Location": places[wanted]})
    elif scheme is not None:
        response = _scheme_page(page, words, scheme, number)
    else:
        response = concept_page(page, words, words[id], number)
    response.headers["Vary"] = "Accept, Accept-Language"
    return response


def _scheme_page(page: Page, words: Vocabulary, scheme: ConceptScheme, number: int) -> Response:
    begin = roots(words, scheme.id, page.lang)
    branches = tree(words, part(begin, number), page.lang)
    counts = counts_of(page.request).of(page.engine, _concepts(branches), edition_of(page))

    def shown(branch: Branch) -> dict[str, Any]:
        return {
            "named": named(page, branch.concept, counts),
            "children": [shown(b) for b in branch.children],
            "hidden": branch.hidden,
        }

    return page.render(
        "scheme.html",
        section="vocabulary",
        title=scheme_label(page, scheme),
        lead=page.t("vocabulary.scheme_lead", n=size(words, scheme.id)),
        scheme=scheme,
        uri=words.uri(scheme.id),
        tree=[shown(b) for b in branches],
        open_=len(branches) <= OPEN_ROOTS,
        pager=pager(page, len(begin), number),
        formats=formats(f"/v1/schemes/{scheme.id}"),
        jsonld=in_script(scheme_jsonld(scheme, page.engine, page.lang)),
        hidden=kept_fields(page, "lang", "edition"),
        canonical=item_url(page.engine, "vocabulary", scheme.id),
    )


def _concepts(branches: Iterable[Branch]) -> Iterator[Concept]:
    for branch in branches:
        yield branch.concept
        yield from _concepts(branch.children)


def _search(page: Page, words: Vocabulary, text: str, scheme: str) -> list[dict[str, Any]]:
    """Return concepts with a label in any language that begins, or has a word that begins, like the text.

    A hidden label finds its concept and is not shown. A URI finds what it names; the whole label of a
    concept that is no longer in use finds that.
    """
    matcher = page.engine.matcher
    begun = matcher.complete(text[:80], page.lang, LOOKED_AT)
    begun = begun or matcher.complete_mistyped(text[:80], page.lang, FOUND)
    met = {c.concept: c for c in begun if c.concept in words}
    named_by_uri = words.id_of_uri(text)
    old = [c.id for c in gone(words, text)]
    hits = []
    for concept_id in dict.fromkeys((*([named_by_uri] if named_by_uri else ()), *met, *old)):
        concept = words[concept_id]
        if scheme and concept.scheme != scheme:
            continue
        by, of = met.get(concept_id), words.scheme(concept.scheme)
        hits.append(
            {
                "concept": named(page, concept, note=scheme_label(page, of) if of else concept.scheme),
                "met": by if by and by.kind != "hidden" and by.label != concept.label(page.lang) else None,
                "deprecated": concept.deprecated,
            }
        )
    return hits


def _count(page: Page, text: str, found: int) -> str:
    if not text:
        return ""
    if len(text) < SHORTEST:
        return page.t("vocabulary.too_short", n=SHORTEST)
    if found > FOUND:
        return page.t("vocabulary.found_first", n=FOUND, q=text[:120])
    return page.t(
        f"vocabulary.found_{'one' if found == 1 else 'many' if found else 'none'}", n=found, q=text[:120]
    )

"""How do other systems read a page? schema.org as JSON-LD: LearningResource, DefinedTerm."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from api.browse import public_uri
from api.present import label_in, labels_of, short
from engine.model import Resource
from engine.service import Engine
from graph.provenance import node_uri
from vocab.concept import Concept, ConceptId, ConceptScheme

KINDS: Mapping[str, str] = {
    "e-laeringskurs": "Course",
    "laeringslop": "Course",
    "kurs": "Course",
    "mikrolaering": "Course",
    "quiz": "Quiz",
    "film": "VideoObject",
    "opptak": "VideoObject",
    "podkast": "PodcastEpisode",
    "fagartikkel": "Article",
    "fagprosedyre": "Article",
    "forskningsartikkel": "ScholarlyArticle",
    "nyhet": "NewsArticle",
    "lovtekst": "Legislation",
    "app": "SoftwareApplication",
}
"""schema.org type of a resource type, beside LearningResource."""

LICENCES: Mapping[str, str] = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
}


def page_url(engine: Engine, path: str) -> str:
    """Return the public address of a page of ours."""
    return engine.settings.public_url.rstrip("/") + path


def item_url(engine: Engine, kind: str, identifier: str) -> str:
    """Return the public address of a thing's own page, such as ``ressurs`` and an id."""
    return page_url(engine, f"/{kind}/{quote(identifier, errors='replace')}")


def resource_jsonld(resource: Resource, engine: Engine, lang: str) -> dict[str, Any]:
    """Return a resource as schema.org JSON-LD; what is not known is left out."""
    labels = labels_of(resource, engine, lang)
    requirements = engine.requirements()
    base = engine.settings.base_uri
    kind = KINDS.get(resource.resource_type)
    found: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@id": node_uri(f"resource:{resource.id}", base),
        "@type": ["LearningResource", kind] if kind else "LearningResource",
        "identifier": resource.id,
        "name": resource.title,
        "description": resource.summary,
        "url": resource.url,
        "inLanguage": resource.language,
        "learningResourceType": labels["resource_type"],
        "educationalLevel": labels["level"],
        "timeRequired": f"PT{resource.duration}M" if resource.duration else "",
        "datePublished": resource.published.isoformat() if resource.published else "",
        "dateModified": resource.updated.isoformat() if resource.updated else "",
        "license": LICENCES.get(resource.licence, resource.licence),
        "provider": {"@type": "Organization", "name": resource.provider} if resource.provider else "",
        "audience": [
            {"@type": "EducationalAudience", "educationalRole": label}
            for label in [*labels["audience"], *labels["audience_group"]]
        ],
        "teaches": [
            {
                "@type": "DefinedTerm",
                "@id": node_uri(f"requirement:{q}", base),
                "name": label_in(requirements[q].labels, lang, q) if q in requirements else q,
            }
            for q in resource.requirements
        ],
        "about": _about(resource, engine, lang),
    }
    return {name: value for name, value in found.items() if value not in ("", [])}


def _about(resource: Resource, engine: Engine, lang: str) -> list[dict[str, Any]]:
    ids = [ConceptId(f"tema/{t}") for t in resource.themes]
    ids += [t.concept for t in resource.about if t.decision != "rejected" and t.concept not in ids]
    out = []
    for concept_id in ids:
        concept = engine.vocabulary.get(concept_id)
        if concept is not None:
            out.append(
                {
                    "@type": "DefinedTerm",
                    "@id": engine.vocabulary.uri(concept_id),
                    "name": short(concept.label(lang)),
                    "inDefinedTermSet": engine.settings.base_uri + concept.scheme,
                }
            )
    return out


def concept_jsonld(concept: Concept, engine: Engine, lang: str) -> dict[str, Any]:
    """Return a concept as a schema.org DefinedTerm; hidden labels stay hidden."""
    others = {label for labels in concept.alt_label.values() for label in labels}
    others |= set(concept.pref_label.values())
    found: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@id": engine.vocabulary.uri(concept.id),
        "@type": "DefinedTerm",
        "name": concept.label(lang),
        "alternateName": sorted(others - {concept.label(lang)}),
        "description": label_in(concept.definition, lang),
        "termCode": concept.notation or "",
        "url": item_url(engine, "vocabulary", concept.id),
        "inDefinedTermSet": engine.vocabulary.uri(concept.scheme),
        "sameAs": [u for m in concept.mappings if m.match == "exact" and (u := public_uri(m)) is not None],
    }
    return {name: value for name, value in found.items() if value not in ("", [])}


def scheme_jsonld(scheme: ConceptScheme, engine: Engine, lang: str) -> dict[str, Any]:
    """Return a scheme as a schema.org DefinedTermSet."""
    return {
        "@context": "https://schema.org/",
        "@id": engine.vocabulary.uri(scheme.id),
        "@type": "DefinedTermSet",
        "name": label_in(scheme.pref_label, lang, scheme.id),
        "url": item_url(engine, "vocabulary", scheme.id),
    }

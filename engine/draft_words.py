"""What is an editor told before writing? A preview as one document, with sentences in bokmål, nynorsk and English."""

from collections.abc import Mapping
from typing import Any, Final

from engine.draft_links import WouldServe
from engine.drafting import Existing, Level, Preview, Why
from engine.errors import IndexMissing
from engine.facets import value_label
from engine.model import Resource
from engine.pair_reasons import class_name, reasons
from engine.search import review_expired
from engine.service import Engine
from graph.competence_graph import CompetenceGraph
from graph.coverage import ServingResource

Texts = Mapping[str, str]

WHY_NAMES: Final[Mapping[Why, Texts]] = {
    "same_name": {"nb": "samme navn", "nn": "same namn", "en": "same name"},
    "same_text": {"nb": "samme tekst", "nn": "same tekst", "en": "same text"},
    "translation": {"nb": "oversettelse", "nn": "omsetjing", "en": "translation"},
    "near_name": {"nb": "nesten samme navn", "nn": "nesten same namn", "en": "nearly the same name"},
    "supplement": {"nb": "lokalt tillegg", "nn": "lokalt tillegg", "en": "local supplement"},
    "same_topic": {"nb": "samme tema", "nn": "same tema", "en": "same topic"},
}
LEVEL_NAMES: Final[Mapping[Level, Texts]] = {
    "confirm": {"nb": "finnes fra før", "nn": "finst frå før", "en": "exists already"},
    "look": {"nb": "se på denne først", "nn": "sjå på denne først", "en": "look at this first"},
    "know": {"nb": "til orientering", "nn": "til orientering", "en": "for information"},
}
STATUS_NAMES: Final[Mapping[str, Texts]] = {
    "draft": {"nb": "utkast", "nn": "utkast", "en": "draft"},
    "published": {"nb": "publisert", "nn": "publisert", "en": "published"},
    "archived": {"nb": "arkivert", "nn": "arkivert", "en": "archived"},
}
_WHY: Final[Mapping[Why, Texts]] = {
    "same_name": {
        "nb": "«{title}» heter det samme.",
        "nn": "«{title}» heiter det same.",
        "en": "“{title}” has the same name.",
    },
    "same_text": {
        "nb": "«{title}» har langt på vei den samme teksten ({kind}).",
        "nn": "«{title}» har langt på veg den same teksten ({kind}).",
        "en": "“{title}” has much the same text ({kind}).",
    },
    "translation": {
        "nb": "«{title}» ser ut til å være det samme på et annet språk ({language}).",
        "nn": "«{title}» ser ut til å vere det same på eit anna språk ({language}).",
        "en": "“{title}” seems to be the same in another language ({language}).",
    },
    "near_name": {
        "nb": "«{title}» heter nesten det samme.",
        "nn": "«{title}» heiter nesten det same.",
        "en": "“{title}” has nearly the same name.",
    },
    "supplement": {
        "nb": "«{title}»: den ene teksten er et lokalt tillegg til den andre.",
        "nn": "«{title}»: den eine teksten er eit lokalt tillegg til den andre.",
        "en": "“{title}”: one of the texts is a local supplement to the other.",
    },
    "same_topic": {
        "nb": "«{title}» handler også om {concepts}.",
        "nn": "«{title}» handlar òg om {concepts}.",
        "en": "“{title}” is about {concepts}, too.",
    },
}
_TEXTS: Final[Mapping[str, Texts]] = {
    "confirm": {
        "nb": "Det finnes allerede en tekst med dette navnet.",
        "nn": "Det finst alt ein tekst med dette namnet.",
        "en": "There is a text of this name already.",
    },
    "look": {
        "nb": "Se på dette før du skriver: {n} {texts} ligner.",
        "nn": "Sjå på dette før du skriv: {n} {texts} liknar.",
        "en": "Look at this before you write: {n} {texts} like it.",
    },
    "know": {
        "nb": "Ingen tekst heter det samme. {n} {texts} om det samme temaet.",
        "nn": "Ingen tekst heiter det same. {n} {texts} om det same temaet.",
        "en": "No text has this name. {n} {texts} on the same topic.",
    },
    "nothing": {
        "nb": "Vi fant ingen tekst som ligner.",
        "nn": "Vi fann ingen tekst som liknar.",
        "en": "We found no text like it.",
    },
    "empty": {"nb": "Skriv en tittel.", "nn": "Skriv ein tittel.", "en": "Type a title."},
    "text": {"nb": "tekst", "nn": "tekst", "en": "text"},
    "texts": {"nb": "tekster", "nn": "tekstar", "en": "texts"},
    "something": {"nb": "det samme", "nn": "det same", "en": "the same"},
    "requirement": {
        "nb": "Vil trolig dekke «{label}», som {plans} og {roles} spør etter. {covered}",
        "nn": "Vil truleg dekkje «{label}», som {plans} og {roles} spør etter. {covered}",
        "en": "Would probably cover “{label}”, which {plans} and {roles} ask for. {covered}",
    },
    "covered": {
        "nb": "I dag {n} {texts} {where}.",
        "nn": "I dag {n} {texts} {where}.",
        "en": "Today {n} {texts} {where}.",
    },
    "uncovered": {
        "nb": "I dag ingen {where}.",
        "nn": "I dag ingen {where}.",
        "en": "Today none {where}.",
    },
    "in": {"nb": "på {language}", "nn": "på {language}", "en": "in {language}"},
    "any": {"nb": "på noe språk", "nn": "på noko språk", "en": "in any language"},
    "all": {"nb": "i alt", "nn": "i alt", "en": "in all"},
    "plan": {"nb": "plan", "nn": "plan", "en": "plan"},
    "plans": {"nb": "planer", "nn": "planar", "en": "plans"},
    "role": {"nb": "rolle", "nn": "rolle", "en": "role"},
    "roles": {"nb": "roller", "nn": "roller", "en": "roles"},
}


def preview_document(engine: Engine, found: Preview, lang: str) -> dict[str, Any]:
    """Return a preview as a JSON object, in one language."""
    level = found.existing[0].level if found.existing else None
    return {
        "language": found.language or None,
        "edition": found.draft.edition,
        "level": level,
        "headline": _headline(found, lang),
        "existing": [_existing(engine, e, lang) for e in found.existing],
        "requirements": [_requirement(engine, r, found, lang) for r in found.requirements],
        "concepts": [
            {
                "concept": tag.concept,
                "label": engine.vocabulary.label(tag.concept, lang),
                "score": tag.score,
                "matched": tag.label,
            }
            for tag in found.concepts
        ],
        "degraded": list(found.degraded),
    }


def existing_sentence(engine: Engine, one: Existing, why: Why, lang: str) -> str:
    """Return what an existing text is to what is typed, as a sentence."""
    kind = class_name(one.comparison.judgement.kind, lang) if one.comparison else ""
    labels = [engine.vocabulary.label(c, lang) for c in one.concepts[:3]]
    return _WHY[why][lang].format(
        title=one.resource.title,
        kind=kind,
        language=value_label("language", one.resource.language, engine.vocabulary, lang),
        concepts=", ".join(labels) or _TEXTS["something"][lang],
    )


def _headline(found: Preview, lang: str) -> str:
    if not found.draft.title and not found.draft.text:
        return _TEXTS["empty"][lang]
    if not found.existing:
        return _TEXTS["nothing"][lang]
    level = found.existing[0].level
    n = sum(e.level == level for e in found.existing)
    return _TEXTS[level][lang].format(n=n, texts=_counted("text", n, lang))


def _existing(engine: Engine, one: Existing, lang: str) -> dict[str, Any]:
    r = one.resource
    expired = review_expired(r, engine.today())
    day = r.updated or r.published
    compared = one.comparison
    return {
        "id": r.id,
        "title": r.title,
        "url": r.url,
        "language": r.language,
        "language_label": value_label("language", r.language, engine.vocabulary, lang),
        "edition": r.edition,
        "edition_label": value_label("edition", r.edition, engine.vocabulary, lang),
        "owner": r.provider,
        "resource_type": r.resource_type,
        "status": r.status,
        "status_label": STATUS_NAMES[r.status][lang],
        "updated": day.isoformat() if day else None,
        "review": {
            "due": r.review_due.isoformat() if r.review_due else None,
            "expired": expired,
            "label": value_label("review", _review(r, expired), engine.vocabulary, lang),
        },
        "level": one.level,
        "level_label": LEVEL_NAMES[one.level][lang],
        "why": [
            {
                "kind": why,
                "label": WHY_NAMES[why][lang],
                "sentence": existing_sentence(engine, one, why, lang),
            }
            for why in one.why
        ],
        "name_likeness": one.name,
        "concepts": [{"concept": c, "label": engine.vocabulary.label(c, lang)} for c in one.concepts],
        "evidence": reasons(compared.evidence, compared.judgement.kind, lang) if compared else [],
    }


def _review(r: Resource, expired: bool) -> str:
    return "expired" if expired else "valid" if r.review_due else "none"


def _requirement(engine: Engine, one: WouldServe, found: Preview, lang: str) -> dict[str, Any]:
    q = one.requirement
    plans, roles, covered = _asking(engine, q.id, found)
    label = next((q.labels[x] for x in (lang, "nb", "nn", "en") if x in q.labels), q.id)  # type: ignore[index]
    language = value_label("language", found.language, engine.vocabulary, lang) if found.language else ""
    where = (
        _TEXTS["in"][lang].format(language=language)
        if language
        else _TEXTS["all" if covered else "any"][lang]
    )
    told = _TEXTS["covered" if covered else "uncovered"][lang].format(
        n=covered, texts=_counted("text", covered, lang), where=where
    )
    return {
        "requirement": q.id,
        "label": label,
        "confidence": one.confidence,
        "concepts": [{"concept": c, "label": engine.vocabulary.label(c, lang)} for c in one.concepts],
        "plans": plans,
        "roles": roles,
        "resources": covered,
        "sentence": _TEXTS["requirement"][lang].format(
            label=label,
            plans=f"{plans} {_counted('plan', plans, lang)}",
            roles=f"{roles} {_counted('role', roles, lang)}",
            covered=told,
        ),
    }


def _asking(engine: Engine, requirement: str, found: Preview) -> tuple[int, int, int]:
    """Return how many plans and roles ask for a requirement, and how many valid texts teach it as the draft would."""
    try:
        graph: CompetenceGraph = engine.graph()
    except IndexMissing:
        return 0, 0, 0
    node, today, edition = f"requirement:{requirement}", engine.today(), found.draft.edition
    if node not in graph:
        return 0, 0, 0
    known = engine.plans()
    asking = [known[e.source.split(":", 1)[1]] for e in graph.edges_to(node, {"requires"})
              if e.source.split(":", 1)[1] in known]  # fmt: skip
    asking = [p for p in asking if p.in_force(today) and {"felles", edition} & set(p.editions)]
    ids = [e.source.split(":", 1)[1] for e in graph.edges_to(node, {"teaches"})]
    teaching = engine.catalogue.get_many(sorted(ids)).values()
    valid = [r for r in teaching if found.language in {"", r.language} and _serving(r).valid(today)]
    shown = sum(_serving(r).shown_in(edition) for r in valid)
    return len({p.id for p in asking}), len({role for p in asking for role in p.roles}), shown


def _serving(r: Resource) -> ServingResource:
    return ServingResource(r.id, r.edition, r.language, r.resource_type, r.status, r.published, r.review_due)


def _counted(what: str, n: int, lang: str) -> str:
    return _TEXTS[what if n == 1 else f"{what}s"][lang]

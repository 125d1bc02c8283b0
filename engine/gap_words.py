"""How is a candidate for a gap told? As data and sentences in bokmål, nynorsk and English."""

from collections.abc import Mapping
from typing import Any, Final

from engine.draft_words import STATUS_NAMES
from engine.facets import value_label
from engine.gap_filling import Candidate, Step
from engine.reports.status import label_of
from engine.service import Engine
from graph.model import LIKELY
from graph.status import Language

Texts = Mapping[str, str]

STEP_NAMES: Final[Mapping[Step, Texts]] = {
    "link": {"nb": "godta lenken", "nn": "godta lenkja", "en": "accept the link"},
    "renew": {"nb": "forny revisjonen", "nn": "forny revisjonen", "en": "renew the review"},
    "publish": {"nb": "publiser", "nn": "publiser", "en": "publish"},
    "share": {"nb": "del med utgaven", "nn": "del med utgåva", "en": "share with the edition"},
    "translate": {"nb": "oversett", "nn": "omset", "en": "translate"},
    "adapt": {"nb": "lag i annen form", "nn": "lag i anna form", "en": "make another type"},
}
_TEXTS: Final[Mapping[str, Texts]] = {
    "linked": {
        "nb": "«{title}» er lenket til «{label}» fra før.",
        "nn": "«{title}» er lenkja til «{label}» frå før.",
        "en": "“{title}” is linked to “{label}” already.",
    },
    "likely": {
        "nb": "«{title}» dekker trolig «{label}» (sikkerhet {sure} %).",
        "nn": "«{title}» dekkjer truleg «{label}» (tryggleik {sure} %).",
        "en": "“{title}” probably covers “{label}” (confidence {sure}%).",
    },
    "doubtful": {
        "nb": "«{title}» kan ha noe om «{label}» (sikkerhet {sure} %).",
        "nn": "«{title}» kan ha noko om «{label}» (tryggleik {sure} %).",
        "en": "“{title}” may have something on “{label}” (confidence {sure}%).",
    },
    "found": {
        "nb": "«{title}» er blant treffene på «{label}».",
        "nn": "«{title}» er mellom treffa på «{label}».",
        "en": "“{title}” is among the hits for “{label}”.",
    },
    "shared": {
        "nb": " Begge handler om {concepts}.",
        "nn": " Begge handlar om {concepts}.",
        "en": " Both are about {concepts}.",
    },
    "renew": {
        "nb": " Revisjonsdatoen {due} er passert.",
        "nn": " Revisjonsdatoen {due} er passert.",
        "en": " The review date {due} has passed.",
    },
    "publish": {"nb": " Det er et utkast.", "nn": " Det er eit utkast.", "en": " It is a draft."},
    "share": {
        "nb": " Den hører til utgaven {edition}.",
        "nn": " Han høyrer til utgåva {edition}.",
        "en": " It belongs to the edition {edition}.",
    },
    "translate": {
        "nb": " Språket er {language}.",
        "nn": " Språket er {language}.",
        "en": " Its language is {language}.",
    },
    "adapt": {"nb": " Typen er {type}.", "nn": " Typen er {type}.", "en": " Its type is {type}."},
}


def candidate_document(engine: Engine, c: Candidate, lang: Language) -> dict[str, Any]:
    """Return a candidate for a gap as a JSON object."""
    r, words = c.resource, engine.vocabulary
    return {
        "resource": r.id,
        "title": r.title,
        "url": r.url,
        "language": r.language,
        "language_label": value_label("language", r.language, words, lang),
        "edition": r.edition,
        "edition_label": value_label("edition", r.edition, words, lang),
        "resource_type": r.resource_type,
        "status": r.status,
        "status_label": STATUS_NAMES[r.status][lang],
        "review_due": r.review_due.isoformat() if r.review_due else None,
        "linked": c.linked,
        "confidence": c.confidence,
        "score": round(c.score, 4),
        "steps": [{"step": step, "label": STEP_NAMES[step][lang]} for step in c.steps],
        "concepts": [
            {"concept": s.concept, "label": words.label(s.concept, lang), "score": s.score} for s in c.shared
        ],
        "passage": {
            "start": c.passage.start,
            "end": c.passage.end,
            "text": c.passage.text,
            "similarity": c.passage.cosine,
        }
        if c.passage
        else None,
        "sentence": candidate_sentence(engine, c, lang),
    }


def candidate_sentence(engine: Engine, c: Candidate, lang: Language) -> str:
    """Return what speaks for a candidate and what it takes, as sentences."""
    r, sure = c.resource, c.confidence
    how = "linked" if c.linked else "found" if sure is None else "likely" if sure >= LIKELY else "doubtful"
    said = _TEXTS[how][lang].format(
        title=r.title, label=label_of(engine, c.requirement, lang), sure=round(100 * (sure or 0.0))
    )
    if c.shared:
        labels = [engine.vocabulary.label(s.concept, lang) for s in c.shared[:3]]
        said += _TEXTS["shared"][lang].format(concepts=", ".join(labels))
    for step in c.steps:
        if step in _TEXTS:
            said += _TEXTS[step][lang].format(
                due=r.review_due.isoformat() if r.review_due else "",
                edition=value_label("edition", r.edition, engine.vocabulary, lang),
                language=value_label("language", r.language, engine.vocabulary, lang),
                type=value_label("resource_type", r.resource_type, engine.vocabulary, lang)
                if r.resource_type
                else "–",
            )
    return said

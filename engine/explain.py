"""Why this hit? One plain sentence for the reader, and the parts of the score for the developer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine.model import Candidates, Clause, HitReason, IndexQuery
from engine.ports import SearchIndex
from vocab.concept import ConceptId

_TEXT: Mapping[str, Mapping[str, str]] = {
    "words": {"nb": "inneholder {0}", "nn": "inneheld {0}", "en": "contains {0}"},
    "concepts": {"nb": "handler om {0}", "nn": "handlar om {0}", "en": "is about {0}"},
    "narrower": {"nb": "{0} (hører under {1})", "nn": "{0} (høyrer under {1})", "en": "{0} (part of {1})"},
    "similar": {
        "nb": "har et avsnitt som ligner på søket i innhold",
        "nn": "har eit avsnitt som liknar på søket i innhald",
        "en": "has a passage close to the search in meaning",
    },
    "all": {"nb": "hører til utvalget", "nn": "høyrer til utvalet", "en": "belongs to the selection"},
    "start": {
        "nb": "Treff fordi ressursen ",
        "nn": "Treff fordi ressursen ",
        "en": "Found because the resource ",
    },
    "and": {"nb": " og ", "nn": " og ", "en": " and "},
}

TERMS_EXPLAINED = 40
"""Terms whose part of a score is told one by one, the heaviest; the others are told together."""

LETTERS, OTHER_WORDS, AVERAGE = "letters", "other words", "average of all"
"""Parts of a score that are no single term: 4-grams, terms of little weight, and what an average resource has."""

WORDS_SHOWN = 4
CONCEPTS_SHOWN = 3


def hit_reason(
    words: Sequence[str],
    concepts: Sequence[tuple[ConceptId, str]],
    similarity: float | None,
    lang: str,
    narrower: Sequence[tuple[ConceptId, str, str]] = (),
) -> HitReason:
    """Say why a resource was found.

    Parameters
    ----------
    words : sequence of str
        Words of the text that met the query.
    concepts : sequence of (id, label)
        Concepts that both the query and the resource have.
    similarity : float or None
        Cosine of the best passage when the vector leg found it.
    lang : str
        nb, nn or en.
    narrower : sequence of (id, label, label of the query's concept)
        Concepts of the resource that belong under one of the query's; said when none is shared.

    Examples
    --------
    >>> hit_reason(["fall"], [], 0.9, "nb").sentence
    'Treff fordi ressursen inneholder «fall» og har et avsnitt som ligner på søket i innhold.'
    """
    lang = lang if lang in {"nb", "nn", "en"} else "nb"
    parts = []
    if words:
        parts.append(_TEXT["words"][lang].format(_listed([f"«{w}»" for w in words[:WORDS_SHOWN]], lang)))
    about = [label for _, label in concepts] or [
        _TEXT["narrower"][lang].format(label, above) for _, label, above in narrower
    ]
    if about:
        shown = list(dict.fromkeys(about))[:CONCEPTS_SHOWN]
        parts.append(_TEXT["concepts"][lang].format(_listed(shown, lang)))
    if similarity is not None:
        parts.append(_TEXT["similar"][lang])
    if not parts:
        parts.append(_TEXT["all"][lang])
    sentence = _TEXT["start"][lang] + _listed(parts, lang) + "."
    ids = tuple(c for c, _ in concepts) or tuple(c for c, _, _ in narrower)
    return HitReason(tuple(words), ids, similarity, sentence)


def _listed(items: Sequence[str], lang: str) -> str:
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + _TEXT["and"][lang] + items[-1]


def word_parts(
    index: SearchIndex, query: IndexQuery, candidates: Candidates, rows: Sequence[int], share: float
) -> list[list[tuple[str, float]]]:
    """Say which words gave how much of each row's standardised lexical score.

    Every term is asked for alone, so this costs a search a term: it is for explanations only.

    Parameters
    ----------
    index, query, candidates
        What was asked and what was answered; `query.lexical` is not None.
    rows : sequence of int, length r
        The rows to explain.
    share : float in [0, 1]
        Weight of the lexical leg in the score.

    Returns
    -------
    list of length r of lists of (name, value)
        ``word:…``, names of concept terms, `LETTERS` and `OTHER_WORDS`, without zeros and in falling
        order. What they lack to the row's lexical score is what is taken from all: `AVERAGE`.
    """
    assert query.lexical is not None
    n, total, squares = candidates.population
    spread = float(np.sqrt(max(squares / n - (total / n) ** 2, 0.0))) if n else 0.0
    scale = share / spread if spread > 1e-9 else 0.0
    ids = [candidates.ids[row] for row in rows]
    found: list[list[tuple[str, float]]] = [[] for _ in rows]
    for name, clauses in _told_apart(query.lexical.clauses):
        alone = index.search(
            replace(query, lexical=replace(query.lexical, clauses=clauses), vector=None, facets=())
        )
        scores = dict(zip(alone.ids, np.nan_to_num(alone.lexical).tolist(), strict=True))
        for parts, resource_id in zip(found, ids, strict=True):
            if value := scale * scores.get(resource_id, 0.0):
                parts.append((name, value))
    return [sorted(parts, key=lambda part: (-part[1], part[0])) for parts in found]


def _told_apart(clauses: Sequence[Clause]) -> list[tuple[str, tuple[Clause, ...]]]:
    """Return the clauses by the name under which they are explained."""
    terms = sorted((c for c in clauses if c.field == "terms"), key=lambda c: (-c.weight, c.term))
    groups: list[tuple[str, tuple[Clause, ...]]] = [
        (c.term if ":" in c.term else f"word:{c.term}", (c,)) for c in terms[:TERMS_EXPLAINED]
    ]
    groups.append((OTHER_WORDS, tuple(terms[TERMS_EXPLAINED:])))
    groups.append((LETTERS, tuple(c for c in clauses if c.field == "grams")))
    return [(name, own) for name, own in groups if own]

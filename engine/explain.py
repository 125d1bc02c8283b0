"""Why this hit? One plain sentence for the reader, and the parts of the score for the developer."""

from collections.abc import Mapping, Sequence

from engine.model import HitReason
from vocab.concept import ConceptId

_TEXT: Mapping[str, Mapping[str, str]] = {
    "words": {"nb": "inneholder {0}", "nn": "inneheld {0}", "en": "contains {0}"},
    "concepts": {"nb": "handler om {0}", "nn": "handlar om {0}", "en": "is about {0}"},
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

WORDS_SHOWN = 4


def hit_reason(
    words: Sequence[str],
    concepts: Sequence[tuple[ConceptId, str]],
    similarity: float | None,
    lang: str,
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

    Examples
    --------
    >>> hit_reason(["fall"], [], 0.9, "nb").sentence
    'Treff fordi ressursen inneholder «fall» og har et avsnitt som ligner på søket i innhold.'
    """
    lang = lang if lang in {"nb", "nn", "en"} else "nb"
    parts = []
    if words:
        parts.append(_TEXT["words"][lang].format(_listed([f"«{w}»" for w in words[:WORDS_SHOWN]], lang)))
    if concepts:
        parts.append(_TEXT["concepts"][lang].format(_listed([label for _, label in concepts[:3]], lang)))
    if similarity is not None:
        parts.append(_TEXT["similar"][lang])
    if not parts:
        parts.append(_TEXT["all"][lang])
    sentence = _TEXT["start"][lang] + _listed(parts, lang) + "."
    return HitReason(tuple(words), tuple(c for c, _ in concepts), similarity, sentence)


def _listed(items: Sequence[str], lang: str) -> str:
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + _TEXT["and"][lang] + items[-1]

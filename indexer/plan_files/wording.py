"""Are two titles one requirement in other words? Words in common, and what a wording shows of language, level and kind."""

import re
from collections.abc import Iterator

from graph.model import PlanKind
from vocab.analysis import analyse, analyse_word, is_function_word
from vocab.language import detect_language

ALIKE = 0.5
"""Share of words that two titles of one code have in common at least."""

LIS_CODE = re.compile(r"(FKM[A-Z]?|DEL ?1|DEL1|NUK|[A-ZÆØÅ]{3})-\d{1,3}", re.IGNORECASE)
APPRENTICE_CODE = re.compile(r"K[MVE]\d{2,6}", re.IGNORECASE)


def words(text: str) -> frozenset[str]:
    """Return the analysed words of a title that carry its meaning, numbers among them.

    Examples
    --------
    >>> sorted(words("Fallforebygging hos eldre"))
    ['bygging', 'fall', 'for', 'gammel']
    """
    tokens = [t for t in analyse(text) if not is_function_word(t.surface.lower())]
    return frozenset(leaf for t in tokens for leaf in _leaves(t.text, t.parts))


def _leaves(stem: str, parts: tuple[str, ...], depth: int = 3) -> Iterator[str]:
    """Yield the parts of a compound, those of its parts too, else the word itself."""
    if not parts or depth == 0:
        yield stem
        return
    for part in parts:
        inner = analyse_word(part)[1] if part != stem else ()
        yield from _leaves(part, tuple(p for p in inner if p != part), depth - 1)


def overlap(one: str, other: str) -> float:
    """Return the share of words that two titles have in common, between 0 and 1.

    Examples
    --------
    >>> overlap("Forebygging av fall", "Fallforebygging"), overlap("Håndhygiene", "Brannvern")
    (1.0, 0.0)
    """
    a, b = words(one), words(other)
    return len(a & b) / len(a | b) if a | b else float(one.strip() == other.strip())


def language_of(texts: list[str]) -> str:
    """Return nb, nn or en for texts that are meant to be in one language."""
    lang = detect_language(". ".join(texts))[0]
    return lang if lang in {"nb", "nn", "en"} else "nb"


def level_of(objective: str) -> str | None:
    """Return the level that the wording of a learning objective names, as the regulation grades it.

    Examples
    --------
    >>> level_of("Ha kjennskap til organisering"), level_of("Selvstendig kunne vurdere"), level_of("Etikk")
    ('grunnleggende', 'avansert', None)
    """
    text = objective.lower()
    if re.search(r"\b(selvstendig|sjølvstendig|god kunnskap|independently)\b", text):
        return "avansert"
    if re.search(r"\b(under supervisjon|ha kunnskap|under supervision)\b", text):
        return "videregaende"
    return "grunnleggende" if re.search(r"\bkjennskap\b", text) else None


def plan_kind_of(codes: list[str]) -> PlanKind | None:
    """Return the kind of plan that most of the codes belong to, None for an ordinary one.

    Examples
    --------
    >>> plan_kind_of(["FKM-001", "FKM-002"]), plan_kind_of(["KM1234"]), plan_kind_of(["krav-fall"])
    ('lis', 'apprentice', None)
    """
    kinds: tuple[tuple[PlanKind, re.Pattern[str]], ...] = (
        ("lis", LIS_CODE),
        ("apprentice", APPRENTICE_CODE),
    )
    for kind, pattern in kinds:
        if codes and sum(bool(pattern.fullmatch(code)) for code in codes) * 2 > len(codes):
            return kind
    return None

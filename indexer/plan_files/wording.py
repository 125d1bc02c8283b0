"""What does a wording show? The language, level and kind of plan of learning objectives."""

import re

from graph.model import PlanKind
from vocab.language import detect_language

LIS_CODE = re.compile(r"(FKM[A-Z]?|DEL ?1|DEL1|NUK|[A-ZÆØÅ]{3})-\d{1,3}", re.IGNORECASE)
APPRENTICE_CODE = re.compile(r"K[MVE]\d{2,6}", re.IGNORECASE)


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

"""What are two resources to each other? Seven classes, decided by a few written rules over the evidence.

The limits below were set on development data only: half of the labelled twins of the sample bank and halves of a
collection of exam questions, see docs/evaluation.md. In order:

====================== ==========================================================================================
``identical_copy``     the same letters, whatever the casing and white space
``translation``        the same work in two languages: most stems in the same order (bokmål and nynorsk), or close
                       meaning, subjects and numbers (English, Sámi)
``outdated_local_copy`` most of the text is the same, the local one is older than the common one
``near_copy``          most of the text is the same, or one is a part of the other
``local_supplement``   the local text says that it supplements a common one, or names its title, and is about the same
``same_topic_other_role`` another text on the same subjects, for others
``unrelated``          everything else
====================== ==========================================================================================
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

from engine.pair_evidence import Evidence

PairClass = Literal[
    "identical_copy",
    "near_copy",
    "outdated_local_copy",
    "local_supplement",
    "translation",
    "same_topic_other_role",
    "unrelated",
]
CLASSES: Final[tuple[PairClass, ...]] = (
    "identical_copy",
    "near_copy",
    "outdated_local_copy",
    "local_supplement",
    "translation",
    "same_topic_other_role",
    "unrelated",
)
SAME_WORK: Final[frozenset[PairClass]] = frozenset(
    [
        "identical_copy",
        "near_copy",
        "outdated_local_copy",
        "translation",
    ]
)
"""Classes of pairs that are one work."""

SAMENESS: Final = 6.3
COSINE: Final = 3.7
CONSTANT: Final = -5.8
"""Weights of a logistic regression: log-odds that two texts are one, from their sameness and the cosine of their vectors."""

LEAST_SAMENESS: Final = 0.5
"""Sameness below which they are two, however close in meaning: laws and forms resemble each other."""

WITHOUT_VECTORS: Final = 0.55
"""Sameness from which they are one, where no vectors are known."""

PART: Final = 0.85
"""Share of a text in shared runs from which it is a part of the other."""

PART_WORDS: Final = 40
"""Words that a text needs to be a part of another: of a short one anything may be found in a long one."""

PART_LENGTH: Final = 0.15
"""Length of a part at least, of the whole."""

CONCEPTS: Final = 0.2
"""What a full overlap of subjects adds to the cosine: that is closeness."""

ABROAD: Final = 0.6
"""Closeness from which texts in foreign languages are one work."""

NUMBERS_AGREE: Final = 0.2
"""What numbers add to it when there are three and more and nearly all are the same: 1 in 8,000 pairs by chance."""

NUMBERS_CONTRADICT: Final = 0.1
"""What they take away when each has three and more, and hardly any are the same."""

SUPPLEMENTS: Final = 0.41
"""Closeness from which a local text that says so supplements a common one."""

NAMES: Final = 0.1
"""What naming the title adds to it."""

ABOUT_THE_SAME: Final = 0.35
"""Overlap of subjects, plus `STATED` for a shared theme and for a shared requirement, from which a topic is the same."""

STATED: Final = 0.1

_NUMBERS: Final = 3
_AGREE, _CONTRADICT = 0.8, 0.2
_SCANDINAVIAN: Final = frozenset(["nb", "nn", "", "und", "da", "sv"])


@dataclass(frozen=True, slots=True)
class Judgement:
    """The class of a pair, and how strongly the evidence speaks for it: 0 to 1, .5 where it begins."""

    kind: PairClass
    strength: float

    @property
    def same_work(self) -> bool:
        """Whether the two are one work."""
        return self.kind in SAME_WORK


def judge(e: Evidence) -> Judgement:
    """Return the class of a pair.

    Parameters
    ----------
    e : Evidence
        Of the pair.
    """
    if e.identical:
        return Judgement("identical_copy", 1.0)
    other_language = e.languages[0] != e.languages[1]
    odds = log_odds(e)
    if odds >= 0 and not _other_acts(e):
        strength = round(1 / (1 + math.exp(-odds)), 3)
        if other_language:
            return Judgement("translation", strength)
        return Judgement("outdated_local_copy" if _outdated(e) else "near_copy", strength)
    if other_language and _abroad(e) >= ABROAD and not set(e.languages) <= _SCANDINAVIAN:
        return Judgement("translation", _above(_abroad(e), ABROAD))
    if not other_language and _is_part(e) and not _other_acts(e):
        return Judgement("near_copy", _above(max(e.part_a, e.part_b), PART))
    topic = e.concepts + STATED * (e.themes + e.requirements)
    if e.says_supplement or e.names_title:
        close = _closeness(e) + NAMES * e.names_title
        if close >= SUPPLEMENTS:
            return Judgement("local_supplement", _above(min(1.0, close), SUPPLEMENTS))
    if topic >= ABOUT_THE_SAME and e.other_audience:
        return Judgement("same_topic_other_role", _above(min(1.0, topic), ABOUT_THE_SAME))
    return Judgement("unrelated", 1 - max(e.sameness, min(1.0, topic) / 2))


def log_odds(e: Evidence) -> float:
    """Return the log-odds that two texts are one, in whatever two languages of the same stems."""
    if e.sameness < LEAST_SAMENESS or e.cosine is None:
        return SAMENESS * (e.sameness - WITHOUT_VECTORS) if e.sameness >= LEAST_SAMENESS else -math.inf
    return SAMENESS * e.sameness + COSINE * e.cosine + CONSTANT


def _closeness(e: Evidence) -> float:
    return (e.cosine or 0.0) + CONCEPTS * e.concepts


def _above(value: float, limit: float) -> float:
    return round(0.5 + 0.5 * (value - limit) / max(1e-9, 1 - limit), 3)


def _outdated(e: Evidence) -> bool:
    """Tell whether the local text is older than the common one."""
    if not e.local or None in e.dates:
        return False
    local, common = e.dates if e.local == "a" else e.dates[::-1]
    assert local is not None
    assert common is not None
    return local < common


def _other_acts(e: Evidence) -> bool:
    """Tell whether both change acts, and not the same: what they share is their form."""
    return bool(e.acts[0] and e.acts[1]) and e.acts[0] != e.acts[1]


def _is_part(e: Evidence) -> bool:
    part, words, whole = max((e.part_a, *e.words), (e.part_b, *e.words[::-1]))
    return part >= PART and words >= PART_WORDS and words >= PART_LENGTH * whole


def _abroad(e: Evidence) -> float:
    every = e.numbers_shared + len(e.numbers_a) + len(e.numbers_b)
    numbers = e.numbers_shared / every if every >= _NUMBERS else 0.5
    if numbers >= _AGREE:
        return _closeness(e) + NUMBERS_AGREE
    contradict = numbers <= _CONTRADICT and min(len(e.numbers_a), len(e.numbers_b)) >= _NUMBERS
    return _closeness(e) - NUMBERS_CONTRADICT * contradict

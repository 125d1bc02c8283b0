"""What do editors' rulings teach about the next tag? A shift of its score, in log-odds.

Each ruling on a concept that the tagger found in a text says whether the score was right: expected was the
acceptance probability ``e`` that the score stands for, what came was ``y``, 1 (accepted, pinned) or 0 (rejected).
For a group of n rulings the shift is that of a Beta prior of strength m around what was expected [1]_:

    shift = logit((sum(y) + m * mean(e)) / (n + m)) - logit(mean(e))

so that none move nothing, a few move little, and many as far as they go. Groups are looked at one after the other,
each against what is expected after the shifts before it:

1. all rulings (m = `ALL`): how scores and acceptance meet here. It is not part of any shift: what is true of all
   concepts is a matter of the threshold.
2. a class of features, such as a match in the title by a preferred label, from `ENOUGH` rulings on (m = `CLASS`).
3. a concept (m = `CONCEPT`). There each label counts once, with its mean, however often it was ruled on: one label
   that misleads is the label's fault and not the concept's.
4. a label of a concept (m = `LABEL`).

The sum is kept within `BOUND`.

References
----------
.. [1] A. Gelman et al., "Bayesian Data Analysis", 3rd ed., 2013, chapter 5: partial pooling.
"""

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.model import Decision, Span
from vocab.concept import LabelKind

ALL: Final = 40.0
CLASS: Final = 30.0
CONCEPT: Final = 4.0
LABEL: Final = 4.0
"""Strength of the prior of each group [rulings]."""

ENOUGH: Final = 30
"""Rulings from which a class of features has a shift of its own."""

BOUND: Final = 3.0
"""Largest shift either way [log-odds]."""

LEAST, MOST = 0.05, 0.95
"""What a score may stand for: no tag is sure before an editor has seen it."""

_FIELDS: Final = ("title", "summary", "body")


@dataclass(frozen=True, slots=True)
class Corrections:
    """Shifts by concept, by (concept, label in lower case) and by class of features [log-odds]."""

    concepts: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[tuple[str, str], float] = field(default_factory=dict)
    features: Mapping[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.concepts or self.labels or self.features)

    def shift(self, concept: str, label: str = "", features: str = "") -> float:
        """Return what is added to the log-odds of a score, within `BOUND`; 0 where nothing was learnt."""
        found = (
            self.concepts.get(concept, 0.0)
            + self.labels.get((concept, label.casefold()), 0.0)
            + self.features.get(features, 0.0)
        )
        return max(-BOUND, min(BOUND, found))

    def corrected(self, score: float, concept: str, label: str = "", features: str = "") -> float:
        """Return a score with its shift, in [0, 1]; the same number when there is none.

        Examples
        --------
        >>> learnt = Corrections(labels={("tema/varsling", "sepsis"): -1.0})
        >>> round(learnt.corrected(0.6, "tema/varsling", "Sepsis"), 2)
        0.36
        >>> learnt.corrected(0.6, "tema/varsling", "varsling")
        0.6
        """
        shift = self.shift(concept, label, features) if self else 0.0
        return score if not shift or not 0 < score < 1 else _sigmoid(_logit(score) + shift)

    @property
    def digest(self) -> str:
        """A hash [16 hex digits]: as long as it stays, so do the scores; empty where nothing was learnt."""
        if not self:
            return ""
        parts = [
            sorted((name, round(v, 4)) for name, v in self.concepts.items()),
            sorted((*name, round(v, 4)) for name, v in self.labels.items()),
            sorted((name, round(v, 4)) for name, v in self.features.items()),
            [BOUND],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


NO_CORRECTIONS: Final = Corrections()


def feature_class(spans: Sequence[Span], kind: LabelKind | None) -> str:
    """Return the class of features of a match: the best field that it stands in, and the kind of its label.

    Examples
    --------
    >>> feature_class([Span("body", 4, 8), Span("title", 0, 4)], "pref")
    'title/pref'
    """
    fields = {span.field for span in spans}
    return f"{next((name for name in _FIELDS if name in fields), '-')}/{kind or '-'}"


def corrections(rulings: Iterable[Decision]) -> Corrections:
    """Return what rulings teach, whatever their order.

    Parameters
    ----------
    rulings : iterable of Decision
        Of kind ``tag``, the newest of each resource and concept. Those without a `score` (a concept that was not in
        the text) teach nothing.
    """
    seen = sorted(
        (_Seen(d) for d in rulings if d.kind == "tag" and d.score is not None and d.verdict in _WORTH),
        key=lambda s: (s.concept, s.label, s.features, s.expected, s.worth),
    )
    if not seen:
        return NO_CORRECTIONS
    _move(seen, _shift([[s] for s in seen], ALL))
    by_class = {}
    for name, group in _groups(seen, lambda s: s.features).items():
        if len(group) >= ENOUGH:
            by_class[name] = _move(group, _shift([[s] for s in group], CLASS))
    by_concept, by_label = {}, {}
    for concept, group in _groups(seen, lambda s: s.concept).items():
        labels = _groups(group, lambda s: s.label)
        unknown = labels.pop("", [])
        by_concept[concept] = _move(group, _shift([*labels.values(), *([s] for s in unknown)], CONCEPT))
        for label, of_label in labels.items():
            by_label[concept, label] = _shift([[s] for s in of_label], LABEL)
    return Corrections(by_concept, by_label, by_class)


_WORTH: Final = {"accepted": 1.0, "pinned": 1.0, "rejected": 0.0}


class _Seen:
    """A ruling, and what was expected of it so far."""

    __slots__ = ("concept", "expected", "features", "label", "worth")

    def __init__(self, ruling: Decision) -> None:
        self.concept = ruling.object
        self.label = ruling.label.casefold()
        self.features = ruling.features
        self.worth = _WORTH[ruling.verdict]
        self.expected = min(MOST, max(LEAST, ruling.score or 0.0))


def _groups(seen: Iterable[_Seen], key: Callable[[_Seen], str]) -> dict[str, list[_Seen]]:
    found: defaultdict[str, list[_Seen]] = defaultdict(list)
    for ruling in seen:
        found[key(ruling)].append(ruling)
    return dict(found)


def _shift(groups: Sequence[Sequence[_Seen]], strength: float) -> float:
    """Return the shift of groups of rulings, each of which counts as one with its means."""
    n = len(groups)
    worth = sum(math.fsum(s.worth for s in group) / len(group) for group in groups)
    expected = sum(math.fsum(s.expected for s in group) / len(group) for group in groups) / n
    return _logit((worth + strength * expected) / (n + strength)) - _logit(expected)


def _move(seen: Iterable[_Seen], shift: float) -> float:
    """Expect of rulings what the shift says; return it."""
    for ruling in seen:
        ruling.expected = min(MOST, max(LEAST, _sigmoid(_logit(ruling.expected) + shift)))
    return shift


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))

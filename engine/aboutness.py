"""Is this query about the bank at all? Else the honest answer is nothing.

Any query has a nearest vector, and most share a word with some text. What tells a query about the bank from
another is that the two agree: one of the resources nearest in meaning also has a good share of the words. By
itself a resource must be very near, or stand out from all others, or have most of the words. What the query speaks of
counts too (`engine.subject`): one that is surely about health is answered by what is nearest even if the bank lacks its
words, and in a bank about health one that is surely about something else is not answered for a few words in common.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.model import Candidates, IndexQuery, LexicalQuery
from engine.ports import SearchIndex


@dataclass(frozen=True, slots=True)
class AboutnessRule:
    """From where on something shows that a query is about the bank; calibrated in `docs/evaluation.md`.

    Cosines are counted from the model's floor, shares are of the query's words, weighed by rarity. The nearest
    is enough by itself at the floor, `unknown` above it when no word of the query is known. A health topic that is
    `topic_words` of the query is enough by itself; where one is named among more words the nearest may be `topic`
    below the floor, and as far below when it stands out by `outstanding` [standard deviations].
    A resource among the `near` nearest is enough with `most_words`; `agreement` of the words among them, or
    `most_words` anywhere, is enough down to `far` below the floor. `words_alone` is enough where nothing is compared.
    A query whose score is `on_subject` is answered when the nearest is at most `on_subject_far` below the floor. In a
    bank whose texts score `bank_on_subject` one below `off_subject` that names no health topic needs a resource at the
    floor. `joined` of the nearest belong to the answer once the query is about the bank.
    """

    near: int = 5
    joined: int = 10
    unknown: float = 0.07
    topic_words: float = 0.5
    topic: float = 0.1
    outstanding: float = 5.0
    agreement: float = 0.4
    most_words: float = 0.5
    far: float = 0.1
    words_alone: float = 0.45
    on_subject: float = 4.0
    on_subject_far: float = 0.2
    off_subject: float = 0.0
    bank_on_subject: float = 2.5


@dataclass(frozen=True, slots=True)
class Nearest:
    """The resources nearest to a query in the whole scope, nearest first.

    `outstanding` is how far the first is from the mean of all [standard deviations].
    """

    ids: tuple[str, ...]
    cosines: tuple[float, ...]
    outstanding: float


def nearest(index: SearchIndex, query: IndexQuery, most: int) -> Nearest:
    """Return the `most` resources nearest to the vector of `query`, whatever their words and facets."""
    found = index.search(
        IndexQuery(vector=query.vector, floor=-1.0, nearest=most, scope=query.scope, exclude=query.exclude)
    )
    compared = np.flatnonzero(~np.isnan(found.cosine))  # none when the vectors could not be asked
    order = compared[np.argsort(-found.cosine[compared], kind="stable")]
    cosines = tuple(float(found.cosine[row]) for row in order)
    return Nearest(tuple(found.ids[row] for row in order), cosines, _outstanding(found, cosines))


def is_about_the_bank(
    index: SearchIndex,
    query: IndexQuery,
    words: LexicalQuery,
    near: Nearest | None,
    *,
    floor: float,
    topical: float,
    known: bool,
    rule: AboutnessRule,
    subject: float | None = None,
    bank_subject: float | None = None,
    unembedded: frozenset[str] = frozenset(),
) -> bool:
    """Tell whether a query is about the bank, before filters: a filter never turns an answer into none.

    Parameters
    ----------
    index : SearchIndex
        The build.
    query : IndexQuery
        With scope and exclusions.
    words : LexicalQuery
        The query's words, its minimum the sum of all weights.
    near : Nearest or None
        None when nothing is compared.
    floor : float
        Cosine from which a resource by itself is enough.
    topical : float
        Share of the query's words that name a health topic, counted.
    known : bool
        Whether the index or a lexicon knows any of the words.
    rule : AboutnessRule
        The thresholds.
    subject, bank_subject : float, optional
        Scores of the query and of the bank's texts (`engine.subject.SubjectModel`); None when not known.
    unembedded : frozenset of str
        Resources that are too new to be compared: one that has most of the words is enough.
    """
    if near is None or not near.ids:
        return topical > 0 or bool(_having(index, query, words, rule.words_alone))
    if topical >= rule.topic_words:
        return True
    above = near.cosines[0] - floor
    if above >= (0.0 if known else rule.unknown):
        return True
    if subject is not None:
        if known and subject >= rule.on_subject and above >= -rule.on_subject_far:
            return True
        about_health = bank_subject is not None and bank_subject >= rule.bank_on_subject
        if about_health and not topical and subject < rule.off_subject:
            return bool(unembedded) and not unembedded.isdisjoint(
                _having(index, query, words, rule.most_words)
            )
    if above >= -rule.topic and (topical > 0 or (known and near.outstanding >= rule.outstanding)):
        return True
    nearest_few = near.ids[: rule.near]
    most = _having(index, query, words, rule.most_words)
    if not (most.isdisjoint(nearest_few) and most.isdisjoint(unembedded)):
        return True
    if above < -rule.far:
        return False
    return bool(most) or not _having(index, query, words, rule.agreement).isdisjoint(nearest_few)


def _having(index: SearchIndex, query: IndexQuery, words: LexicalQuery, share: float) -> frozenset[str]:
    """Return the resources that have this share of the words."""
    part = replace(words, minimum=share * words.minimum)
    found = index.search(IndexQuery(lexical=part, scope=query.scope, exclude=query.exclude))
    return frozenset(found.ids)


def _outstanding(found: Candidates, cosines: Sequence[float]) -> float:
    n, total, squares = found.similarity_population
    if not cosines or n < 2:
        return 0.0
    spread = math.sqrt(max(squares / n - (total / n) ** 2, 0.0))
    return (cosines[0] - total / n) / spread if spread > 1e-9 else 0.0

"""How do different things come near the top? Hits set in an order in which each adds to those before it."""

from collections.abc import Sequence

SPREAD_OVER = 100
"""Hits from the top that are set in another order; those after them stay where they are."""

RELEVANCE = 0.7
"""Weight of relevance; the rest is that of being unlike what stands before."""


def spread_order(scores: Sequence[float], subjects: Sequence[frozenset[str]]) -> list[int]:
    """Return places in an order that weighs relevance against likeness to what stands before [1]_.

    Parameters
    ----------
    scores : sequence of float
        Best first; scaled here to 0..1.
    subjects : sequence of frozenset of str
        What each is about, for instance the requirements it serves; what is about nothing is like nothing.

    References
    ----------
    .. [1] J. Carbonell, J. Goldstein, "The use of MMR, diversity-based reranking for reordering
       documents and producing summaries", SIGIR 1998. https://doi.org/10.1145/290941.291025

    Examples
    --------
    >>> fall, news2 = frozenset({"krav-fall"}), frozenset({"krav-news2"})
    >>> spread_order([3.0, 2.9, 2.8, 0.0], [fall, fall, news2, fall])
    [0, 2, 1, 3]
    """
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    relevance = [(score - low) / (high - low) if high > low else 1.0 for score in scores]
    likeness = [0.0] * len(scores)
    left = list(range(len(scores)))
    order: list[int] = []
    while left:
        best = max(left, key=lambda i: (RELEVANCE * relevance[i] - (1 - RELEVANCE) * likeness[i], -i))
        left.remove(best)
        order.append(best)
        for i in left:
            both = subjects[i] & subjects[best]
            if both:
                likeness[i] = max(likeness[i], len(both) / len(subjects[i] | subjects[best]))
    return order

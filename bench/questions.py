"""What is asked of both engines? Searches as the engine makes them of what people type, kind by kind."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np

from bench.bank import Bank, BankQuery
from bench.cloud import DIM
from engine.adapters.recentred_embedder import FLOOR
from engine.errors import BackendError
from engine.model import (
    COMMON_EDITION,
    Candidates,
    IndexQuery,
    LexicalQuery,
    SearchRequest,
    SearchResult,
    Vectors,
)
from engine.ports import SearchIndex
from engine.query import parse
from engine.repair import Lexicon
from engine.search import Searcher, Signals
from vocab.analysis import surface_words
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

FIVE_FACETS = ("theme", "resource_type", "audience", "arena", "level")
SCOPE = {"edition": (COMMON_EDITION,)}
SHARES = (0.1, 0.01)
"""What filters should keep of the resources."""

SUGGESTIONS = 8
SUGGEST, ANSWER = "suggest", "whole answer with ten hits"
KINDS = (
    "lexical, narrow",
    "lexical, wide",
    "hybrid, five facets",
    "hybrid, five facets, filter 10 %",
    "hybrid, five facets, filter 1 %",
    SUGGEST,
    ANSWER,
)
PLAIN_KINDS = ("lexical, narrow", "lexical, wide", SUGGEST)
"""Kinds that ask for no facets."""

Question = IndexQuery | SearchRequest | tuple[str, ...]
"""A search, what a person asked for, or the words of a prefix."""

Answer = Candidates | SearchResult | Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Filter:
    """One value of a facet, and the share of the resources that have it."""

    facet: str
    value: str
    share: float


@dataclass(frozen=True, slots=True)
class KnownTexts:
    """An embedder that knows the vectors of the bank's queries, and takes no time."""

    known: dict[str, Vectors] = field(default_factory=dict)
    model_id: str = "bench"
    dim: int = DIM
    floor: float = FLOOR

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
        """Return the rows of known texts; one that was mended is known by its last word."""
        if kind == "passage":
            raise ValueError("only queries are known")
        return np.stack([self._of(text) for text in texts])

    def _of(self, text: str) -> Vectors:
        """Return the vector of a text, which the engine may have joined words of (*dag legens*)."""
        if text in self.known:
            return self.known[text]
        letters = text.replace(" ", "")
        for known, vector in self.known.items():
            if known.replace(" ", "") == letters:
                return vector
        if text.rsplit(maxsplit=1)[-1] in self.known:  # one that was mended
            return self.known[text.rsplit(maxsplit=1)[-1]]
        raise BackendError(f"the vector of {text!r} is not known")


class Asker:
    """Asks one index.

    Parameters
    ----------
    index : SearchIndex
        Opened for reading.
    size : int
        Number of resources.
    vocabulary : Vocabulary
        For understanding queries.
    """

    def __init__(self, index: SearchIndex, size: int, vocabulary: Vocabulary) -> None:
        self._index = index
        self._texts = KnownTexts()
        self.searcher = Searcher(
            index=index,
            embedder=self._texts,
            vocabulary=vocabulary,
            matcher=LabelMatcher(vocabulary),
            lexicon=Lexicon(index.lexicon()),
            build="bench",
            today=date(2026, 11, 1),
            size=size,
        )

    def ask(self, question: Question) -> Answer:
        """Return what the index answers."""
        if isinstance(question, IndexQuery):
            return self._index.search(question)
        if isinstance(question, SearchRequest):
            return self.searcher.search(question)
        return self._index.suggest(question, SCOPE, SUGGESTIONS)

    def knows(self, queries: Sequence[BankQuery]) -> None:
        """Learn the vectors of texts."""
        self._texts.known.update({query.topic: query.vector for query in queries})

    def questions(self, bank: Bank, n: int) -> dict[str, list[Question]]:
        """Return `n` questions of each kind; the frequencies of words are this index's."""
        queries = bank.queries(n)
        every = self.everything()
        filters = {share: [{f.facet: (f.value,)} for f in filters_near(every, share)] for share in SHARES}
        made: dict[str, list[Question]] = {kind: [] for kind in KINDS}
        for number, query in enumerate(queries):
            hybrid = IndexQuery(
                lexical=self._lexical(query.topic),
                vector=query.vector,
                floor=FLOOR - Signals().floor_slack,
                scope=SCOPE,
                facets=FIVE_FACETS,
            )
            tenth, hundredth = (filters[share][number % len(filters[share])] for share in SHARES)
            of_kind: tuple[Question, ...] = (
                IndexQuery(lexical=self._lexical(query.narrow), scope=SCOPE),
                IndexQuery(lexical=self._lexical(query.wide), scope=SCOPE),
                hybrid,
                replace(hybrid, filters=tenth),
                replace(hybrid, filters=hundredth),
                tuple(surface_words(query.prefix)),
                SearchRequest(text=query.topic),
            )
            for kind, question in zip(KINDS, of_kind, strict=True):
                made[kind].append(question)
        return made

    def everything(self) -> Candidates:
        """Return all resources in scope, with the counts of the five facets."""
        return self._index.search(IndexQuery(scope=SCOPE, facets=FIVE_FACETS))

    def _lexical(self, text: str) -> LexicalQuery | None:
        s = self.searcher
        return parse(
            text,
            vocabulary=s.vocabulary,
            matcher=s.matcher,
            lexicon=s.lexicon,
            frequencies=lambda terms: self._index.document_frequency("terms", terms),
            size=s.size,
        ).lexical


def filters_near(every: Candidates, share: float) -> list[Filter]:
    """Return five values of facets that keep a share of the resources as near this as there is."""
    total = len(every.ids)
    found = [
        Filter(name, value, count / total)
        for name, counts in every.facets.items()
        for value, count in counts.items()
        if count
    ]
    return sorted(found, key=lambda f: (abs(math.log(f.share / share)), f.facet, f.value))[:5]

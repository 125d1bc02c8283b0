"""How is our query asked of OpenSearch? As objects of its query language, built and never parsed.

Every text becomes a value in a term query, so that no text can be an operator. Selection and score
are kept apart: what selects stands in filters (score 0), what scores in optional clauses.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.adapters.term_tokens import encode_term
from engine.model import (
    WEIGHT_TOLERANCE,
    Conditions,
    IndexQuery,
    LexicalQuery,
    Part,
    Range,
    Vectors,
    Written,
)

Query = dict[str, Any]

MOST_CLAUSES: Final = 450
"""Term queries that select, and as many that score: servers refuse more than 1,024 in one query
(``indices.query.bool.max_clause_count``). The longest golden query
has 60 of each, one of 32 health topics 134 and 400."""

MOST_CONDITIONS: Final = 100
"""Queries that the conditions of operators may take besides those."""

EVERYTHING: Final[Mapping[str, Any]] = {"match_all": {}}
NOTHING: Final[Mapping[str, Any]] = {"match_none": {}}


def selection(query: LexicalQuery) -> Query:
    """Return the query that matches what `query` matches; its score means nothing."""
    query = fitted(query)
    excluded = [_all_of(terms) for terms in query.must_not]
    return {"bool": {"filter": [_enough_groups(query)], "must_not": excluded}}


def scoring(query: LexicalQuery) -> list[Query]:
    """Return one optional clause a term: BM25 times its weight."""
    return [
        {"term": {clause.field: {"value": encode_term(clause.term), "boost": clause.weight}}}
        for clause in fitted(query).clauses
    ]


def fitted(query: LexicalQuery, most: int = MOST_CLAUSES) -> LexicalQuery:
    """Return the query cut to what a server takes: of groups with many alternatives, the last are left out.

    Alternatives stand with the nearest first (the word itself, its parts, its concept, other labels).
    No query of a person has come near; one of 32 words that are all concepts with many labels would.
    """
    groups = query.groups
    longest = max(map(len, groups), default=0)
    while _clauses(groups) + len(query.must_not) > most and longest > 1:
        longest = longest * 3 // 4
        groups = tuple(group[:longest] for group in groups)
    clauses = query.clauses
    if len(clauses) > most:
        clauses = tuple(sorted(clauses, key=lambda clause: -clause.weight)[:most])
    return LexicalQuery(clauses, groups, query.minimum, query.weights, query.must_not)


def scope_filters(query: IndexQuery) -> list[Query]:
    """Return the filters that narrow everything: scope, ranges and exclusions."""
    found = [column_filter(name, values) for name, values in query.scope.items()]
    found += [_range(bounds) for bounds in query.ranges]
    return found + all_but_ids(query.exclude) + conditions_filters(query.conditions)


def all_but_ids(ids: frozenset[str]) -> list[Query]:
    """Return the filters of the resources that have none of these ids."""
    return [{"bool": {"must_not": [ids_filter(sorted(ids))]}}] if ids else []


def conditions_filters(conditions: Conditions, most: int = MOST_CONDITIONS) -> list[Query]:
    """Return the filters of the resources that meet `conditions`.

    Of required parts with very many alternatives the last are left out, as `fitted` says; words as
    written and exclusions are all kept.
    """
    required = conditions.required
    longest = max(map(len, required), default=0)
    while sum(map(_conditions_of, required)) + _conditions_of(conditions.excluded) > most and longest > 1:
        longest = longest * 3 // 4
        required = tuple(parts[:longest] for parts in required)
    found = [_any_of(parts) for parts in required]
    if conditions.excluded:
        found.append({"bool": {"must_not": [_any_of(conditions.excluded)]}})
    return found


def column_filter(name: str, values: Sequence[str]) -> Query:
    """Return the filter of resources that have one of the values; without values nothing has one."""
    said = [value for value in values if _sayable(value)]
    return {"terms": {f"facets.{name}": said}} if said and _sayable(name) else dict(NOTHING)


def ids_filter(ids: Sequence[str]) -> Query:
    """Return the filter of the resources with these ids."""
    return {"terms": {"id": [id_ for id_ in ids if _sayable(id_)]}}


def all_but(filters: Mapping[str, Query], name: str | None) -> list[Query]:
    """Return every filter but the one of column `name`."""
    return [query for other, query in filters.items() if other != name]


def best_passage(vector: Vectors) -> Query:
    """Return the query whose score is (1 + cosine) / 2 of a resource's best passage, each one compared."""
    return {
        "nested": {
            "path": "passages",
            "score_mode": "max",
            "query": {
                "script_score": {
                    "query": dict(EVERYTHING),
                    "script": {
                        "lang": "knn",
                        "source": "knn_score",
                        "params": {
                            "field": "passages.vector",
                            "query_value": vector,
                            "space_type": "cosinesimil",
                        },
                    },
                }
            },
        }
    }


def near_passages(vector: Vectors, k: int, filters: Sequence[Query]) -> Query:
    """Return the query for the resources of the `k` passages that the vector graph finds nearest.

    Scores are as in `best_passage`. The filters are obeyed while the graph is walked, not after.
    """
    knn: Query = {"vector": vector, "k": k}
    if filters:
        knn["filter"] = {"bool": {"filter": list(filters)}}
    return {"nested": {"path": "passages", "score_mode": "max", "query": {"knn": {"passages.vector": knn}}}}


def cosine_of(score: float) -> float:
    """Return the cosine behind a score of `best_passage` or `near_passages`.

    Examples
    --------
    >>> cosine_of(1.0), cosine_of(0.5), cosine_of(0.0)
    (1.0, 0.0, -1.0)
    """
    return 2.0 * score - 1.0


def facet_counts(names: Sequence[str], filters: Mapping[str, Query], most: int) -> Query:
    """Return aggregations that count each facet under the filters of the other facets."""
    aggregations: Query = {}
    for name in names:
        counts = {"terms": {"field": f"facets.{name}", "size": most}}
        others = all_but(filters, name)
        aggregations[f"facet:{name}"] = (
            {"filter": {"bool": {"filter": others}}, "aggs": {"values": counts}} if others else counts
        )
    return aggregations


def _enough_groups(query: LexicalQuery) -> Query:
    if query.minimum <= 0:
        return dict(EVERYTHING)
    groups = [_group(group) for group in query.groups]
    if query.weights:
        weighed = [
            {"constant_score": {"filter": group, "boost": weight}}
            for group, weight in zip(groups, query.weights, strict=True)
        ]
        if not weighed:
            return dict(NOTHING)
        return {
            "function_score": {
                "query": {"bool": {"should": weighed}},
                "min_score": query.minimum - WEIGHT_TOLERANCE,
            }
        }
    least = math.ceil(query.minimum - WEIGHT_TOLERANCE)
    if least > len(groups):
        return dict(NOTHING)
    return {"bool": {"should": groups, "minimum_should_match": least}}


def _any_of(parts: Sequence[Part]) -> Query:
    queries = [_as_written(part) for part in parts if isinstance(part, Written)]
    terms = [part for part in parts if not isinstance(part, Written)]
    if terms:
        queries.append(_group(terms))
    if not queries:
        return dict(NOTHING)
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries}}


def _as_written(part: Written) -> Query:
    if not part.words:
        return dict(EVERYTHING)
    if len(part.words) == 1:
        return {"term": {"written": encode_term(part.words[0])}}
    return {"match_phrase": {"written": " ".join(map(encode_term, part.words))}}


def _group(group: Sequence[tuple[str, ...]]) -> Query:
    single = [encode_term(terms[0]) for terms in group if len(terms) == 1]
    queries = [_all_of(terms) for terms in group if len(terms) != 1]
    if single:
        queries.append({"terms": {"terms": single}})
    if not queries:
        return dict(NOTHING)
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries}}


def _all_of(terms: Sequence[str]) -> Query:
    if not terms:
        return dict(EVERYTHING)
    if len(terms) == 1:
        return {"term": {"terms": encode_term(terms[0])}}
    return {"bool": {"filter": [{"term": {"terms": encode_term(term)}} for term in terms]}}


def _clauses(groups: Sequence[Sequence[tuple[str, ...]]]) -> int:
    """Return how many clauses the groups take: one for all single terms of a group, one a term of the others."""
    return sum(1 + sum(len(terms) for terms in group if len(terms) != 1) for group in groups)


def _conditions_of(parts: Sequence[Part]) -> int:
    """Return how many clauses the parts take."""
    return 1 + sum(1 if isinstance(part, Written) else len(part) for part in parts)


def _range(bounds: Range) -> Query:
    field = f"numbers.{bounds.field}"
    limits = {"gte": bounds.low, "lte": bounds.high}
    said = {name: value for name, value in limits.items() if value is not None}
    return {"range": {field: said}} if said else {"exists": {"field": field}}


def _sayable(text: str) -> bool:
    """Tell whether a text is Unicode; one that is not can be no value of anything."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

"""How do analysed terms get into tantivy and out again unchanged? Split by white space only.

They are joined and split as `engine.adapters.term_tokens` says. Queries are built from objects and
never parsed, so a term like ``terms:x`` or ``*`` is just a term.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import combinations

import tantivy

from engine.adapters.term_tokens import encode_term
from engine.model import WEIGHT_TOLERANCE, Conditions, LexicalQuery, Part, Written

FIELDS = ("terms", "grams", "surface")
TOKENIZER = "analysed"

_MOST_WEIGHED = 8
"""Groups whose weights are turned into a query of subsets; 2 ** 8 sums take 0.1 ms."""
_MOST_SUBSETS = 20


def build_schema() -> tantivy.Schema:
    """Return the schema: pre-analysed text, the number `ord`, and the stored resource."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("terms", tokenizer_name=TOKENIZER, index_option="freq")
    builder.add_text_field("grams", tokenizer_name=TOKENIZER, index_option="freq")
    builder.add_text_field("surface", tokenizer_name=TOKENIZER, index_option="position")
    # signed on purpose: deleting by a term of an unsigned field deletes nothing, silently
    builder.add_integer_field("ord", indexed=True, fast=True)
    builder.add_bytes_field("entry", stored=True)
    return builder.build()


def register_tokenizer(index: tantivy.Index) -> None:
    """Give `index` the tokeniser of its fields; tantivy does not keep it on disk."""
    splitter = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(TOKENIZER, splitter)


def term_query(schema: tantivy.Schema, field: str, term: str) -> tantivy.Query:
    """Return the query for one analysed term; it scores by BM25."""
    option = "basic" if field == "surface" else "freq"
    return tantivy.Query.term_query(schema, field, encode_term(term), index_option=option)


def lexical_query(schema: tantivy.Schema, query: LexicalQuery) -> tantivy.Query:
    """Return the query whose matches and scores are those of `query`.

    Groups and exclusions only select (score 0); clauses only score. When `needs_weighing`, what
    `group_query` finds below the minimum has still to be taken out.
    """
    selected = [(tantivy.Occur.Must, tantivy.Query.const_score_query(_selection(schema, query), 0.0))]
    excluded = [(tantivy.Occur.MustNot, _all_of(schema, terms)) for terms in query.must_not]
    scoring = [
        (
            tantivy.Occur.Should,
            tantivy.Query.boost_query(term_query(schema, clause.field, clause.term), clause.weight),
        )
        for clause in query.clauses
    ]
    return tantivy.Query.boolean_query([*selected, *excluded, *scoring])


def conditions_query(schema: tantivy.Schema, conditions: Conditions) -> tantivy.Query:
    """Return the query for the resources that meet `conditions`; its score means nothing."""
    required = [
        (tantivy.Occur.Must, _any_of(_part(schema, part) for part in parts)) for parts in conditions.required
    ]
    excluded = [(tantivy.Occur.MustNot, _part(schema, part)) for part in conditions.excluded]
    everything = (tantivy.Occur.Must, tantivy.Query.all_query())
    return tantivy.Query.boolean_query([everything, *required, *excluded])


def group_query(schema: tantivy.Schema, query: LexicalQuery) -> tantivy.Query:
    """Return the query whose score is the sum of the weights of the groups that are met."""
    return tantivy.Query.boolean_query(
        [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(
                    tantivy.Query.const_score_query(_group(schema, group), 1.0), weight
                ),
            )
            for group, weight in zip(query.groups, query.weights, strict=True)
        ]
    )


def ords_query(schema: tantivy.Schema, ords: Iterable[int]) -> tantivy.Query:
    """Return the query for the documents with one of some ords; of a few, ten times as fast as a set of terms."""
    each = [tantivy.Query.term_query(schema, "ord", ord_, index_option="basic") for ord_ in ords]
    return tantivy.Query.const_score_query(_any_of(each), 0.0)


def needs_weighing(query: LexicalQuery) -> bool:
    """Tell whether there are too many ways to reach the minimum to ask for each of them."""
    return bool(query.weights) and query.minimum > 0 and least_subsets(query.weights, query.minimum) is None


def least_subsets(weights: Sequence[float], minimum: float) -> list[tuple[int, ...]] | None:
    """Return the subsets of `weights` that add up to `minimum` and contain no smaller such subset.

    None when there are more than a query can well hold.

    Examples
    --------
    >>> least_subsets((1.0, 0.3, 0.6), 0.9)
    [(0,), (1, 2)]
    """
    if len(weights) > _MOST_WEIGHED:
        return None
    found: list[tuple[int, ...]] = []
    for size in range(1, len(weights) + 1):
        for subset in combinations(range(len(weights)), size):
            if sum(weights[number] for number in subset) < minimum - WEIGHT_TOLERANCE:
                continue
            if not any(set(smaller) <= set(subset) for smaller in found):
                found.append(subset)
                if len(found) > _MOST_SUBSETS:
                    return None
    return found


def _selection(schema: tantivy.Schema, query: LexicalQuery) -> tantivy.Query:
    if query.minimum <= 0:
        return tantivy.Query.all_query()
    groups = [_group(schema, group) for group in query.groups]
    if query.weights:
        subsets = least_subsets(query.weights, query.minimum)
        if subsets is not None:
            return _any_of(_every_one([groups[number] for number in subset]) for subset in subsets)
        least = 1
    else:
        least = math.ceil(query.minimum - WEIGHT_TOLERANCE)
    if least > len(groups):
        return tantivy.Query.empty_query()
    if least == 1:
        return _any_of(groups)
    if least == len(groups):
        return _every_one(groups)
    return tantivy.Query.boolean_query(
        [(tantivy.Occur.Should, group) for group in groups], minimum_number_should_match=least
    )


def _group(schema: tantivy.Schema, group: Sequence[tuple[str, ...]]) -> tantivy.Query:
    return _any_of(_all_of(schema, terms) for terms in group)


def _part(schema: tantivy.Schema, part: Part) -> tantivy.Query:
    if not isinstance(part, Written):
        return _all_of(schema, part)
    words: list[str | tuple[int, str]] = [encode_term(word) for word in part.words]
    if len(words) > 1:
        return tantivy.Query.phrase_query(schema, "surface", words)
    return term_query(schema, "surface", part.words[0]) if words else tantivy.Query.all_query()


def _any_of(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    alternatives = list(queries)
    if not alternatives:
        return tantivy.Query.empty_query()
    if len(alternatives) == 1:
        return alternatives[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in alternatives])


def _all_of(schema: tantivy.Schema, terms: Sequence[str]) -> tantivy.Query:
    if not terms:
        return tantivy.Query.all_query()
    if len(terms) == 1:
        return term_query(schema, "terms", terms[0])
    return _every_one([term_query(schema, "terms", term) for term in terms])


def _every_one(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])

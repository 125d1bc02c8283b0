"""What is written and asked when two search indexes are compared, and what it is to agree."""

import numpy as np
from hypothesis import currently_in_test_context, event
from hypothesis import strategies as st

from contract.search_index import DIM, HALF, axis
from engine.model import (
    Clause,
    Conditions,
    IndexEntry,
    IndexQuery,
    LexicalQuery,
    Passage,
    Range,
    Resource,
    Written,
)

IDS = st.sampled_from(["a", "a1", "b", "c d", "é", "æ/1", "Z"])
TERM = st.sampled_from(["fall", "sår", "kost", "a b", "*", "", "\x1e", "fall\x1es"])
VALUE = st.sampled_from(["x", "y", "xy", "none"])
COLUMN = st.sampled_from(["type", "arena"])
VECTOR = st.sampled_from([axis(0), axis(1), axis(0, -1), HALF, -HALF])


@st.composite
def entries(draw):
    vectors = draw(st.none() | st.lists(VECTOR, max_size=3))
    return IndexEntry(
        resource=Resource(draw(IDS), draw(st.sampled_from(["Fall", "Fall hjemme", "Sår og fall", "Kost"]))),
        terms=tuple(draw(st.lists(TERM, max_size=8))),
        grams=tuple(draw(st.lists(TERM, max_size=8))),
        surface=tuple(draw(st.lists(TERM, max_size=5))),
        title_surface=tuple(draw(st.lists(st.sampled_from(["fall", "falle", "hjem", "sår"]), max_size=3))),
        facets=draw(st.dictionaries(COLUMN, st.lists(VALUE, max_size=3).map(tuple))),
        numbers=draw(st.dictionaries(st.sampled_from(["duration", "updated"]), st.integers(-3, 3))),
        passages=tuple(Passage(n, n + 1) for n in range(len(vectors or ()))),
        vectors=None if vectors is None else np.array(vectors, np.float32).reshape(-1, DIM),
    )


ALTERNATIVE = st.lists(TERM, max_size=2).map(tuple)
CLAUSE = st.builds(Clause, st.sampled_from(["terms", "grams"]), TERM, st.sampled_from([0.0, 0.3, 1.0, 2.0]))
GROUP = st.lists(ALTERNATIVE, max_size=2).map(tuple)


@st.composite
def lexical_queries(draw):
    groups = tuple(draw(st.lists(GROUP, max_size=draw(st.sampled_from([3, 10])))))
    weighted = st.lists(st.sampled_from([0.0, 0.3, 1.0, 2.5]), min_size=len(groups), max_size=len(groups))
    return LexicalQuery(
        clauses=tuple(draw(st.lists(CLAUSE, max_size=4))),
        groups=groups,
        minimum=draw(st.sampled_from([0, 0.3, 1, 1.3, 1.5, 2, 3])),
        weights=tuple(draw(st.just([]) | weighted)),
        must_not=tuple(draw(st.lists(st.lists(TERM, min_size=1, max_size=2).map(tuple), max_size=1))),
    )


CHOICE = st.dictionaries(COLUMN, st.lists(VALUE, max_size=2).map(tuple), max_size=2)
PART = ALTERNATIVE | st.builds(Written, st.lists(TERM, max_size=3).map(tuple))
CONDITIONS = st.builds(
    Conditions,
    required=st.lists(st.lists(PART, max_size=2).map(tuple), max_size=2).map(tuple),
    excluded=st.lists(PART, max_size=2).map(tuple),
)
BOUND = st.none() | st.integers(-3, 3)
QUERY = st.builds(
    IndexQuery,
    lexical=st.none() | lexical_queries(),
    vector=st.none() | VECTOR,
    floor=st.sampled_from([-1.0, 0.0, 0.5, 0.75]),
    nearest=st.sampled_from([0, 1, 2, 200]),
    scope=st.just({}) | CHOICE,
    filters=CHOICE,
    ranges=st.lists(
        st.builds(Range, st.sampled_from(["duration", "updated", "other"]), BOUND, BOUND), max_size=1
    ).map(tuple),
    exclude=st.frozensets(IDS, max_size=1),
    conditions=st.just(Conditions()) | CONDITIONS,
    facets=st.just(("type", "arena", "other")),
)
BATCH = st.tuples(st.lists(entries(), max_size=8), st.lists(IDS, max_size=2))


def compare(real, oracle, batches, queries, *, exact=True):
    """Write the same to both, and ask both the same; scores are compared if they are `exact`."""
    written: list[str] = []
    for added, deleted in batches:
        for index in (real, oracle):
            index.add(added)
            index.delete(deleted)
            index.commit()
        written += [entry.resource.id for entry in added]
    agree_on_everything(real, oracle, queries, fresh=exact and len(written) == len(oracle.ids()))


def agree_on_everything(real, oracle, queries, *, fresh):
    assert real.ids() == oracle.ids()
    ids = sorted(oracle.ids())
    assert real.get(ids) == oracle.get(ids)
    assert dict(real.lexicon()) == dict(oracle.lexicon())
    terms = ["fall", "sår", "a b", "*", "", "\x1e", "fall\x1es", "unknown"]
    for field in ("terms", "grams"):
        assert list(real.document_frequency(field, terms)) == list(oracle.document_frequency(field, terms))
    for words in (["fall"], ["sår", "fa"], ["fall", ""], ["hjem"]):
        assert list(real.suggest(words, {}, 3)) == list(oracle.suggest(words, {}, 3))
    for id_ in ids:
        (offsets, vectors), expected = real.passages(id_), oracle.passages(id_)
        assert offsets == expected[0]
        assert len(vectors) == len(expected[1])
        if len(vectors):
            np.testing.assert_array_equal(vectors, expected[1])
    for query in queries:
        agree(real.search(query), oracle.search(query), fresh=fresh)


def agree(found, expected, *, fresh):
    if currently_in_test_context():
        event(f"found {min(len(expected.ids), 3)}, {'fresh' if fresh else 'rewritten'}")
    assert found.ids == expected.ids
    assert found.facets == expected.facets
    assert found.vectors_missing == expected.vectors_missing
    np.testing.assert_allclose(found.cosine, expected.cosine, atol=2e-7)
    np.testing.assert_allclose(found.similarity, expected.similarity, atol=2e-7)
    np.testing.assert_array_equal(found.passage, expected.passage)
    assert expected.numbers.keys() <= found.numbers.keys()
    for name, numbers in found.numbers.items():  # a column that only replaced resources had is empty
        np.testing.assert_array_equal(numbers, expected.numbers.get(name, np.full(len(found.ids), np.nan)))
    assert found.population[0] == expected.population[0]
    np.testing.assert_array_equal(np.isnan(found.lexical), np.isnan(expected.lexical))
    np.testing.assert_array_equal(found.lexical == 0, expected.lexical == 0)
    if fresh:  # term statistics are exact until a resource has been replaced or deleted
        np.testing.assert_allclose(found.lexical, expected.lexical, rtol=1e-5)
        np.testing.assert_allclose(found.population[1:], expected.population[1:], rtol=1e-5)

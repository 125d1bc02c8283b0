"""What every `engine.ports.SearchIndex` promises.

A new adapter subclasses `SearchIndexContract` and overrides `index`.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from engine.errors import BackendUnavailable, IndexIncompatible, InvalidRequest
from engine.model import (
    Candidates,
    Clause,
    Conditions,
    IndexEntry,
    IndexQuery,
    LexicalQuery,
    Passage,
    Range,
    Resource,
    Span,
    Tag,
    TermStatistics,
    Written,
)
from engine.ports import SearchIndex
from vocab.concept import ConceptId

DIM = 4


def axis(number: int, sign: float = 1.0) -> np.ndarray:
    """A unit vector along one axis; cosines between these and `HALF` are exact in every order."""
    vector = np.zeros(DIM, dtype=np.float32)
    vector[number] = sign
    return vector


HALF = np.full(DIM, 0.5, dtype=np.float32)


def entry(
    id_: str,
    terms: str = "",
    *,
    grams: str = "",
    title: str = "",
    facets: dict[str, tuple[str, ...]] | None = None,
    numbers: dict[str, float] | None = None,
    vectors: list[np.ndarray] | None = None,
    passages: int | None = None,
    resource: Resource | None = None,
) -> IndexEntry:
    words = tuple(terms.split())
    count = (0 if vectors is None else len(vectors)) if passages is None else passages
    return IndexEntry(
        resource=resource or Resource(id=id_, title=title or id_, body=terms),
        terms=words,
        grams=tuple(grams.split()),
        surface=words,
        title_surface=tuple(title.lower().split()),
        facets=facets or {},
        numbers=numbers or {},
        passages=tuple(Passage(10 * n, 10 * n + 9) for n in range(count)),
        vectors=None if vectors is None else np.array(vectors, dtype=np.float32).reshape(len(vectors), DIM),
    )


def words(*terms: str, minimum: float = 1, must_not: tuple[tuple[str, ...], ...] = ()) -> LexicalQuery:
    """The plainest query: each term scores and is a group of its own."""
    return LexicalQuery(
        clauses=tuple(Clause("terms", term) for term in terms),
        groups=tuple(((term,),) for term in terms),
        minimum=minimum,
        must_not=must_not,
    )


def ask(index: SearchIndex, *terms: str) -> Candidates:
    return index.search(IndexQuery(lexical=words(*terms)))


def fill(index: SearchIndex, *entries: IndexEntry) -> None:
    index.add(entries)
    index.commit()


class SearchIndexContract:
    @pytest.fixture
    def index(self) -> Iterator[SearchIndex]:
        raise NotImplementedError("override me")

    # writing

    def test_an_empty_index_answers_everything_with_nothing(self, index):
        for query in (
            IndexQuery(),
            IndexQuery(lexical=words("fall"), vector=axis(0), facets=("type",), scope={"a": ("b",)}),
        ):
            found = index.search(query)
            assert found.ids == ()
            assert found.population == (0, 0.0, 0.0)
            assert len(found.lexical) == len(found.cosine) == len(found.similarity) == len(found.passage) == 0
        assert found.facets == {"type": {}}
        assert index.ids() == frozenset()
        assert dict(index.lexicon()) == {}
        assert list(index.document_frequency("terms", ["fall"])) == [0]
        assert list(index.suggest(["f"], {}, 5)) == []
        assert dict(index.get(["a"])) == {}
        assert index.passages("a")[0] == ()

    def test_a_commit_of_nothing_is_fine(self, index):
        index.commit()
        index.commit()
        assert index.ids() == frozenset()

    def test_a_write_is_invisible_until_commit(self, index):
        index.add([entry("a", "fall")])
        assert ask(index, "fall").ids == ()
        assert index.ids() == frozenset()
        index.commit()
        assert ask(index, "fall").ids == ("a",)
        index.delete(["a"])
        assert ask(index, "fall").ids == ("a",)
        assert index.ids() == {"a"}
        index.commit()
        assert ask(index, "fall").ids == ()

    def test_add_returns_how_many_were_written(self, index):
        assert index.add(entry(name, "fall") for name in "abc") == 3
        assert index.add([]) == 0

    def test_adding_an_id_again_replaces_everything_of_it(self, index):
        fill(
            index,
            entry(
                "a",
                "fall",
                title="Gammel",
                facets={"type": ("kurs",)},
                numbers={"duration": 5},
                vectors=[axis(0)],
            ),
            entry("b", "fall", facets={"type": ("kurs",)}),
        )
        fill(index, entry("a", "sår", title="Ny", facets={"type": ("video",)}, vectors=[axis(1), axis(2)]))
        assert index.ids() == {"a", "b"}
        assert ask(index, "fall").ids == ("b",)
        assert ask(index, "sår").ids == ("a",)
        found = index.search(IndexQuery(facets=("type",)))
        assert found.facets == {"type": {"kurs": 1, "video": 1}}
        assert found.population[0] == 2
        assert all(np.isnan(column).all() for column in found.numbers.values())
        assert index.search(IndexQuery(vector=axis(0), floor=0.5)).ids == ()
        assert index.search(IndexQuery(vector=axis(2), floor=0.5)).ids == ("a",)
        assert list(index.suggest(["gammel"], {}, 5)) == []
        assert list(index.suggest(["ny"], {}, 5)) == [("a", "Ny")]
        assert dict(index.lexicon()) == {"fall": 1, "sår": 1}
        assert list(index.document_frequency("terms", ["fall", "sår"])) == [1, 1]
        assert index.get(["a"])["a"].title == "Ny"
        assert len(index.passages("a")[1]) == 2

    def test_of_two_in_one_commit_the_last_counts(self, index):
        fill(index, entry("a", "fall", vectors=[axis(0)]), entry("a", "sår", vectors=[axis(1)]))
        assert ask(index, "fall").ids == ()
        assert ask(index, "sår").ids == ("a",)
        assert index.search(IndexQuery(vector=axis(0), floor=0.5)).ids == ()
        index.add([entry("b", "sår")])
        index.delete(["b"])
        index.commit()
        assert index.ids() == {"a"}
        index.delete(["a"])
        index.add([entry("a", "kost")])
        index.commit()
        assert ask(index, "kost").ids == ("a",)
        assert list(index.document_frequency("terms", ["fall", "sår", "kost"])) == [0, 0, 1]

    def test_deleting_takes_a_resource_out_of_everything(self, index):
        fill(
            index,
            entry("a", "fall", title="En", facets={"type": ("kurs",)}, vectors=[axis(0)]),
            entry("b", "fall", title="En to", facets={"type": ("video",)}, vectors=[axis(0)]),
        )
        index.delete(["a"])
        index.commit()
        found = index.search(IndexQuery(lexical=words("fall"), vector=axis(0), facets=("type",)))
        assert found.ids == ("b",)
        assert found.facets == {"type": {"video": 1}}
        assert found.population[0] == 1
        assert index.ids() == {"b"}
        assert dict(index.lexicon()) == {"fall": 1}
        assert list(index.document_frequency("terms", ["fall"])) == [1]
        assert [hit for hit, _ in index.suggest(["en"], {}, 5)] == ["b"]
        assert dict(index.get(["a"])) == {}
        assert index.passages("a")[0] == ()
        index.delete(["b"])
        index.commit()
        assert index.search(IndexQuery()).ids == ()

    def test_deleting_an_unknown_id_is_no_error(self, index):
        fill(index, entry("a", "fall"))
        index.delete(["none"])
        index.commit()
        assert ask(index, "fall").ids == ("a",)

    def test_vectors_and_passages_must_be_as_many(self, index):
        with pytest.raises(InvalidRequest, match="odd"):
            index.add([entry("odd", "fall", vectors=[axis(0)], passages=2)])

    def test_vectors_must_have_the_length_of_those_in_the_index(self, index):
        fill(index, entry("a", vectors=[axis(0)]))
        longer = IndexEntry(
            Resource("b", "b"), (), (), (), (), {}, {}, (Passage(0, 1),), np.ones((1, 5), np.float32)
        )
        with pytest.raises(IndexIncompatible, match="5"):
            index.add([longer])
        with pytest.raises(IndexIncompatible):
            index.search(IndexQuery(vector=np.ones(5, np.float32)))

    # the result set

    def test_without_legs_everything_in_scope_is_found_in_id_order(self, index):
        fill(index, *(entry(name, "fall") for name in ("b", "å", "a10", "a2", "Z", "a")))
        found = index.search(IndexQuery())
        assert found.ids == ("Z", "a", "a10", "a2", "b", "å")
        assert np.isnan(found.lexical).all()
        assert np.isnan(found.cosine).all()
        assert np.isnan(found.similarity).all()
        assert (found.passage == -1).all()

    def test_ids_stay_in_order_over_several_commits(self, index):
        for name in ("m", "c", "x", "a"):
            fill(index, entry(name, "fall", vectors=[axis(0)]))
        found = index.search(IndexQuery(lexical=words("fall"), vector=axis(0)))
        assert found.ids == ("a", "c", "m", "x")

    def test_scope_is_and_between_columns_and_or_inside_one(self, index):
        fill(
            index,
            entry("a", facets={"type": ("kurs",), "arena": ("sykehus", "kommune")}),
            entry("b", facets={"type": ("video",), "arena": ("kommune",)}),
            entry("c", facets={"type": ("video",), "arena": ("sykehus",)}),
            entry("d", facets={"type": ("bok",)}),
        )

        def scoped(**scope):
            return index.search(IndexQuery(scope=scope)).ids

        assert scoped(type=("video",)) == ("b", "c")
        assert scoped(type=("video", "kurs"), arena=("sykehus",)) == ("a", "c")
        assert scoped(type=("video",), arena=("kommune",)) == ("b",)
        assert scoped(arena=("hjem",)) == ()
        assert scoped(unknown=("x",)) == ()
        assert scoped(type=()) == ()
        assert scoped(type=("kur",)) == ()

    def test_ranges_include_their_bounds_and_leave_out_those_without_the_number(self, index):
        fill(
            index,
            *(entry(f"d{n}", numbers={"duration": n}) for n in (10, 20, 30)),
            entry("none", numbers={"updated": 7}),
        )

        def within(*ranges):
            return index.search(IndexQuery(ranges=ranges)).ids

        assert within(Range("duration", 10, 20)) == ("d10", "d20")
        assert within(Range("duration", low=20)) == ("d20", "d30")
        assert within(Range("duration", high=19.5)) == ("d10",)
        assert within(Range("duration")) == ("d10", "d20", "d30")
        assert within(Range("duration"), Range("updated")) == ()
        assert within(Range("unknown")) == ()

    def test_scope_ranges_and_exclude_narrow_both_legs_and_the_population(self, index):
        fill(
            index,
            *(
                entry(name, "fall", vectors=[axis(0)], facets={"t": (name,)}, numbers={"n": 1})
                for name in "abcd"
            ),
            entry("e", "fall", vectors=[axis(0)], facets={"t": ("a",)}),
        )
        query = IndexQuery(
            lexical=words("fall"),
            vector=axis(0),
            scope={"t": ("a", "b", "c")},
            ranges=(Range("n", 0),),
            exclude=frozenset({"b", "unknown"}),
            facets=("t",),
        )
        found = index.search(query)
        assert found.ids == ("a", "c")
        assert found.facets == {"t": {"a": 1, "c": 1}}
        assert found.population[0] == 2
        assert found.population[1] == pytest.approx(found.lexical.sum())
        assert found.population[2] == pytest.approx((found.lexical**2).sum())

    def test_the_union_of_the_legs_is_found(self, index):
        fill(
            index,
            entry("both", "fall", vectors=[axis(0)]),
            entry("lexical", "fall", vectors=[axis(1)]),
            entry("neither", "sår", vectors=[axis(1)]),
            entry("semantic", "sår", vectors=[axis(0)]),
            entry("unembedded", "fall"),
        )
        found = index.search(IndexQuery(lexical=words("fall"), vector=axis(0), floor=0.5))
        assert found.ids == ("both", "lexical", "semantic", "unembedded")
        assert np.isnan(found.lexical).tolist() == [False, False, True, False]
        np.testing.assert_array_equal(found.cosine, [1, np.nan, 1, np.nan])
        np.testing.assert_array_equal(found.similarity, [1, 0, 1, np.nan])
        assert found.passage.tolist() == [0, -1, 0, -1]
        assert found.vectors_missing == 1

    def test_filters_do_not_touch_the_population_but_the_result(self, index):
        fill(index, *(entry(name, "fall", facets={"t": (name,)}) for name in "abc"), entry("d", "sår"))
        found = index.search(IndexQuery(lexical=words("fall"), filters={"t": ("a",)}))
        assert found.ids == ("a",)
        assert found.population[0] == 4
        assert found.population[1] == pytest.approx(3 * found.lexical[0])

    def test_vectors_missing_counts_those_in_scope_that_are_not_embedded(self, index):
        fill(
            index,
            entry("a", facets={"t": ("x",)}),
            entry("b", facets={"t": ("x",)}, vectors=[]),
            entry("c", facets={"t": ("x",)}, vectors=[axis(0)]),
            entry("d", facets={"t": ("y",)}),
        )
        assert index.search(IndexQuery()).vectors_missing == 2
        assert index.search(IndexQuery(scope={"t": ("x",)})).vectors_missing == 1

    def test_numbers_of_the_result_are_nan_where_absent(self, index):
        fill(
            index,
            entry("a", numbers={"duration": 15}),
            entry("b", numbers={"updated": 739000.0}),
            entry("c", facets={"t": ("x",)}),
        )
        found = index.search(IndexQuery())
        assert sorted(found.numbers) == ["duration", "updated"]
        np.testing.assert_array_equal(found.numbers["duration"], [15, np.nan, np.nan])
        np.testing.assert_array_equal(found.numbers["updated"], [np.nan, 739000, np.nan])
        narrowed = index.search(IndexQuery(filters={"t": ("x",)}))
        np.testing.assert_array_equal(narrowed.numbers["duration"], [np.nan])

    # the lexical leg

    def test_a_group_is_met_by_any_alternative_with_all_its_terms(self, index):
        fill(
            index,
            entry("a", "legemiddel håndtering"),
            entry("b", "legemiddelhåndtering"),
            entry("c", "legemiddel"),
        )
        group = (("legemiddelhåndtering",), ("legemiddel", "håndtering"))
        found = index.search(IndexQuery(lexical=LexicalQuery((), (group,))))
        assert found.ids == ("a", "b")
        assert found.lexical.tolist() == [0.0, 0.0]

    @pytest.mark.parametrize(
        ("minimum", "expected"),
        [
            (0, ("a", "ab", "abc", "none")),
            (1, ("a", "ab", "abc")),
            (2, ("ab", "abc")),
            (3, ("abc",)),
            (4, ()),
        ],
    )
    def test_at_least_minimum_groups_must_be_met(self, index, minimum, expected):
        fill(index, entry("a", "x"), entry("ab", "x y"), entry("abc", "x y z"), entry("none", "q"))
        assert index.search(IndexQuery(lexical=words("x", "y", "z", minimum=minimum))).ids == expected

    @pytest.mark.parametrize(
        ("minimum", "expected"),
        [
            (0, ("a", "ab", "b", "bc", "none")),
            (0.3, ("a", "ab", "b", "bc")),
            (0.9, ("a", "ab", "bc")),
            (1.0, ("a", "ab")),
            (1.3, ("ab",)),
            (1.31, ()),
        ],
    )
    def test_the_weights_of_the_groups_met_add_up_to_minimum(self, index, minimum, expected):
        fill(
            index,
            *(entry(name, " ".join(name)) for name in ("a", "b", "ab", "bc")),
            entry("none", "q"),
        )
        lexical = LexicalQuery(
            clauses=(Clause("terms", "a"),),
            groups=((("a",),), (("b",), ("q", "b")), (("c",),)),
            minimum=minimum,
            weights=(1.0, 0.3, 0.6),
        )
        found = index.search(IndexQuery(lexical=lexical))
        assert found.ids == expected
        assert found.population[1] == pytest.approx(found.lexical.sum())

    @pytest.mark.parametrize("count", [3, 7, 12])
    def test_weights_hold_for_many_groups_too(self, index, count):
        names = "abcdefghijkl"[:count]
        fill(index, *(entry(names[:n], " ".join(names[:n])) for n in range(1, count + 1)))
        lexical = LexicalQuery(
            clauses=(),
            groups=tuple(((name,),) for name in names),
            minimum=count / 2,
            weights=tuple(1.0 for _ in names),
            must_not=((names[-1],),),
        )
        expected = tuple(names[:n] for n in range(1, count) if n >= count / 2)
        assert index.search(IndexQuery(lexical=lexical)).ids == expected
        assert index.search(IndexQuery(lexical=lexical, exclude=frozenset(expected))).ids == ()

    def test_a_sum_of_weights_may_miss_minimum_by_rounding_only(self, index):
        fill(index, entry("all", "a b c"), entry("two", "a b"))
        thirds = LexicalQuery(
            (), tuple(((term,),) for term in "abc"), minimum=1.0, weights=(1 / 3, 1 / 3, 1 / 3)
        )
        assert index.search(IndexQuery(lexical=thirds)).ids == ("all",)

    def test_without_weights_minimum_may_be_a_fraction(self, index):
        fill(index, entry("all", "a b c"), entry("two", "a b"), entry("one", "a"))
        assert index.search(IndexQuery(lexical=words("a", "b", "c", minimum=1.5))).ids == ("all", "two")

    def test_no_groups_match_nothing_and_an_empty_alternative_matches_all(self, index):
        fill(index, entry("a", "x"), entry("b", "y"))
        assert index.search(IndexQuery(lexical=LexicalQuery((Clause("terms", "x"),), ()))).ids == ()
        assert index.search(IndexQuery(lexical=LexicalQuery((), ((),)))).ids == ()
        assert index.search(IndexQuery(lexical=LexicalQuery((), (((),),)))).ids == ("a", "b")

    def test_must_not_takes_out_what_has_all_terms_of_an_alternative(self, index):
        fill(index, entry("a", "x"), entry("b", "x y"), entry("c", "x y z"), entry("d", "x q"))
        query = words("x", must_not=(("y", "z"), ("q",)))
        assert index.search(IndexQuery(lexical=query)).ids == ("a", "b")
        everything = words("x", must_not=((),))
        assert index.search(IndexQuery(lexical=everything)).ids == ()

    def test_clauses_score_but_do_not_match(self, index):
        fill(index, entry("a", "fall hofte", grams="fall"), entry("b", "sår", grams="fall"))
        query = LexicalQuery(
            clauses=(Clause("terms", "fall"), Clause("grams", "fall", 0.3), Clause("terms", "sår", 5)),
            groups=((("fall",),),),
        )
        assert index.search(IndexQuery(lexical=query)).ids == ("a",)

    def test_scores_are_bm25_times_weight(self, index):
        fill(
            index,
            entry("a", "fall fall hofte", grams="x"),
            entry("b", "fall sår sår sår kost"),
            entry("c", "kost"),
        )
        idf = np.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
        mean = (3 + 5 + 1) / 3

        def bm25(count, length):
            return idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / mean))

        expected = np.array([bm25(2, 3), bm25(1, 5)])
        assert ask(index, "fall").lexical == pytest.approx(expected, rel=1e-5)
        heavy = LexicalQuery((Clause("terms", "fall", 2.5), Clause("terms", "fall", 0.5)), ((("fall",),),))
        assert index.search(IndexQuery(lexical=heavy)).lexical == pytest.approx(3 * expected, rel=1e-5)
        gram = LexicalQuery((Clause("grams", "x"),), ((("fall",),),))
        scores = index.search(IndexQuery(lexical=gram)).lexical
        assert scores[0] > 0
        assert scores[1] == 0

    def test_scores_do_not_change_with_scope_and_filters(self, index):
        fill(index, *(entry(name, "fall " * (1 + ord(name) % 3), facets={"t": (name,)}) for name in "abcd"))
        whole = dict(zip(ask(index, "fall").ids, ask(index, "fall").lexical.tolist(), strict=True))
        for query in (
            IndexQuery(lexical=words("fall"), scope={"t": ("b",)}),
            IndexQuery(lexical=words("fall"), filters={"t": ("b",)}),
        ):
            assert index.search(query).lexical.tolist() == [whole["b"]]

    @pytest.mark.parametrize(
        "term",
        [
            "*",
            "terms:fall",
            '"fall',
            "fall^2",
            "(",
            "[a TO z]",
            "fall~1",
            "AND",
            "-fall",
            "\x00",
            "\x1e",
            "\x1es",
            "a b",
            "a\tb",
            " ",
            "",
            "\u00a0",
            "\u2028",
            "\\",
            "æ" * 40_000,
        ],
    )
    def test_a_term_is_only_a_term(self, index, term):
        def holding(name, terms):
            return IndexEntry(Resource(name, name), terms, terms, terms, (), {}, {})

        fill(
            index,
            holding("has", (term, "fall")),
            holding("other", ("fall", "a", "b", "fall^2x", "sm", "m", "s")),
        )
        assert ask(index, term).ids == ("has",)
        assert list(index.document_frequency("terms", [term])) == [1]
        assert list(index.document_frequency("grams", [term])) == [1]
        if len(term) < 1000:
            assert index.lexicon()[term] == 1

    def test_no_term_is_an_error_even_if_it_is_not_unicode(self, index):
        fill(index, entry("a", "fall"))
        assert ask(index, "\ud800").ids == ()
        assert list(index.document_frequency("terms", ["\ud800"])) == [0]
        assert list(index.suggest(["\ud800"], {}, 3)) == []
        assert index.search(IndexQuery(scope={"t": ("\ud800",)})).ids == ()

    # conditions

    def test_words_as_written_stand_next_to_each_other_in_their_order(self, index):
        fill(
            index,
            entry("apart", "fall hos de eldre"),
            entry("end", "om fall hos eldre"),
            entry("inflected", "fallet hos eldre"),
            entry("only", "eldre"),
            entry("order", "eldre hos fall"),
            entry("start", "fall hos eldre hjemme"),
            entry("twice", "fall hos fall hos eldre"),
        )

        def written(*words_):
            return index.search(IndexQuery(conditions=Conditions(required=((Written(words_),),)))).ids

        assert written("fall", "hos", "eldre") == ("end", "start", "twice")
        assert written("eldre", "hos") == ("order",)
        assert written("hos", "fall") == ("order", "twice")
        assert written("fall") == ("apart", "end", "order", "start", "twice")
        assert written("fall", "fall") == ()
        assert written("fal", "hos") == ()
        assert len(written()) == 7

    def test_of_each_requirement_one_part_is_enough(self, index):
        fill(index, entry("a", "x y"), entry("b", "x z"), entry("c", "y x"), entry("d", "z q"))

        def required(*parts):
            return index.search(IndexQuery(conditions=Conditions(required=parts))).ids

        assert required((Written(("x", "y")), ("z",))) == ("a", "b", "d")
        assert required((("x", "y"), ("q",))) == ("a", "c", "d")
        assert required((("x",),), (("y",), ("q",))) == ("a", "c")
        assert required(()) == ()
        assert required(((),)) == ("a", "b", "c", "d")

    def test_excluded_parts_take_resources_out_of_everything(self, index):
        fill(
            index,
            entry("a", "x y", vectors=[axis(0)], facets={"t": ("1",)}),
            entry("b", "y x", vectors=[axis(0)], facets={"t": ("1",)}),
            entry("c", "x", vectors=[axis(0)], facets={"t": ("2",)}),
            entry("d", "q", vectors=[axis(0)], facets={"t": ("2",)}),
        )
        phrase, both = Written(("x", "y")), ("x", "y")
        for excluded, expected in (
            ((phrase,), ("b", "c", "d")),
            ((both,), ("c", "d")),
            ((phrase, ("q",)), ("b", "c")),
            (((),), ()),
        ):
            found = index.search(IndexQuery(conditions=Conditions(excluded=excluded), facets=("t",)))
            assert found.ids == expected
            assert sum(found.facets["t"].values()) == len(expected)
            assert found.population[0] == len(expected)

    def test_conditions_hold_for_both_legs_and_for_every_count(self, index):
        fill(
            index,
            entry("a", "fall hos eldre", vectors=[axis(0)], facets={"t": ("1",)}),
            entry("b", "eldre fall", vectors=[axis(0)], facets={"t": ("1",)}),
            entry("c", "hos eldre", vectors=[axis(0)], facets={"t": ("2",)}),
            entry("d", "fall hos eldre kost", vectors=[axis(0)], facets={"t": ("2",)}),
            entry("e", "hos eldre", vectors=[axis(1)], facets={"t": ("2",)}),
            entry("f", "hos eldre", facets={"t": ("2",)}),
        )
        query = IndexQuery(
            lexical=words("fall"),
            vector=axis(0),
            floor=0.5,
            facets=("t",),
            conditions=Conditions(required=((Written(("hos", "eldre")),),), excluded=(("kost",),)),
        )
        found = index.search(query)
        assert found.ids == ("a", "c")
        assert np.isnan(found.lexical).tolist() == [False, True]
        assert found.facets == {"t": {"1": 1, "2": 1}}
        assert found.population[0] == 4
        assert found.similarity_population[0] == 3
        assert found.vectors_missing == 1
        nearest = index.search(
            IndexQuery(vector=axis(0), nearest=1, conditions=Conditions(excluded=(("fall",),)))
        )
        assert nearest.ids == ("c",)

    def test_conditions_do_not_change_a_score(self, index):
        fill(index, entry("a", "fall hos eldre"), entry("b", "fall fall"), entry("c", "kost"))
        whole = ask(index, "fall").lexical.tolist()
        narrowed = index.search(
            IndexQuery(lexical=words("fall"), conditions=Conditions(((Written(("fall", "hos")),),)))
        )
        assert narrowed.lexical.tolist() == [whole[0]]

    def test_conditions_hold_after_a_rewrite(self, index):
        fill(index, entry("a", "fall hos eldre"), entry("b", "fall hos eldre"))
        fill(index, entry("a", "eldre hos fall"))
        condition = Conditions(((Written(("fall", "hos")),),))
        assert index.search(IndexQuery(conditions=condition)).ids == ("b",)
        assert index.search(IndexQuery(conditions=Conditions((), condition.required[0]))).ids == ("a",)

    @pytest.mark.parametrize("word", ["*", '"', "-fall", "\x00", "\x1e", "a b", "", "\u00a0", "æ" * 40_000])
    def test_a_written_word_is_only_a_word(self, index, word):
        def holding(name, surface):
            return IndexEntry(Resource(name, name), (), (), surface, (), {}, {})

        fill(
            index,
            holding("has", ("fall", word, "hos")),
            holding("other", ("fall", "hos", "a", "b", "fall", "a", "b", "s", "m")),
        )
        for words_ in ((word,), ("fall", word), (word, "hos"), ("fall", word, "hos")):
            assert index.search(IndexQuery(conditions=Conditions(((Written(words_),),)))).ids == ("has",)
        odd = Conditions(((Written(("fall", "\ud800")), ("\ud800",)),), (Written(("\ud800",)),))
        assert index.search(IndexQuery(conditions=odd)).ids == ()

    # the vector leg

    def test_the_best_passage_counts_and_is_named(self, index):
        fill(
            index,
            entry("a", vectors=[axis(1), HALF, axis(0), axis(0)]),
            entry("b", vectors=[axis(1), HALF]),
            entry("c", vectors=[axis(0, -1)]),
        )
        found = index.search(IndexQuery(vector=axis(0)))
        assert found.ids == ("a", "b", "c")
        assert found.cosine.tolist() == [1.0, 0.5, -1.0]
        assert found.similarity.tolist() == [1.0, 0.5, -1.0]
        assert found.passage.tolist() == [2, 1, 0]

    def test_the_floor_is_included(self, index):
        fill(index, entry("a", vectors=[HALF]), entry("b", vectors=[axis(1)]))
        assert index.search(IndexQuery(vector=axis(0), floor=0.5)).ids == ("a",)
        assert index.search(IndexQuery(vector=axis(0), floor=0.5000001)).ids == ()

    def test_the_nearest_are_taken_and_ties_go_by_id(self, index):
        fill(index, *(entry(name, vectors=[HALF]) for name in "edcba"), entry("z", vectors=[axis(0)]))

        def nearest(count):
            return index.search(IndexQuery(vector=axis(0), nearest=count)).ids

        assert nearest(3) == ("a", "b", "z")
        assert nearest(1) == ("z",)
        assert nearest(6) == ("a", "b", "c", "d", "e", "z")
        assert nearest(100) == nearest(6)
        assert nearest(0) == ()

    def test_nearest_are_counted_in_scope_and_before_filters(self, index):
        fill(
            index,
            entry("a", vectors=[axis(0)], facets={"t": ("x",)}),
            entry("b", vectors=[HALF], facets={"t": ("y",), "s": ("1",)}),
            entry("c", vectors=[axis(1)], facets={"t": ("y",), "s": ("1",)}),
        )
        assert index.search(IndexQuery(vector=axis(0), nearest=1, scope={"t": ("y",)})).ids == ("b",)
        filtered = index.search(IndexQuery(vector=axis(0), nearest=1, filters={"t": ("y",)}, facets=("t",)))
        assert filtered.ids == ()
        assert filtered.facets == {"t": {"x": 1}}

    def test_similarity_is_there_for_lexical_hits_below_the_floor(self, index):
        fill(index, entry("a", "fall", vectors=[axis(1), HALF]), entry("b", "sår", vectors=[HALF]))
        found = index.search(IndexQuery(lexical=words("fall"), vector=axis(0), floor=0.9))
        assert found.ids == ("a",)
        assert found.similarity.tolist() == [0.5]
        assert np.isnan(found.cosine).all()
        assert found.passage.tolist() == [-1]

    def test_a_cosine_is_the_same_however_the_search_is_narrowed(self, index):
        rng = np.random.default_rng(5)
        rows = rng.standard_normal((40, DIM)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        fill(
            index,
            *(
                entry(f"r{n:02}", vectors=list(rows[2 * n : 2 * n + 2]), facets={"t": (str(n),)})
                for n in range(20)
            ),
        )
        whole = index.search(IndexQuery(vector=rows[0]))
        assert len(whole.ids) == 20
        for n in range(20):
            one = index.search(IndexQuery(vector=rows[0], scope={"t": (str(n),)}))
            assert one.cosine.tolist() == [whole.cosine[n]]
            assert whole.cosine[n] == pytest.approx(
                max(float(rows[2 * n] @ rows[0]), float(rows[2 * n + 1] @ rows[0])), abs=1e-6
            )

    # facets

    def test_each_facet_ignores_its_own_filter_and_obeys_the_others(self, index):
        fill(
            index,
            entry("a", "fall", facets={"type": ("kurs",), "arena": ("sykehus", "kommune")}),
            entry("b", "fall", facets={"type": ("video",), "arena": ("kommune",)}),
            entry("c", "fall", facets={"type": ("video",), "arena": ("sykehus",)}),
            entry("d", "sår", facets={"type": ("kurs",), "arena": ("kommune",)}),
            entry("e", "fall", facets={"arena": ("hjem",)}),
        )
        facets = ("type", "arena", "unknown")
        found = index.search(
            IndexQuery(lexical=words("fall"), filters={"type": ("kurs", "bok")}, facets=facets)
        )
        assert found.ids == ("a",)
        assert found.facets == {
            "type": {"kurs": 1, "video": 2},
            "arena": {"sykehus": 1, "kommune": 1},
            "unknown": {},
        }
        both = index.search(
            IndexQuery(
                lexical=words("fall"), filters={"type": ("video",), "arena": ("kommune",)}, facets=facets[:2]
            )
        )
        assert both.ids == ("b",)
        assert both.facets == {"type": {"kurs": 1, "video": 1}, "arena": {"sykehus": 1, "kommune": 1}}
        assert index.search(IndexQuery(filters={"type": ()}, facets=("type",))).facets["type"] == {
            "kurs": 2,
            "video": 2,
        }

    def test_a_value_given_twice_counts_once(self, index):
        fill(index, entry("a", facets={"t": ("x", "x", "y")}))
        assert index.search(IndexQuery(facets=("t",))).facets == {"t": {"x": 1, "y": 1}}

    def test_only_the_facets_asked_for_are_counted(self, index):
        fill(index, entry("a", facets={"t": ("x",), "s": ("y",)}))
        assert set(index.search(IndexQuery(facets=("s",))).facets) == {"s"}
        assert index.search(IndexQuery()).facets == {}

    # reading

    def test_get_returns_equal_resources_and_leaves_out_unknown_ids(self, index):
        full = Resource(
            id="full",
            title="Fallforebygging – «hjemme»",
            summary="Kort.",
            body="Første linje.\nAndre linje 👵.",
            url="https://example.org/a?b=c",
            language="nn",
            resource_type="kurs",
            edition="vest",
            provider="Helse",
            audience=("sykepleier", "fysioterapeut"),
            audience_group=("parorende",),
            arena=("kommune",),
            patient_group=("eldre",),
            level="grunnleggende",
            duration=25,
            published=date(2024, 2, 29),
            updated=date(2025, 1, 1),
            review_due=date(2026, 12, 31),
            status="draft",
            licence="CC BY 4.0",
            themes=("fall",),
            teaches=("krav-fall",),
            about=(
                Tag(
                    ConceptId("tema/fall"),
                    0.75,
                    (Span("title", 0, 4), Span("body", 3, 9)),
                    "editor",
                    "fall",
                    "alt",
                    "accepted",
                ),
                Tag(ConceptId("tema/sar"), 0.1),
            ),
            sample=True,
            stated=("krav-a", "krav-b"),
        )
        fill(index, entry("full", "fall", resource=full), entry("b", "fall"))
        assert dict(index.get(["full", "unknown", "b", "full"])) == {
            "full": full,
            "b": Resource("b", "b", body="fall"),
        }
        assert dict(index.get([])) == {}

    def test_passages_are_offsets_and_vectors(self, index):
        fill(
            index,
            entry("a", vectors=[axis(0), HALF]),
            entry("none"),
            entry("empty", vectors=[]),
            entry("unembedded", passages=2),
        )
        offsets, vectors = index.passages("a")
        assert offsets == ((0, 9), (10, 19))
        np.testing.assert_array_equal(vectors, np.array([axis(0), HALF]))
        assert vectors.dtype == np.float32
        for name in ("none", "empty", "unknown"):
            offsets, vectors = index.passages(name)
            assert offsets == ()
            assert vectors.shape == (0, DIM)
        offsets, vectors = index.passages("unembedded")
        assert offsets == ((0, 9), (10, 19))
        assert vectors.shape == (0, DIM)

    def test_suggest_wants_all_words_the_last_as_a_prefix_short_titles_first(self, index):
        fill(
            index,
            entry("a", title="Fall i hjemmet hos eldre", facets={"edition": ("felles",)}),
            entry("b", title="Fallforebygging", facets={"edition": ("felles",)}),
            entry("d", title="Fall hjemme", facets={"edition": ("felles",)}),
            entry("c", title="Fall hjemme", facets={"edition": ("vest",)}),
            entry("e", title="Sår", facets={"edition": ("felles",)}),
        )

        def suggested(*typed, scope=None, k=10):
            return [id_ for id_, _ in index.suggest(typed, scope or {}, k)]

        assert suggested("fall") == ["c", "d", "b", "a"]
        assert suggested("hjem", "fall") == []
        assert suggested("fall", "hjem") == ["c", "d", "a"]
        assert suggested("hjemme", "fa") == ["c", "d"]
        assert suggested("fall", "fall", "eld") == ["a"]
        assert suggested("fall", "") == ["c", "d", "a"]
        assert suggested("fall", scope={"edition": ("felles",)}) == ["d", "b", "a"]
        assert suggested("fall", k=2) == ["c", "d"]
        assert suggested("fall", k=0) == []
        assert suggested("x") == []
        assert suggested() == []
        assert list(index.suggest(["sår"], {}, 1)) == [("e", "Sår")]

    def test_the_lexicon_counts_resources_not_occurrences(self, index):
        fill(index, entry("a", "fall fall sår"), entry("b", "fall ærlig"))
        assert dict(index.lexicon()) == {"fall": 2, "sår": 1, "ærlig": 1}

    def test_document_frequency_counts_resources_by_field(self, index):
        fill(index, entry("a", "fall fall", grams="sår"), entry("b", "fall", grams="fall"))
        assert list(index.document_frequency("terms", ["fall", "sår", "x"])) == [2, 0, 0]
        assert list(index.document_frequency("grams", ["fall", "sår"])) == [1, 1]
        assert list(index.document_frequency("terms", [])) == []

    def test_what_is_excluded_is_in_no_suggestion_and_in_no_count_of_words(self, index):
        fill(
            index,
            entry("a", "fall fall", grams="fal", title="Fall"),
            entry("b", "fall sår", grams="fal sår", title="Fall hjemme"),
            entry("c", "kost", title="Fall fra seng"),
        )
        some = frozenset({"b", "unknown"})
        assert dict(index.lexicon(some)) == {"fall": 1, "kost": 1}
        assert list(index.document_frequency("terms", ["fall", "sår", "kost", "x"], some)) == [1, 0, 1, 0]
        assert list(index.document_frequency("grams", ["fal", "sår"], some)) == [1, 0]
        assert list(index.document_frequency("terms", ["fall"])) == [2]
        assert [id_ for id_, _ in index.suggest(["fall"], {}, 5, some)] == ["a", "c"]
        assert [id_ for id_, _ in index.suggest(["fall"], {}, 1, frozenset({"a"}))] == ["b"]
        assert dict(index.lexicon(frozenset("abc"))) == {}

    def test_scores_are_what_the_statistics_say(self, index):
        fill(
            index,
            entry("a", "fall sår", grams="fal"),
            entry("b", "fall fall fall kost kost kost kost", grams="kos"),
            entry("c", "kost"),
            entry("d", "kost " * 12),
        )
        known = index.statistics("terms", ["fall", "sår", "unknown"])
        assert known.resources == 4
        assert known.mean_length == pytest.approx((2 + 7 + 1 + 12) / 4)
        assert known.frequencies == (2, 1, 0)
        idf = np.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
        found = ask(index, "fall")
        for score, times, length in zip(found.lexical, (1, 3), (2, 7), strict=True):
            long = 1.2 * (0.25 + 0.75 * length / known.mean_length)
            assert score == pytest.approx(idf * times * 2.2 / (times + long), rel=1e-5)

    def test_statistics_of_nothing_are_nothing(self, index):
        assert index.statistics("grams", ["fal"]) == TermStatistics(0, 0.0, (0,))

    # closing

    def test_closing_twice_is_harmless_and_a_closed_index_says_so(self, index):
        fill(index, entry("a", "fall"))
        index.close()
        index.close()
        with pytest.raises(BackendUnavailable):
            index.search(IndexQuery())

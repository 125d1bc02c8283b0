"""Is a query about the bank? Each way to show it, just at its threshold and just below; and what then belongs."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from engine.aboutness import AboutnessRule, Nearest, is_about_the_bank, nearest
from engine.adapters.hashing_embedder import HashingEmbedder
from engine.adapters.memory_search_index import MemorySearchIndex
from engine.entry import make_entry
from engine.model import Conditions, IndexEntry, IndexQuery, LexicalQuery, Range, Resource, SearchRequest
from engine.passages import split_passages
from engine.repair import Lexicon
from engine.search import Searcher, Signals
from vocab.matcher import LabelMatcher
from vocab.vocabulary import open_vocabulary

# all of them exact in binary, so that "just at" is at
FLOOR = 0.25
RULE = AboutnessRule(
    near=2,
    joined=3,
    unknown=0.25,
    topic=0.125,
    outstanding=4.0,
    agreement=0.25,
    most_words=0.75,
    far=0.5,
    words_alone=0.5,
    on_subject=4.0,
    on_subject_far=0.25,
    off_subject=1.0,
    bank_on_subject=2.0,
)
LITTLE = 1e-3
BEYOND = -RULE.far - LITTLE
FULL = 8.0
"""Sum of the weights of a query's words: a share of them is not the same as its number."""

VOCABULARY = open_vocabulary()
Q = np.array([1, 0, 0], dtype=np.float32)


def at(cosine, side=1.0):
    """Return a unit vector that has this cosine to `Q`."""
    return np.array([cosine, side * np.sqrt(1 - cosine**2), 0], dtype=np.float32)


def entry(id_, terms=(), vector=None, edition="felles", resource_type="film", duration=5.0):
    resource = Resource(id_, id_)
    return IndexEntry(
        resource=resource,
        terms=tuple(terms),
        grams=(),
        surface=tuple(terms),
        title_surface=(),
        facets={"edition": (edition,), "resource_type": (resource_type,)},
        numbers={"duration": duration},
        passages=split_passages(""),
        vectors=None if vector is None else np.stack([vector]),
    )


def index_of(*entries):
    index = MemorySearchIndex()
    index.add(entries)
    index.commit()
    return index


def two_words(share):
    """Return a query of two words of which ``fall`` weighs this share."""
    return LexicalQuery((), ((("fall",),), (("eldre",),)), FULL, (share * FULL, (1 - share) * FULL))


def near_of(above, *ids, outstanding=0.0):
    """Return the nearest, the first as far above the floor as said."""
    return Nearest(ids, tuple(FLOOR + above - n / 64 for n in range(len(ids))), outstanding)


HAS_FALL = index_of(entry("has", ["fall"]), entry("other", ["annet"]), entry("third"))


def about(
    near, *, index=HAS_FALL, query=None, share=0.0, topical=0.0, known=True, floor=FLOOR, rule=RULE, **subject
):
    return is_about_the_bank(
        index,
        query or IndexQuery(vector=Q),
        two_words(share),
        near,
        floor=floor,
        topical=topical,
        known=known,
        rule=rule,
        **subject,
    )


# one resource by itself


def test_a_known_query_is_about_the_bank_from_the_floor_on():
    assert about(near_of(0.0, "other"))
    assert not about(near_of(-LITTLE, "other"))
    assert not about(near_of(0.0, "other"), floor=FLOOR + LITTLE)


def test_a_query_of_words_that_nothing_knows_needs_more():
    assert about(near_of(RULE.unknown, "other"), known=False)
    assert not about(near_of(RULE.unknown - LITTLE, "other"), known=False)
    assert not about(near_of(0.0, "other"), known=False)


@pytest.mark.parametrize("known", [True, False])
def test_a_health_topic_is_enough_down_to_below_the_floor(known):
    assert about(near_of(-RULE.topic, "other"), topical=0.25, known=known)
    assert not about(near_of(-RULE.topic - LITTLE, "other"), topical=0.25, known=known)
    assert not about(near_of(-RULE.topic, "other"), known=known)


def test_a_health_topic_that_is_most_of_the_query_is_enough_however_far_the_nearest():
    far_away = near_of(-1.0, "other")
    assert about(far_away, topical=RULE.topic_words)
    assert not about(far_away, topical=RULE.topic_words - LITTLE)


def test_one_that_stands_out_is_enough_as_far_below_where_a_word_is_known():
    assert about(near_of(-RULE.topic, "other", outstanding=RULE.outstanding))
    assert not about(near_of(-RULE.topic, "other", outstanding=RULE.outstanding - LITTLE))
    assert not about(near_of(-RULE.topic - LITTLE, "other", outstanding=RULE.outstanding))
    assert not about(near_of(-RULE.topic, "other", outstanding=RULE.outstanding), known=False)


# what the query speaks of


def test_a_query_surely_on_the_subject_is_enough_down_to_below_the_floor_where_a_word_is_known():
    near = near_of(-RULE.on_subject_far, "other")
    assert about(near, subject=RULE.on_subject)
    assert not about(near, subject=RULE.on_subject - LITTLE)
    assert not about(near, subject=RULE.on_subject, known=False)
    assert not about(near_of(-RULE.on_subject_far - LITTLE, "other"), subject=RULE.on_subject)


def test_in_a_bank_about_health_another_subject_needs_a_near_resource_or_a_health_topic():
    in_common = {"near": near_of(-LITTLE, "has"), "share": 1.0}
    off = {"subject": RULE.off_subject - LITTLE, "bank_subject": RULE.bank_on_subject}
    assert about(**in_common)
    assert not about(**in_common, **off)
    assert about(**in_common, **(off | {"subject": RULE.off_subject}))
    assert about(**in_common, **(off | {"bank_subject": RULE.bank_on_subject - LITTLE}))
    assert about(**in_common, **(off | {"bank_subject": None}))
    assert about(**in_common, **off, topical=0.25)
    assert about(near_of(0.0, "other"), **off)


def test_a_resource_too_new_to_be_compared_is_found_by_most_of_the_words_whatever_the_subject():
    off = {"subject": RULE.off_subject - LITTLE, "bank_subject": RULE.bank_on_subject}
    far_away = near_of(-1.0, "other")
    assert about(far_away, share=RULE.most_words, unembedded=frozenset({"has"}), **off)
    assert not about(far_away, share=RULE.most_words - LITTLE, unembedded=frozenset({"has"}), **off)
    assert not about(far_away, share=RULE.most_words, unembedded=frozenset({"other"}), **off)


# words and meaning together


def test_one_of_the_nearest_with_most_of_the_words_is_enough_however_far():
    assert about(near_of(BEYOND, "other", "has"), share=RULE.most_words)
    assert not about(near_of(BEYOND, "other", "has"), share=RULE.most_words - LITTLE)
    assert not about(
        near_of(BEYOND, "other", "third", "has"), share=RULE.most_words
    )  # beyond the nearest few


def test_one_of_the_nearest_with_some_of_the_words_is_enough_unless_far():
    assert about(near_of(-RULE.far, "other", "has"), share=RULE.agreement)
    assert not about(near_of(-RULE.far, "other", "has"), share=RULE.agreement - LITTLE)
    assert not about(near_of(BEYOND, "other", "has"), share=RULE.agreement)
    assert not about(near_of(-RULE.far, "other", "third", "has"), share=RULE.agreement)


def test_most_of_the_words_anywhere_are_enough_unless_far():
    assert about(near_of(-RULE.far, "other"), share=RULE.most_words)
    assert not about(near_of(-RULE.far, "other"), share=RULE.most_words - LITTLE)
    assert not about(near_of(BEYOND, "other"), share=RULE.most_words)


@pytest.mark.parametrize("near", [None, Nearest((), (), 0.0)])
def test_where_nothing_is_compared_a_share_of_the_words_or_a_health_topic_is_enough(near):
    assert about(near, share=RULE.words_alone)
    assert not about(near, share=RULE.words_alone - LITTLE)
    assert about(near, topical=0.25)
    assert about(near, share=RULE.words_alone, known=False)


def test_the_few_that_are_looked_at_for_words_are_among_those_that_are_found():
    assert 0 < AboutnessRule().near <= AboutnessRule().joined


# filters, scope, exclusions


@pytest.mark.parametrize(
    "narrowed",
    [
        {"filters": {"resource_type": ("bok",)}},
        {"ranges": (Range("duration", 60.0),)},
        {"conditions": Conditions(required=((("finnesikke",),),))},
    ],
)
def test_what_narrows_an_answer_does_not_change_the_verdict(narrowed):
    index = index_of(entry("has", ["fall"], at(0.5)), entry("other", ["annet"], at(0.25)))
    query = IndexQuery(vector=Q, **narrowed)
    assert not index.search(query).ids  # nothing is left, and yet
    assert nearest(index, query, 3) == nearest(index, IndexQuery(vector=Q), 3)
    assert about(near_of(-RULE.far, "other"), index=index, query=query, share=RULE.most_words)
    assert about(near_of(BEYOND, "has"), index=index, query=query, share=RULE.most_words)
    assert about(near_of(-RULE.far, "has"), index=index, query=query, share=RULE.agreement)
    assert about(None, index=index, query=query, share=RULE.words_alone)


@pytest.mark.parametrize("unseen", [{"scope": {"edition": ("ahus",)}}, {"exclude": frozenset({"has"})}])
def test_what_a_reader_does_not_see_does_not_count(unseen):
    index = index_of(entry("has", ["fall"], at(0.5)), entry("other", vector=at(0.25), edition="ahus"))
    query = IndexQuery(vector=Q, **unseen)
    assert nearest(index, query, 3).ids == ("other",)
    assert not about(near_of(-RULE.far, "has"), index=index, query=query, share=RULE.most_words)
    assert not about(None, index=index, query=query, share=RULE.words_alone)


# the nearest


def test_the_nearest_come_first_and_ties_in_the_order_of_ids():
    same = at(0.5)
    index = index_of(
        entry("d", vector=at(-0.75)),
        entry("c", vector=same),
        entry("e", vector=at(0.75)),
        entry("b", vector=same),
        entry("a", vector=at(0.25)),
        entry("f"),
    )
    found = nearest(index, IndexQuery(vector=Q, floor=0.9, nearest=1), 10)
    assert found.ids == ("e", "b", "c", "a", "d")  # whatever the floor, and all that have vectors
    assert found.cosines == pytest.approx((0.75, 0.5, 0.5, 0.25, -0.75))
    assert nearest(index, IndexQuery(vector=Q), 2).ids == ("e", "b")


def test_the_nearest_are_so_whatever_their_words():
    index = index_of(entry("a", ["fall"], at(0.25)), entry("b", ["annet"], at(0.5)))
    assert nearest(index, IndexQuery(lexical=two_words(1.0), vector=Q), 1).ids == ("b",)


def test_how_far_the_first_stands_out_is_counted_in_standard_deviations_of_all():
    cosines = (0.75, 0.25, -0.25, 0.0)
    index = index_of(*(entry(f"r{n}", vector=at(c)) for n, c in enumerate(cosines)))
    expected = (0.75 - np.mean(cosines)) / np.std(cosines)
    for most in (1, 4):  # of all, not of those returned
        assert nearest(index, IndexQuery(vector=Q), most).outstanding == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("cosines", [(), (0.5,), (0.5, 0.5)])
def test_nothing_stands_out_from_none_or_from_its_likes(cosines):
    index = index_of(entry("z"), *(entry(f"r{n}", vector=at(c)) for n, c in enumerate(cosines)))
    found = nearest(index, IndexQuery(vector=Q), 3)
    assert (len(found.ids), found.outstanding) == (len(cosines), 0.0)


# the searcher: once a query is about the bank, the nearest few belong to the answer

MODEL = HashingEmbedder()
TEXT = "fall eldre"
ASKED = MODEL.encode([TEXT], "query")[0]


def searcher(cosines, **fields):
    """Return a searcher over r00, which has the words, and one resource for each cosine; every other a film."""
    aside = np.random.default_rng(4).normal(size=MODEL.dim)
    aside -= (aside @ ASKED) * ASKED
    aside /= np.linalg.norm(aside)
    index = MemorySearchIndex()
    for number, cosine in enumerate((MODEL.floor + 0.2, *cosines)):
        resource = Resource(
            f"r{number:02}",
            "Munnstell" if number else "Fall hos eldre",
            resource_type="film" if number % 2 else "fagartikkel",
        )
        vector = (cosine * ASKED + np.sqrt(1 - cosine**2) * aside).astype(np.float32)
        index.add([make_entry(resource, VOCABULARY, split_passages(""), vector[None])])
    index.commit()
    return Searcher(
        index=index,
        embedder=MODEL,
        vocabulary=VOCABULARY,
        matcher=LabelMatcher(VOCABULARY),
        lexicon=Lexicon(index.lexicon()),
        build="b1",
        today=date(2026, 11, 21),
        size=len(cosines) + 1,
        **fields,
    )


def found(search, **fields):
    result = search.search(SearchRequest(TEXT, k=50, **fields))
    assert result.total == len(result.hits)
    return sorted(hit.resource.id for hit in result.hits)


def numbered(*numbers):
    return [f"r{n:02}" for n in numbers]


SIGNALS = Signals()
BELOW = MODEL.floor - SIGNALS.floor_slack
"""Cosine from which a resource belongs to an answer anyhow."""

TWELVE = [BELOW - n / 100 for n in range(1, 13)]


def test_the_ten_nearest_belong_to_the_answer_and_no_more():
    assert found(searcher(TWELVE)) == numbered(*range(AboutnessRule().joined))
    assert AboutnessRule().joined == 10


def test_how_many_of_the_nearest_belong_is_told_by_the_rule():
    assert found(searcher(TWELVE, aboutness=replace(AboutnessRule(), joined=4))) == numbered(*range(4))


def test_one_as_near_as_the_tenth_belongs_too():
    assert found(searcher([*TWELVE[:9], TWELVE[8], *TWELVE[9:]])) == numbered(*range(11))


def test_all_that_are_near_enough_anyhow_belong_also_when_they_are_more_than_ten():
    assert found(searcher([*(BELOW + n / 1000 for n in range(12, 0, -1)), *TWELVE])) == numbered(*range(13))


def test_of_the_nearest_none_belongs_that_is_farther_than_the_slack():
    lowest = MODEL.floor - SIGNALS.nearest_slack
    cosines = [BELOW - 0.1, lowest + LITTLE, lowest - LITTLE, lowest - 0.2]
    assert found(searcher(cosines)) == numbered(0, 1, 2)
    assert found(searcher(cosines, signals=replace(SIGNALS, nearest_slack=0.05))) == numbered(0)


def test_a_filter_narrows_the_nearest_few_and_brings_in_no_others():
    assert found(searcher(TWELVE), filters={"resource_type": ("film",)}) == numbered(1, 3, 5, 7, 9)


def test_a_query_that_is_not_about_the_bank_has_no_nearest():
    strict = replace(AboutnessRule(), near=0, topic_words=2.0, topic=-1.0, far=-1.0)
    far = replace(searcher(TWELVE, aboutness=strict), excluded=frozenset({"r00"}))
    assert found(far) == []


class VectorsFail(MemorySearchIndex):
    """Answers as a cluster does whose vectors cannot be asked: resources without any cosine."""

    def search(self, query):
        found = super().search(replace(query, vector=None))
        return replace(found, degraded=("similarity_failed",))


def test_where_vectors_cannot_be_asked_there_are_no_nearest():
    index = VectorsFail()
    index.add([entry("has", ["fall"]), entry("other", ["annet"])])
    index.commit()
    assert nearest(index, IndexQuery(vector=Q), 10).ids == ()

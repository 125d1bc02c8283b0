"""Rulings move later scores: a few a little, many more, each fault where it belongs, in no order, within a bound."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.corrections import BOUND, ENOUGH, NO_CORRECTIONS, Corrections, corrections
from engine.model import Decision

AT = datetime(2026, 1, 1, tzinfo=UTC)


def ruled(n, concept="tema/a", verdict="rejected", label="a", score=0.6, features="body/pref"):
    return [
        Decision(
            "tag", f"{concept}-{label}-{verdict}-{i}", concept, verdict, "t", AT,
            label=label, score=score, features=features,
        )
        for i in range(n)
    ]  # fmt: skip


rulings = st.lists(
    st.builds(
        Decision,
        kind=st.just("tag"),
        subject=st.sampled_from(["r1", "r2", "r3"]),
        object=st.sampled_from(["tema/a", "tema/b", "tilstand/c"]),
        verdict=st.sampled_from(["accepted", "rejected", "pinned"]),
        by=st.just("t"),
        at=st.just(AT),
        label=st.sampled_from(["", "a", "A", "b"]),
        score=st.none() | st.floats(0, 1),
        features=st.sampled_from(["", "title/pref", "body/alt"]),
    ),
    max_size=80,
)


def test_nothing_ruled_moves_nothing():
    assert corrections([]) == NO_CORRECTIONS
    assert not corrections([])
    assert corrections([]).digest == ""
    assert corrections([]).corrected(0.4, "tema/a", "a", "title/pref") == 0.4


def test_concepts_that_were_never_in_the_text_teach_nothing():
    assert not corrections(ruled(9, verdict="accepted", score=None, label=""))


def test_each_rejection_moves_a_score_down_and_each_acceptance_up_less_and_less():
    for verdict, sign in (("rejected", -1), ("accepted", 1), ("pinned", 1)):
        shifts = [
            sign * corrections(ruled(n, verdict=verdict)).shift("tema/a", "a") for n in (1, 2, 4, 8, 16)
        ]
        assert 0 < shifts[0] < 1
        assert sorted(shifts) == shifts
        assert shifts[-1] <= BOUND
    assert corrections(ruled(1)).corrected(0.6, "tema/a", "a") > 0.3  # one rejection is not yet a rule


def test_what_was_expected_moves_nothing():
    as_expected = ruled(6, verdict="accepted", score=0.6) + ruled(4, score=0.6)
    assert abs(corrections(as_expected).shift("tema/a", "a")) < 0.02


def test_a_label_that_misleads_is_the_labels_fault():
    learnt = corrections(
        ruled(8, "tema/varsling", label="sepsis") + ruled(4, "tema/varsling", "accepted", label="varsling")
    )
    assert learnt.corrected(0.6, "tema/varsling", "Sepsis") < 0.3
    assert learnt.corrected(0.6, "tema/varsling", "varsling") > 0.6
    alone = corrections(ruled(8, "tema/varsling", label="sepsis"))
    assert alone.shift("tema/varsling", "sepsis") < 2 * alone.shift("tema/varsling", "varsling") < 0
    assert alone.shift("tema/annet", "sepsis") == 0


def test_a_concept_that_is_wrong_by_every_label_is_the_concepts_fault():
    many = [r for label in "abcdefgh" for r in ruled(2, label=label)]
    assert corrections(many).shift("tema/a", "never seen") < -1


def test_a_class_of_features_is_looked_at_when_there_are_enough():
    def of(n):
        return corrections(
            [r for i in range(n) for r in ruled(1, f"tema/{i}", label=f"l{i}", features="body/hidden")]
            + [
                r
                for i in range(n)
                for r in ruled(1, f"tema/x{i}", "accepted", label=f"k{i}", features="title/pref")
            ]
        )

    assert of(ENOUGH - 1).features == {}
    found = of(ENOUGH)
    assert (
        found.shift("tema/unseen", features="body/hidden")
        < 0
        < found.shift("tema/unseen", features="title/pref")
    )


@given(rulings, st.randoms())
def test_shifts_are_bounded_and_know_no_order(given_, random):
    found = corrections(given_)
    mixed = list(given_)
    random.shuffle(mixed)
    assert corrections(mixed) == found
    assert corrections(mixed).digest == found.digest
    for ruling in given_:
        shift = found.shift(ruling.object, ruling.label, ruling.features)
        assert -BOUND <= shift <= BOUND
        for score in (0.0, 0.01, 0.5, 0.99, 1.0):
            assert 0 <= found.corrected(score, ruling.object, ruling.label, ruling.features) <= 1


@given(st.floats(0.01, 0.98), st.floats(-5, 5))
def test_a_correction_keeps_the_order_of_scores(score, shift):
    learnt = Corrections({"tema/a": shift})
    assert learnt.corrected(score, "tema/a") <= learnt.corrected(score + 0.01, "tema/a")


def test_other_shifts_have_another_digest():
    assert len({corrections(ruled(n)).digest for n in range(4)}) == 4


@pytest.mark.parametrize("verdict", ["withdrawn", "blocked"])
def test_other_verdicts_teach_nothing(verdict):
    assert not corrections(ruled(5, verdict=verdict))

"""Candidates: what one text finds among many is what all pairs have, and near copies are among them."""

import random

import numpy as np
import pytest

from engine.known_texts import KnownTexts, make_texts
from engine.mean_vectors import MeanVectors
from engine.model import Resource
from engine.near_texts import CROWD, NearTexts
from engine.text_prints import make_prints, says_supplement

NONE = MeanVectors(None, None)


def texts(n, seed=1, words=60):
    rng = random.Random(seed)
    return [
        Resource(
            f"r{i:03}",
            f"Tittel {i} {rng.random()}",
            body=" ".join(f"o{rng.randrange(3000)}" for _ in range(words)),
        )
        for i in range(n)
    ]


def edited(resource, id_, share, seed=2):
    rng = random.Random(seed)
    body = [f"x{rng.randrange(9999)}" if rng.random() < share else w for w in resource.body.split()]
    return Resource(id_, f"Kopi {id_}", body=" ".join(body))


def test_one_text_finds_what_all_pairs_have():
    bank = texts(60)
    bank += [edited(r, f"e{i:03}", 0.1, i) for i, r in enumerate(bank[:20])]
    known = KnownTexts(NONE)
    known.change(bank, ())
    pairs = known.pairs()
    assert {(a, b) for a, b in pairs} == {
        tuple(sorted((r.id, other))) for r in bank for other in known.near(r)
    }
    found = {frozenset(p) for p in pairs}
    assert all(frozenset((f"r{i:03}", f"e{i:03}")) in found for i in range(20))
    assert len(pairs) < 40


def test_what_lies_beside_the_tables_is_found_and_what_is_gone_is_not():
    bank = texts(50)
    known = KnownTexts(NONE)
    known.change(bank, ())
    known.pairs()  # all in the tables now
    copy = edited(bank[3], "copy", 0.05)
    known.change([copy], [])
    assert known.near(copy) == ["r003"]
    assert known.near(bank[3]) == ["copy"]
    known.change([Resource("r003", "Noe helt annet", body="om noe helt annet nå")], [])
    assert known.near(copy) == []
    known.change([], ["copy"])
    assert "copy" not in known
    assert len(known) == 50


def test_titles_of_the_same_words_meet_in_whatever_order():
    known = KnownTexts(NONE)
    known.change(
        [Resource("a", "Diabetes type 2", body="Om sukker."), Resource("b", "Sårstell", body="Om sår.")], ()
    )
    assert known.near(Resource("", "Type 2-diabetes", body="Et helt annet innhold.")) == ["a"]


def test_a_supplement_meets_the_text_that_it_names():
    common = Resource("a", "Multidose på rull: fra apotek til kjøkkenbord", body="En film.")
    local = Resource(
        "b",
        "Multidose hos oss",
        summary="Lokalt tillegg.",
        body="Se «Multidose på rull» først.",
        edition="oslo",
    )
    assert says_supplement(local)
    known = KnownTexts(NONE)
    known.change([common], ())
    assert known.near(local) == ["a"]
    known.change([local], ())
    assert known.near(common) == ["b"]
    assert known.pairs() == [("a", "b")]


def test_close_vectors_meet_across_languages_only():
    rng = np.random.default_rng(1)
    made = make_texts(texts(4), NONE)
    one = rng.standard_normal(64).astype(np.float32)
    other = rng.standard_normal(64).astype(np.float32)
    one /= np.linalg.norm(one)
    other -= (other @ one) * one
    other /= np.linalg.norm(other)
    rows = np.stack([one, 0.7 * one + 0.714 * other, 0.7 * one - 0.714 * other, other]).astype(np.float32)
    languages = np.array([0, 7, 0, 7], dtype=np.int32)
    near = NearTexts(
        type(made)(
            **{f: getattr(made, f) for f in made.__slots__} | {"vectors": rows, "languages": languages}
        )
    )
    assert near.pairs().tolist() == [[0, 1]]


def test_a_form_that_hundreds_share_makes_no_millions_of_pairs():
    form = " ".join(f"f{i}" for i in range(50))
    bank = [Resource(f"r{i:04}", f"Skjema {i}", body=form) for i in range(5 * CROWD)]
    known = KnownTexts(NONE)
    known.change(bank, ())
    pairs = known.pairs()
    assert len(pairs) < 2 * len(bank)
    assert {i for pair in pairs for i in pair} == {r.id for r in bank}


@pytest.mark.parametrize("body", ["", "ett", "to ord", "!?"])
def test_texts_of_hardly_any_words_have_a_print(body):
    assert make_prints([Resource("a", "T", body=body)]).signatures.shape == (1, 128)


def test_the_same_text_has_the_same_print_alone_and_among_others():
    bank = texts(30)
    together = make_prints(bank).signatures
    assert all((make_prints([r]).signatures[0] == together[i]).all() for i, r in enumerate(bank))

"""What a change of the vocabulary does not reach has the same tags and the same entry afterwards."""

import json
import random
from collections import Counter
from dataclasses import replace
from importlib.resources import files

import pytest

from engine.entry import make_entry
from engine.model import Resource
from engine.records import resource_from_record
from engine.replaced_concepts import as_meant
from engine.tagging import Tagger
from indexer.retagging import is_reached
from small_vocabulary import bundled, changed, small_vocabulary
from vocab.concept import Concept, ConceptId
from vocab.fingerprint import Touched, dump_fingerprint, fingerprint, load_fingerprint
from vocab.matcher import LabelMatcher
from vocab.merging import with_top_concepts
from vocab.replaced import with_labels_of_replaced
from vocab.vocabulary import Vocabulary

FALL, SORE = "tema/fallforebygging", "tilstand/trykksar"


def touched(old, new):
    return Touched(fingerprint(old), fingerprint(new))


def test_an_unchanged_vocabulary_touches_nothing():
    assert not touched(small_vocabulary(), small_vocabulary())
    assert not touched(small_vocabulary(), small_vocabulary()).occur_in(["fallforebygging"])


def test_words_of_labels_that_came_or_went_count_in_any_form_but_others_do_not():
    old = small_vocabulary()
    names = {**old[FALL].pref_label, "nb": "trygge rom for eldre"}
    found = touched(old, changed(old, replace(old[FALL], pref_label=names)))
    assert found.concepts == {FALL}
    assert (found.everywhere, found.meanings) == (False, True)
    assert found.occur_in(["Fallforebyggingen i dag"])
    assert found.occur_in(["Vi har", "rommene"])
    assert found.occur_in(["forebygging"])  # a part of the old name
    assert not found.occur_in(["prevention"])
    assert not found.occur_in(["s S 's ß \u0301s"])
    hidden = changed(old, replace(old[FALL], hidden_label={"nb": ("trygge rom",)}))
    assert (touched(old, hidden).everywhere, touched(old, hidden).meanings) == (False, False)


def test_topics_that_come_go_or_lead_elsewhere_reach_everything_other_schemes_do_not():
    old = small_vocabulary()
    for new in (
        changed(old, without=[SORE]),
        changed(old, replace(old[SORE], deprecated=True, replaced_by=ConceptId(FALL))),
        changed(old, Concept(ConceptId("tema/ny"), {"nb": "ny"})),
    ):
        assert touched(old, new).everywhere
        assert Touched(fingerprint(old), fingerprint(new), {"arena"}).everywhere is False
    film = touched(old, changed(old, without=["ressurstype/film"]))
    assert film.everywhere
    assert not Touched(fingerprint(old), fingerprint(small_vocabulary()), {"tema"}).everywhere


def test_neighbours_ancestors_and_replacements_count_but_mappings_do_not():
    old = small_vocabulary()
    above = old["tema/pasientsikkerhet"]
    lone = changed(old, replace(old[FALL], broader=()), replace(above, narrower=()))
    assert touched(old, lone).concepts == {FALL, "tema/pasientsikkerhet"}
    grand = changed(old, replace(old["tema/pasientsikkerhet"], broader=(ConceptId("tema/legemidler"),)))
    assert FALL in touched(old, grand).concepts
    noted = Vocabulary(old.schemes, [replace(c, note="x", notation=c.id) for c in old])
    assert not touched(old, noted)
    first = changed(old, replace(old[SORE], deprecated=True, replaced_by=ConceptId(FALL)))
    second = changed(first, replace(first[FALL], deprecated=True, replaced_by=ConceptId("tema/legemidler")))
    assert SORE in touched(first, second).concepts


def test_a_fingerprint_is_kept_and_a_foreign_file_is_none():
    prints = fingerprint(small_vocabulary())
    assert load_fingerprint(dump_fingerprint(prints)) == prints
    for data in (b"", b"{}", b"[1]", b'{"form": 0, "concepts": {}}', dump_fingerprint(prints)[:-9]):
        assert load_fingerprint(data) is None


TEXTS, ROUNDS = 25, 14


@pytest.fixture(scope="module")
def resources() -> list[Resource]:
    folder = files("indexer").joinpath("data", "sample", "resources")
    lines = [line for file in folder.iterdir() for line in file.read_text("utf-8").splitlines()]
    return [resource_from_record(json.loads(line)) for line in random.Random(7).sample(sorted(lines), TEXTS)]


@pytest.fixture(scope="module")
def vocabulary(resources) -> Vocabulary:
    """The concepts that are named in the texts, and as many others."""
    matcher = LabelMatcher(bundled())
    named = {m.concept for r in resources for m in matcher.matches(f"{r.title}\n{r.summary}\n{r.body}")}
    others = random.Random(7).sample([c.id for c in bundled() if c.id not in named], 30)
    return small_vocabulary((*sorted(named), *others))


def one_change(chance: random.Random, old: Vocabulary, words: list[str]) -> Vocabulary:
    """Return a vocabulary with one random change, drawn so that texts often meet it; few reach everything."""
    concept = chance.choice(old.concepts)
    other = chance.choice(old.in_scheme(concept.scheme))
    at = chance.randrange(len(words) - 3)
    label = " ".join(words[at : at + chance.randint(1, 3)])
    alternatives = concept.alt_label.get("nb", ())
    fewer = tuple(a for a in alternatives if chance.random() < 0.5)
    match chance.randrange(16):
        case 0 | 1 | 2:
            return changed(
                old, replace(concept, alt_label={**concept.alt_label, "nb": (*alternatives, label)})
            )
        case 3 | 4 | 5:
            return changed(old, replace(concept, pref_label={"nb": label}))
        case 6 | 7:
            return changed(old, replace(concept, alt_label={"nb": fewer}, hidden_label={}))
        case 8 | 9:
            return changed(old, replace(concept, hidden_label={"nn": (label,)}))
        case 10 | 11 | 12 if concept.id != other.id:
            return changed(old, replace(concept, broader=(other.id,)))
        case 13:
            return changed(old, without=[concept.id])
        case 14 if concept.id != other.id:
            return changed(old, replace(concept, deprecated=True, replaced_by=other.id))
        case _:
            return changed(
                old, Concept(ConceptId(f"{concept.scheme}/ny"), {"nb": label, "en": "preventing falls"})
            )


def test_what_is_not_reached_keeps_its_tags_and_its_entry(resources, vocabulary):
    chance = random.Random(20261122)
    words = [w for r in resources for w in f"{r.title} {r.summary} {r.body}".split() if w.isalpha()]

    def entry(resource, by, tagger):
        tagged = replace(resource, about=tagger.tags(*as_meant(resource, (), by)))
        return make_entry(tagged, by)

    first = Tagger(vocabulary)
    before = {r.id: entry(r, vocabulary, first) for r in resources}
    tags = {id_: {t.concept for t in e.resource.about} for id_, e in before.items()}
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        new = vocabulary
        for _ in range(chance.choice((1, 1, 2, 3))):
            new = one_change(chance, new, words)
        new = with_labels_of_replaced(new)
        tagger, what = Tagger(new), touched(vocabulary, new)
        reached = {r.id for r in resources if is_reached(r, (), what, by_meaning=False, tags=tags[r.id])}
        others = {r.id for r in resources if entry(r, new, tagger) != before[r.id]}
        assert others <= reached
        seen["everywhere"] += what.everywhere
        seen["in part"] += 0 < len(reached) < TEXTS
        seen["others in part"] += bool(others) and len(reached) < TEXTS
    assert seen["everywhere"] > 0
    assert seen["in part"] > ROUNDS / 3
    assert seen["others in part"] > 0


def test_meanings_reach_everything_where_tags_depend_on_vectors():
    old = small_vocabulary()
    defined = touched(old, changed(old, replace(old[FALL], definition={"nb": "noe annet."})))
    far = Resource("r", "Om noe helt annet", body="Om noe helt annet.")
    assert is_reached(far, (), defined, by_meaning=True)
    assert not is_reached(far, (), defined, by_meaning=False)


def test_a_scheme_that_is_no_longer_matched_in_texts_reaches_what_it_was_matched_in():
    old = small_vocabulary()
    silent = with_top_concepts(
        [replace(s, lexical=False) if s.id == "tilstand" else s for s in old.schemes],
        old.concepts,
        foreign={},
        base_uri=old.base_uri,
    )
    resource = Resource("r", "Trykksår", body="Om trykksår.")
    assert is_reached(resource, (), touched(old, silent), by_meaning=False)

"""A dry run tells precisely what taking the vocabulary into use and indexing then change."""

from contextlib import closing
from dataclasses import replace

import pytest

from engine.model import Decision, SearchRequest
from graph.model import Requirement
from indexer.pipeline import index
from indexer.vocabulary_change import ReferenceChange, TagChange, impact
from small_bank import NOW, fill, open_bank
from small_vocabulary import changed, keep, small_vocabulary
from vocab.concept import Concept, ConceptId
from vocab.replaced import with_labels_of_replaced

FALL, SORE, INJURY = "tema/fallforebygging", "tilstand/trykksar", ConceptId("tilstand/trykkskade")
INFECTION, SAFETY, MEDICINE = "tema/smittevern", "tema/pasientsikkerhet", "tema/legemidler"
GOLDEN = {"fall": {"kb-1": 2}, "hudskade": {"kb-9": 2}, "demens": {"kb-3": 2}, "film": {"kb-2": 1}}


def later(old):
    """Return the vocabulary with a concept renamed, one replaced, one dropped, one moved, one that wins a label."""
    return changed(
        old,
        replace(old[INFECTION], pref_label={"nb": "hygienetiltak", "nn": "hygienetiltak", "en": "hygiene"}),
        replace(old[SORE], deprecated=True, replaced_by=INJURY),
        Concept(INJURY, {"nb": "hudskade", "nn": "hudskade", "en": "skin injury"}),
        replace(old[FALL], broader=(ConceptId(MEDICINE),)),
        replace(old[SAFETY], narrower=tuple(n for n in old[SAFETY].narrower if n != FALL)),
        replace(old[MEDICINE], alt_label={**old[MEDICINE].alt_label, "nb": ("riktig dose", "skråstrek")}),
        without=["tilstand/demens"],
    )


def tags_of(engine):
    build = engine.builds.current()
    with closing(engine.builds.open(build.id)) as opened:
        return {id_: r.about for id_, r in opened.get(sorted(opened.ids())).items()}


@pytest.fixture(scope="module")
def both():
    old = small_vocabulary()
    return old, later(old)


@pytest.fixture
def engine(tmp_path, both):
    keep(tmp_path, both[0])
    fill(tmp_path, indexed=False)
    with closing(open_bank(tmp_path)) as engine:
        record = engine.catalogue.record
        record(Decision("tag", "kb-9", SORE, "accepted", "redaksjon", NOW))
        record(Decision("tag", "kb-2", SORE, "accepted", "redaksjon", NOW))
        skin = Requirement("krav-hud", {"nb": "hud"}, concepts=(ConceptId(SORE),))
        engine.catalogue.upsert_requirements([skin], by="test", at=NOW)
        index(engine)
        yield engine


def test_a_dry_run_lists_what_then_changes_and_only_that_is_made_anew(engine, both, tmp_path):
    old, new = both
    build, before = engine.builds.current(), tags_of(engine)
    told = impact(engine, old, with_labels_of_replaced(new), judgements=GOLDEN)
    assert engine.builds.current() == build
    assert tags_of(engine) == before
    assert engine.vocabulary.version == old.version

    keep(tmp_path, new)
    report = index(engine)
    after = tags_of(engine)
    assert report.whole == ""
    assert report.changed < len(before)
    assert report.retagged == told.tagged == told.published == len(before)  # a topic came

    concepts_before, concepts_after = (
        {id_: {t.concept for t in about} for id_, about in tags.items()} for tags in (before, after)
    )
    really = {
        id_: (concepts_before[id_] - concepts_after[id_], concepts_after[id_] - concepts_before[id_])
        for id_ in before
        if concepts_before[id_] != concepts_after[id_]
    }
    assert {c.id: (set(c.lost), set(c.won)) for c in told.resources} == really
    assert set(told.rescored) == {id_ for id_ in before if before[id_] != after[id_]} - really.keys()
    assert TagChange("kb-9", "Sårstell ved trykksår", (SORE,), (INJURY,)) in told.resources
    assert really["kb-3"] == ({"tilstand/demens"}, set())
    assert "mappe/kb-12" in told.rescored  # what spoke for one of its concepts speaks louder

    whole = index(engine, rebuild=True)
    assert whole.build.signature == report.build.signature
    assert tags_of(engine) == after

    assert told.golden.queries == len(GOLDEN)
    again = impact(engine, with_labels_of_replaced(new), with_labels_of_replaced(new), judgements=GOLDEN)
    assert not again.resources + again.rescored + again.references + again.synonyms
    assert again.golden.before == again.golden.after == told.golden.after
    assert again.golden.changed == ()
    assert "hudskade" in {q.query for q in told.golden.changed}
    assert "film" not in {q.query for q in told.golden.changed}
    assert told.golden.after > told.golden.before


def test_what_names_a_concept_that_goes_is_listed(engine, both):
    told = impact(engine, both[0], with_labels_of_replaced(both[1]))
    assert set(told.references) == {
        ReferenceChange("requirement", "krav-hud", SORE, INJURY),
        ReferenceChange("ruling", "kb-2", SORE, INJURY),
        ReferenceChange("ruling", "kb-9", SORE, INJURY),
    }
    dropped = impact(engine, both[0], changed(both[0], without=[FALL, "ressurstype/film"])).references
    assert ReferenceChange("requirement", "krav-fall", FALL, None) in dropped
    assert ReferenceChange("plan", "plan-sykepleier", FALL, None, "krav-fall") in dropped
    assert ReferenceChange("resource", "kb-4", FALL, None) in dropped
    assert ReferenceChange("resource", "kb-8", "ressurstype/film", None) in dropped


def test_labels_that_mean_other_concepts_in_queries_are_listed(engine, both):
    meant = {
        s.label: (s.before, s.after)
        for s in impact(engine, both[0], with_labels_of_replaced(both[1])).synonyms
    }
    assert meant["trykksår"] == ((SORE,), (INJURY,))
    assert meant["hudskade"] == ((), (INJURY,))
    assert meant["demens"] == (("tilstand/demens",), ())
    assert meant["riktig dose"] == ((), (MEDICINE,))
    assert "fallforebygging" not in meant


def test_without_an_index_the_golden_queries_are_not_asked(tmp_path, both):
    keep(tmp_path, both[0])
    fill(tmp_path, indexed=False)
    with closing(open_bank(tmp_path)) as engine:
        told = impact(engine, *both, judgements=GOLDEN)
    assert told.golden is None
    assert "index" in told.notes[0]


def test_a_build_that_does_not_tell_its_vocabulary_is_made_anew(engine, both, tmp_path):
    folder = engine.builds.folder(engine.builds.current().id)
    (folder / "vocabulary.json").write_bytes(b"{")
    keep(tmp_path, both[1])
    report = index(engine)
    assert report.whole == "vocabulary"
    assert (engine.builds.folder(report.build.id) / "vocabulary.json").stat().st_size > 100


def test_rulings_themes_and_requirements_on_a_replaced_concept_hold_for_its_replacement(
    engine, both, tmp_path
):
    new = both[1]
    refused = Decision("tag", "kb-9", SORE, "rejected", "redaksjon", NOW.replace(day=22))
    engine.catalogue.record(refused)
    safe = Concept(ConceptId("tema/trygt"), {"nb": "trygge rom", "nn": "trygge rom", "en": "safe rooms"})
    fall = replace(new[FALL], deprecated=True, replaced_by=safe.id)
    infection = replace(new[INFECTION], deprecated=True, replaced_by=ConceptId("prosedyre/handhygiene"))
    keep(tmp_path, changed(new, fall, safe, infection))
    index(engine)
    about = {id_: {t.concept: t for t in tags} for id_, tags in tags_of(engine).items()}
    assert INJURY not in about["kb-9"]
    assert about["kb-2"][INJURY].decision == "accepted"
    assert about["kb-4"][safe.id].origin == "editor"
    assert about["kb-11"]["prosedyre/handhygiene"].score == 1.0
    assert not any({FALL, SORE, INFECTION} & tags.keys() for tags in about.values())
    graph = engine.graph()
    assert [e.target for e in graph.edges_from("requirement:krav-hud", ("about",))] == [f"concept:{INJURY}"]
    assert ("kb-2", False) in {(r.id, stated) for r, stated in engine.resources_for("krav-hud")}
    by_theme = engine.search(SearchRequest("", filters={"theme": ("trygt",)}))
    assert {"kb-1", "kb-2", "kb-4", "kb-5"} <= {h.resource.id for h in by_theme.hits}
    for old_filter in ({"theme": ("fallforebygging",)}, {"concept": (FALL,)}):  # an old link leads on
        found = engine.search(SearchRequest("", filters=old_filter))
        assert {h.resource.id for h in found.hits} >= {"kb-1", "kb-2", "kb-4", "kb-5"}
    # the catalogue holds what was said
    assert engine.catalogue.get("kb-4").themes == ("fallforebygging",)

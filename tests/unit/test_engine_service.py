"""The engine over a data folder: what is withdrawn is gone at once, new builds are noticed, nothing about the asker is kept."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.bootstrap import load_settings, open_engine
from engine.errors import BackendUnavailable, IndexMissing, InvalidRequest, NotFound
from engine.model import Resource, SearchRequest
from engine.recommend import RecommendationRequest
from engine.service import role_id
from graph.model import Evidence, Plan, PlanLine, Requirement, Role
from indexer.pipeline import index
from vocab.analysis import analyse_word
from vocab.concept import ConceptId

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
BANK = [
    Resource(
        "r1",
        "Fallforebygging på sykehjem",
        body="Rydd gulvet.",
        teaches=("krav-fall",),
        themes=("fallforebygging",),
    ),
    Resource("r2", "Fall hos eldre hjemme", body="Tren balanse.", themes=("fallforebygging",)),
    Resource("r3", "Håndhygiene", body="Vask hendene."),
    Resource("r4", "Utkast om fall", status="draft"),
]


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def engine(tmp_path):
    opened = open_engine(load_settings(data=tmp_path / "data", embedder="hashing"), now=Clock())
    opened.catalogue.upsert_roles(
        [Role("sykepleier", {"nb": "sykepleier"}, hpr="SP", styrk08="2221")], by="t", at=START
    )
    opened.catalogue.upsert_requirements(
        [Requirement("krav-fall", {"nb": "fall"}, concepts=(ConceptId("tema/fallforebygging"),))],
        by="t",
        at=START,
    )
    opened.catalogue.upsert_plans(
        [Plan("p", {"nb": "plan"}, (PlanLine("krav-fall"),), ("sykepleier",))], by="t", at=START
    )
    opened.write_resources(BANK, by="t")
    index(opened)
    yield opened
    opened.close()


def found(engine, text="fall"):
    return {h.resource.id for h in engine.search(SearchRequest(text)).hits}


def recommended(engine):
    return {i.resource.id for i in engine.recommend(RecommendationRequest("sykepleier")).items}


def test_drafts_are_nowhere(engine):
    assert found(engine, "") == {"r1", "r2", "r3"}
    with pytest.raises(NotFound):
        engine.resource("r4")


def test_what_is_withdrawn_leaves_every_list_at_once(engine):
    assert "r1" in found(engine) & recommended(engine)
    engine.withdraw("r1", by="t")
    assert "r1" not in found(engine)
    assert "r1" not in recommended(engine)
    assert "r1" not in {s.id for s in engine.suggest("fall")}
    assert "r1" not in {s.resource.id for s in engine.similar("r2")}
    assert "r1" not in {r.id for r, _ in engine.resources_for("krav-fall")}
    for ask in (engine.resource, engine.similar):
        with pytest.raises(NotFound):
            ask("r1")


def test_a_resource_moved_to_another_edition_leaves_its_old_one_at_once(engine):
    engine.write_resources([replace(BANK[0], edition="ahus")], by="t")
    assert "r1" not in found(engine)


def test_a_new_build_is_noticed_without_opening_again(engine):
    before = engine.search(SearchRequest("fall")).build
    engine.write_resources([Resource("r9", "Fall fra seng")], by="t")
    assert engine.search(SearchRequest("fall")).build == before
    assert engine.status().pending == 1
    index(engine)
    assert "r9" in found(engine)
    assert engine.search(SearchRequest("fall")).build != before
    assert engine.status().pending == 0


def test_an_earlier_text_can_be_had_by_date(engine):
    before = engine.now()
    engine.write_resources([replace(BANK[0], title="Nytt navn")], by="t")
    assert engine.resource("r1").title == "Nytt navn"
    assert engine.resource("r1", at=before).title == BANK[0].title
    assert [v.resource.title for v in engine.versions("r1")] == [BANK[0].title, "Nytt navn"]


def test_a_resource_comes_with_its_tags(engine):
    assert "tema/fallforebygging" in {t.concept for t in engine.resource("r1").about}


def test_stated_links_come_before_proposed_ones(engine):
    assert [(r.id, stated) for r, stated in engine.resources_for("krav-fall")] == [
        ("r1", True),
        ("r2", False),
    ]


def test_nothing_about_the_asker_is_written(engine, tmp_path):
    def contents():
        return {
            p: p.read_bytes()
            for p in sorted(Path(tmp_path).rglob("*"))
            if p.is_file() and "-shm" not in p.name
        }

    before = contents()
    for _ in range(2):
        engine.recommend(
            RecommendationRequest("sykepleier", done=(Evidence("krav-fall", evidence="hemmelig-bevis"),))
        )
        engine.search(SearchRequest("en nokså egen tekst 01010112345"))
    after = contents()
    assert before == after
    assert not any(b"hemmelig-bevis" in data or b"01010112345" in data for data in after.values())


def test_before_anything_is_indexed_a_search_says_so(tmp_path):
    empty = open_engine(load_settings(data=tmp_path, embedder="hashing"))
    with pytest.raises(IndexMissing, match="kompetansegraf index"):
        empty.search(SearchRequest("fall"))
    assert empty.status().build is None
    empty.close()


@pytest.mark.usefixtures("engine")
def test_a_build_of_another_model_is_searched_by_words_only(tmp_path):
    other = open_engine(load_settings(data=tmp_path / "data", embedder="none"))
    result = other.search(SearchRequest("fall"))
    assert result.degraded == ("no_model",)
    assert result.hits
    other.close()


@pytest.mark.parametrize("text", ["sykepleier", "rolle/sykepleier", "SP", "sp", "2221"])
def test_a_role_is_known_by_id_and_code(engine, text):
    assert role_id(text, engine.roles()) == "sykepleier"


def test_an_unknown_role_and_an_ambiguous_code_are_refused(engine):
    with pytest.raises(NotFound):
        role_id("XX", engine.roles())
    roles = {**engine.roles(), "b": Role("b", {"nb": "b"}, styrk08="2221")}
    with pytest.raises(InvalidRequest, match="several roles"):
        role_id("2221", roles)
    with pytest.raises(NotFound):
        engine.recommend(RecommendationRequest("finnes-ikke"))
    with pytest.raises(NotFound):
        engine.recommend(RecommendationRequest("sykepleier", plan="finnes-ikke"))
    engine.catalogue.upsert_plans([Plan("q", {"nb": "andres"}, roles=("jordmor",))], by="t", at=START)
    with pytest.raises(InvalidRequest, match="not for the role"):
        engine.recommend(RecommendationRequest("sykepleier", plan="q"))


def test_similar_leaves_out_the_resource_itself_and_copies(engine):
    engine.write_resources([replace(BANK[1], id="r5")], by="t")
    index(engine)
    assert {s.resource.id for s in engine.similar("r2")} & {"r2", "r5"} == set()


def test_closing_twice_is_harmless(engine):
    engine.close()
    engine.close()


def test_a_plan_that_is_newer_than_the_graph_breaks_nothing_and_recommends_nothing_without_a_reason(engine):
    engine.catalogue.upsert_requirements([Requirement("krav-ny", {"nb": "ny"})], by="t", at=START)
    lines = (PlanLine("krav-fall"), PlanLine("krav-ny"), PlanLine("krav-finnes-ikke"))
    engine.catalogue.upsert_plans([Plan("p2", {"nb": "ny"}, lines, ("sykepleier",))], by="t", at=START)
    result = engine.recommend(RecommendationRequest("sykepleier"))
    assert {o.requirement for o in result.obligations} == {"krav-fall", "krav-ny"}
    assert all(item.reasons for item in result.items)
    assert [item.rank for item in result.items] == list(range(1, len(result.items) + 1))
    assert engine.resources_for("krav-ny") == []


def test_withdrawals_add_up_between_builds(engine):
    engine.withdraw("r1", by="t")
    assert "r1" not in found(engine, "")
    engine.withdraw("r3", by="t")
    assert found(engine, "") == {"r2"}
    engine.write_resources([BANK[0]], by="t")
    assert found(engine, "") == {"r1", "r2"}


@pytest.mark.usefixtures("engine")
def test_a_model_that_does_not_load_leaves_the_build_with_vectors_alone(tmp_path):
    other = open_engine(load_settings(data=tmp_path / "data", embedder="hashing"))
    other.embedder = None
    before = other.builds.current()
    with pytest.raises(BackendUnavailable, match="did not load"):
        index(other, rebuild=True)
    assert other.builds.current() == before
    other.close()


def test_an_outdated_name_finds_its_concept_and_is_not_shown(engine):
    hidden = [
        (concept, label)
        for concept, _, kind, label in engine.vocabulary.labels()
        if kind == "hidden" and concept.startswith("tilstand/")
    ]
    assert hidden
    for concept, label in hidden[:40]:
        suggestions = engine.suggest(label, k=20)
        assert concept in {s.id for s in suggestions}
        assert label not in {s.detail for s in suggestions if s.id == concept}


def test_after_warming_up_the_first_search_reads_nothing_more(engine):
    engine.warm_up()
    snapshot = engine._current()
    assert snapshot._lexicon is not None
    assert snapshot._proximity is not None
    assert snapshot._beginnings is not None


def test_words_of_the_index_are_read_after_the_start(engine):
    analyse_word.cache_clear()
    engine.warm_up()
    limit = time.monotonic() + 10
    while any(thread.name == "words" for thread in threading.enumerate()):
        assert time.monotonic() < limit
        time.sleep(0.01)
    known = engine._current().lexicon.most_frequent(1000)
    assert len(known) > 5
    before = analyse_word.cache_info().misses
    for word in known:
        analyse_word(word)
    assert analyse_word.cache_info().misses == before


def test_warming_up_without_an_index_is_no_error(tmp_path, caplog):
    empty = open_engine(load_settings(data=tmp_path / "empty", embedder="hashing"))
    try:
        with caplog.at_level("INFO", "kompetansegraf"):
            empty.warm_up()
        assert "there is no index yet" in caplog.text
    finally:
        empty.close()

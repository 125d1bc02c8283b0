"""What is written is found by words at once, over the build that was there before, and costs what is new of it."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.bootstrap import load_settings, open_engine
from engine.errors import BackendUnavailable, NotFound
from engine.model import Decision, Resource, SearchRequest
from engine.recent import RecentChanges
from engine.recommend import RecommendationRequest
from engine.tagging import Tagger
from graph.model import Plan, PlanLine, Requirement, Role
from indexer.pipeline import index
from vocab.concept import ConceptId

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
FALL, HANDS = "tema/fallforebygging", "tema/smittevern"
BANK = [
    Resource(
        "r1",
        "Fallforebygging på sykehjem",
        body="Rydd gulvet. Kartlegg risiko for fall.",
        resource_type="film",
        teaches=("krav-fall",),
        themes=("fallforebygging",),
    ),
    Resource("r2", "Fall hos eldre hjemme", body="Tren balanse.", themes=("fallforebygging",)),
    Resource("r3", "Håndhygiene", body="Vask hendene med såpe.", resource_type="film"),
    Resource("r4", "Legemiddelregning", body="Regn ut riktig dose.", resource_type="quiz"),
]
NEW = Resource("n1", "Vaklometri i praksis", body="Vaklometri måler ustøhet.", resource_type="film")


class CountingTagger(Tagger):
    """Counts how often each resource is tagged."""

    seen: Counter[str]

    def tags(self, resource, decisions=(), **how):
        self.seen[resource.id] += 1
        return super().tags(resource, decisions, **how)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def opened(folder, **settings):
    engine = open_engine(
        load_settings(data=folder, **{"embedder": "hashing", **settings}),
        now=lambda: START + timedelta(seconds=1),
    )
    engine.topics.tagger = CountingTagger(engine.vocabulary)
    engine.topics.tagger.seen = Counter()
    engine._recent._budget = 60.0  # a busy machine has all the time it needs
    return engine


@pytest.fixture
def engine(folder):
    engine = opened(folder)
    engine.catalogue.upsert_roles([Role("sykepleier", {"nb": "sykepleier"})], by="t", at=START)
    engine.catalogue.upsert_requirements(
        [Requirement("krav-fall", {"nb": "fall"}, concepts=(ConceptId(FALL),))], by="t", at=START
    )
    engine.catalogue.upsert_plans(
        [Plan("p", {"nb": "plan"}, (PlanLine("krav-fall"),), ("sykepleier",))], by="t", at=START
    )
    engine.write_resources(BANK, by="t")
    index(engine)
    engine.topics.tagger.seen.clear()
    yield engine
    engine.close()


def ask(engine, text="", **how):
    return engine.search(SearchRequest(text, **how))


def found(engine, text="", **how):
    return {hit.resource.id for hit in ask(engine, text, **how).hits}


def counts(result):
    return {f.name: {v.value: v.count for v in f.values if v.count} for f in result.facets}


def test_without_a_change_the_build_itself_is_asked(engine):
    assert engine._view().index is engine._current().index
    engine.write_resources([NEW], by="t")
    assert engine._view().index is not engine._current().index
    index(engine)
    assert engine._view().index is engine._current().index


@pytest.mark.parametrize("mode", ["lexical", "hybrid"])
def test_a_new_resource_is_found_by_a_word_that_only_it_has(engine, mode):
    assert found(engine, "vaklometri", mode=mode) == set()
    engine.write_resources([NEW], by="t")
    result = ask(engine, "vaklometri", mode=mode)
    assert result.hits[0].resource.id == "n1"
    assert result.did_you_mean is None
    assert "«vaklometri»" in result.hits[0].reason.sentence
    assert any(highlight.marks for highlight in result.hits[0].highlights)


def test_a_changed_text_is_found_by_its_new_words_and_not_by_its_old_ones(engine):
    assert found(engine, "legemiddelregning", mode="lexical") == {"r4"}
    engine.write_resources([replace(BANK[3], title="Utregning", body="Del milligram på styrke.")], by="t")
    assert found(engine, "legemiddelregning", mode="lexical") == set()
    assert found(engine, "milligram", mode="lexical") == {"r4"}
    assert engine.resource("r4").title == "Utregning"


@pytest.mark.parametrize("text", ["", "fall", "fall sykehjem", "vaklometri", "film om fall", '"riktig dose"'])
def test_totals_facets_and_hits_are_those_of_a_build_with_it(engine, text):
    engine.write_resources(
        [NEW, replace(BANK[0], resource_type="kurs"), replace(BANK[1], title="Snubling", edition="ahus")],
        by="t",
    )
    engine.withdraw("r3", by="t")
    over = {edition: ask(engine, text, edition=edition, mode="lexical") for edition in (None, "ahus", "alle")}
    assert index(engine).changed == 2
    for edition, result in over.items():
        built = ask(engine, text, edition=edition, mode="lexical")
        assert result.total == built.total
        assert {hit.resource.id for hit in result.hits} == {hit.resource.id for hit in built.hits}
        assert counts(result) == counts(built)
        assert [h.resource for h in sorted(result.hits, key=lambda h: h.resource.id)] == [
            h.resource for h in sorted(built.hits, key=lambda h: h.resource.id)
        ]


def test_the_parts_of_a_score_still_add_up(engine):
    engine.write_resources([NEW, replace(BANK[1], title="Fall og vaklometri")], by="t")
    result = ask(engine, "fall vaklometri", explain=True)
    assert {"n1", "r2"} <= {hit.resource.id for hit in result.hits}
    for hit in result.hits:
        assert hit.explanation.total == pytest.approx(hit.score, abs=1e-9)


def test_an_edition_is_obeyed_at_once(engine):
    engine.write_resources([replace(NEW, edition="ahus")], by="t")
    assert found(engine, "vaklometri", mode="lexical") == set()
    assert found(engine, "vaklometri", mode="lexical", edition="ahus") == {"n1"}
    engine.write_resources([replace(BANK[0], edition="ahus")], by="t")
    assert "r1" not in found(engine, "fall")
    assert "r1" in found(engine, "fall", edition="ahus")


def test_a_draft_and_a_withdrawn_resource_are_not_seen_and_come_back(engine):
    engine.write_resources([replace(NEW, status="draft")], by="t")
    assert found(engine, "vaklometri") == set()
    engine.write_resources([NEW], by="t")
    assert found(engine, "vaklometri") == {"n1"}
    engine.withdraw("n1", by="t")
    assert found(engine, "vaklometri") == set()
    with pytest.raises(NotFound):
        engine.similar("n1")
    engine.withdraw("r4", by="t")
    assert found(engine, "legemiddelregning", mode="lexical") == set()
    engine.write_resources([BANK[3]], by="t")
    assert found(engine, "legemiddelregning", mode="lexical") == {"r4"}


def test_another_process_on_the_folder_sees_it_too(engine, folder):
    other = opened(folder)
    assert found(other, "vaklometri") == set()
    engine.write_resources([NEW], by="t")
    assert found(other, "vaklometri") == {"n1"}
    other.close()


def test_a_second_write_does_not_analyse_the_first_again(engine):
    engine.write_resources([NEW], by="t")
    found(engine, "vaklometri")
    engine.write_resources([replace(BANK[1], title="Snubling")], by="t")
    found(engine, "snubling")
    found(engine, "vaklometri")
    assert engine.topics.tagger.seen == {"n1": 1, "r2": 1}
    engine.write_resources([replace(NEW, title="Vaklometri igjen")], by="t")
    assert found(engine, "vaklometri igjen") >= {"n1"}
    assert engine.topics.tagger.seen == {"n1": 2, "r2": 1}


def test_what_a_new_build_does_not_have_yet_is_not_analysed_again(engine, folder):
    engine.write_resources([NEW], by="t")
    found(engine, "vaklometri")
    other = opened(folder)
    publish = other.builds.publish

    def written_meanwhile(staged, info):
        engine.write_resources([replace(NEW, id="n2")], by="t")
        assert found(engine, "vaklometri") == {"n1", "n2"}
        publish(staged, info)

    other.builds.publish = written_meanwhile
    index(other)
    other.close()
    assert found(engine, "vaklometri") == {"n1", "n2"}
    assert engine.status().pending == 1
    assert engine.topics.tagger.seen["n2"] == 1


def test_no_more_time_is_taken_than_a_request_has_and_the_answer_says_so(engine):
    engine._recent = RecentChanges(engine.catalogue, engine.vectors, budget=0.0)
    engine.write_resources([replace(NEW, id=f"n{n}") for n in range(3)], by="t")
    seen = []
    for _ in range(4):
        result = ask(engine, "vaklometri", mode="lexical")
        seen.append((result.total, result.degraded))
    assert seen == [(1, ("changes_pending",)), (2, ("changes_pending",)), (3, ()), (3, ())]


def test_beyond_the_bound_the_newest_are_seen_and_the_answer_says_so(engine):
    engine._recent = RecentChanges(engine.catalogue, engine.vectors, limit=2)
    engine.write_resources([replace(BANK[3], title="Utregning", body="")], by="t")
    assert found(engine, "utregning", mode="lexical") == {"r4"}
    engine.write_resources([replace(NEW, id="n1")], by="t")
    engine.write_resources([replace(NEW, id="n2")], by="t")
    result = ask(engine, "vaklometri", mode="lexical")
    assert {hit.resource.id for hit in result.hits} == {"n1", "n2"}
    assert result.degraded == ("changes_pending",)
    assert engine.waiting() == 1
    assert found(engine, "utregning", mode="lexical") == set()
    assert found(engine, "legemiddelregning", mode="lexical") == {"r4"}
    engine.withdraw("r4", by="t")
    assert found(engine, "legemiddelregning", mode="lexical") == set()
    assert ask(engine, "").degraded == ()
    index(engine)
    assert found(engine, "vaklometri", mode="lexical") == {"n1", "n2"}


def test_of_very_many_changes_only_what_is_shown_or_hidden_is_read(engine):
    engine.withdraw("r4", by="t")
    engine.write_resources([Resource(f"m{n:03}", f"Masse {n}") for n in range(600)], by="t")
    engine.write_resources([NEW], by="t")
    engine._recent = RecentChanges(engine.catalogue, engine.vectors, limit=2)
    get_many, read = engine.catalogue.get_many, []
    engine.catalogue.get_many = lambda ids: read.extend(ids) or get_many(ids)
    result = ask(engine, "vaklometri", mode="lexical")
    assert [hit.resource.id for hit in result.hits] == ["n1"]
    assert result.degraded == ("changes_pending",)
    assert engine.waiting() == 599
    assert "r4" in read
    assert len(set(read)) < 150
    assert found(engine, "legemiddelregning", mode="lexical") == set()
    assert ask(engine, "", mode="lexical").total == 3 + 2


def test_beyond_the_bound_a_resource_that_has_moved_is_in_neither_edition(engine):
    engine._recent = RecentChanges(engine.catalogue, engine.vectors, limit=0)
    engine.write_resources([replace(BANK[3], edition="ahus")], by="t")
    assert found(engine, "legemiddelregning", mode="lexical", edition="ahus") == set()


def test_rulings_of_editors_count_as_in_a_build(engine):
    ruled = [("n1", FALL, "accepted"), ("r2", FALL, "rejected")]
    for subject, concept, verdict in ruled:
        engine.catalogue.record(Decision("tag", subject, concept, verdict, "t", START))
    engine.write_resources([NEW, replace(BANK[1], body="Tren balanse mer.")], by="t")
    about = {id_: {t.concept for t in engine.resource(id_).about} for id_ in ("n1", "r2")}
    assert FALL in about["n1"]
    assert FALL not in about["r2"]
    assert found(engine, "", filters={"concept": (FALL,)}) == {"r1", "n1"}
    index(engine)
    assert {id_: {t.concept for t in engine.resource(id_).about} for id_ in about} == about


def test_vectors_that_are_known_are_used_and_others_are_said_to_be_missing(engine):
    engine.write_resources([replace(BANK[1], level="videregaende")], by="t")
    result = ask(engine, "fall hos eldre")
    assert result.degraded == ()
    hit = next(hit for hit in result.hits if hit.resource.id == "r2")
    assert hit.resource.level == "videregaende"
    assert hit.reason.similarity is not None
    engine.write_resources([NEW], by="t")
    assert ask(engine, "fall hos eldre").degraded == ("vectors_incomplete",)
    assert ask(engine, "fall hos eldre", mode="lexical").degraded == ()
    index(engine)
    assert ask(engine, "fall hos eldre").degraded == ()


def test_nothing_is_embedded_for_a_reader(engine):
    engine.write_resources([NEW], by="t")
    encode = engine.embedder.encode
    kinds = []
    engine.embedder.encode = lambda texts, kind: kinds.append(kind) or encode(texts, kind)
    found(engine, "vaklometri")
    assert set(kinds) == {"query"}


def test_a_new_word_is_neither_repaired_away_nor_unknown_to_repairs_and_suggestions(engine):
    assert found(engine, "vaklometry") == set()
    engine.write_resources([NEW], by="t")
    result = ask(engine, "vaklometry", mode="lexical")
    assert result.did_you_mean == "vaklometri"
    assert [hit.resource.id for hit in result.hits] == ["n1"]
    assert [s.id for s in engine.suggest("vaklo")] == ["n1"]
    assert "n1" in [s.id for s in engine.suggest("vakol")]
    engine.withdraw("n1", by="t")
    assert ask(engine, "vaklometry", mode="lexical").did_you_mean is None
    assert engine.suggest("vaklo") == ()


def test_suggestions_know_the_new_title_and_not_the_old_one(engine):
    assert "r4" in {s.id for s in engine.suggest("legemiddelr")}
    engine.write_resources([replace(BANK[3], title="Utregning av dose")], by="t")
    assert "r4" not in {s.id for s in engine.suggest("legemiddelr")}
    assert "r4" in {s.id for s in engine.suggest("utregn")}


def test_lists_of_similar_and_recommended_resources_go_on(engine):
    engine.write_resources(
        [
            replace(NEW, themes=("fallforebygging",), teaches=("krav-fall",)),
            replace(BANK[0], title="Forebygg fall"),
        ],
        by="t",
    )
    assert {s.resource.id for s in engine.similar("n1")} == {"r1"}  # by what both are about and teach
    assert {s.resource.id for s in engine.similar("r1")} == {"n1"}
    titles = {
        i.resource.id: i.resource.title for i in engine.recommend(RecommendationRequest("sykepleier")).items
    }
    assert titles["r1"] == "Forebygg fall"
    assert "n1" not in titles  # the graph is the build's
    served = engine.resources_for("krav-fall")
    assert ("r1", "Forebygg fall") in {(r.id, r.title) for r, _ in served}
    index(engine)
    assert "n1" in {r.id for r, _ in engine.resources_for("krav-fall")}


def test_pages_over_an_overlaid_build_have_no_doubles_and_no_gaps(engine):
    engine.write_resources([replace(NEW, id=f"n{n}") for n in range(5)], by="t")
    seen, cursor = [], None
    while True:
        page = ask(engine, "", k=2, cursor=cursor)
        seen += [hit.resource.id for hit in page.hits]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == ["n0", "n1", "n2", "n3", "n4", "r1", "r2", "r3", "r4"]
    assert page.total == 9


def test_a_catalogue_that_fails_in_the_middle_loses_no_change(engine):
    engine.write_resources([NEW], by="t")
    decisions = engine.catalogue.decisions

    def broken(*_):
        raise BackendUnavailable("no")

    engine.catalogue.decisions = broken
    with pytest.raises(BackendUnavailable):
        found(engine, "vaklometri")
    engine.catalogue.decisions = decisions
    assert found(engine, "vaklometri") == {"n1"}


def test_many_read_while_one_writes(engine):
    failures, done = [], threading.Event()

    def read():
        while not done.is_set():
            try:
                result = ask(engine, "vaklometri fall")
                assert len(result.hits) == min(10, result.total)
                engine.suggest("vaklo")
            except Exception as error:  # noqa: BLE001
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(30):
        engine.write_resources([replace(NEW, id=f"n{n % 7}", title=f"Vaklometri {n}")], by="t")
        if n % 5 == 4:
            engine.withdraw(f"n{n % 7}", by="t")
        assert (f"n{n % 7}" in found(engine, "vaklometri", k=50)) == (n % 5 != 4)
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []

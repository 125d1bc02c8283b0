"""The index follows the catalogue: bit by bit or at one go, the same contents and the same signature."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.hashing_embedder import HashingEmbedder
from engine.errors import BackendError, Conflict, NotFound
from engine.model import Decision, Resource, SearchRequest, Vectors
from engine.passages import passage_hash, passage_texts, split_passages
from engine.service import Engine
from graph.model import Plan, PlanLine, Requirement, Role
from indexer import building, pipeline
from indexer.embedding import KEEP_EVERY, PassageEmbedder
from indexer.pipeline import index, rollback
from indexer.verification import UnsoundBuild, read_back
from indexing import open_small_engine, some_resources
from vocab.concept import ConceptId

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_small_engine(tmp_path / "data")
    engine.write_resources(some_resources(), by="test")
    yield engine
    engine.close()


def ids(engine: Engine) -> list[str]:
    found = engine.search(SearchRequest("", k=100))
    return sorted(hit.resource.id for hit in found.hits)


class Counting(HashingEmbedder):
    """Counts texts; may break."""

    def __init__(self, breaks_after: int | None = None) -> None:
        self.texts: list[str] = []
        self.breaks_after = breaks_after
        self.lock = threading.Lock()

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
        with self.lock:
            self.texts += texts
            if self.breaks_after is not None and len(self.texts) > self.breaks_after:
                raise BackendError("the model broke")
        return super().encode(texts, kind)


def test_the_first_run_indexes_what_is_published_and_the_second_says_nothing_changed(engine: Engine) -> None:
    engine.write_resources([replace(some_resources()[0], id="kladd", status="draft")], by="test")
    first = index(engine)
    assert (first.added, first.changed, first.removed, first.whole) == (12, 0, 0, "first")
    assert (first.build.resources, first.build.vectors_missing) == (12, 0)
    assert first.build.subject is None  # nothing was learnt for this model
    assert ids(engine) == [r.id for r in some_resources()]
    second = index(engine)
    assert second.skipped
    assert second.build == first.build == engine.builds.current()


def test_one_change_is_one_write(engine: Engine) -> None:
    index(engine)
    engine.embedder = counting = Counting()
    changed = replace(some_resources()[3], title="Delir får nytt navn")
    engine.write_resources([changed, Resource("ny", "Ny ressurs")], by="test")
    engine.withdraw("r-005", by="test")
    report = index(engine)
    assert (report.added, report.changed, report.removed, report.whole) == (1, 1, 1, "")
    touched = [
        t for r in (changed, Resource("ny", "Ny ressurs")) for t in passage_texts(r, split_passages(r.body))
    ]
    assert sorted(counting.texts) == sorted(set(touched))
    assert report.embedded == len(set(touched))
    assert "r-005" not in ids(engine)
    assert engine.search(SearchRequest("nytt navn")).hits[0].resource.id == "r-003"


def test_bit_by_bit_and_at_one_go_give_the_same_signature(engine: Engine, tmp_path: Path) -> None:
    index(engine)
    engine.write_resources([replace(some_resources()[3], body="Helt annen tekst om sepsis.")], by="test")
    engine.withdraw("r-001", by="test")
    bit_by_bit = index(engine).build
    at_one_go = index(engine, rebuild=True)
    assert at_one_go.whole == "asked"
    other = open_small_engine(tmp_path / "other")
    other.write_resources(engine.catalogue.all(), by="somebody else")
    elsewhere = index(other).build
    other.close()
    assert bit_by_bit.signature == at_one_go.build.signature == elsewhere.signature


_steps = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["write", "archive", "index", "accept", "reject"]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=8, deadline=None)
@given(steps=_steps)
def test_whatever_the_history_the_signature_is_that_of_the_catalogue(tmp_path_factory, steps) -> None:
    engine = open_small_engine(tmp_path_factory.mktemp("history"))
    for n, (i, what, variant) in enumerate(steps):
        resource = replace(some_resources(6)[i], body=f"Variant {variant} om fall og sepsis.")
        match what:
            case "write":
                engine.write_resources([resource], by="test")
            case "archive":
                engine.write_resources([replace(resource, status="archived")], by="test")
            case "index":
                index(engine)
            case _:
                verdict: Literal["accepted", "rejected"] = "accepted" if what == "accept" else "rejected"
                at = AT.replace(minute=n)
                engine.catalogue.record(
                    Decision("tag", resource.id, "tema/fallforebygging", verdict, "redaktør", at)
                )
    after = index(engine).build
    whole = index(engine, rebuild=True).build
    assert after.signature == whole.signature
    assert after.resources == engine.catalogue.count(status="published")
    engine.close()


def test_equal_texts_are_embedded_once_and_never_again(engine: Engine) -> None:
    engine.embedder = counting = Counting()
    twin = replace(some_resources()[0], id="tvilling")
    engine.write_resources([twin], by="test")
    index(engine)
    assert len(counting.texts) == len(set(counting.texts))
    before = len(counting.texts)
    report = index(engine, rebuild=True)
    assert (len(counting.texts), report.embedded) == (before, 0)


def test_vectors_are_kept_as_they_come(engine: Engine) -> None:
    texts = [f"tekst nummer {i}" for i in range(200)]
    broken = Counting(breaks_after=100)
    with pytest.raises(BackendError):
        PassageEmbedder(broken, engine.vectors).vectors(texts)
    kept = engine.vectors.get(broken.model_id, [passage_hash(t) for t in texts])
    assert len(kept) >= KEEP_EVERY
    again = Counting()
    vectors = PassageEmbedder(again, engine.vectors).vectors(texts)
    assert len(again.texts) == len(texts) - len(kept)
    np.testing.assert_array_equal(vectors, HashingEmbedder().encode(texts, "passage"))


def test_vectors_that_are_no_unit_rows_are_refused(engine: Engine) -> None:
    class Bad(HashingEmbedder):
        def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
            return super().encode(texts, kind) * np.float32(np.nan)

    index(engine)
    current = engine.builds.current()
    engine.embedder = Bad()
    engine.write_resources([Resource("ny", "Ny")], by="test")
    with pytest.raises(BackendError, match="unit rows"):
        index(engine)
    assert engine.builds.current() == current


def test_a_first_build_without_vectors_is_published_before_they_are_made(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "EARLY", 3)
    seen: list[tuple[int, bool]] = []

    class Looking(HashingEmbedder):
        def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
            if kind == "passage" and not seen:
                seen.append((0, False))
                found = engine.search(SearchRequest("fall", mode="lexical"))
                seen[0] = (found.total, bool(engine.search(SearchRequest("fall")).degraded))
            return super().encode(texts, kind)

    engine.embedder = Looking()
    report = index(engine)
    assert seen == [(2, True)]
    assert report.early is not None
    assert (report.early.vectors_missing, report.build.vectors_missing) == (12, 0)
    assert engine.search(SearchRequest("fall")).degraded == ()
    assert index(engine, rebuild=True).early is None


def test_a_run_that_broke_while_embedding_goes_on_where_it_was(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "EARLY", 3)
    monkeypatch.setattr("indexer.embedding.KEEP_EVERY", 2)
    monkeypatch.setattr("indexer.embedding.TEXTS_AT_ONCE", 1)
    engine.embedder = Counting(breaks_after=8)
    with pytest.raises(BackendError):
        index(engine)
    early = engine.builds.current()
    assert early is not None
    assert early.vectors_missing == 12
    engine.embedder = counting = Counting()
    report = index(engine)
    assert report.whole == "vectors"
    assert 0 < len(counting.texts) < report.build.passages
    assert report.build.signature == index(engine, rebuild=True).build.signature


def test_without_a_model_the_index_is_of_words(tmp_path: Path) -> None:
    engine = open_small_engine(tmp_path, "none")
    engine.write_resources(some_resources(), by="test")
    build = index(engine).build
    assert (build.model_id, build.dim, build.vectors_missing) == ("", 0, 0)
    assert engine.search(SearchRequest("sepsis")).total
    assert index(engine).skipped
    engine.embedder = HashingEmbedder()
    report = index(engine)
    assert (report.whole, report.build.vectors_missing) == ("model", 0)
    engine.close()


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ("analysis_version", "analysis"),
        ("model_id", "model"),
        ("extra", "rules"),
    ],
)
def test_other_rules_make_everything_anew(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, field: str, why: str
) -> None:
    first = index(engine).build
    other = {**first.extra, "recipe": "x"} if field == "extra" else "x"
    current = replace(first, **{field: other})
    monkeypatch.setattr(engine.builds, "current", lambda: current)
    assert index(engine).whole == why


@pytest.mark.parametrize("changed", [{"embedder_floor": 0.4}, {"tag_exclude": ("tema/fall",)}])
def test_another_setting_that_tags_depend_on_makes_everything_anew(
    engine: Engine, changed: dict[str, object]
) -> None:
    index(engine)
    engine.settings = engine.settings.model_copy(update=changed)
    assert index(engine).whole == "rules"


def test_a_damaged_build_is_made_anew(engine: Engine) -> None:
    first = index(engine).build
    for path in (engine.builds.folder(first.id) / "index").glob("*.json"):
        path.write_text("{")
    report = index(engine)
    assert report.whole == "damaged"
    assert ids(engine) == [r.id for r in some_resources()]


def test_a_build_of_another_catalogue_is_made_anew(engine: Engine, tmp_path: Path) -> None:
    index(engine)
    other = open_small_engine(tmp_path / "other")
    other.write_resources(some_resources(5), by="test")
    other.write_resources([replace(r, summary="Ny") for r in some_resources(5)], by="test")
    other.write_resources([replace(r, summary="Nyere") for r in some_resources(5)], by="test")
    other.builds = engine.builds
    report = index(other)
    assert report.whole == "damaged"
    assert report.build.resources == 5
    other.close()


def test_writes_that_come_during_a_rebuild_are_in_the_new_build(engine: Engine) -> None:
    """Written from another thread while the model works, of every kind of write."""
    index(engine)

    class Writing(HashingEmbedder):
        model_id = "another/1"
        done = False

        def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
            if kind == "passage" and not self.done:
                self.done = True
                writer = threading.Thread(target=write)
                writer.start()
                writer.join()
                assert engine.search(SearchRequest("sepsis", mode="lexical")).total > 0
            return super().encode(texts, kind)

    def write() -> None:
        engine.write_resources([Resource("under", "Skrevet under byggingen")], by="test")
        engine.write_resources([replace(some_resources()[2], title="Endret under byggingen")], by="test")
        engine.withdraw("r-004", by="test")
        engine.catalogue.record(Decision("tag", "r-006", "tema/fallforebygging", "accepted", "redaktør", AT))

    engine.embedder = Writing()
    report = index(engine)
    assert report.whole == "model"
    assert report.build.applied_seq == engine.catalogue.last_seq()
    assert {"under", "r-004"} & set(ids(engine)) == {"under"}
    assert len(engine.search(SearchRequest("byggingen", mode="lexical")).hits) == 2
    tagged = engine.resource("r-006")
    assert ConceptId("tema/fallforebygging") in {t.concept for t in tagged.about}
    assert index(engine).skipped
    assert report.build.signature == index(engine, rebuild=True).build.signature


def test_writers_that_never_stop_do_not_hold_up_a_build(engine: Engine) -> None:
    count = 0
    told = 0

    class Restless:
        def begin(self, stage: str, total: int | None = None) -> None:
            nonlocal count
            count += 1
            engine.write_resources([Resource("uro", f"Versjon {count}")], by="test")

        def advance(self, steps: int = 1) -> None:
            nonlocal told
            told += steps

        def end(self) -> None:
            pass

    report = index(engine, progress=Restless())
    assert report.build.applied_seq < engine.catalogue.last_seq()
    assert told >= 12
    assert not index(engine).skipped
    assert index(engine).skipped


def test_rulings_on_tags_come_in_without_a_change_of_the_resource(engine: Engine) -> None:
    index(engine)
    fall = ConceptId("tema/fallforebygging")
    engine.catalogue.record(Decision("tag", "r-001", fall, "accepted", "redaktør", AT))
    report = index(engine)
    assert (report.changed, report.embedded, report.whole) == (1, 0, "")
    assert fall in {t.concept for t in engine.resource("r-001").about}
    engine.catalogue.record(Decision("tag", "r-001", fall, "rejected", "redaktør", AT.replace(hour=13)))
    index(engine)
    assert fall not in {t.concept for t in engine.resource("r-001").about}
    engine.catalogue.record(Decision("tag", "ukjent", fall, "accepted", "redaktør", AT))
    assert index(engine).changed == 0
    assert index(engine).skipped


def test_plans_come_into_the_graph_of_a_new_build_when_only_they_change(engine: Engine) -> None:
    engine.catalogue.upsert_roles([Role("sykepleier", {"nb": "sykepleier"})], by="test", at=AT)
    engine.write_resources([replace(some_resources()[1], teaches=("krav-fall",))], by="test")
    before = index(engine).build
    assert "plan:p" not in engine.graph()
    engine.catalogue.upsert_requirements([Requirement("krav-fall", {"nb": "fall"})], by="test", at=AT)
    engine.catalogue.upsert_plans(
        [Plan("p", {"nb": "plan"}, (PlanLine("krav-fall"),), roles=("sykepleier",))], by="test", at=AT
    )
    report = index(engine)
    assert (report.added, report.changed, report.removed, report.whole) == (0, 0, 0, "")
    assert report.build.signature != before.signature
    assert engine.graph().edge("resource:r-001", "requirement:krav-fall", "teaches") is not None
    engine.catalogue.record(Decision("teaches", "r-001", "krav-fall", "rejected", "redaktør", AT))
    index(engine)
    assert engine.graph().edge("resource:r-001", "requirement:krav-fall", "teaches") is None
    assert index(engine).skipped


def test_rollback_goes_back_one_build_and_the_next_run_catches_up(engine: Engine) -> None:
    with pytest.raises(NotFound):
        rollback(engine)
    first = index(engine).build
    engine.write_resources([Resource("ny", "Ny")], by="test")
    second = index(engine).build
    assert rollback(engine) == first
    assert engine.search(SearchRequest()).build == first.id
    assert "ny" not in engine.builds.open(first.id).ids()
    assert "ny" in ids(engine)  # what is written since lies over it
    third = index(engine).build
    assert third.signature == second.signature


def test_two_builds_stay(engine: Engine) -> None:
    for n in range(4):
        engine.write_resources([Resource("ny", f"Ny {n}")], by="test")
        index(engine)
    assert len([p for p in (engine.settings.data / "builds").iterdir() if p.is_dir()]) == 2


def test_one_builds_at_a_time(engine: Engine) -> None:
    index(engine)
    other = open_small_engine(engine.settings.data)
    engine.write_resources([Resource("ny", "Ny")], by="test")
    with other.builds.stage(), pytest.raises(Conflict):
        index(engine)
    other.close()
    assert index(engine).added == 1


def test_a_build_that_lacks_something_is_not_published(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(engine)
    current = engine.builds.current()
    engine.write_resources([Resource("ny", "Ny ressurs")], by="test")
    monkeypatch.setattr(building.Enricher, "entries", lambda self, resources: iter(()))
    with pytest.raises(UnsoundBuild, match="lacks"):
        index(engine)
    assert engine.builds.current() == current


def test_a_build_whose_resource_is_not_found_by_its_title_is_not_published(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = building.Enricher.entries

    def deaf(self: building.Enricher, resources: Sequence[Resource]) -> Iterator[object]:
        for entry in whole(self, resources):
            yield replace(entry, terms=("noe", "annet"))

    monkeypatch.setattr(building.Enricher, "entries", deaf)
    with pytest.raises(UnsoundBuild, match="own title"):
        index(engine)
    assert engine.builds.current() is None


def test_vectors_that_are_not_numbers_are_found_out(engine: Engine) -> None:
    index(engine)
    current = engine.builds.current()
    assert current is not None
    opened = engine.builds.open(current.id)

    class Spoilt:
        def __getattr__(self, name: str) -> object:
            return getattr(opened, name)

        def passages(self, resource_id: str) -> object:
            spans, vectors = opened.passages(resource_id)
            return spans, vectors * np.float32("nan")

    with pytest.raises(UnsoundBuild, match="vectors of"):
        read_back(Spoilt(), opened.ids(), dim=64)  # type: ignore[arg-type]
    assert read_back(opened, opened.ids(), dim=64).passages == current.passages
    opened.close()


def test_what_is_carried_over_from_the_build_before_is_held_against_it(engine: Engine) -> None:
    first = index(engine).build
    path = engine.builds.folder(first.id) / building.ENTRIES_FILE
    path.write_text("{")
    engine.write_resources([Resource("ny", "Ny")], by="test")
    report = index(engine)
    assert (report.whole, report.added) == ("", 1)
    path = engine.builds.folder(report.build.id) / building.ENTRIES_FILE
    made = json.loads(path.read_text())
    made["entries"] = {id_: ["x", *entry[1:]] for id_, entry in made["entries"].items()}
    path.write_text(json.dumps(made))
    engine.write_resources([Resource("ny", "Nyere")], by="test")
    assert index(engine).whole == "damaged"
    engine.write_resources([Resource("ny", "Ny")], by="test")
    assert index(engine).build.signature == report.build.signature


def test_an_empty_catalogue_gives_an_empty_index(tmp_path: Path) -> None:
    engine = open_small_engine(tmp_path)
    assert index(engine).build.resources == 0
    assert engine.search(SearchRequest("fall")).total == 0
    assert index(engine).skipped
    engine.close()

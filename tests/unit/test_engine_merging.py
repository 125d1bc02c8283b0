"""A merged resource leaves every list at once and for good, what it had counts for the other, and undoing gives all back."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.duplicates import Comparison
from engine.errors import Conflict, InvalidRequest, Moved, NotFound
from engine.link_editing import LinkEditor
from engine.merging import ResourceMerger
from engine.model import SearchRequest
from engine.recommend import RecommendationRequest
from engine.reports.coverage import serving_resources
from engine.reports.inspection import inspection
from indexer.importing import import_sources
from indexer.pipeline import index
from indexer.plan_files.known import Known
from indexer.sources import SourceGone, SourceItem
from small_bank import NOW, PLANS, RESOURCES, fill, open_bank

OLD, NEW, OTHER = "kb-1", "kb-4", "kb-2"
BY = "redaksjon"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filled") / "data"
    fill(folder)
    return folder


@pytest.fixture
def engine(filled, tmp_path):
    engine = open_bank(shutil.copytree(filled, tmp_path / "data"))
    yield engine
    engine.close()


def state(engine):
    """Return what readers are shown: hits with their scores, recommendations with reasons, the graph, coverage, tags."""
    found = engine.search(SearchRequest("fall hos eldre", edition="alle", k=50))
    advised = engine.recommend(RecommendationRequest("sykepleier", k=50))
    return {
        "hits": [h.resource for h in found.hits],
        "total": found.total,
        "facets": [(f.name, [(v.value, v.count) for v in f.values]) for f in found.facets],
        "advised": [(i.resource, i.reasons) for i in advised.items],
        "met": (advised.covered, advised.uncovered, advised.unmet),
        "serving": [(r.id, stated) for r, stated in engine.resources_for("krav-fall", edition="ahus")],
        "coverage": [replace(r, teaches=tuple(sorted(set(r.teaches)))) for r in serving_resources(engine)],
        "links": LinkEditor(engine).of_requirement("krav-fall"),
        "groups": engine.duplicates.groups(),
        "suggested": engine.suggest("fall"),
    }


def scores(engine):
    found = engine.search(SearchRequest("fall hos eldre", edition="alle", k=50))
    return {h.resource.id: pytest.approx(h.score, abs=1e-6) for h in found.hits}  # single precision


def ids(engine):
    """Return every id that any list shows."""
    shown = state(engine)
    return {
        *(r.id for r in shown["hits"]),
        *(r.id for r, _ in shown["advised"]),
        *(id_ for id_, _ in shown["serving"]),
        *(r.id for r in shown["coverage"]),
        *(row.resource for row in shown["links"]),
        *(id_ for g in shown["groups"] for id_ in g.ids),
        *(s.id for s in shown["suggested"]),
        *(s.resource.id for s in engine.similar("kb-2", k=50)),
    }


def test_at_once_and_after_index_runs_the_old_one_is_in_no_list_and_its_links_are_the_new_ones(engine):
    assert OLD in ids(engine)
    graph = engine.graph()
    assert graph.edge(f"resource:{NEW}", "requirement:krav-fall", "teaches") is None
    merged = ResourceMerger(engine).merge(OLD, NEW, by=BY, reason="samme kurs")
    assert (merged.goes_to, merged.by, merged.reason) == (NEW, BY, "samme kurs")
    assert merged.requirements == ("krav-fall",)
    assert OLD not in ids(engine)
    assert (NEW, True) in [(r.id, s) for r, s in engine.resources_for("krav-fall")]
    (row,) = [r for r in serving_resources(engine) if r.id == NEW]
    assert set(row.teaches) == {"krav-fall"}
    for rebuild in (False, True):
        index(engine, rebuild=rebuild)
        assert OLD not in ids(engine)
        assert f"resource:{OLD}" not in engine.graph()
        edge = engine.graph().edge(f"resource:{NEW}", "requirement:krav-fall", "teaches")
        assert (edge.by, edge.at, edge.origin) == (BY, NOW.date(), "editor")
        assert NEW in [i.resource.id for i in engine.recommend(RecommendationRequest("sykepleier")).items]
    (row,) = [r for r in serving_resources(engine) if r.id == NEW]
    assert row.teaches == ("krav-fall",)
    assert engine.catalogue.get(NEW) == next(
        r for r in RESOURCES if r.id == NEW
    )  # nothing is written into it


def test_undoing_gives_back_the_state_before_at_once_and_after_index_runs(engine):
    before, scored, version = state(engine), scores(engine), engine.graph().version
    merger = ResourceMerger(engine)
    for indexed in (False, True):
        merger.merge(OLD, NEW, by=BY)
        if indexed:
            index(engine)
            assert engine.graph().version != version
        assert state(engine) != before
        assert merger.undo(OLD, by=BY) == next(r for r in RESOURCES if r.id == OLD)
        if indexed:
            index(engine, rebuild=True)  # in an index that grew, what was deleted still weighs a little
        assert scores(engine) == scored
        assert engine.graph().version == version
        assert state(engine) == before
    assert merger.merges() == ()
    trail = [(line.action, line.by) for line in engine.catalogue.audit_trail(OLD)][:2]
    assert trail == [("withdrawn merge", BY), ("accepted merge", BY)]


def test_rulings_on_the_old_one_count_for_the_new_one_unless_it_has_its_own(engine):
    tags = engine.tag_editor()
    for concept, verdict in (("tema/demensomsorg", "accepted"), ("tema/smittevern", "pinned")):
        tags.rule(OLD, concept, verdict, by=BY)
    tags.rule(OLD, "tema/legemiddelhandtering", "rejected", by=BY)
    tags.rule(NEW, "tema/smittevern", "rejected", by=BY)
    links = LinkEditor(engine)
    links.rule(OLD, "krav-tomt", "accepted", by=BY)
    links.rule(OLD, "krav-fall", "rejected", by=BY)
    links.rule(OLD, "krav-news2", "accepted", by=BY)
    links.rule(NEW, "krav-news2", "rejected", by="ahus")
    before = engine.resource(NEW).about
    merged = ResourceMerger(engine).merge(OLD, NEW, by=BY)
    assert (merged.requirements, merged.concepts) == (("krav-tomt",), ("tema/demensomsorg",))
    for _ in range(2):
        kept = {t.concept: t.decision for t in engine.resource(NEW).about}
        assert kept["tema/demensomsorg"] == "accepted"
        assert "tema/smittevern" not in kept
        rows = {row.requirement: row.state for row in LinkEditor(engine).of_resource(NEW)}
        assert (rows["krav-tomt"], rows["krav-news2"]) == ("accepted", "rejected")
        assert rows.get("krav-fall") != "accepted"
        assert {r.tag.concept: r.state for r in engine.tag_editor().tags(NEW)}[
            "tema/demensomsorg"
        ] == "accepted"
        index(engine)
    assert engine.graph().edge(f"resource:{NEW}", "requirement:krav-tomt", "teaches").by == BY
    assert engine.graph().edge(f"resource:{NEW}", "requirement:krav-news2", "teaches") is None
    ResourceMerger(engine).undo(OLD, by=BY)
    assert engine.resource(NEW).about == before


def test_a_chain_ends_at_the_last_and_each_merge_is_taken_back_by_itself(engine):
    merger = ResourceMerger(engine)
    engine.tag_editor().rule(OLD, "tema/demensomsorg", "accepted", by=BY)
    merger.merge(OLD, OTHER, by=BY)
    merger.merge(OTHER, NEW, by=BY)
    assert (merger.goes_to(OLD), merger.goes_to(OTHER), merger.goes_to(NEW)) == (NEW, NEW, None)
    assert {m.old: (m.new, m.goes_to) for m in merger.merges()} == {OLD: (OTHER, NEW), OTHER: (NEW, NEW)}
    assert "tema/demensomsorg" in {t.concept for t in engine.resource(NEW).about}
    with pytest.raises(Moved) as moved:
        engine.resource(OLD)
    assert (moved.value.old, moved.value.to) == (OLD, NEW)
    merger.undo(OLD, by=BY)
    assert engine.resource(OLD).id == OLD
    assert (merger.goes_to(OLD), merger.goes_to(OTHER)) == (None, NEW)
    assert "tema/demensomsorg" not in {t.concept for t in engine.resource(NEW).about}
    merger.merge(OLD, NEW, by=BY)
    merger.undo(OTHER, by=BY)
    assert (merger.goes_to(OLD), merger.goes_to(OTHER)) == (NEW, None)


REFUSED = [
    (OLD, OLD, InvalidRequest, "into itself"),
    (OLD, "kb-10", InvalidRequest, "'kb-10' is a draft"),
    (OLD, "kb-8", InvalidRequest, "'kb-8' is archived"),
    (OLD, "nei", NotFound, "no resource has the id 'nei'"),
    ("nei", OLD, NotFound, "no resource has the id 'nei'"),
    ("\0", OLD, NotFound, "no resource"),
    ("kb-3", OTHER, InvalidRequest, "merged itself: merge into 'kb-4'"),
    (NEW, OTHER, Conflict, "take that back first"),
    (OTHER, "kb-3", Conflict, "'kb-2' has been merged into 'kb-4': take that back first"),
    (OLD, "kb-7", InvalidRequest, "of the edition 'ahus'"),
]


def test_what_cannot_be_merged_is_refused_with_a_reason(engine):
    engine.withdraw("kb-8", by=BY)
    merger = ResourceMerger(engine)
    merger.merge(OTHER, NEW, by=BY)
    for old, new, error, said in REFUSED:
        with pytest.raises(error, match=said):
            merger.merge(old, new, by=BY)
    assert [m.old for m in merger.merges()] == [OTHER]


def test_the_same_merge_again_is_not_written_twice_and_what_was_not_merged_cannot_be_parted(engine):
    merger = ResourceMerger(engine)
    with pytest.raises(NotFound, match="has not been merged"):
        merger.undo(OLD, by=BY)
    merger.merge(OLD, NEW, by=BY, reason="x")
    before = engine.catalogue.ruling_seq()
    assert merger.merge(OLD, NEW, by="ahus", reason="x").by == BY
    assert engine.catalogue.ruling_seq() == before


def test_a_merge_survives_imports_of_the_old_record(engine):
    ResourceMerger(engine).merge(OLD, NEW, by=BY)
    old = next(r for r in RESOURCES if r.id == OLD)
    engine.write_resources([old], by="import")
    engine.write_resources([replace(old, body=old.body + " Nytt avsnitt om fall.")], by="import")
    assert OLD not in ids(engine)
    index(engine)
    assert OLD not in ids(engine)
    ResourceMerger(engine).undo(OLD, by=BY)
    assert engine.resource(OLD).body.endswith("Nytt avsnitt om fall.")
    assert OLD in ids(engine)


class Site:
    """A source that has one text, and later has withdrawn it."""

    name = "site"

    def __init__(self, *events):
        self._events = events

    def items(self, revisions):
        yield from self._events


def test_what_its_source_has_withdrawn_stays_withdrawn_when_the_merge_is_taken_back(engine):
    record = {"id": "s-1", "title": "Fra et nettsted", "body": "Tekst om fall."}
    import_sources(engine, [Site(SourceItem("u", record, "1", "site"))], by="import")
    assert engine.resource("s-1").title == "Fra et nettsted"
    ResourceMerger(engine).merge("s-1", NEW, by=BY)
    import_sources(engine, [Site(SourceGone("u"))], by="import")
    assert ResourceMerger(engine).undo("s-1", by=BY).status == "archived"
    assert engine.goes_to("s-1") is None


def test_a_file_of_plans_that_names_the_old_address_means_the_new_resource(engine):
    url = "https://example.invalid/kb-1"
    assert Known(engine).resources(url) == [OLD]
    ResourceMerger(engine).merge(OLD, NEW, by=BY)
    assert Known(engine).resources(url) == [NEW]


def test_a_process_that_ends_between_the_merge_and_the_index_run_loses_nothing(engine):
    ResourceMerger(engine).merge(OLD, NEW, by=BY)
    other = open_bank(engine.settings.data)  # another process, which has seen none of it
    try:
        assert OLD not in ids(other)
        assert other.goes_to(OLD) == NEW
        index(other)
        assert other.graph().edge(f"resource:{NEW}", "requirement:krav-fall", "teaches") is not None
    finally:
        other.close()
    assert OLD not in ids(engine)


def test_a_merge_is_no_news_before_its_day_in_an_inspection(engine):
    clock = engine.now
    engine.now = lambda: NOW + timedelta(days=10)
    try:
        ResourceMerger(engine).merge(OLD, NEW, by=BY)
    finally:
        engine.now = clock

    def teaching(days):
        found = inspection(engine.catalogue, "sykepleier", on=(NOW + timedelta(days=days)).date())
        return [e["source"] for e in found["edges"] if e["target"] == "requirement:krav-fall"]

    assert f"resource:{OLD}" in teaching(0)
    assert f"resource:{NEW}" not in teaching(0)
    assert f"resource:{OLD}" not in teaching(11)
    assert f"resource:{NEW}" in teaching(11)
    assert PLANS[0].id in str(inspection(engine.catalogue, "sykepleier", on=NOW.date()))


def kinds(found: Comparison):
    return found.judgement.kind, found.ruled.stated if found.ruled else None


def test_a_pair_that_is_kept_has_the_class_that_was_said_and_nothing_is_left_to_do(engine):
    pairs, rulings = engine.duplicates, engine.duplicates.rulings
    a, b, c = (engine.catalogue.get(id_) for id_ in ("kb-1", "kb-4", "kb-7"))
    engine.duplicates.refresh()
    before = kinds(pairs.compare("kb-1", "kb-8"))
    assert ("kb-1", "kb-7") in pairs.pairs()
    found = kinds(pairs.compare("kb-1", "kb-7"))
    rulings.keep(c, a, "supplement", by=BY, at=NOW)
    rulings.keep(c, a, "supplement", by=BY, at=NOW)
    assert kinds(pairs.compare("kb-7", "kb-1")) == ("local_supplement", "local_supplement")
    assert ("kb-1", "kb-7") not in pairs.pairs()
    engine.write_resources([replace(c, body="Noe helt annet om vakter og nøkler.")], by="import")
    pairs.refresh()
    assert kinds(pairs.compare("kb-1", "kb-7"))[1] == "local_supplement"  # until somebody says otherwise
    engine.write_resources([c], by="import")
    pairs.refresh()
    rulings.keep(a, b, "translation", by=BY, at=NOW, reason="nb og nn")
    assert [(d.subject, d.object, d.verdict) for d in rulings.kept()] == [
        ("kb-1", "kb-4", "translation"),
        ("kb-1", "kb-7", "supplement"),
    ]
    assert "kb-4" not in {s.resource.id for s in engine.similar("kb-1", k=50)}
    with pytest.raises(InvalidRequest, match="language 'nb'"):
        rulings.keep(a, c, "translation", by=BY, at=NOW)
    with pytest.raises(InvalidRequest, match="edition 'felles'"):
        rulings.keep(a, b, "supplement", by=BY, at=NOW)
    assert not rulings.withdraw("kb-1", "kb-7", by=BY, at=NOW)  # nobody has said that it is no duplicate
    assert rulings.withdraw("kb-7", "kb-1", by=BY, at=NOW, verdicts=("supplement", "translation"))
    assert kinds(pairs.compare("kb-1", "kb-7")) == found
    assert ("kb-1", "kb-7") in pairs.pairs()
    assert kinds(pairs.compare("kb-1", "kb-8")) == before

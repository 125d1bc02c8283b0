"""Imports: batches, reports, resumption, and nothing done twice."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from engine.errors import NotFound
from engine.model import Resource
from engine.service import Engine
from indexer import importing
from indexer.importing import ImportReport, import_sources
from indexer.sources import SourceEvent, SourceItem, SourceProblem, SourceRead
from indexing import FALL, QUICK, Reply, article, open_small_engine, running_site


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_small_engine(tmp_path / "data")
    yield engine
    engine.close()


def bank(folder: Path, *records: Mapping[str, object] | str, name: str = "bank.jsonl") -> str:
    lines = [r if isinstance(r, str) else json.dumps(r) for r in records]
    (folder / name).write_text("\n".join(lines) + "\n")
    return str(folder / name)


def rec(id_: str, title: str = "Fall hos eldre", **more: object) -> dict[str, object]:
    return {"id": id_, "title": title, "language": "nb", **more}


def numbers(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, len(report.problems)


def test_a_second_run_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    place = bank(tmp_path, rec("a"), rec("b", varighet="45 min"), '{"id": "c"', rec("d", publisert="snart"))
    first = import_sources(engine, [place], by="test")
    assert numbers(first) == (2, 0, 0, 2)
    assert [str(p).split(":")[0] for p in first.problems] == [
        "bank.jsonl, row 3",
        "bank.jsonl, row 4, publisert",
    ]
    seq = engine.catalogue.last_seq()
    assert numbers(import_sources(engine, [place], by="test")) == (0, 0, 2, 2)
    assert numbers(import_sources(engine, [place], by="test", anew=True)) == (0, 0, 2, 2)
    assert engine.catalogue.last_seq() == seq


def test_changes_are_updates_and_the_report_says_so(engine: Engine, tmp_path: Path) -> None:
    import_sources(engine, [bank(tmp_path, rec("a"), rec("b"))], by="test")
    report = import_sources(engine, [bank(tmp_path, rec("a", "Ny tittel"), rec("b"), rec("c"))], by="test")
    assert numbers(report) == (1, 1, 1, 0)
    found = engine.catalogue.get("a")
    assert found is not None
    assert found.title == "Ny tittel"


def test_a_dry_run_writes_nothing_and_counts_as_the_real_one(engine: Engine, tmp_path: Path) -> None:
    import_sources(engine, [bank(tmp_path, rec("a"), rec("b"))], by="test")
    place = bank(tmp_path, rec("a", "Ny"), rec("b"), rec("c"), rec("d", varighet="lenge"), "x")
    seq = engine.catalogue.last_seq()
    dry = import_sources(engine, [place], by="test", dry_run=True)
    assert engine.catalogue.last_seq() == seq
    real = import_sources(engine, [place], by="test")
    assert numbers(dry) == numbers(real) == (1, 1, 1, 2)
    assert dry.dry_run


def test_what_an_editor_changed_is_not_overwritten_by_a_file_that_did_not_change(
    engine: Engine, tmp_path: Path
) -> None:
    place = bank(tmp_path, rec("a"))
    import_sources(engine, [place], by="test")
    engine.write_resources([Resource("a", "Rettet av redaktør")], by="redaktør")
    import_sources(engine, [place], by="test")
    found = engine.catalogue.get("a")
    assert found is not None
    assert found.title == "Rettet av redaktør"


def test_unknown_fields_are_warned_of_once_a_source(engine: Engine, tmp_path: Path) -> None:
    report = import_sources(
        engine, [bank(tmp_path, *[rec(f"k{i}", farge="blå") for i in range(5)])], by="test"
    )
    assert [(w.field, w.row) for w in report.warnings] == [("farge", 1)]
    assert report.added == 5


def test_two_sources_with_one_id_do_not_take_turns(engine: Engine, tmp_path: Path) -> None:
    places = [bank(tmp_path, rec("a", "En"), name="1.jsonl"), bank(tmp_path, rec("a", "To"), name="2.jsonl")]
    for added in (1, 0):
        report = import_sources(engine, places, by="test")
        assert numbers(report) == (added, 0, 1 - added, 1)
        assert "has come from" in report.problems[0].reason
        assert report.problems[0].place == "2.jsonl"


def test_a_resource_without_id_is_the_same_by_its_address(engine: Engine, tmp_path: Path) -> None:
    record = {"title": "Fall", "url": "https://eksempel.no/fall", "language": "nb"}
    assert import_sources(engine, [bank(tmp_path, record)], by="test").added == 1
    assert import_sources(engine, [bank(tmp_path, {**record, "title": "Fall 2"})], by="test").updated == 1


def test_nothing_is_read_when_one_location_is_none(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        import_sources(engine, [bank(tmp_path, rec("a")), str(tmp_path / "none.csv")], by="test")
    assert engine.catalogue.count() == 0


def test_the_report_is_written_as_json(engine: Engine, tmp_path: Path) -> None:
    report = import_sources(engine, [bank(tmp_path, rec("a"), "{")], by="test")
    report.write(tmp_path / "report.json")
    read = json.loads((tmp_path / "report.json").read_text())
    assert (read["added"], read["sources"][0]["problem_count"]) == (1, 1)
    assert read["sources"][0]["problems"][0]["row"] == 2


def test_many_problems_are_counted_and_the_first_listed(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LISTED", 3)
    source = import_sources(engine, [bank(tmp_path, *["x"] * 10)], by="test").sources[0]
    assert (source.problem_count, [p.row for p in source.problems]) == (10, [1, 2, 3])


class Listed:
    """A source of given events."""

    def __init__(self, *events: SourceEvent, name: str = "listed") -> None:
        self.name = name
        self.events = events
        self.asked: Mapping[str, str] = {}

    def items(self, revisions: Mapping[str, str]) -> Iterator[SourceEvent]:
        self.asked = dict(revisions)
        yield from self.events


def item(key: str, **more: object) -> SourceItem:
    return SourceItem(key, rec(key, **more), f"rev-{key}", "listed")  # type: ignore[arg-type]


def test_what_was_stored_before_a_failure_stays_and_is_not_asked_for_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)

    class Breaking(Listed):
        def items(self, revisions: Mapping[str, str]) -> Iterator[SourceEvent]:
            yield from super().items(revisions)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_sources(engine, [Breaking(*[item(f"k{i}") for i in range(5)])], by="test")
    assert sorted(r.id for r in engine.catalogue.all()) == ["k0", "k1", "k2", "k3"]
    whole = Listed(*[item(f"k{i}") for i in range(5)])
    import_sources(engine, [whole], by="test")
    assert whole.asked == {f"k{i}": f"rev-k{i}" for i in range(4)}


def test_the_whole_source_is_remembered_only_when_nothing_went_wrong(engine: Engine) -> None:
    bad = SourceProblem("listed", "går ikke")
    import_sources(engine, [Listed(item("a"), bad, SourceRead("#", "v1"))], by="test")
    second = Listed(SourceRead("#", "v1"))
    import_sources(engine, [second], by="test")
    assert "#" not in second.asked
    third = Listed()
    import_sources(engine, [third], by="test")
    assert third.asked["#"] == "v1"


def test_names_and_keys_of_any_length_can_be_remembered(engine: Engine, tmp_path: Path) -> None:
    source = Listed(item("a"), name="https://eksempel.no/" + "å" * 3000)
    import_sources(engine, [source], by="test")
    again = Listed(name=source.name)
    import_sources(engine, [again], by="test")
    assert again.asked == {"a": "rev-a"}
    place = bank(
        tmp_path, {"title": "x", "language": "nb", "url": "https://e.no/" + "y" * 1900}, rec("nul\u0000i")
    )
    report = import_sources(engine, [place], by="test")
    assert report.added == 2
    assert import_sources(engine, [place], by="test").unchanged == 2


def test_a_slow_source_is_stored_as_it_comes(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "PATIENCE", 0.0)

    class Looking(Listed):
        def items(self, revisions: Mapping[str, str]) -> Iterator[SourceEvent]:
            yield item("a")
            counts.append(engine.catalogue.count())
            yield item("b")

    counts: list[int] = []
    import_sources(engine, [Looking()], by="test")
    assert counts == [1]


def test_a_site_is_imported_and_a_page_that_has_gone_is_archived_once(engine: Engine) -> None:
    with running_site() as site:
        site.pages |= {f"/{n}": Reply(article(f"Side {n}", FALL), etag=f'"{n}"') for n in "ab"}
        site.sitemap({"/a": None, "/b": None})
        place = f"{site.url}/sitemap.xml"
        assert numbers(import_sources(engine, [place], by="test", limits=QUICK)) == (2, 0, 0, 0)
        again = import_sources(engine, [place], by="test", limits=QUICK)
        assert numbers(again) == (0, 0, 2, 0)
        del site.pages["/b"]
        site.sitemap({"/a": None})
        gone = import_sources(engine, [place], by="test", limits=QUICK)
        assert (gone.archived, gone.unchanged, len(gone.problems)) == (1, 1, 0)
        assert sorted(r.status for r in engine.catalogue.all()) == ["archived", "published"]
        site.asked.clear()
        after = import_sources(engine, [place], by="test", limits=QUICK)
        assert (after.archived, "/b" in site.paths()) == (0, False)
        site.pages["/b"] = Reply(article("Side b", FALL), etag='"b"')
        site.sitemap({"/a": None, "/b": None})
        assert import_sources(engine, [place], by="test", limits=QUICK).updated == 1
        assert engine.catalogue.count(status="published") == 2


def test_two_pages_with_one_canonical_address_are_one_resource(engine: Engine) -> None:
    with running_site() as site:
        head = f'<link rel="canonical" href="{site.url}/a">'
        site.pages |= {f"/{n}": Reply(article("Side", FALL, head=head)) for n in ("a", "a2")}
        site.sitemap({"/a": None, "/a2": None})
        for _ in range(2):
            report = import_sources(engine, [f"{site.url}/sitemap.xml"], by="test", limits=QUICK)
            assert "has come from" in report.problems[0].reason
    assert engine.catalogue.count() == 1


def test_progress_is_told_of_each_source(engine: Engine, tmp_path: Path) -> None:
    told: list[object] = []

    class Telling:
        def begin(self, stage: str, total: int | None = None) -> None:
            told.append(stage)

        def advance(self, steps: int = 1) -> None:
            told.append(steps)

        def end(self) -> None:
            told.append("end")

    place = bank(tmp_path, rec("a"), "{")
    import_sources(engine, [place], by="test", progress=Telling())
    assert told == [f"reading {place}", 1, 1, "end"]


def test_a_page_that_has_moved_stays_when_its_old_address_goes(engine: Engine) -> None:
    with running_site() as site:
        head = f'<link rel="canonical" href="{site.url}/fall">'
        site.pages["/gammel"] = Reply(article("Fall", FALL, head=head))
        site.sitemap({"/gammel": "2026-01-01"})
        import_sources(engine, [f"{site.url}/sitemap.xml"], by="t", limits=QUICK)
        site.pages["/ny"] = site.pages.pop("/gammel")
        site.sitemap({"/ny": "2026-02-02"})
        for _ in range(2):
            moved = import_sources(engine, [f"{site.url}/sitemap.xml"], by="t", limits=QUICK)
            assert (moved.archived, len(moved.problems)) == (0, 0)
            assert [r.status for r in engine.catalogue.all()] == ["published"]

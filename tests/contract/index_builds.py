"""What every `engine.ports.IndexBuilds` promises.

A new adapter subclasses `IndexBuildsContract` and overrides `builds`.
"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contract.search_index import ask, entry, fill
from engine.errors import Conflict, InvalidRequest, NotFound
from engine.model import BuildInfo, IndexQuery
from engine.ports import IndexBuilds

INFO = BuildInfo(
    id="",
    created=datetime(2025, 3, 21, 10, 45, tzinfo=UTC),
    resources=1,
    passages=2,
    vectors_missing=0,
    applied_seq=17,
    analysis_version="1",
    model_id="m",
    vocabulary_version="v",
    dim=4,
    signature="s",
    extra={"graph": "g"},
)


def publish(builds: IndexBuilds, *terms: str, base: str | None = None) -> str:
    """Publish a build with one resource for each term, named as the term."""
    with builds.stage(base) as build:
        fill(build.index, *(entry(term, term) for term in terms))
        builds.publish(build, replace(INFO, id=build.id))
        return build.id


def found(builds: IndexBuilds, build_id: str) -> tuple[str, ...]:
    index = builds.open(build_id)
    try:
        return index.search(IndexQuery()).ids
    finally:
        index.close()


class IndexBuildsContract:
    @pytest.fixture
    def builds(self) -> IndexBuilds:
        raise NotImplementedError("override me")

    def test_at_first_there_is_no_build(self, builds):
        assert builds.current() is None
        with pytest.raises(NotFound):
            builds.open("000001-20250101T000000")
        with pytest.raises(NotFound):
            builds.folder("000001-20250101T000000")
        with pytest.raises(NotFound):
            builds.rollback()
        builds.prune()

    def test_a_published_build_is_current_with_its_manifest(self, builds):
        build_id = publish(builds, "fall")
        assert builds.current() == replace(INFO, id=build_id)
        assert found(builds, build_id) == ("fall",)

    def test_a_staged_build_is_read_by_nobody_before_it_is_published(self, builds):
        first = publish(builds, "fall")
        with builds.stage() as build:
            fill(build.index, entry("ny", "ny"))
            assert builds.current().id == first
            with pytest.raises(NotFound):
                builds.open(build.id)
            with pytest.raises(NotFound):
                builds.folder(build.id)

    def test_later_builds_sort_after_earlier_ones(self, builds):
        ids = [publish(builds, "fall") for _ in range(3)]
        assert ids == sorted(ids)
        assert len(set(ids)) == 3

    def test_writes_not_yet_committed_are_published_too(self, builds):
        with builds.stage() as build:
            build.index.add([entry("fall", "fall")])
            builds.publish(build, INFO)
        assert found(builds, build.id) == ("fall",)

    def test_a_stage_begins_empty_or_on_the_contents_of_a_build(self, builds):
        first = publish(builds, "fall")
        assert found(builds, publish(builds, "sår")) == ("sår",)
        assert found(builds, publish(builds, "sår", base=first)) == ("fall", "sår")

    def test_a_build_on_another_leaves_that_one_as_it_is(self, builds):
        first = publish(builds, "fall", "kost")
        for _ in range(2):
            with builds.stage(first) as build:
                build.index.delete(["fall"])
                fill(build.index, entry("kost", "annet"), entry("sår", "sår"))
                builds.publish(build, INFO)
            assert found(builds, build.id) == ("kost", "sår")
            index = builds.open(first)
            assert ask(index, "fall").ids == ("fall",)
            assert ask(index, "kost").ids == ("kost",)
            assert dict(index.lexicon()) == {"fall": 1, "kost": 1}
            index.close()

    def test_a_stage_on_an_unknown_build_is_not_found_and_leaves_nothing(self, builds):
        publish(builds, "fall")
        with pytest.raises(NotFound), builds.stage("000099-20250101T000000"):
            pass
        publish(builds, "sår")

    def test_an_exception_discards_the_build(self, builds):
        first = publish(builds, "fall")
        staged = []

        def fail() -> None:
            with builds.stage() as build:
                staged.append(build)
                fill(build.index, entry("ny", "ny"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        (build,) = staged
        assert builds.current().id == first
        assert not build.folder.exists()
        assert found(builds, publish(builds, "sår")) == ("sår",)

    def test_a_build_that_is_not_published_is_discarded(self, builds):
        with builds.stage() as build:
            pass
        assert builds.current() is None
        assert not build.folder.exists()
        with pytest.raises(InvalidRequest):
            builds.publish(build, INFO)

    def test_only_one_stage_at_a_time(self, builds):
        with builds.stage(), pytest.raises(Conflict), builds.stage():
            pass
        with builds.stage():
            pass

    def test_other_parts_of_a_build_lie_in_its_folder(self, builds):
        with builds.stage() as build:
            (build.folder / "graph.bin").write_bytes(b"graph")
            builds.publish(build, INFO)
        assert (builds.folder(build.id) / "graph.bin").read_bytes() == b"graph"

    def test_other_parts_may_be_rewritten_in_a_build_on_another(self, builds):
        with builds.stage() as first:
            (first.folder / "graph").mkdir()
            (first.folder / "graph" / "nodes.bin").write_bytes(b"first")
            builds.publish(first, INFO)
        with builds.stage(first.id) as second:
            nodes = second.folder / "graph" / "nodes.bin"
            assert nodes.read_bytes() == b"first"
            nodes.write_bytes(b"second")
            builds.publish(second, INFO)
        assert (builds.folder(first.id) / "graph" / "nodes.bin").read_bytes() == b"first"

    def test_rollback_makes_the_build_before_current(self, builds):
        first, second, third = (publish(builds, term) for term in ("fall", "sår", "kost"))
        assert builds.rollback().id == second
        assert builds.current().id == second
        assert builds.rollback().id == first
        with pytest.raises(NotFound):
            builds.rollback()
        assert builds.current().id == first
        assert found(builds, third) == ("kost",)
        fourth = publish(builds, "ny")
        assert fourth > third
        assert builds.current().id == fourth

    def test_prune_keeps_the_newest_published_and_the_current(self, builds):
        ids = [publish(builds, "fall") for _ in range(4)]
        builds.prune(keep=3)
        assert left(builds, ids) == ids[1:]
        builds.rollback()
        builds.rollback()
        builds.prune(keep=1)
        assert left(builds, ids) == [ids[1], ids[3]]
        assert builds.current().id == ids[1]
        builds.prune(keep=0)
        assert left(builds, ids) == [ids[1]]

    def test_prune_keeps_two_when_not_told(self, builds):
        ids = [publish(builds, "fall") for _ in range(3)]
        builds.prune()
        assert left(builds, ids) == ids[1:]

    def test_prune_leaves_the_build_being_written(self, builds):
        with builds.stage() as build:
            fill(build.index, entry("fall", "fall"))
            builds.prune(keep=0)
            builds.publish(build, INFO)
            builds.prune(keep=0)
        assert found(builds, build.id) == ("fall",)

    def test_an_opened_build_keeps_working_after_it_is_pruned(self, builds):
        old = publish(builds, "fall")
        index = builds.open(old)
        publish(builds, "sår")
        builds.prune(keep=1)
        assert left(builds, [old]) == []
        assert ask(index, "fall").ids == ("fall",)
        assert index.get(["fall"])["fall"].title == "fall"
        assert dict(index.lexicon()) == {"fall": 1}
        index.close()

    def test_closing_twice_is_harmless(self, builds):
        publish(builds, "fall")
        builds.close()
        builds.close()

    def test_ids_are_no_paths(self, builds):
        publish(builds, "fall")
        for name in ("", ".", "..", "../x", "/", "index"):
            with pytest.raises(NotFound):
                builds.open(name)


def left(builds: IndexBuilds, ids: list[str]) -> list[str]:
    """Which of these builds can still be opened."""
    present = []
    for build_id in ids:
        try:
            builds.open(build_id).close()
        except NotFound:
            continue
        present.append(build_id)
    return present

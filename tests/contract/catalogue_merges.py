"""What every catalogue promises of merged resources: one is read as archived as long as its merge stands."""

import pytest

from contract.catalogue_values import BY, SECOND, T, resource, ruling
from engine.errors import Conflict

A, B, C, D = (f"kb-{n:04}" for n in (1, 2, 3, 4))


def merge(old, new, verdict="accepted", **fields):
    return ruling(old, new, kind="merge", verdict=verdict, **fields)


def seen(catalogue):
    return [r.id for r in catalogue.all(status="published")]


class MergeContract:
    @pytest.fixture
    def filled(self, catalogue):
        catalogue.upsert([resource(n) for n in (1, 2, 3, 4)], by=BY, at=T)
        return catalogue

    def test_a_merged_resource_is_read_as_archived_until_the_merge_is_taken_back(self, filled):
        before = filled.get(A)
        filled.record(merge(A, B))
        assert (filled.get(A).status, filled.get(B).status) == ("archived", "published")
        assert (filled.count(status="published"), seen(filled)) == (3, [B, C, D])
        assert [r.id for r in filled.all(status="archived")] == [A]
        assert len(filled.versions(A)) == 1  # nothing was written into the text
        filled.record(merge(A, B, "withdrawn"))
        assert (filled.get(A), filled.count(status="published")) == (before, 4)

    def test_what_is_written_to_a_merged_resource_waits_until_the_merge_is_taken_back(self, filled):
        filled.record(merge(A, B))
        assert filled.upsert([resource(1)], by=BY, at=T + SECOND).unchanged == (A,)
        assert filled.upsert([resource(1, "Nytt")], by=BY, at=T + SECOND).updated == (A,)
        assert (filled.get(A).status, filled.get(A).title) == ("archived", "Nytt")
        assert seen(filled) == [B, C, D]
        filled.record(merge(A, B, "withdrawn"))
        assert filled.get(A) == resource(1, "Nytt")
        filled.upsert([resource(1, "Utkast", status="draft")], by=BY, at=T + SECOND)
        filled.record(merge(A, B))
        filled.record(merge(A, B, "withdrawn"))
        assert filled.get(A).status == "draft"

    def test_a_merge_changes_the_old_one_the_new_one_and_where_that_leads(self, filled):
        filled.record(merge(B, C))
        before = filled.last_seq()
        filled.record(merge(A, B))
        assert [c.resource_id for c in filled.changes_since(before)] == [A, B, C]
        assert filled.changes_since(before)[-1].seq == filled.last_seq()
        before = filled.last_seq()
        filled.record(merge(A, B, "withdrawn"))
        assert [c.resource_id for c in filled.changes_since(before)] == [A, B, C]
        filled.upsert([resource(4, "Nytt")], by=BY, at=T + SECOND)
        assert filled.changes_since(before)[-1].resource_id == D

    @pytest.mark.parametrize("last", [(C, A), (A, A), (A, C), (B, D)])
    def test_a_circle_and_a_second_merge_of_one_resource_are_refused(self, filled, last):
        filled.record(merge(A, B))
        filled.record(merge(B, C))
        before = filled.last_seq(), list(filled.audit_trail())
        with pytest.raises(Conflict):
            filled.record(merge(*last))
        assert (filled.last_seq(), list(filled.audit_trail())) == before
        assert [(d.subject, d.object) for d in filled.decisions("merge")] == [(A, B), (B, C)]

    def test_history_knows_from_when_on_a_resource_was_merged(self, filled):
        filled.record(merge(A, B, at=T + 10 * SECOND))
        filled.record(merge(A, B, "withdrawn", at=T + 20 * SECOND))

        def then(seconds):
            found = {v.resource.id: v.resource.status for v in filled.resources_then(T + seconds * SECOND)}
            return found[A]

        assert [then(n) for n in (5, 10, 15, 20)] == ["published", "archived", "archived", "published"]

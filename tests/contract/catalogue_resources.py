"""What every `engine.ports.ResourceStore` promises."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings

from contract.catalogue_values import BAD_TEXT, BY, SECOND, T, resource, resources, ruling
from engine.errors import InvalidRequest
from engine.model import AuditEntry, Change, Resource, Tag, UpsertReport
from engine.records import content_hash
from vocab.concept import ConceptId


class ResourceStoreContract:
    # --- resources: writing

    def test_upsert_tells_what_was_added_updated_and_unchanged(self, catalogue):
        assert catalogue.upsert([resource(2), resource(1)], by=BY, at=T) == UpsertReport(
            added=("kb-0002", "kb-0001")
        )
        report = catalogue.upsert([resource(3), resource(1), resource(2, "Nytt")], by=BY, at=T + SECOND)
        assert report == UpsertReport(("kb-0003",), ("kb-0002",), ("kb-0001",))

    def test_what_was_written_is_there_when_it_is_opened_again(self, catalogue, open_one):
        catalogue.upsert([resource(1)], by=BY, at=T)
        catalogue.close()
        again = open_one()
        assert again.get("kb-0001") == resource(1)
        again.close()

    def test_all_are_written_in_one_transaction(self, catalogue):
        def source():
            yield resource(1)
            raise RuntimeError("the source broke")

        with pytest.raises(RuntimeError, match="the source broke"):
            catalogue.upsert(source(), by=BY, at=T)
        assert (catalogue.count(), catalogue.last_seq(), list(catalogue.audit_trail())) == (0, 0, [])

    def test_one_bad_record_and_nothing_of_the_batch_is_written(self, catalogue):
        with pytest.raises(InvalidRequest, match="resource 'kb-0002': title: "):
            catalogue.upsert([resource(1), resource(2, "")], by=BY, at=T)
        assert (catalogue.count(), catalogue.last_seq(), list(catalogue.audit_trail())) == (0, 0, [])

    def test_a_record_equal_to_the_current_version_changes_nothing(self, catalogue):
        catalogue.upsert([resource(1), resource(2)], by=BY, at=T)
        seq = catalogue.last_seq()
        report = catalogue.upsert([resource(1), resource(2)], by=BY, at=T + SECOND)
        assert report == UpsertReport(unchanged=("kb-0001", "kb-0002"))
        assert (catalogue.last_seq(), list(catalogue.changes_since(seq))) == (seq, [])
        assert [version.number for version in catalogue.versions("kb-0001")] == [1]

    def test_a_record_equal_to_an_older_version_is_a_change(self, catalogue):
        for n, title in enumerate(("A", "B", "A")):
            catalogue.upsert([resource(1, title)], by=BY, at=T + n * SECOND)
        assert [version.resource.title for version in catalogue.versions("kb-0001")] == ["A", "B", "A"]

    def test_about_is_neither_stored_nor_compared(self, catalogue):
        tagged = resource(1, about=(Tag(ConceptId("tema/fall"), 0.9),))
        catalogue.upsert([tagged], by=BY, at=T)
        assert catalogue.get("kb-0001") == replace(tagged, about=())
        assert catalogue.upsert([resource(1)], by=BY, at=T + SECOND).unchanged == ("kb-0001",)

    def test_of_several_records_with_one_id_the_last_counts(self, catalogue):
        report = catalogue.upsert([resource(1, "A"), resource(1, "B")], by=BY, at=T)
        assert report == UpsertReport(added=("kb-0001",))
        assert [version.resource.title for version in catalogue.versions("kb-0001")] == ["B"]

    def test_writing_nothing_is_no_error_and_leaves_no_trace(self, catalogue):
        assert catalogue.upsert([], by=BY, at=T) == UpsertReport()
        assert list(catalogue.audit_trail()) == []

    def test_each_batch_and_each_changed_record_has_an_audit_line(self, catalogue):
        catalogue.upsert([resource(1), resource(2)], by=BY, at=T)
        catalogue.upsert([resource(1), resource(2, "Nytt"), resource(3)], by="editor", at=T + SECOND)
        later = T + SECOND
        assert list(catalogue.audit_trail(limit=3)) == [
            AuditEntry(later, "editor", "upsert resource", "resources", "1 added, 1 updated, 1 unchanged"),
            AuditEntry(later, "editor", "add resource", "kb-0003", "version 1"),
            AuditEntry(later, "editor", "update resource", "kb-0002", "version 2"),
        ]
        assert [line.detail for line in catalogue.audit_trail("kb-0002")] == ["version 2", "version 1"]

    def test_any_resource_comes_back_as_it_was(self, catalogue):
        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(resources)
        def comes_back(value: Resource) -> None:
            catalogue.upsert([value], by=BY, at=T)
            assert catalogue.get(value.id) == value
            assert catalogue.get_many([value.id])[value.id] == value
            assert catalogue.versions(value.id)[-1].resource == value
            assert catalogue.upsert([value], by=BY, at=T).unchanged == (value.id,)

        comes_back()

    @pytest.mark.parametrize("bad", BAD_TEXT)
    @pytest.mark.parametrize("field", ["id", "title", "body", "url", "provider", "themes"])
    def test_text_that_not_every_database_can_hold_is_refused_by_field(self, catalogue, field, bad):
        value = (bad,) if field == "themes" else bad
        with pytest.raises(InvalidRequest, match=f"{field}.*(NUL|surrogate)"):
            catalogue.upsert([replace(resource(1), **{field: value})], by=BY, at=T)
        assert catalogue.count() == 0

    def test_a_value_of_the_wrong_type_is_refused_by_field(self, catalogue):
        for field, value in [
            ("duration", "ti"),
            ("updated", "i går"),
            ("status", "slettet"),
            ("arena", "hjem"),
        ]:
            with pytest.raises(InvalidRequest, match=f"resource 'kb-0001': {field}: .*{value}"):
                catalogue.upsert([replace(resource(1), **{field: value})], by=BY, at=T)

    def test_a_write_needs_a_time_with_its_zone_and_an_author(self, catalogue):
        with pytest.raises(InvalidRequest, match="at: a time with its zone"):
            catalogue.upsert([resource(1)], by=BY, at=datetime(2026, 3, 1))
        with pytest.raises(InvalidRequest, match="by: "):
            catalogue.upsert([resource(1)], by=" ", at=T)

    # --- resources: reading

    def test_get_returns_the_current_version(self, catalogue):
        catalogue.upsert([resource(1, "A"), resource(2)], by=BY, at=T)
        catalogue.upsert([resource(1, "B")], by=BY, at=T + SECOND)
        assert catalogue.get("kb-0001") == resource(1, "B")

    def test_get_returns_the_version_that_was_current_then(self, catalogue):
        catalogue.upsert([resource(1, "A")], by=BY, at=T)
        catalogue.upsert([resource(1, "B")], by=BY, at=T + 10 * SECOND)
        tick = timedelta(microseconds=1)
        titles = {
            at: found and found.title
            for at in (T - tick, T, T + 10 * SECOND - tick, T + 10 * SECOND, T + 99 * SECOND)
            for found in [catalogue.get("kb-0001", at)]
        }
        assert list(titles.values()) == [None, "A", "A", "B", "B"]

    def test_moments_compare_across_time_zones(self, catalogue):
        oslo = timezone(timedelta(hours=2))
        catalogue.upsert([resource(1)], by=BY, at=T.astimezone(oslo))
        assert catalogue.versions("kb-0001")[0].recorded == T
        assert catalogue.get("kb-0001", (T - SECOND).astimezone(oslo)) is None
        assert catalogue.get("kb-0001", T.astimezone(timezone(-timedelta(hours=9)))) == resource(1)

    def test_a_clock_that_was_set_back_hides_no_version(self, catalogue):
        catalogue.upsert([resource(1, "A")], by=BY, at=T)
        catalogue.upsert([resource(1, "B")], by=BY, at=T - 3600 * SECOND)
        assert catalogue.get("kb-0001").title == "B"
        assert catalogue.get("kb-0001", T).title == "B"
        assert [version.recorded for version in catalogue.versions("kb-0001")] == [T, T]

    def test_get_returns_none_for_an_unknown_id(self, catalogue):
        catalogue.upsert([resource(1)], by=BY, at=T)
        for unknown in ("kb-0002", "", "KB-0001", "kb-0001 ", "kb-____", "'; --", "\x00", "\ud800"):
            assert catalogue.get(unknown) is None
            assert catalogue.get(unknown, T) is None

    def test_get_many_returns_those_that_exist(self, catalogue):
        catalogue.upsert([resource(n) for n in range(1200)], by=BY, at=T)
        asked = [f"kb-{n:04}" for n in range(1100, 1300)] + ["\x00", "kb-1100"]
        assert dict(catalogue.get_many(asked)) == {f"kb-{n:04}": resource(n) for n in range(1100, 1200)}
        assert len(catalogue.get_many([f"kb-{n:04}" for n in range(1200)])) == 1200
        assert dict(catalogue.get_many([])) == {}

    def test_versions_come_oldest_first_with_time_and_hash(self, catalogue):
        for n, title in enumerate("ABC"):
            catalogue.upsert([resource(1, title), resource(2, title)], by=BY, at=T + n * SECOND)
        versions = catalogue.versions("kb-0001")
        assert [v.number for v in versions] == [1, 2, 3]
        assert [v.resource for v in versions] == [resource(1, title) for title in "ABC"]
        assert [v.recorded for v in versions] == [T, T + SECOND, T + 2 * SECOND]
        assert [v.content_hash for v in versions] == [content_hash(resource(1, title)) for title in "ABC"]

    def test_versions_of_an_unknown_id_are_empty(self, catalogue):
        assert list(catalogue.versions("kb-0001")) == []
        assert list(catalogue.versions("\x00")) == []

    def test_all_yields_the_current_versions_in_id_order(self, catalogue):
        ids = [
            "b",
            "a",
            "Å",
            "ø",
            "æ",
            "aa",
            "a-b",
            "a.b",
            "A",
            "_",
            "10",
            "9",
            "ab",
            "\U0001f600",
            "ｆ",
            "é",
        ]
        catalogue.upsert([Resource(id_, "gammel") for id_ in ids], by=BY, at=T)
        catalogue.upsert([Resource(id_, "ny") for id_ in ids[::2]], by=BY, at=T + SECOND)
        expected = [Resource(id_, "ny" if id_ in ids[::2] else "gammel") for id_ in sorted(ids)]
        assert list(catalogue.all()) == expected

    def test_all_goes_on_past_any_page(self, catalogue):
        status = ("draft", "published", "published")
        catalogue.upsert([resource(n, status=status[n % 3]) for n in reversed(range(1500))], by=BY, at=T)
        assert [found.id for found in catalogue.all()] == [f"kb-{n:04}" for n in range(1500)]
        published = [found.id for found in catalogue.all(status="published")]
        assert published == [f"kb-{n:04}" for n in range(1500) if n % 3]

    def test_all_and_count_can_be_narrowed_to_a_status(self, catalogue):
        catalogue.upsert([resource(1), resource(2, status="draft"), resource(3)], by=BY, at=T)
        catalogue.upsert([resource(3, status="archived")], by=BY, at=T + SECOND)
        for status, ids in [("published", ["kb-0001"]), ("draft", ["kb-0002"]), ("archived", ["kb-0003"])]:
            assert [found.id for found in catalogue.all(status=status)] == ids
            assert catalogue.count(status=status) == 1
        assert (catalogue.count(), catalogue.count(status="slettet")) == (3, 0)

    def test_one_may_write_while_going_through_all(self, catalogue):
        catalogue.upsert([resource(n) for n in range(600)], by=BY, at=T)
        for found in catalogue.all():
            if found.id.endswith("50"):
                catalogue.upsert([replace(found, title="Nytt")], by=BY, at=T + SECOND)
        next(catalogue.all())  # an abandoned walk holds nothing
        assert sum(found.title == "Nytt" for found in catalogue.all()) == 6

    def test_changes_since_returns_the_last_change_of_each_in_seq_order(self, catalogue):
        catalogue.upsert([resource(3), resource(1)], by=BY, at=T)
        middle = catalogue.last_seq()
        catalogue.upsert([resource(2)], by=BY, at=T + SECOND)
        catalogue.upsert([resource(3, "Nytt"), resource(1)], by=BY, at=T + 2 * SECOND)
        every = catalogue.changes_since(0)
        assert [change.resource_id for change in every] == ["kb-0001", "kb-0002", "kb-0003"]
        assert [change.seq for change in every] == sorted({change.seq for change in every})
        assert [change.resource_id for change in catalogue.changes_since(middle)] == ["kb-0002", "kb-0003"]
        assert list(catalogue.changes_since(every[-1].seq)) == []
        assert list(catalogue.changes_since(2**70)) == []

    def test_last_seq_is_the_newest_change_and_0_if_none(self, catalogue):
        assert catalogue.last_seq() == 0
        seen = [0]
        for n in range(1, 4):
            catalogue.upsert([resource(n)], by=BY, at=T)
            assert catalogue.changes_since(seen[-1]) == [Change(catalogue.last_seq(), f"kb-{n:04}")]
            seen.append(catalogue.last_seq())
        assert seen == sorted(set(seen))

    def test_a_source_is_remembered_by_key(self, catalogue):
        assert dict(catalogue.revision_of("sitemap")) == {}
        catalogue.record_revisions("sitemap", {"/a": "1", "/ø?q='%": 'W/"x"'})
        catalogue.record_revisions("feed", {"/a": "other"})
        catalogue.record_revisions("sitemap", {"/a": "2", "/c": ""})
        assert dict(catalogue.revision_of("sitemap")) == {"/a": "2", "/c": "", "/ø?q='%": 'W/"x"'}
        catalogue.record_revisions("sitemap", {})
        assert len(catalogue.revision_of("sitemap")) == 3

    def test_a_sources_key_may_be_a_long_address_but_not_endless(self, catalogue):
        long = "https://example.org/?" + "x" * 1700
        catalogue.record_revisions("s" * 512, {long: "1"})
        assert dict(catalogue.revision_of("s" * 512)) == {long: "1"}
        for source, key in [("s" * 513, "k"), ("s", "k" * 1801), ("s", ""), ("s", "\x00")]:
            with pytest.raises(InvalidRequest):
                catalogue.record_revisions(source, {key: "1"})

    # --- resources: with a ruling

    def test_a_ruling_is_written_with_the_resource_or_neither_is(self, catalogue):
        ruled = ruling("kb-0001", "review", kind="review", until=date(2027, 1, 1))
        catalogue.upsert([resource(1)], by=BY, at=T, rulings=[ruled])
        assert list(catalogue.decisions("review")) == [ruled]
        with pytest.raises(InvalidRequest, match="reason"):
            catalogue.upsert([resource(2)], by=BY, at=T, rulings=[ruling("kb-0002", reason="\x00")])
        assert catalogue.get("kb-0002") is None
        with pytest.raises(InvalidRequest):
            catalogue.upsert([resource(3, "")], by=BY, at=T, rulings=[ruling("kb-0003", kind="review")])
        assert list(catalogue.decisions("review", "kb-0003")) == []

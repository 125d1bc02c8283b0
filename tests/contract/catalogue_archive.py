"""What every `engine.backup_ports.CatalogueArchive` promises, and what holds between two of them.

A new adapter subclasses `CatalogueArchiveContract`, a pair of adapters `CatalogueExchange`; both override `new_place`: a function that gives
`(open_catalogue, archive)` for a new, empty place each time it is called.
"""

import threading
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.catalogue_values import BY, SECOND, T, plan, requirement, resource, resources, role, ruling
from engine.adapters.sql_tables import REVISION
from engine.authority import Authority
from engine.errors import BackendUnavailable, InvalidRequest
from engine.model import AuditEntry

BLOCK = ruling("tema/etikk", "edition:ahus", kind="concept", verdict="blocked", until=date(2027, 1, 31))
ENTRY = AuditEntry(T + timedelta(days=1), "cli", "restore backup", "catalogue", "run 1")


def filled(catalogue) -> None:
    """Write something to every table."""
    catalogue.upsert([resource(n) for n in range(3)], by=BY, at=T)
    catalogue.upsert([resource(1, "Nytt navn", body="Blåbær «og» 🫐\n\ttekst")], by=BY, at=T + SECOND / 7)
    catalogue.upsert([resource(2, status="archived")], by=BY, at=T + SECOND)
    catalogue.upsert_roles([role()], by=BY, at=T)
    catalogue.upsert_requirements([requirement()], by=BY, at=T)
    catalogue.upsert_plans([plan()], by=BY, at=T)
    catalogue.record(ruling(reason="står i tittelen", label="fall", score=0.75, features="title/pref"))
    catalogue.record(BLOCK)
    catalogue.upsert_authorities([Authority("veileder", "Veileder", version="2023")], by=BY, at=T)
    catalogue.record_revisions("https://example.org/sitemap.xml", {"a": '"1"', "å": "2"})


def dump(archive) -> dict:
    """Return everything, table by table."""
    with archive.copied() as copy:
        return {table: [dict(row) for row in copy.rows(table)] for table in copy.tables()}


def replace_with(archive, tables: dict, schema: str = REVISION, entry: AuditEntry = ENTRY) -> None:
    with archive.replacing(schema, entry) as replacement:
        for table, rows in tables.items():
            assert replacement.load(table, rows) == len(rows)


def without_entry(tables: dict) -> dict:
    """Return the tables as they were loaded: without the line that a restore adds."""
    *trail, line = tables["audit"]
    assert {**line, "seq": 0} == {
        "seq": 0,
        "made_at": ENTRY.at.isoformat(),
        "made_by": ENTRY.by,
        "action": ENTRY.action,
        "subject": ENTRY.subject,
        "detail": ENTRY.detail,
    }
    return {**tables, "audit": trail}


class CatalogueExchange:
    @pytest.fixture
    def new_place(self):
        raise NotImplementedError("override me")

    @pytest.fixture
    def source(self, new_place):
        """A filled catalogue's archive."""
        open_one, archive = new_place()
        catalogue = open_one()
        filled(catalogue)
        catalogue.close()
        return archive

    @pytest.fixture
    def target(self, new_place):
        return new_place()

    def test_every_row_of_every_table_arrives(self, source, target):
        whole = dump(source)
        assert all(whole.values())
        replace_with(target[1], whole)
        assert without_entry(dump(target[1])) == whole

    def test_what_comes_back_is_what_was_written(self, source, target):
        replace_with(target[1], dump(source))
        catalogue = target[0]()
        assert catalogue.get("kb-0001") == resource(1, "Nytt navn", body="Blåbær «og» 🫐\n\ttekst")
        assert catalogue.get("kb-0001", T) == resource(1)
        assert [v.recorded for v in catalogue.versions("kb-0001")] == [T, T + SECOND / 7]
        assert catalogue.get("kb-0002").status == "archived"
        assert list(catalogue.roles()) == [role()]
        assert list(catalogue.requirements()) == [requirement()]
        assert list(catalogue.plans()) == [plan()]
        assert list(catalogue.decisions("tag")) == [
            ruling(reason="står i tittelen", label="fall", score=0.75, features="title/pref")
        ]
        assert list(catalogue.decisions("concept")) == [BLOCK]
        assert catalogue.revision_of("https://example.org/sitemap.xml") == {"a": '"1"', "å": "2"}
        catalogue.close()

    def test_numbers_go_on_where_they_were(self, source, target):
        replace_with(target[1], dump(source))
        catalogue = target[0]()
        assert (catalogue.last_seq(), catalogue.plan_seq()) == (7, 3)
        catalogue.upsert([resource(9)], by=BY, at=T + SECOND)
        catalogue.upsert_roles([role("ny")], by=BY, at=T + SECOND)
        catalogue.record(ruling(verdict="rejected", at=T + SECOND))
        assert (catalogue.last_seq(), catalogue.plan_seq()) == (9, 4)
        assert catalogue.decisions("tag")[0].verdict == "rejected"
        catalogue.close()
        after = dump(target[1])
        assert [row["seq"] for row in after["decision"]] == [1, 2, 3]
        assert [row["seq"] for row in after["audit"]] == list(range(1, len(after["audit"]) + 1))

    @settings(deadline=None, max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(resources, min_size=3, max_size=12, unique_by=lambda r: r.id))
    def test_whatever_can_be_written_arrives(self, new_place, given_):
        (open_one, source), (open_other, target) = new_place(), new_place()
        catalogue = open_one()
        catalogue.upsert(given_, by=BY, at=T)
        catalogue.close()
        replace_with(target, dump(source))
        other = open_other()
        assert {r.id: r for r in other.all()} == {r.id: r for r in given_}
        other.close()


class CatalogueArchiveContract(CatalogueExchange):
    def test_what_was_there_is_gone(self, source, target):
        catalogue = target[0]()
        catalogue.upsert([resource(n) for n in range(100, 130)], by=BY, at=T)
        catalogue.record(ruling("kb-0100"))
        catalogue.close()
        whole = dump(source)
        replace_with(target[1], whole)
        assert without_entry(dump(target[1])) == whole

    def test_a_failure_leaves_what_was_there(self, source, target):
        catalogue = target[0]()
        filled(catalogue)
        catalogue.upsert([resource(7)], by=BY, at=T)
        catalogue.close()
        before = dump(target[1])
        whole = dump(source)
        whole["role_version"] = ({**row, "number": 1 // 0} for row in whole["role_version"])  # read last
        with pytest.raises(ZeroDivisionError):
            replace_with(target[1], whole)
        assert dump(target[1]) == before
        assert not target[1].has_entry(ENTRY)

    @pytest.mark.parametrize(
        ("table", "row"), [("secrets", {"id": "a"}), ("role", {"id": "a"}), ("role", {"id": "a", "x": 1})]
    )
    def test_a_table_or_column_that_is_not_ours_is_refused(self, target, table, row):
        with pytest.raises(InvalidRequest, match=table), target[1].replacing(REVISION, ENTRY) as replacement:
            replacement.load(table, [row])

    def test_a_copy_stands_still_while_others_write(self, source, new_place):
        open_one, archive = new_place()
        catalogue = open_one()
        catalogue.upsert([resource(1, "0"), resource(2, "0")], by=BY, at=T)
        stop = threading.Event()

        def write() -> None:
            n = 0
            while not stop.is_set():
                n += 1
                catalogue.upsert([resource(1, str(n)), resource(2, str(n))], by=BY, at=T + n * SECOND)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(4):
                with archive.copied() as copy:
                    counts = copy.tables()
                    first = list(copy.rows("resource"))
                    versions = list(copy.rows("resource_version"))
                    (counter,) = [row for row in copy.rows("counter") if row["name"] == "resource"]
                    assert list(copy.rows("resource")) == first
                assert len(versions) == counts["resource_version"] == 2 * first[0]["number"]
                assert first[0]["number"] == first[1]["number"]
                assert counter["value"] == max(row["seq"] for row in versions)
        finally:
            stop.set()
            writer.join()
        assert catalogue.last_seq() > 4
        catalogue.close()

    def test_contents_counts_what_is_there_and_makes_nothing(self, source, target):
        assert target[1].contents() == {}
        target[0]().close()
        assert target[1].contents() == {}
        assert source.contents() == {
            "resource": 3, "resource_version": 5, "role": 1, "role_version": 1, "requirement": 1,
            "requirement_version": 1, "plan": 1, "plan_version": 1, "decision": 2, "source_revision": 2,
            "audit": len(dump(source)["audit"]),
        }  # fmt: skip

    def test_a_place_without_a_catalogue_cannot_be_copied(self, target):
        with (
            pytest.raises(BackendUnavailable, match=r"holds no catalogue|does not exist"),
            target[1].copied(),
        ):
            pass
        assert not target[1].has_entry(ENTRY)

    def test_an_entry_is_known_by_action_and_detail(self, source):
        assert not source.has_entry(ENTRY)
        replace_with(source, dump(source))
        assert source.has_entry(ENTRY)
        assert not source.has_entry(AuditEntry(ENTRY.at, ENTRY.by, ENTRY.action, ENTRY.subject, "run 2"))

    def test_schemas_of_other_programs_are_not_known(self, source):
        assert source.knows("0001")
        assert not source.knows("9999")

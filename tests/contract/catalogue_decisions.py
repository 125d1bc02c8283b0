"""What every `engine.ports.DecisionLog` promises."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from contract.catalogue_values import BY, SECOND, T, resource, ruling
from engine.errors import InvalidRequest
from engine.model import AuditEntry, Change


class DecisionLogContract:
    def test_a_ruling_comes_back_as_it_was(self, catalogue):
        given_ = ruling(kind="duplicate", verdict="rejected", reason="annen rolle", basis="5e1f")
        catalogue.record(given_)
        assert list(catalogue.decisions("duplicate")) == [given_]
        tag = ruling(verdict="pinned", label="Fall «x»", score=0.123456789012345, features="title/pref")
        block = ruling("tema/a", "*", kind="concept", verdict="blocked", until=date(2027, 1, 31))
        for given_ in (tag, block):
            catalogue.record(given_)
            assert list(catalogue.decisions(given_.kind)) == [given_]

    def test_a_ruling_has_an_audit_line(self, catalogue):
        catalogue.record(ruling(reason="står i tittelen"))
        assert list(catalogue.audit_trail()) == [
            AuditEntry(T, "redaktør", "accepted tag", "kb-0001", "tema/fall: står i tittelen")
        ]

    def test_decisions_are_the_newest_for_each_subject_and_object_in_that_order(self, catalogue):
        catalogue.record(ruling("kb-0002", "tema/b"))
        catalogue.record(ruling("kb-0001", "tema/b", verdict="rejected"))
        catalogue.record(ruling("kb-0001", "tema/Å"))
        catalogue.record(ruling("kb-0001", "tema/a"))
        newest = ruling("kb-0001", "tema/b", at=T + SECOND, reason="ombestemt")
        catalogue.record(newest)
        catalogue.record(ruling("kb-0001", "krav-a", kind="teaches"))
        assert list(catalogue.decisions("tag")) == [
            ruling("kb-0001", "tema/a"),
            newest,
            ruling("kb-0001", "tema/Å"),
            ruling("kb-0002", "tema/b"),
        ]
        assert list(catalogue.decisions("tag", "kb-0002")) == [ruling("kb-0002", "tema/b")]
        assert list(catalogue.decisions("tag", "kb-9")) == []
        assert list(catalogue.decisions("duplicate")) == []
        assert list(catalogue.decisions("tag", "\x00")) == []

    def test_the_ruling_recorded_last_counts_even_if_the_clock_was_set_back(self, catalogue):
        catalogue.record(ruling(at=T))
        catalogue.record(ruling(at=T - SECOND, verdict="rejected"))
        assert [found.verdict for found in catalogue.decisions("tag")] == ["rejected"]

    def test_a_ruling_taken_back_is_gone_and_the_one_before_it_does_not_return(self, catalogue):
        for verdict in ("rejected", "accepted", "withdrawn"):
            catalogue.record(ruling(verdict=verdict))
        assert list(catalogue.decisions("tag")) == []
        catalogue.record(ruling(verdict="rejected"))
        assert [found.verdict for found in catalogue.decisions("tag")] == ["rejected"]
        assert [line.action for line in catalogue.audit_trail("kb-0001")][1] == "withdrawn tag"

    def test_a_ruling_on_a_tag_is_a_change_of_its_resource_and_of_no_other(self, catalogue):
        catalogue.upsert([resource(1), resource(2), resource(3)], by=BY, at=T)
        before = catalogue.last_seq()
        catalogue.record(ruling("kb-0002"))
        assert catalogue.changes_since(before) == [Change(catalogue.last_seq(), "kb-0002")]
        assert catalogue.last_seq() > before
        assert len(catalogue.versions("kb-0002")) == 1
        catalogue.record(ruling("unknown"))
        assert [c.resource_id for c in catalogue.changes_since(before)] == ["kb-0002"]
        catalogue.upsert([resource(2, "Nytt")], by=BY, at=T + SECOND)
        assert [c.resource_id for c in catalogue.changes_since(before)] == ["kb-0002"]

    def test_a_block_raises_the_last_change_and_changes_no_resource(self, catalogue):
        catalogue.upsert([resource(1)], by=BY, at=T)
        before = catalogue.last_seq()
        catalogue.record(ruling("tema/a", "*", kind="concept", verdict="blocked"))
        assert catalogue.last_seq() > before
        assert list(catalogue.changes_since(before)) == []
        catalogue.record(ruling(kind="duplicate"))
        assert catalogue.last_seq() == before + 1

    def test_ruling_seq_grows_with_every_ruling_and_nothing_else(self, catalogue):
        seen = [catalogue.ruling_seq()]
        assert seen == [0]
        for given_ in (ruling(), ruling(verdict="withdrawn"), ruling(kind="teaches")):
            catalogue.record(given_)
            seen.append(catalogue.ruling_seq())
        assert sorted(set(seen)) == seen
        catalogue.upsert([resource(1)], by=BY, at=T)
        assert catalogue.ruling_seq() == seen[-1]

    @pytest.mark.parametrize(
        ("kind", "verdict"),
        [("tag", "blocked"), ("concept", "accepted"), ("teaches", "pinned"), ("duplicate", "blocked")],
    )
    def test_each_kind_has_its_verdicts(self, catalogue, kind, verdict):
        with pytest.raises(InvalidRequest, match=r"^verdict: "):
            catalogue.record(ruling(kind=kind, verdict=verdict))
        assert (catalogue.last_seq(), list(catalogue.audit_trail())) == (0, [])

    def test_no_audit_line_is_ever_removed(self, catalogue):
        catalogue.record(ruling())
        catalogue.record(ruling(verdict="rejected"))
        assert [line.action for line in catalogue.audit_trail("kb-0001")] == ["rejected tag", "accepted tag"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("kind", "like"),
            ("verdict", "maybe"),
            ("subject", ""),
            ("object", " x"),
            ("by", ""),
            ("reason", "\x00"),
            ("basis", "\ud800"),
            ("label", "\x00"),
            ("features", "\ud800"),
            ("until", datetime(2026, 1, 1)),
            ("score", float("nan")),
            ("at", datetime(2026, 1, 1)),
        ],
    )
    def test_a_ruling_that_will_not_do_is_refused_by_field(self, catalogue, field, value):
        with pytest.raises(InvalidRequest, match=f"^{field}: "):
            catalogue.record(replace(ruling(), **{field: value}))
        assert list(catalogue.audit_trail()) == []

    def test_the_audit_trail_returns_the_newest_lines_first(self, catalogue):
        lines = [AuditEntry(T, "key:portal", "read", f"kb-{n % 2}", f"nr {n} æ") for n in range(5)]
        for line in lines:
            catalogue.audit(line)
        assert list(catalogue.audit_trail()) == lines[::-1]
        assert list(catalogue.audit_trail("kb-1")) == [lines[3], lines[1]]
        assert list(catalogue.audit_trail(limit=2)) == [lines[4], lines[3]]
        assert list(catalogue.audit_trail(limit=0)) == []
        assert list(catalogue.audit_trail("kb-2")) == []
        assert list(catalogue.audit_trail("\x00")) == []

    def test_the_audit_trail_returns_a_hundred_lines_unless_told(self, catalogue):
        catalogue.upsert([resource(n) for n in range(120)], by=BY, at=T)
        assert len(catalogue.audit_trail()) == 100
        assert len(catalogue.audit_trail(limit=2**40)) == 121
        with pytest.raises(InvalidRequest, match="limit: "):
            catalogue.audit_trail(limit=-1)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("subject", ""),
            ("by", " "),
            ("action", "\x00"),
            ("detail", "\ud800"),
            ("at", datetime(2026, 1, 1)),
        ],
    )
    def test_an_audit_line_that_will_not_do_is_refused_by_field(self, catalogue, field, value):
        with pytest.raises(InvalidRequest, match=f"^{field}: "):
            catalogue.audit(replace(AuditEntry(T, BY, "read", "kb-1"), **{field: value}))
        assert list(catalogue.audit_trail()) == []

    def test_the_audit_trail_can_be_narrowed_to_a_kind_of_action(self, catalogue):
        lines = [
            AuditEntry(T, "a", action, "x") for action in ("refused PUT /v1", "Refused", "refuse", "100 %")
        ]
        for line in lines:
            catalogue.audit(line)
        assert list(catalogue.audit_trail(action="refused")) == [lines[0]]
        assert list(catalogue.audit_trail(action="100 %")) == [lines[3]]
        assert (
            list(catalogue.audit_trail("y", action="refused"))
            == list(catalogue.audit_trail(action="%"))
            == []
        )
        assert len(catalogue.audit_trail("x", limit=3)) == 3

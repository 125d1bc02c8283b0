"""State, colour and word of what is asked; done-lists read strictly; a unit laid out."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.texts import texts
from graph.done_list import DoneListError, check_pseudonym, evidence_from_record, member_from_record
from graph.model import Evidence, Necessity, Plan, PlanLine, Requirement, State
from graph.plans import Obligation, obligations
from graph.status import COLOUR_WORDS, COLOURS, LANGUAGES, STATE_WORDS, colour_of, state_word, summary
from graph.unit import unit_report

ON = date(2026, 11, 21)
OBLIGATIONS = st.builds(
    Obligation,
    st.sampled_from("abcdef"),
    st.sampled_from(get_args(Necessity)),
    st.none(),
    st.just(("p",)),
    st.sampled_from(get_args(State)),
    st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 5),
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_state_and_colour_has_a_word_of_its_own_as_on_the_pages(lang):
    assert set(STATE_WORDS[lang]) == set(get_args(State))
    assert len(set(STATE_WORDS[lang].values())) == len(get_args(State))
    assert set(COLOUR_WORDS[lang]) == set(COLOURS)
    assert {name: texts(lang)[f"state.{name}"] for name in get_args(State)} == STATE_WORDS[lang]


@given(OBLIGATIONS)
def test_green_is_never_a_gap_and_red_always_is(obligation):
    colour = colour_of(obligation)
    assert not (colour == "green" and obligation.gap)
    assert not (colour == "red" and not obligation.gap)
    assert (colour in {"green", "yellow"}) or not obligation.fulfilled


@settings(max_examples=25)
@given(st.lists(OBLIGATIONS, unique_by=lambda o: o.requirement))
def test_a_summary_counts_everything_once_and_the_overdue_come_first(found):
    got = summary(found, on=ON)
    assert sum(got.colours.values()) == sum(got.states.values()) == len(found)
    late = [line.overdue for line in got.lines]
    assert late == sorted(late, reverse=True)
    assert [line.obligation.due for line in got.due] == sorted(o.due for o in found if o.due)
    for line in got.lines:
        assert line.overdue == (
            line.obligation.gap and line.obligation.due is not None and line.obligation.due < ON
        )


def test_prior_learning_counts_as_evidence_as_a_course_does():
    plan = Plan("p", {}, (PlanLine("k"),), ("r",))
    known = {"k"}
    for kind in ("prior_learning", "course"):
        item = evidence_from_record({"requirement": "k", "achieved": "2026-01-01", "evidence": kind}, known)
        found = obligations("r", [plan], [Requirement("k", {}, validity=12)], on=ON, done=[item])[0]
        assert (item.evidence, found.state, found.due) == (kind, "expires_soon", date(2027, 1, 1))


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"requirement": "x"}, "requirement"),
        ({"requirement": "k", "state": "ok"}, "state"),
        ({"requirement": "k", "evidence": "rumour"}, "evidence"),
        ({"requirement": "k", "achieved": "20260101"}, "achieved"),
        ({"requirement": "k", "achieved": 5}, "achieved"),
        ({"requirement": "k", "achieved": "2026-02-01", "expires": "2026-01-01"}, "expires"),
        ({"requirement": "k", "navn": "Kari"}, "navn"),
        ([], "line"),
    ],
)
def test_a_line_that_will_not_do_is_named_by_its_field(record, field):
    with pytest.raises(DoneListError) as caught:
        evidence_from_record(record, {"k"})
    assert caught.value.field == field
    if isinstance(record, dict):
        with pytest.raises(DoneListError) as caught:
            member_from_record(
                {"pseudonym": "u-1", "role": "r", "done": [{"requirement": "k"}, record]}, {"k"}
            )
        assert caught.value.field == f"done[1].{field}"


@pytest.mark.parametrize(
    "name",
    [
        "Kari Nordmann",
        "kari@example.org",
        "01010112345",
        "u-010101 12345",
        "9123456",
        "",
        None,
        "a" * 65,
        "bjørn",
    ],
)
def test_a_pseudonym_that_may_tell_who_it_is_is_refused_and_not_repeated(name):
    with pytest.raises(DoneListError) as caught:
        check_pseudonym(name)
    assert not name or len(name) < 3 or name not in str(caught.value)


@given(
    st.dictionaries(
        st.sampled_from(["u1", "u2", "u3"]), st.lists(OBLIGATIONS, unique_by=lambda o: o.requirement)
    )
)
def test_a_unit_has_every_cell_once_and_most_overdue_rows_first(found):
    report = unit_report(found, on=ON)
    cells = {
        (row.requirement, name): cell.obligation for row in report.rows for name, cell in row.cells.items()
    }
    assert cells == {(o.requirement, name): o for name, mine in found.items() for o in mine}
    late = [row.overdue for row in report.rows]
    assert late == sorted(late, reverse=True)
    assert report.asked == sum(map(len, found.values()))
    assert report.fulfilled == sum(not o.gap for mine in found.values() for o in mine)
    ahead = [o for mine in found.values() for o in mine if o.due and o.due >= ON and o.fulfilled]
    assert sum(n for counts in report.by_month.values() for n in counts.values()) == len(ahead)


def test_what_expired_but_is_no_longer_asked_is_not_overdue():
    lines = (PlanLine("a", group="g", group_minimum=1), PlanLine("b", group="g", group_minimum=1))
    done = [Evidence("a", achieved=date(2026, 9, 1)), Evidence("b", achieved=date(2020, 1, 1))]
    known = [Requirement(name, {}, validity=12) for name in "ab"]
    got = summary(obligations("r", [Plan("p", {}, lines, ("r",))], known, on=ON, done=done), on=ON)
    assert {line.obligation.requirement: (line.colour, line.overdue) for line in got.lines} == {
        "a": ("green", False),
        "b": ("grey", False),
    }
    assert [state_word(line.obligation, "nn") for line in got.lines if line.colour == "grey"] == [
        "Trengst ikkje (gruppa er oppfylt)"
    ]


def test_every_field_that_will_not_do_is_named():
    record = {"requirement": "x", "state": "ok", "achieved": "01.01.26", "evidence": "rumour", "navn": "Kari"}
    with pytest.raises(DoneListError) as caught:
        member_from_record({"pseudonym": "Kari N", "role": "", "done": [record]}, {"k"})
    assert [field for field, _ in caught.value.faults] == [
        "pseudonym", "role", "done[0].navn", "done[0].requirement", "done[0].state", "done[0].achieved",
        "done[0].evidence",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("01.01.26", ": write 2026-01-01"),
        ("1/2-26", ": write 2026-02-01"),
        ("1.2.2026", ": write 2026-02-01"),
        ("31.2.26", ""),
    ],
)
def test_a_date_in_another_form_is_refused_with_the_right_one(written, advice):
    with pytest.raises(DoneListError) as caught:
        evidence_from_record({"requirement": "k", "achieved": written}, {"k"})
    assert caught.value.message.endswith(f"is no date (YYYY-MM-DD){advice}")

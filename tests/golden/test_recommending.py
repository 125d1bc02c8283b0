"""The situations of the recommender's golden set are whole, and bad rows are told by number."""

import json
from collections import Counter
from datetime import date

import pytest

from golden import recommending
from golden.recommending import FOLDER, KINDS, gaps, obligations_of, read_grades, read_situations, sample

ROW = {
    "id": "x1",
    "split": "dev",
    "kinds": ["new"],
    "role": "hjemmesykepleier",
    "language": "nb",
    "done": [],
    "on": "2026-11-21",
    "text": "Ny i hjemmetjenesten.",
}
DONE = {"requirement": "krav-fall", "state": "approved", "achieved": "2026-01-10"}


def read(tmp_path, *rows):
    path = tmp_path / "situations.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return read_situations(path, sample())


@pytest.fixture
def read_rows(tmp_path):
    """Read grades of the situation x1 from rows of text."""

    def read_them(*rows, header="situation\tresource\tgrade"):
        path = tmp_path / "qrels.tsv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return read_grades(path, {"x1": read(tmp_path, ROW)[0]}, sample())

    return read_them


def test_halves_are_balanced_over_kinds():
    asked = recommending.situations()
    assert len(asked) == 48
    counts = {half: Counter(s.kind for s in recommending.situations(half)) for half in recommending.SPLITS}
    assert counts["dev"] == counts["test"]
    assert set(counts["dev"]) == set(KINDS)
    for feature in recommending.FEATURES:
        for half in recommending.SPLITS:
            assert sum(feature in s.kinds for s in recommending.situations(half)) >= 3, (feature, half)


def test_every_profile_in_force_is_asked_for():
    on = date(2026, 11, 21)
    asked = {role for s in recommending.situations() for role in [s.role]}
    for plan in sample().plans.values():
        assert not plan.in_force(on) or asked & set(plan.roles), plan.id


@pytest.mark.parametrize("situation", recommending.situations(), ids=lambda s: s.id)
def test_what_a_situation_calls_itself_is_so(situation):
    states = Counter(o.state for o in obligations_of(situation))
    opened = len(gaps(situation))
    assert opened
    assert situation.on == date(2026, 11, 21)
    assert ("new" in situation.kinds) <= (not situation.done and opened >= 9)
    assert ("some" in situation.kinds) <= (opened >= 5 and states["approved"] >= 4)
    assert ("nearly" in situation.kinds) <= (opened <= 3 and not states["expired"])
    assert ("change" in situation.kinds) <= any(
        item.requirement not in {o.requirement for o in obligations_of(situation)} for item in situation.done
    )
    assert ("expired" in situation.kinds) <= (states["expired"] == opened)
    assert ("soon" in situation.kinds) == (states["expires_soon"] > 0)
    assert ("budget" in situation.kinds) == (situation.minutes is not None)
    assert ("edition" in situation.kinds) == (situation.edition is not None)
    assert ("language" in situation.kinds) == (situation.language != "nb")
    assert ("plan" in situation.kinds) <= (len({p for o in obligations_of(situation) for p in o.plans}) == 1)


def test_grades_are_of_all_situations_or_none():
    graded = recommending.grades()
    assert set(graded) in ({s.id for s in recommending.situations()}, set())
    for name, of_one in graded.items():
        assert any(of_one.values()), name


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"role": "trollmann"}, "no such role"),
        ({"role": "hjelpepleier"}, "no plan in force"),  # its plan is retired
        ({"role": "jordmor"}, "no plan in force"),  # shared with some editions only
        ({"plan": "plan-x"}, "no such plan"),
        ({"plan": "plan-portor-sykehus"}, "no plan in force"),
        ({"edition": "atlantis"}, "no such edition"),
        ({"language": "de"}, "language"),
        ({"split": "train"}, "split"),
        ({"kinds": ["new", "expired"]}, "kinds"),
        ({"kinds": ["budget"]}, "kinds"),
        ({"kinds": ["new", "odd"]}, "kinds"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"text": " "}, "text"),
        ({"on": "21.11.2026"}, "isoformat"),
        ({"done": [DONE, DONE]}, "twice"),
        ({"done": [{**DONE, "requirement": "krav-x"}]}, "no such requirement"),
        ({"done": [{**DONE, "achieved": "2026-12-01"}]}, "after the day"),
        ({"colour": "red"}, "no such field"),
    ],
)
def test_a_bad_situation_is_told_by_row(tmp_path, change, told):
    with pytest.raises(ValueError, match=rf"situations.jsonl, row 2: .*{told}"):
        read(tmp_path, {**ROW, "id": "x0"}, ROW | change)


def test_a_situation_that_lacks_a_field_or_stands_twice_is_refused(tmp_path):
    with pytest.raises(ValueError, match="row 1: lacks role"):
        read(tmp_path, {k: v for k, v in ROW.items() if k != "role"})
    with pytest.raises(ValueError, match="row 2: x1 stands twice"):
        read(tmp_path, ROW, ROW)


def test_grades_are_read(read_rows):
    assert read_rows("x1\tkb-0201\t3", "x1\tkb-0002\t0") == {"x1": {"kb-0201": 3, "kb-0002": 0}}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("x2\tkb-0201\t1", "no such situation"),
        ("x1\tkb-9999\t1", "no such resource"),
        ("x1\tkb-0201\t4", "a grade is one of"),
        ("x1\tkb-0201\t1.5", "a grade is one of"),
        ("x1\tkb-0201\t", "a grade is one of"),
        ("x1\tkb-0201", "3 columns"),
        ("x1\tkb-0003\t2", "graded twice"),
        ("x1\tkb-0264\t2", "not published"),  # archived
        ("x1\tkb-0202\t1", "not published"),  # of another edition
    ],
)
def test_a_bad_grade_is_told_by_row(read_rows, row, told):
    with pytest.raises(ValueError, match=rf"qrels.tsv, row 3: .*{told}"):
        read_rows("x1\tkb-0003\t1", row)


def test_grades_need_their_header(read_rows):
    with pytest.raises(ValueError, match="the first row must be"):
        read_rows("x1\tkb-0201\t1", header="x1\tkb-0003\t2")


def test_the_files_of_the_set_end_with_a_line_and_hold_no_carriage_return():
    for name in ("situations.jsonl", "qrels.tsv"):
        text = (FOLDER / name).read_bytes()
        assert text.endswith(b"\n")
        assert b"\r" not in text

"""A list as a way to go: sums, what builds on what, a table that no spreadsheet runs, a link."""

import csv
import io

from engine.learning_path import COLUMNS, path_csv, path_rows, portal_link, steps_of
from engine.model import Resource
from engine.recommendation import Recommendation
from graph.model import Requirement

KNOWN = {"a": Requirement("a", {}), "b": Requirement("b", {}, prerequisites=("a",))}


def item(name, minutes, *requirements, title="Tittel"):
    resource = Resource(name, title, url=f"https://example.invalid/{name}")
    return Recommendation(resource, 0, 1.0, "essential", requirements, (), minutes, False, ())


WAY = (item("r1", 10, "a"), item("r 2,3", 5, "c"), item("r4", 20, "b", title="=HYPERLINK(1)"))


def test_steps_count_minutes_and_say_what_they_build_on():
    steps = steps_of(WAY, KNOWN)
    assert [(s.number, s.minutes_so_far, s.after) for s in steps] == [(1, 10, ()), (2, 15, ()), (3, 35, (1,))]


def test_the_table_has_every_column_and_no_formula():
    text = path_csv(steps_of(WAY, KNOWN))
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert tuple(rows[0]) == COLUMNS
    assert [r["id"] for r in rows] == ["r1", "r 2,3", "r4"]
    assert rows[2]["title"] == "'=HYPERLINK(1)"
    assert path_rows(steps_of(WAY, KNOWN))[2]["title"] == "=HYPERLINK(1)"


def test_the_link_holds_the_ids_in_its_fragment_alone():
    link = portal_link("https://portal.invalid/plan?x=1#old", WAY)
    assert link == "https://portal.invalid/plan?x=1#resources=r1,r%202%2C3,r4"
    assert portal_link("https://portal.invalid", ()) is None

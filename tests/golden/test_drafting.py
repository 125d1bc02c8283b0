"""On the sample bank's labelled twins: who types one of the two titles is told of the other, and what for."""

import csv
from importlib.resources import files

import pytest

from engine.drafting import Draft, Drafting

TWINS = list(
    csv.DictReader(
        (files("indexer") / "data" / "sample" / "twins.tsv").read_text("utf-8").splitlines(), delimiter="\t"
    )
)
FLOORS = {"identical_copy": 1.0, "near_copy": 0.93, "outdated_local_copy": 0.93, "translation": 0.94}
ALERTS = {"same_name", "near_name", "same_text", "translation"}


@pytest.fixture(scope="module")
def drafting(sample_engine):
    return Drafting(sample_engine)


@pytest.fixture(scope="module")
def told(sample_engine, drafting):
    """What is said of the second of each pair when the title of the first is typed."""
    found = {}
    for twin in TWINS:
        a, b = (sample_engine.catalogue.get(twin[name]) for name in ("id1", "id2"))
        if a and b and b.status == "published":
            preview = drafting.preview(Draft(a.title, language=a.language, edition=a.edition, id=a.id))
            why = next((e.why for e in preview.existing if e.resource.id == b.id), ())
            found.setdefault(twin["class"], []).append(set(why))
    return found


@pytest.mark.parametrize("kind", sorted(FLOORS))
def test_a_title_alone_tells_of_the_other_text(told, kind):
    assert len(told[kind]) >= 12
    share = sum(bool(why & ALERTS) for why in told[kind]) / len(told[kind])
    assert share >= FLOORS[kind]


def test_translations_are_told_as_such(told):
    named = sum("translation" in why for why in told["translation"])
    assert named / len(told["translation"]) >= 0.94


def test_look_alikes_raise_no_alarm(told):
    alarmed = sum(bool(why & ALERTS) for why in told["look_alike"]) / len(told["look_alike"])
    assert alarmed <= 0.15


def test_the_requirement_that_a_text_teaches_is_among_the_first_told_by_its_title(sample_engine, drafting):
    teaching = [r for r in sample_engine.catalogue.all(status="published") if r.teaches][::5][:25]
    hits = 0
    for r in teaching:
        preview = drafting.preview(Draft(r.title, language=r.language, edition=r.edition, id=r.id))
        hits += bool({q.requirement.id for q in preview.requirements} & set(r.teaches))
    assert hits / len(teaching) >= 0.55

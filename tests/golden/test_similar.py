"""Similar resources on the sample bank: copies and translations of a text are never offered as related."""

import csv
from importlib.resources import files

import pytest

TWINS = list(
    csv.DictReader(
        (files("indexer") / "data" / "sample" / "twins.tsv").read_text("utf-8").splitlines(), delimiter="\t"
    )
)
SAME = ("identical_copy", "near_copy", "outdated_local_copy", "translation")
FOUND = {"identical_copy": 1.0, "near_copy": 1.0, "outdated_local_copy": 1.0, "translation": 0.94}


def shares(sample_engine, class_):
    """Of each class, how many pairs are kept out of each other's list."""
    published = {r.id for r in sample_engine.catalogue.all(status="published")}
    pairs = [
        (t["id1"], t["id2"]) for t in TWINS if t["class"] == class_ and {t["id1"], t["id2"]} <= published
    ]
    out = [b not in {s.resource.id for s in sample_engine.similar(a, edition="alle", k=10)} for a, b in pairs]
    assert len(out) >= 12
    return sum(out) / len(out)


@pytest.mark.parametrize("class_", SAME)
def test_the_same_work_is_not_offered_as_related(sample_engine, class_):
    assert shares(sample_engine, class_) >= FOUND[class_]


@pytest.mark.parametrize(("class_", "least"), [("same_topic_other_role", 0.4), ("local_supplement", 0.5)])
def test_related_texts_are_offered(sample_engine, class_, least):
    assert 1 - shares(sample_engine, class_) >= least


def test_every_twin_class_has_at_least_twelve_labelled_pairs():
    for class_ in {t["class"] for t in TWINS}:
        assert sum(t["class"] == class_ for t in TWINS) >= 12
    assert len({t["class"] for t in TWINS}) == 7

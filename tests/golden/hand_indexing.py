"""What did two indexers say that the texts are about, each from the text alone?"""

import csv
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from statistics import mean

FOLDER = Path(__file__).parent / "indexing"
INDEXERS = ("a", "b")
ROLES_OF_CONCEPTS = {
    "topics": {"tema", "tilstand", "prosedyre"},
    "patient_groups": {"malgruppe"},
    "audience": {"rolle"},
    "arenas": {"arena"},
}
"""Which schemes may stand in which column."""


@dataclass(frozen=True)
class Indexed:
    """One indexer's concepts for one resource, best first."""

    topics: tuple[str, ...]
    patient_groups: tuple[str, ...]
    audience: tuple[str, ...]
    arenas: tuple[str, ...]


@cache
def indexed_by(indexer):
    """Return what an indexer has said, by resource."""
    with (FOLDER / f"{indexer}.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {
            row["resource"]: Indexed(
                *(tuple(filter(None, row[column].split("|"))) for column in ROLES_OF_CONCEPTS)
            )
            for row in rows
        }


def half(resource):
    """Return the half of a text, ``dev`` to choose weights with or ``test`` to measure with; drawn by a hash of its id."""
    return "test" if sha256(resource.encode()).digest()[0] % 2 else "dev"


@cache
def off_subject():
    """Return (id, language, title, text) of texts that no topic of health fits."""
    with (FOLDER.parent / "off_subject_texts.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["id"], row["lang"], row["title"], row["text"]) for row in rows]


def agreement(column):
    """Return the mean F1 of the two indexers over the resources where one of them at least said something."""
    first, second = (indexed_by(indexer) for indexer in INDEXERS)
    values = []
    for resource in first:
        one, other = (set(getattr(found[resource], column)) for found in (first, second))
        if one or other:
            values.append(2 * len(one & other) / (len(one) + len(other)))
    return mean(values), len(values)

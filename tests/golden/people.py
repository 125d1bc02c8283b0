"""What are the proposals for audience, patient groups, arenas, level and type worth, and what do they mix up?

``python -m golden.people [ACTS.jsonl]`` prints the tables of docs/evaluation.md; the acts and regulations of the hand-indexed
set are not in this repository.
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from engine.facet_relations import FacetRelations
from engine.facet_tagging import FacetTagger
from golden.hand_indexing import INDEXERS, ROLES_OF_CONCEPTS, half, indexed_by
from vocab.matcher import LabelMatcher
from vocab.vocabulary import open_vocabulary

SCHEME_OF = {"audience": "rolle", "patient_groups": "malgruppe", "arenas": "arena"}
READ_OF_ACTS = 3000
"""The indexers read so much of an act [code points]."""


@dataclass(frozen=True)
class Text:
    title: str
    summary: str
    body: str
    resource_type: str
    level: str


@dataclass(frozen=True)
class Worth:
    """Micro-averaged precision, recall and F1, and on how many proposals and judgements they stand."""

    precision: float
    recall: float
    f1: float
    proposed: int
    judged: int


def worth(right, proposed, judged):
    """Return the measures of counts."""
    return Worth(
        right / proposed if proposed else 0.0,
        right / judged if judged else 0.0,
        2 * right / (proposed + judged) if proposed + judged else 0.0,
        proposed,
        judged,
    )


@cache
def texts(acts=None):
    """Return the texts of the sample bank, and of the acts when there is a file of them, by id."""
    found = {}
    paths = sorted(files("indexer").joinpath("data", "sample", "resources").glob("*.jsonl"))
    for path in (*paths, *([Path(acts)] if acts else [])):
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                body = row["body"][:READ_OF_ACTS] if acts and path == Path(acts) else row["body"]
                found[row["id"]] = Text(
                    row["title"],
                    row.get("summary", ""),
                    body,
                    row.get("resource_type", ""),
                    row.get("level", ""),
                )
    return found


@cache
def tagger():
    """Return the tagger of the bundled vocabulary, and what its vocabulary relates."""
    vocabulary = open_vocabulary()
    matcher = LabelMatcher(vocabulary)
    return FacetTagger(vocabulary, matcher), FacetRelations(vocabulary, matcher)


@cache
def of_text(text):
    """Return the proposals for a text, from the text alone."""
    return tagger()[0].propose(text.title, text.summary, text.body)


@cache
def proposals(which, acts=None):
    """Return the proposals for the hand-indexed texts of a half, by id."""
    known = texts(acts)
    return {id_: of_text(known[id_]) for id_ in indexed_by("a") if id_ in known and half(id_) == which}


def of_column(found, column):
    """Return the concepts proposed in a column, as the indexers would have written them.

    They had one column for groups, whether meant as readers or as patients; groups proposed as readers count there.
    """
    scheme = SCHEME_OF[column] + "/"
    both = (*found.audience, *found.patient_groups) if column == "patient_groups" else getattr(found, column)
    return {p.concept for p in both if p.concept.startswith(scheme)}


def against(which, column, indexer, acts=None):
    """Return what a column is worth against one indexer."""
    gold = indexed_by(indexer)
    pairs = [(of_column(f, column), set(getattr(gold[i], column))) for i, f in proposals(which, acts).items()]
    return worth(
        sum(len(p & g) for p, g in pairs), sum(len(p) for p, _ in pairs), sum(len(g) for _, g in pairs)
    )


def ceiling(which, column, acts=None):
    """Return the micro-F1 of the two indexers on the same texts."""
    first, second = (indexed_by(indexer) for indexer in INDEXERS)
    pairs = [
        (set(getattr(first[i], column)), set(getattr(second[i], column))) for i in proposals(which, acts)
    ]
    return worth(
        sum(len(a & b) for a, b in pairs), sum(len(a) for a, _ in pairs), sum(len(b) for _, b in pairs)
    ).f1


def confusion(which, acts=None):
    """Return how many proposals of a column (second) stand in which column (first) of the indexers.

    A proposal is at home if one indexer has it in its column; it is confused if both have the concept, or its
    counterpart of another scheme (the condition of a patient group, the arena of a role, the same label), in another
    column; else it stands in ``nothing``.
    """
    first, second = (indexed_by(indexer) for indexer in INDEXERS)
    table = Counter()
    for id_, found in proposals(which, acts).items():
        for column in SCHEME_OF:
            for proposal in getattr(found, column):
                table[_stands(proposal.concept, column, first[id_], second[id_]), column] += 1
    return table


def confused_share(table):
    """Return the share of proposals that stand in another column."""
    return (
        sum(n for (stands, column), n in table.items() if stands not in {column, "nothing"}) / table.total()
    )


def _stands(concept, column, first, second):
    home = "patient_groups" if concept.startswith("malgruppe/") else column
    if concept in getattr(first, home) or concept in getattr(second, home):
        return column
    same = {concept} | tagger()[1].counterparts.get(concept, set())
    for other in ROLES_OF_CONCEPTS:
        if other != home and same & set(getattr(first, other)) and same & set(getattr(second, other)):
            return other
    return "nothing"


def of_kinds(which, name):
    """Return what type or level is worth against the sources of the sample bank, over all its texts of a half."""
    right = proposed = judged = 0
    for id_, text in texts().items():
        if half(id_) == which:
            found = getattr(of_text(text), name)
            judged += 1
            proposed += len(found)
            right += bool(found) and found[0].concept.split("/")[1] == getattr(text, name)
    return worth(right, proposed, judged)


def report(acts=None):
    """Yield the lines of the tables."""
    for which in ("dev", "test"):
        yield f"\n{which}: {len(proposals(which, acts))} texts"
        for column in SCHEME_OF:
            for indexer in INDEXERS:
                w = against(which, column, indexer, acts)
                yield f"{column:15} {indexer} P {w.precision:.3f} R {w.recall:.3f} F1 {w.f1:.3f} ({w.proposed} proposed)"
            yield f"{column:15} the indexers {ceiling(which, column, acts):.3f}"
        for name in ("resource_type", "level"):
            w = of_kinds(which, name)
            yield f"{name:15} P {w.precision:.3f} R {w.recall:.3f} F1 {w.f1:.3f} ({w.proposed} of {w.judged})"
        table = confusion(which, acts)
        for (stands, column), n in sorted(table.items()):
            yield f"proposed as {column:15} stands in {stands:15} {n}"
        yield f"confused: {confused_share(table):.3f}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report(*sys.argv[1:2]))

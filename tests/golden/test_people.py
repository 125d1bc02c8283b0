"""Audience, patient groups, arenas, level and type: floors for each by its own, and hardly ever one for another (N1).

On the texts of the sample bank only; the acts and regulations that were indexed too are not in this repository. Floors are
just under what was measured on the test half.
"""

import pytest

from golden import people
from golden.hand_indexing import INDEXERS, indexed_by

FLOORS = {
    "audience": {"a": (0.87, 0.63), "b": (0.87, 0.58)},
    "patient_groups": {"a": (0.79, 0.69), "b": (0.83, 0.70)},
    "arenas": {"a": (0.95, 0.76), "b": (0.91, 0.73)},
}
"""Precision and micro-F1 against each indexer."""

KINDS = {"resource_type": (0.91, 0.73), "level": (0.84, 0.14)}
"""Precision and F1 against the sources."""


@pytest.mark.parametrize("indexer", INDEXERS)
@pytest.mark.parametrize("column", FLOORS)
def test_each_column_is_worth_what_it_was(column, indexer):
    found = people.against("test", column, indexer)
    precision, f1 = FLOORS[column][indexer]
    assert found.precision >= precision
    assert found.f1 >= f1
    assert found.f1 <= people.ceiling("test", column)


@pytest.mark.parametrize("name", KINDS)
def test_types_and_levels_are_worth_what_they_were(name):
    found = people.of_kinds("test", name)
    precision, f1 = KINDS[name]
    assert found.precision >= precision
    assert found.f1 >= f1


@pytest.mark.parametrize("which", ["dev", "test"])
def test_less_than_one_proposal_in_twenty_stands_in_another_column(which):
    table = people.confusion(which)
    assert table.total() >= 70
    assert people.confused_share(table) < 0.05


def test_the_measure_sees_a_role_where_a_group_is_meant():
    id_ = next(
        i for i, found in indexed_by("a").items() if found.patient_groups == ("malgruppe/personer-demens",)
    )
    first, second = (indexed_by(indexer)[id_] for indexer in INDEXERS)
    assert people._stands("malgruppe/personer-demens", "patient_groups", first, second) == "patient_groups"
    assert people._stands("tilstand/demens", "audience", first, second) in {"patient_groups", "topics"}
    assert people._stands("rolle/tannlege", "audience", first, second) == "nothing"

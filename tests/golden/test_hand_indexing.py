"""The hand-indexed set is whole, and the two indexers agree as much as its README says."""

import pytest

from golden.hand_indexing import INDEXERS, ROLES_OF_CONCEPTS, agreement, indexed_by
from vocab.vocabulary import open_vocabulary

AGREEMENT = {"topics": 0.880, "patient_groups": 0.856, "audience": 0.819, "arenas": 0.935}


def test_both_have_indexed_the_same_texts():
    first, second = (indexed_by(indexer) for indexer in INDEXERS)
    assert first.keys() == second.keys()
    assert len(first) >= 150


@pytest.mark.parametrize("indexer", INDEXERS)
def test_every_concept_is_one_of_the_vocabulary_in_its_column(indexer):
    vocabulary = open_vocabulary()
    assert sum(not found.topics for found in indexed_by(indexer).values()) <= 5  # acts on other matters
    for resource, found in indexed_by(indexer).items():
        for column, schemes in ROLES_OF_CONCEPTS.items():
            concepts = getattr(found, column)
            assert len(set(concepts)) == len(concepts), resource
            for concept in concepts:
                assert concept in vocabulary, (resource, concept)
                assert concept.split("/")[0] in schemes, (resource, concept)


@pytest.mark.parametrize("column", ROLES_OF_CONCEPTS)
def test_the_indexers_agree_as_measured(column):
    value, _ = agreement(column)
    assert value == pytest.approx(AGREEMENT[column], abs=0.005)

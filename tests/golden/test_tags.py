"""Tags of the sample bank against two indexers: floors just under what was measured, by half."""

from dataclasses import replace

import pytest

from cli.tag_evaluation import score
from golden.hand_indexing import INDEXERS, half, indexed_by

FLOORS = {  # micro-F1@5, recall@10: mean of both indexers, less .02
    "dev": (0.58, 0.70),
    "test": (0.525, 0.72),
}
AUTOMATIC = "automatic"


@pytest.fixture(scope="module")
def suggested(sample_engine):
    """Return tags and rankings of the indexed texts, made of title, summary and body alone."""
    found = {}
    for resource in sample_engine.catalogue.get_many(sorted(indexed_by("a"))).values():
        bare = resource_without_themes(resource)
        tags = sample_engine.topics.tags(bare)
        ranked = sample_engine.topics.tags(bare, threshold=0.0, limit=10)
        found[resource.id] = ([t.concept for t in tags], [(t.concept, t.score) for t in ranked])
        assert all(t.origin == AUTOMATIC and t.features and (t.spans or not t.label) for t in ranked)
    return found


def resource_without_themes(resource):
    return replace(resource, themes=())


@pytest.mark.parametrize("part", FLOORS)
def test_tags_are_as_good_as_measured(suggested, part):
    results = []
    for indexer in INDEXERS:
        given = {
            text: frozenset(said.topics)
            for text, said in indexed_by(indexer).items()
            if text in suggested and half(text) == part and said.topics
        }
        assert len(given) > 50
        results.append(score(given, suggested).metrics)
    micro, recall = (sum(r[name] for r in results) / len(results) for name in ("micro-F1@5", "recall@10"))
    said = f"micro-F1@5 {micro:.3f}, recall@10 {recall:.3f}"
    least_micro, least_recall = FLOORS[part]
    assert micro >= least_micro, said
    assert recall >= least_recall, said

"""Tags of the sample bank against two indexers, and of texts off the subject: floors just under what was measured."""

from dataclasses import replace

import pytest

from cli.tag_evaluation import score
from golden.hand_indexing import INDEXERS, half, indexed_by, off_subject

FLOORS = {  # micro-F1@5, recall@10: mean of both indexers, less .02
    "dev": (0.58, 0.70),
    "test": (0.525, 0.72),
}
AUTOMATIC = "automatic"
MOST_BY_MEANING = 0.05
"""Share of the texts off the subject that may get a tag by their meaning alone."""


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


@pytest.mark.parametrize("part", FLOORS)
@pytest.mark.parametrize("whole", [True, False], ids=["text", "title"])
def test_a_text_off_the_subject_gets_no_tag_by_its_meaning_alone(sample_engine, part, whole):
    texts = [text for text in off_subject() if half(text[0]) == part]
    assert len(texts) > 25
    assert {lang for _, lang, _, _ in texts} == {"nb", "nn", "en"}
    tagged = {}
    for id_, _, title, text in texts:
        tags = sample_engine.propose_tags(title, text if whole else "")
        by_meaning = [t.concept for t in tags if not {"title", "lead", "mentions"} & dict(t.features).keys()]
        if by_meaning:
            tagged[id_] = by_meaning
    assert len(tagged) <= MOST_BY_MEANING * len(texts), tagged

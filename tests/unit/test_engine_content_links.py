"""Likeness of requirements and resources: near is ahead, near to everything is not, words and like resources count."""

import numpy as np
import pytest

from engine.content_links import NEAREST, LikenessWeights, likenesses
from engine.model import Resource
from engine.teaching_links import LinkWeights, teaching_links
from graph.model import Requirement

FALL, PAIN = Requirement("fall", {"nb": "fall"}), Requirement("smerte", {"nb": "smerte"})
AXES = {"fall": [1.0, 0.0, 0.0], "smerte": [0.0, 1.0, 0.0]}


def unit(*values):
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def encode(texts):
    return np.stack([unit(*AXES[text]) for text in texts])


def found(vectors, weights=None, texts=None, requirements=(FALL, PAIN)):
    resources = {id_: Resource(id_, "", body=(texts or {}).get(id_, "")) for id_ in vectors}
    return likenesses(
        requirements,
        sorted(vectors),
        lambda id_: np.atleast_2d(vectors[id_]),
        lambda ids: {id_: resources[id_] for id_ in ids},
        encode,
        weights,
    )


def order(of):
    return [one.resource for one in of]


def test_the_nearest_passage_counts():
    vectors = {"a": np.stack([unit(0, 0, 1), unit(1, 0, 0)]), "b": unit(1, 0, 1)}
    assert order(found(vectors)["fall"]) == ["a", "b"]


def test_what_is_near_to_everything_comes_after_what_is_near_to_this():
    vectors = {"all": unit(1, 1, 0), "this": unit(2, 0, 2)}
    plain = LikenessWeights(hubness=0.0, words=0.0, lent=0.0)
    assert order(found(vectors, plain)["fall"]) == ["all", "this"]
    assert order(
        found(vectors, LikenessWeights(hubness=1.0, hub_neighbours=2, words=0.0, lent=0.0))["fall"]
    ) == [
        "this",
        "all",
    ]


def test_shared_words_count_and_are_a_share_of_the_requirements_own():
    vectors = {"a": unit(1, 0, 1), "b": unit(1, 0, 1)}
    first = found(vectors, LikenessWeights(lent=0.0), {"b": "Fall og falltrygging"})["fall"][0]
    assert (first.resource, 0 < first.words <= 1) == ("b", True)


def test_like_resources_lend_each_other_some_of_what_they_have():
    vectors = {"best": unit(1, 0, 0), "like": unit(0.6, 0, 0.8), "apart": unit(0.62, 0.784, 0)}
    weights = {"hubness": 0.0, "words": 0.0, "neighbours": 1, "sharpness": 1.0}
    alone = found(vectors, LikenessWeights(lent=0.0, **weights), requirements=(FALL,))["fall"]
    lent = found(vectors, LikenessWeights(lent=0.3, **weights), requirements=(FALL,))["fall"]
    assert {one.resource: one.score for one in lent} != {one.resource: one.score for one in alone}
    assert order(alone) == ["best", "apart", "like"]


def test_no_more_are_looked_at_than_said_and_nothing_gives_nothing():
    rng = np.random.default_rng(0)
    many = {f"r{n:04}": unit(*rng.normal(size=3)) for n in range(NEAREST + 50)}
    assert len(found(many)["fall"]) == NEAREST
    assert found({}) == {}
    assert found({"a": np.zeros((0, 3), dtype=np.float32)}) == {}


@pytest.mark.parametrize(("score", "proposed"), [(0.5, True), (0.0, False)])
def test_a_likeness_becomes_a_proposal_with_its_probability(score, proposed):
    teaches, links = teaching_links([Resource("a", "")], [FALL], (), {"fall": {"a": score}})
    assert teaches == {}
    assert bool(links) is proposed
    if proposed:
        assert links["a"][0].confidence == pytest.approx(LinkWeights().confidence(score, 0.0), abs=1e-4)


def test_what_is_stated_is_not_proposed_too():
    teaches, links = teaching_links([Resource("a", "", teaches=("fall",))], [FALL], (), {"fall": {"a": 0.9}})
    assert (list(teaches), links) == (["a"], {})

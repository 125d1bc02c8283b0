"""Weights are learnt from judgements, and taken only when they are better than by chance on texts that were held out."""

import numpy as np
import pytest

from engine.tag_evidence import Evidence
from engine.tag_learning import ENOUGH, learn
from engine.tagging import FeatureWeights

FIXED = FeatureWeights(-4.0, 2.0, 0.0, 2.0, 1.0, 1.0)


def texts(n, true, seed=1):
    """Return texts whose concepts were given with the probabilities that some weights say."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        evidence = {
            f"t/{c}": Evidence(
                title=float(random.random()),
                lead=float(random.random()),
                mentions=int(random.integers(4)),
                meaning=float(random.normal()),
            )
            for c in range(12)
        }
        odds = {c: sum(true.parts(e).values()) for c, e in evidence.items()}
        found.append((evidence, {c for c, o in odds.items() if random.random() < 1 / (1 + np.exp(-o))}))
    return found


def test_weights_of_another_kind_of_judge_are_found_and_taken():
    true = FeatureWeights(-3.0, 0.0, 0.0, 0.0, 0.0, 3.0)
    learnt = learn(texts(200, true), FIXED)
    assert learnt.taken
    assert learnt.gain > 0
    assert learnt.weights.meaning > 2
    assert abs(learnt.weights.title) < 0.7


def test_judges_who_agree_with_the_fixed_weights_change_nothing():
    learnt = learn(texts(200, FIXED), FIXED)
    assert not learnt.taken
    assert learnt.weights is FIXED


def test_a_few_texts_change_nothing():
    learnt = learn(texts(ENOUGH - 1, FeatureWeights(0, 0, 0, 0, 0)), FIXED)
    assert (learnt.taken, learnt.weights) == (False, FIXED)
    assert learn([], FIXED).texts == 0


def test_the_same_judgements_give_the_same_weights():
    some = texts(80, FeatureWeights(-3.0, 0.0, 0.0, 0.0, 0.0, 3.0))
    assert learn(some, FIXED) == learn(some, FIXED)


def test_judgements_without_any_given_concept_do_no_harm():
    learnt = learn([(evidence, set()) for evidence, _ in texts(60, FIXED)], FIXED)
    assert learnt.weights.bias <= FIXED.bias
    assert learnt.gain == pytest.approx(learnt.gain)

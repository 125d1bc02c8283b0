"""Do the judgements of indexers give better weights than the fixed ones? Weights learnt, and taken only when they are.

Logistic regression with a normal prior around the fixed weights [1]_: few judgements move little. How strong the prior
is, and whether what was learnt is better at all, is decided by cross-validation over texts.

References
----------
.. [1] C. M. Bishop, "Pattern Recognition and Machine Learning", 2006, §4.5: maximum a posteriori estimation.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize

from engine.tag_evidence import Evidence
from engine.tagging import FeatureWeights
from vocab.concept import ConceptId

ENOUGH: Final = 40
"""Texts from which it is tried."""

FOLDS: Final = 5
STRENGTHS: Final = (1.0, 5.0, 25.0, 125.0)
"""How strongly the fixed weights hold [judgements]; each is tried."""

SURE: Final = 1.64
"""Standard errors by which the held-out loss must be lower: 95 % on one side."""

_Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of it.

    Attributes
    ----------
    weights
        The learnt ones if they are better, else the fixed ones.
    taken
        Whether they are the learnt ones.
    gain, error
        Mean of what is gained in held-out log-loss per text, and its standard error [nats].
    texts
        How many texts there were.
    """

    weights: FeatureWeights
    taken: bool
    gain: float
    error: float
    texts: int


def learn(
    texts: Sequence[tuple[Mapping[ConceptId, Evidence], AbstractSet[str]]], fixed: FeatureWeights
) -> Learnt:
    """Learn weights of features from texts with their evidence and the concepts that indexers gave them."""
    samples = [
        (
            np.array([_row(fixed, e) for e in evidence.values()]).reshape(len(evidence), -1),
            np.array([concept in given for concept in evidence], dtype=np.float64),
        )
        for evidence, given in texts
        if evidence
    ]
    prior = np.array(astuple(fixed))
    if len(samples) < ENOUGH:
        return Learnt(fixed, False, 0.0, 0.0, len(samples))
    before = np.array([_loss(prior, x, y) for x, y in samples])
    gains = {strength: before - _held_out(samples, prior, strength) for strength in STRENGTHS}
    strength = max(STRENGTHS, key=lambda s: float(gains[s].mean()))
    gain, error = float(gains[strength].mean()), float(gains[strength].std(ddof=1) / len(samples) ** 0.5)
    if gain <= SURE * error:
        return Learnt(fixed, False, gain, error, len(samples))
    found = _fitted(samples, prior, strength)
    return Learnt(FeatureWeights(*(round(float(w), 3) for w in found)), True, gain, error, len(samples))


def _row(weights: FeatureWeights, evidence: Evidence) -> tuple[float, ...]:
    return (1.0, *weights.features(evidence))


def _held_out(samples: Sequence[tuple[_Array, _Array]], prior: _Array, strength: float) -> _Array:
    losses = np.zeros(len(samples))
    for fold in range(FOLDS):
        weights = _fitted([s for n, s in enumerate(samples) if n % FOLDS != fold], prior, strength)
        for n in range(fold, len(samples), FOLDS):
            losses[n] = _loss(weights, *samples[n])
    return losses


def _fitted(samples: Sequence[tuple[_Array, _Array]], prior: _Array, strength: float) -> _Array:
    x = np.concatenate([rows for rows, _ in samples])
    y = np.concatenate([given for _, given in samples])

    def cost(weights: _Array) -> tuple[float, _Array]:
        away = weights - prior
        logits = x @ weights
        value = float(np.logaddexp(0.0, logits).sum() - y @ logits + strength / 2 * away @ away)
        return value, x.T @ (1 / (1 + np.exp(-logits)) - y) + strength * away

    return np.asarray(minimize(cost, prior, jac=True, method="L-BFGS-B").x)


def _loss(weights: _Array, x: _Array, y: _Array) -> float:
    logits = x @ weights
    return float(np.logaddexp(0.0, logits).sum() - y @ logits)

"""How good are recommendations for a role that is only described? Roles with one requirement, held against plain searches.

Each text that is asked becomes a role with a plan of one requirement: the text's first sentence is its label, the rest
its description. The index run links resources to it as it links any; the recommender lists them with its own settings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.collection import Collection
from cli.evaluation import Asked, Evaluation, indexed, score
from cli.plain_rankings import plain_rankings
from cli.significance import Difference, paired
from engine.errors import InvalidRequest
from engine.model import Vectors
from engine.passages import passage_texts, split_passages
from engine.progress import Progress
from engine.recommend import MAX_K, RecommendationRequest
from engine.service import Engine
from graph.model import Plan, PlanLine, Requirement, Role
from indexer.embedding import PassageEmbedder
from vocab.concept import Lang
from vocab.language import detect_language

RECOMMENDED = "recommended"
"""Name of the program's own run beside the plain ones."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class RecommendEvaluation:
    """Runs by name, each scored, and by how much the recommendations' nDCG@10 is ahead of each plain one."""

    runs: Mapping[str, Evaluation]
    ahead: Mapping[str, Difference]


def evaluate_recommendations(
    collection: Collection, data: Path, progress: Progress | None = None
) -> RecommendEvaluation:
    """Recommend for every role of a collection and rank its documents by plain searches in the same run.

    Raises
    ------
    InvalidRequest
        If the data folder holds something else, or there is no model that knows what texts mean.
    """
    roles = collection.judgements.queries
    names = {query: f"q{number:06}" for number, query in enumerate(roles)}
    with indexed(collection, data, progress=progress, prepare=lambda e: _write(e, roles, names)) as asked:
        embedder = asked.engine.embedder
        if embedder is None:
            raise InvalidRequest("recommendations by content need a model: set KG_EMBEDDER to one")
        runs = plain_rankings(
            collection.documents,
            roles,
            _vectors(asked).__getitem__,
            embedder.encode(list(roles.values()), "query"),
            MAX_K,
        )
        runs[RECOMMENDED] = {query: _recommend(asked, name) for query, name in names.items()}
    scored = {name: score(collection.judgements, run) for name, run in runs.items()}
    own = [scored[RECOMMENDED].per_query[q]["nDCG@10"] for q in roles]
    ahead = {
        name: paired(own, [result.per_query[q]["nDCG@10"] for q in roles])
        for name, result in scored.items()
        if name != RECOMMENDED
    }
    return RecommendEvaluation(scored, ahead)


def described(name: str, text: str) -> tuple[Role, Requirement, Plan]:
    """Return a role with a plan of one requirement, made of a text.

    Examples
    --------
    >>> described("q1", "Jordmor. Følger opp gravide.")[1].description
    {'nb': 'Følger opp gravide.'}
    """
    label, *rest = _SENTENCE.split(text.strip(), maxsplit=1)
    found = detect_language(text)[0]
    lang: Lang = found if found in {"nb", "nn", "en", "se"} else "nb"
    labels: dict[Lang, str] = {lang: label.rstrip(".") or name}
    requirement = Requirement(name, labels, {lang: rest[0]} if rest else {})
    return Role(name, labels), requirement, Plan(name, labels, (PlanLine(name),), (name,), owner="evaluate")


def _write(engine: Engine, roles: Mapping[str, str], names: Mapping[str, str]) -> None:
    parts = [described(names[query], text) for query, text in roles.items()]
    catalogue, at = engine.catalogue, engine.now()
    catalogue.upsert_roles((role for role, _, _ in parts), by="evaluate", at=at)
    catalogue.upsert_requirements((requirement for _, requirement, _ in parts), by="evaluate", at=at)
    catalogue.upsert_plans((plan for _, _, plan in parts), by="evaluate", at=at)


def _vectors(asked: Asked) -> dict[str, Vectors]:
    """Return the vectors of the documents' passages, which the index run has computed."""
    engine = asked.engine
    assert engine.embedder is not None
    embedder = PassageEmbedder(engine.embedder, engine.vectors)
    return {
        asked.names[r.id]: embedder.vectors(passage_texts(r, split_passages(r.body)))
        for r in engine.catalogue.all(status="published")
    }


def _recommend(asked: Asked, role: str) -> list[str]:
    items = asked.engine.recommend(RecommendationRequest(role, k=MAX_K)).items
    return [asked.names[item.resource.id] for item in items]

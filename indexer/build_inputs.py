"""What besides the resources goes into a build? Told as numbers and hashes, so that it is seen when it changes."""

import hashlib
from collections.abc import Mapping

from engine.merges import links_with_merged, tags_with_merged
from engine.plan_data import found_same
from engine.service import Engine
from graph.model import Requirement
from indexer.enrichment import rulings_digest, tag_rulings


def other_inputs(engine: Engine) -> dict[str, str]:
    """Return what besides the resources goes into a build, as numbers and hashes."""
    catalogue = engine.catalogue
    return {
        "plan_seq": str(catalogue.plan_seq()),
        "tag_rulings": rulings_digest(tag_rulings(tags_with_merged(catalogue))),
        "replaced_requirements": replaced_digest(engine.requirements()),
        "same_requirements": _short_hash(str(sorted(found_same(catalogue).items()))),
        "teaches_rulings": rulings_digest(tag_rulings(links_with_merged(catalogue, engine.requirements()))),
        "steering": engine.steering().digest,
    }


def replaced_digest(requirements: Mapping[str, Requirement]) -> str:
    """Return a hash [16 hex digits] of which requirements count in the place of which."""
    pairs = sorted((q.id, q.replaced_by) for q in requirements.values() if q.replaced_by is not None)
    return _short_hash(str(pairs))


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]

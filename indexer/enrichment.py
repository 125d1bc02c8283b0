"""How does a resource become an index entry? Tagged, cut into passages, embedded, analysed.

What a resource gets depends on itself, the vocabulary, the model and the rulings on it, never on other
resources: one that has not changed need not be looked at again.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Final

from engine import entry as entry_rules
from engine import network as network_rules
from engine import passages as passage_rules
from engine import tagging as tagging_rules
from engine.entry import make_entry
from engine.model import Decision, IndexEntry, Resource
from engine.passages import passage_texts, split_passages
from engine.replaced_concepts import as_meant
from engine.service import Engine
from engine.tagging import TagWeights
from indexer.embedding import PassageEmbedder

PIPELINE_VERSION: Final = 1
"""Changes when entries change in a way that `recipe` does not see."""


class Enricher:
    """Makes entries of resources.

    Parameters
    ----------
    engine : Engine
        Vocabulary and matcher.
    embedder : PassageEmbedder or None
        None leaves entries without vectors.
    rulings : mapping of resource id to decisions
        Editors' rulings of kind ``tag``.

    Attributes
    ----------
    vocabulary : Vocabulary
        The one in use when it was made; entries are of this one, whatever comes into use meanwhile.
    """

    def __init__(
        self, engine: Engine, embedder: PassageEmbedder | None, rulings: Mapping[str, Sequence[Decision]]
    ) -> None:
        self.vocabulary, self._tagger = engine.tagging_words()
        self._embedder = embedder
        self.rulings = rulings

    @classmethod
    def tagging_only(cls, engine: Engine) -> "Enricher":
        """Return one that tags by the vocabulary and the rulings that there are now, without vectors."""
        return cls(engine, None, tag_rulings(engine.catalogue.decisions("tag")))

    def tagged(self, resource: Resource) -> Resource:
        """Return a resource with its tags."""
        meant = as_meant(resource, self.rulings.get(resource.id, ()), self.vocabulary)
        return replace(resource, about=self._tagger.tags(*meant))

    def entries(self, resources: Sequence[Resource]) -> Iterator[IndexEntry]:
        """Yield the entries of resources, in their order; the vectors of all are made at once."""
        passages = [split_passages(resource.body) for resource in resources]
        if self._embedder is None:
            vectors = None
        else:
            texts = [t for r, cut in zip(resources, passages, strict=True) for t in passage_texts(r, cut)]
            vectors = self._embedder.vectors(texts)
        at = 0
        for resource, cut in zip(resources, passages, strict=True):
            tagged = self.tagged(resource)
            own = None if vectors is None else vectors[at : at + len(cut)]
            at += len(cut)
            yield make_entry(tagged, self.vocabulary, cut, own)


def tag_rulings(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    """Return rulings by the resource that they are on."""
    found: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        found[decision.subject].append(decision)
    return dict(found)


def ruling_digests(rulings: Mapping[str, Sequence[Decision]]) -> dict[str, str]:
    """Return a hash [16 hex digits] of the rulings on each subject: as long as it stays, so do the tags."""
    return {
        subject: _digest(sorted((d.kind, d.object, d.verdict, d.by, d.at.isoformat()) for d in decisions))[
            :16
        ]
        for subject, decisions in rulings.items()
    }


def rulings_digest(rulings: Mapping[str, Sequence[Decision]]) -> str:
    """Return one hash [16 hex digits] of all rulings."""
    return _digest(sorted(ruling_digests(rulings).items()))[:16]


def recipe(tag_exclude: Iterable[str] = ()) -> str:
    """Return a hash of the rules that make entries and graphs; other rules need a whole new build."""
    rules = [f"pipeline={PIPELINE_VERSION}", repr(TagWeights()), f"exclude={sorted(tag_exclude)}"]
    for module in (entry_rules, passage_rules, tagging_rules, network_rules):
        rules += _constants(module)
    return _digest(rules)[:16]


def _constants(module: ModuleType) -> list[str]:
    """Return the constants of a module with their values, in an order that every process shares."""
    found = []
    for name, value in sorted(vars(module).items()):
        if name.isupper() and not name.startswith("_"):
            shown = sorted(value) if isinstance(value, frozenset) else value
            found.append(f"{name}={shown!r}")
    return found


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=list).encode()).hexdigest()

"""Does a build hold what it should? Read back before anybody else may read it.

The signature says what is in a build, however it came there: a build made at one go, one made bit by
bit and one made after a kill have the same signature when the catalogue is the same.
"""

import hashlib
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

import numpy as np

from engine.entry import columns
from engine.errors import BackendError
from engine.model import IndexQuery, LexicalQuery, Resource
from engine.passages import split_passages
from engine.ports import SearchIndex
from engine.records import content_hash
from vocab.analysis import analyse
from vocab.vocabulary import Vocabulary

SPOT_CHECKS = 20
"""Resources that must be found by their own title."""

DECIMALS = 4
"""Digits of a vector's coordinates that count in the signature."""

_CHUNK = 500


class UnsoundBuild(BackendError):
    """A staged build does not hold what it should; it is discarded and the old one stays."""


class ReadEntry(NamedTuple):
    """One resource as it was read back: hash of all that is indexed of it, passages, vectors or not."""

    digest: str
    passages: int
    embedded: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """What was read back from an index: the resources without their texts, and each one's entry."""

    resources: tuple[Resource, ...]
    entries: Mapping[str, ReadEntry]

    @property
    def passages(self) -> int:
        """Passages in all."""
        return sum(entry.passages for entry in self.entries.values())

    @property
    def vectors_missing(self) -> int:
        """Resources without vectors."""
        return sum(not entry.embedded for entry in self.entries.values())

    @property
    def signature(self) -> str:
        """Hash [64 hex digits] of all entries."""
        lines = (f"{id_}\0{entry.digest}\n" for id_, entry in sorted(self.entries.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_back(
    index: SearchIndex, ids: frozenset[str], *, dim: int | None, known: Mapping[str, ReadEntry] | None = None
) -> Contents:
    """Read a staged index and check that it is whole.

    Parameters
    ----------
    index : SearchIndex
        Committed.
    ids : frozenset of str
        What it should hold.
    dim : int or None
        Length of a vector; None when there are to be none.
    known : mapping of id to ReadEntry, optional
        What was read of resources that have not been written since; a sample of them is read again.

    Raises
    ------
    UnsoundBuild
        If resources are missing or left over, a vector is not finite or of another length, passages
        do not fit the text, or a known resource is not as it was.
    """
    held = index.ids()
    if held != ids:
        lacking, extra = sorted(ids - held)[:3], sorted(held - ids)[:3]
        raise UnsoundBuild(
            f"the build holds {len(held)} resources, not {len(ids)}: lacks {lacking}, has {extra}"
        )
    known = known or {}
    again = set(sample_of(frozenset(known), seed=str(len(ids))))
    kept: list[Resource] = []
    entries: dict[str, ReadEntry] = {}
    for resource in _resources(index, sorted(ids)):
        entry = known.get(resource.id)
        if entry is None or resource.id in again:
            read = _read_entry(index, resource, dim)
            if entry is not None and read != entry:
                raise UnsoundBuild(f"{resource.id!r} is not in the build as it was in the one before")
            entry = read
        entries[resource.id] = entry
        kept.append(replace(resource, summary="", body=""))
    return Contents(tuple(kept), entries)


def _read_entry(index: SearchIndex, resource: Resource, dim: int | None) -> ReadEntry:
    spans, vectors = index.passages(resource.id)
    if spans != tuple((p.start, p.end) for p in split_passages(resource.body)):
        raise UnsoundBuild(f"the passages of {resource.id!r} are not those of its text")
    if len(vectors) and (vectors.shape != (len(spans), dim) or not np.isfinite(vectors).all()):
        raise UnsoundBuild(f"the vectors of {resource.id!r} are not {len(spans)} of {dim} numbers")
    digest = hashlib.sha256()
    for part in (content_hash(resource), _tags(resource), json.dumps([spans, resource.stated])):
        digest.update(part.encode())
        digest.update(b"\0")
    digest.update((np.round(vectors.astype(np.float64), DECIMALS) + 0.0).tobytes())  # -0.0 is 0.0
    return ReadEntry(digest.hexdigest(), len(spans), len(vectors) > 0)


def spot_check(index: SearchIndex, resources: Mapping[str, Resource], vocabulary: Vocabulary) -> None:
    """Check that resources are found by their own titles, and stand in the columns they should.

    Parameters
    ----------
    index : SearchIndex
        Committed.
    resources : mapping of id to Resource
        A sample of those that it should hold, as they are in it.
    vocabulary : Vocabulary
        For the columns.

    Raises
    ------
    UnsoundBuild
        Naming the resource that is not found.
    """
    for resource in resources.values():
        terms = tuple(dict.fromkeys(token.text for token in analyse(resource.title)))
        if not terms:
            continue
        facets = columns(resource, vocabulary)
        scope = {name: facets[name] for name in ("edition", "language", "theme")}
        found = index.search(IndexQuery(lexical=LexicalQuery((), ((terms,),)), scope=scope))
        if resource.id not in found.ids:
            raise UnsoundBuild(f"{resource.id!r} is not found by its own title {resource.title!r}")


def sample_of(ids: frozenset[str], seed: str) -> list[str]:
    """Return up to `SPOT_CHECKS` ids, the same for the same ids and seed."""
    return random.Random(seed).sample(sorted(ids), min(SPOT_CHECKS, len(ids)))


def _resources(index: SearchIndex, ids: list[str]) -> Iterator[Resource]:
    for i in range(0, len(ids), _CHUNK):
        chunk = ids[i : i + _CHUNK]
        found = index.get(chunk)
        for id_ in chunk:
            if id_ not in found:
                raise UnsoundBuild(f"{id_!r} is in the build but cannot be read")
            yield found[id_]


def _tags(resource: Resource) -> str:
    return json.dumps([asdict(tag) for tag in resource.about], sort_keys=True)

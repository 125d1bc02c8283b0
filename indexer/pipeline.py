"""How does the catalogue become an index? What changed, enriched, verified and swapped in.

Nobody notices: a new build is made beside the current one and becomes current in one step. Killed at
any moment, the run leaves the current build as it was, and the next run goes on with the vectors
that were kept.
"""

import time
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from engine.errors import BackendUnavailable, IndexIncompatible, IndexMissing, NotFound
from engine.model import BuildInfo
from engine.passages import passage_texts, split_passages
from engine.progress import Progress, Quiet
from engine.service import Engine
from indexer.build_inputs import other_inputs
from indexer.building import BuildRun
from indexer.embedding import PassageEmbedder
from indexer.enrichment import recipe
from indexer.retagging import read_fingerprint
from indexer.verification import UnsoundBuild
from vocab.analysis import ANALYSIS_VERSION

KEEP: Final = 2
"""Published builds that stay: the current one and the one to roll back to."""

EARLY: Final = 64
"""Passages lacking a vector from which a first build is published without vectors, before they are made."""

_CHUNK = 200

Why = Literal[
    "", "first", "asked", "analysis", "vocabulary", "model", "rules", "vectors", "catalogue", "damaged"
]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an index run did.

    `added`, `changed` and `removed` count resources against the build before, `embedded` passages
    whose vectors were computed (not found in the cache). `skipped`: nothing had changed, and `build`
    is the one that was current. `whole` says why everything was made anew, empty when only changes
    were. `early` is the build without vectors that was published first. `retagged` are the resources that a
    change of the vocabulary may reach, which were tagged anew.
    """

    build: BuildInfo
    added: int = 0
    changed: int = 0
    removed: int = 0
    embedded: int = 0
    seconds: float = 0.0
    skipped: bool = False
    whole: Why = ""
    early: BuildInfo | None = None
    retagged: int = 0


def index(engine: Engine, *, rebuild: bool = False, progress: Progress | None = None) -> IndexReport:
    """Bring the index up to date with the catalogue.

    Parameters
    ----------
    engine : Engine
        Catalogue, builds, model, vector cache, vocabulary.
    rebuild : bool, default False
        Make everything anew; vectors in the cache are used again.
    progress : Progress, optional
        Told of resources.

    Returns
    -------
    IndexReport
        Only changes are indexed, unless analysis, model or rules are others than those of the current build.
        Of another vocabulary only what its changes reach is tagged anew, if the build tells what it was
        made with. Writes that come during the run are taken in.

    Raises
    ------
    Conflict
        If another process is building.
    BackendUnavailable
        If the current build has vectors and the model that the settings name does not load.
    BackendError
        If the new build does not pass verification, or a store or the model fails; the current build
        stays.
    """
    progress = progress or Quiet()
    started = time.monotonic()
    engine.refresh_vocabulary()
    current, why = _current(engine)
    if (
        current is not None
        and current.model_id
        and engine.embedder is None
        and engine.settings.embedder != "none"
    ):
        raise BackendUnavailable(
            f"the model {current.model_id} did not load, and the build made with it is kept; "
            "KG_EMBEDDER=none indexes words only"
        )
    retag = False
    if current is not None:
        why = "asked" if rebuild else _outdated(engine, current)
        retag = why == "vocabulary" and read_fingerprint(engine.builds.folder(current.id)) is not None
        why = "" if retag else why
        if not why and not retag and not _changed(engine, current):
            engine.builds.prune(KEEP)  # what a run that was killed has left
            return IndexReport(current, seconds=time.monotonic() - started, skipped=True)
    early = None
    try:
        if current is None or why:
            run, early = _whole(engine, progress, current, why)
        else:
            run = BuildRun(engine, progress, base=current)
        build = run.publish()
    except UnsoundBuild:
        if why:
            raise
        why = "damaged"  # or the catalogue is not the one that the current build was made from
        run, early = _whole(engine, progress, current, why)
        build = run.publish()
    engine.builds.prune(KEEP)
    seconds = time.monotonic() - started
    return IndexReport(
        build,
        run.added,
        run.changed,
        run.removed,
        run.embedded,
        seconds,
        whole=why,
        early=early,
        retagged=run.retagged,
    )


def rollback(engine: Engine) -> BuildInfo:
    """Make the build before the current one current again; raises NotFound if there is none.

    The next `index` run starts from there and takes in again all that has been written since.
    """
    return engine.builds.rollback()


def _whole(
    engine: Engine, progress: Progress, current: BuildInfo | None, why: Why
) -> tuple[BuildRun, BuildInfo | None]:
    """Return the run that makes everything anew, and the build that was published ahead of it."""
    early = None
    if why == "first" and _lacking_vectors(engine) > EARLY:
        early = BuildRun(engine, progress, vectors=False).publish()
    return BuildRun(engine, progress, instead_of=current), early


def _current(engine: Engine) -> tuple[BuildInfo | None, Why]:
    """Return the current build if it can be used, or why it cannot."""
    try:
        current = engine.builds.current()
        if current is None:
            return None, "first"
        engine.builds.open(current.id).close()
        engine.builds.folder(current.id)
    except (IndexMissing, IndexIncompatible, NotFound):
        return None, "damaged"
    return current, ""


def _outdated(engine: Engine, current: BuildInfo) -> Why:
    """Return why a build cannot be brought up to date bit by bit, or nothing."""
    if current.analysis_version != ANALYSIS_VERSION:
        return "analysis"
    if current.model_id != (engine.embedder.model_id if engine.embedder else ""):
        return "model"
    if current.extra.get("recipe") != recipe(engine.settings):
        return "rules"
    if engine.embedder is not None and current.vectors_missing:
        return "vectors"
    if current.applied_seq > engine.catalogue.last_seq():
        return "catalogue"
    return "vocabulary" if current.vocabulary_version != engine.vocabulary.version else ""


def usable_build(engine: Engine) -> BuildInfo | None:
    """Return the current build if searches and runs can go on from it, whatever vocabulary it was made with."""
    current, _ = _current(engine)
    return current if current is not None and _outdated(engine, current) in {"", "vocabulary"} else None


def _changed(engine: Engine, current: BuildInfo) -> bool:
    """Tell whether anything that goes into a build has changed since this one."""
    if engine.catalogue.changes_since(current.applied_seq):
        return True
    return any(current.extra.get(name) != value for name, value in other_inputs(engine).items())


def _lacking_vectors(engine: Engine) -> int:
    """Return how many passages have no vector in the cache."""
    if engine.embedder is None:
        return 0
    embedder = PassageEmbedder(engine.embedder, engine.vectors)
    resources = engine.catalogue.all(status="published")
    lacking = 0
    while chunk := list(islice(resources, _CHUNK)):
        lacking += embedder.missing([t for r in chunk for t in passage_texts(r, split_passages(r.body))])
    return lacking

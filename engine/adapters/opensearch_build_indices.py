"""How does a build lie on a cluster, and which is current? An index each, and an alias that names one.

What is known of a build, its manifest, stands in the index's mapping, at ``_meta.build``: the id, the
`BuildInfo`, the files that belong to it, and since when it has been retired. An index without a manifest of
its own id is unfinished.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final

from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.errors import (
    BackendError,
    BackendUnavailable,
    Conflict,
    IndexIncompatible,
    IndexMissing,
    InvalidRequest,
)
from engine.model import BuildInfo

_ID: Final = re.compile(r"(\d{6,})-\d{8}T\d{6}")
_PREFIX: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_KNOWN: Final = "*.aliases,*.mappings._meta.build,*.settings.index.uuid"
_ADMIN_TIMEOUT: Final = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class BuildPart:
    """A file of a build: path below the build's folder, length [bytes], hash of the whole, chunks."""

    path: str
    size: int
    sha256: str
    chunks: int

    def __post_init__(self) -> None:
        path = PurePosixPath(self.path)
        if path.is_absolute() or not path.parts or ".." in path.parts:
            raise ValueError(f"{self.path!r} is no path of a part")


@dataclass(frozen=True, slots=True)
class FoundBuild:
    """What the cluster says of one build. `current`: the alias names it. `manifest` None: unfinished."""

    id: str
    current: bool
    manifest: Mapping[str, Any] | None

    @property
    def number(self) -> int:
        """The running number in the id."""
        return int(self.id.split("-", 1)[0])

    @property
    def retired(self) -> float | None:
        """When the build was withdrawn from readers, as seconds since 1970, or None."""
        return None if self.manifest is None else self.manifest.get("retired")

    @property
    def published(self) -> bool:
        """Whether it may be opened."""
        return self.manifest is not None and self.retired is None

    def info(self) -> BuildInfo:
        """Return the manifest's `BuildInfo`; raises IndexIncompatible if it cannot be read."""
        try:
            assert self.manifest is not None
            fields = self.manifest["info"]
            return BuildInfo(**{**fields, "created": datetime.fromisoformat(fields["created"])})
        except (ValueError, TypeError, KeyError, AssertionError) as error:
            raise IndexIncompatible(f"the manifest of build {self.id} cannot be read: {error!r}") from error

    def parts(self) -> list[BuildPart]:
        """Return the build's files; raises IndexIncompatible if the manifest cannot be read."""
        try:
            assert self.manifest is not None
            return [BuildPart(**part) for part in self.manifest["parts"]]
        except (ValueError, TypeError, KeyError, AssertionError) as error:
            raise IndexIncompatible(f"the manifest of build {self.id} cannot be read: {error!r}") from error


def manifest_of(info: BuildInfo, parts: Sequence[BuildPart]) -> dict[str, Any]:
    """Return the manifest of a build, as `FoundBuild` reads it."""
    fields = {**asdict(info), "created": info.created.isoformat()}
    return {"id": info.id, "info": fields, "parts": [asdict(part) for part in parts]}


class OpenSearchBuildIndices:
    """The indices ``{prefix}-{id}`` and the alias ``{prefix}``.

    Parameters
    ----------
    connection
        The cluster.
    prefix
        Lower-case letters, digits, ``_``, ``.`` and ``-``, at most 100.

    Raises
    ------
    InvalidRequest
        If the prefix cannot begin the name of an index.
    """

    def __init__(self, connection: OpenSearchConnection, prefix: str) -> None:
        if not _PREFIX.fullmatch(prefix):
            raise InvalidRequest(
                f"{prefix!r} cannot begin the name of an index: lower-case letters, digits, '_', '.' and '-' can"
            )
        self._connection = connection
        self._prefix = prefix

    def name(self, build_id: str) -> str:
        """Return the name of a build's index."""
        return f"{self._prefix}-{build_id.lower()}"

    @staticmethod
    def is_id(text: str) -> bool:
        """Tell whether a text is the id of a build.

        Examples
        --------
        >>> OpenSearchBuildIndices.is_id("000007-20250321T104500"), OpenSearchBuildIndices.is_id("../x")
        (True, False)
        """
        return _ID.fullmatch(text) is not None

    def all(self) -> list[FoundBuild]:
        """Return all builds, finished or not, in id order, as the cluster manager knows them."""
        return self._read(f"{self._prefix}-*", local=False)

    def current(self) -> FoundBuild | None:
        """Return the build that the alias names, or None, as the node knows it that answers.

        Raises
        ------
        BackendError
            If the alias is taken by something that is not ours.
        """
        return self._target(local=True)

    def find(self, build_id: str) -> FoundBuild | None:
        """Return one build, finished or not, or None; an id that is none is not an error."""
        if not self.is_id(build_id):
            return None
        found = self._read(self.name(build_id), local=True)
        return found[0] if found else None

    def clone(self, source: str, target: str) -> None:
        """Make a writable copy of a build's index; the cluster shares the files of both until they change."""
        name, copy = self.name(source), self.name(target)
        settings = self._connection.call(
            lambda client: client.indices.get_settings(
                index=name, name="index.number_of_replicas", request_timeout=_ADMIN_TIMEOUT
            )
        )
        replicas = settings[name]["settings"]["index"]["number_of_replicas"]
        body = {"settings": {"index.blocks.write": None, "index.number_of_replicas": replicas}}
        answer = self._connection.call(
            lambda client: client.indices.clone(
                index=name, target=copy, body=body, request_timeout=_ADMIN_TIMEOUT
            )
        )
        if not answer.get("shards_acknowledged"):
            self.wait_until_served(target)
        self.write_manifest(target, None)

    def seal(self, build_id: str) -> None:
        """Refuse further writes to a build's index, and make all that was written durable and visible."""
        name = self.name(build_id)
        self._connection.call(
            lambda client: client.indices.add_block(index=name, block="write", request_timeout=_ADMIN_TIMEOUT)
        )
        self._connection.call(
            lambda client: client.indices.refresh(index=name, request_timeout=_ADMIN_TIMEOUT)
        )
        self._connection.call(lambda client: client.indices.flush(index=name, request_timeout=_ADMIN_TIMEOUT))
        self.wait_until_served(build_id)

    def wait_until_served(self, build_id: str) -> None:
        """Wait until every shard has a primary and copies that are being made are made.

        Raises
        ------
        BackendUnavailable
            If a primary is missing after half a minute; a copy that is not made by then does not matter.
        """
        name = self.name(build_id)
        try:
            health = self._connection.call(
                lambda client: client.cluster.health(
                    index=name,
                    wait_for_status="yellow",
                    wait_for_no_initializing_shards=True,
                    request_timeout=_ADMIN_TIMEOUT,
                )
            )
        except BackendUnavailable:  # it timed out; what has come about by then decides
            health = self._connection.call(lambda client: client.cluster.health(index=name))
        if health["status"] == "red":
            raise BackendUnavailable(f"the cluster has not placed all shards of {name}")

    def write_manifest(self, build_id: str, manifest: Mapping[str, Any] | None) -> None:
        """Replace a build's manifest, or remove it (None); what else stands in ``_meta`` stays."""
        name = self.name(build_id)
        answer = self._connection.call(
            lambda client: client.indices.get_mapping(index=name, request_timeout=_ADMIN_TIMEOUT)
        )
        meta = dict(answer[name]["mappings"].get("_meta", {}))
        meta.pop("build", None)
        if manifest is not None:
            meta["build"] = manifest
        self._connection.call(
            lambda client: client.indices.put_mapping(
                index=name, body={"_meta": meta}, request_timeout=_ADMIN_TIMEOUT
            )
        )

    def make_current(self, build_id: str, *, instead_of: str | None) -> None:
        """Swap the alias in one step.

        Raises
        ------
        Conflict
            If `instead_of` is not (any longer) what the alias names, or the build's index is gone.
        """
        add = {"add": {"index": self.name(build_id), "alias": self._prefix}}
        actions: list[Mapping[str, Any]] = [add]
        if instead_of not in {None, build_id}:
            before = {"index": self.name(instead_of or ""), "alias": self._prefix, "must_exist": True}
            actions.insert(0, {"remove": before})
        try:
            self._connection.call(
                lambda client: client.indices.update_aliases(
                    body={"actions": actions}, request_timeout=_ADMIN_TIMEOUT
                )
            )
        except BackendUnavailable:
            raise
        except BackendError as error:
            now = self._target(local=False)
            if (now and now.id) == build_id:  # an earlier try arrived although its answer did not
                return
            if isinstance(error, IndexMissing) or (now and now.id) != instead_of:
                raise Conflict(
                    f"build {build_id} was not made current: another process changed the builds meanwhile; "
                    f"current is {now.id if now else 'none'} ({error})"
                ) from error
            raise

    def delete(self, build_id: str) -> None:
        """Delete a build's index; one that is gone is not an error."""
        name = self.name(build_id)
        with suppress(IndexMissing):
            self._connection.call(
                lambda client: client.indices.delete(index=name, request_timeout=_ADMIN_TIMEOUT)
            )

    def _target(self, *, local: bool) -> FoundBuild | None:
        found = self._get(self._prefix, local=local)
        if self._prefix in found:
            raise BackendError(
                f"the name {self._prefix} belongs to an index that is not ours: name another (KG_SEARCH_INDEX)"
            )
        foreign = [name for name in found if self._id_of(name) is None]
        if foreign:
            raise BackendError(
                f"the alias {self._prefix} names {foreign[0]}, which is not ours: name another (KG_SEARCH_INDEX)"
            )
        builds = self._builds(found)
        return builds[-1] if builds else None

    def _read(self, pattern: str, *, local: bool) -> list[FoundBuild]:
        return self._builds(self._get(pattern, local=local))

    def _get(self, pattern: str, *, local: bool) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = self._connection.call(
                lambda client: client.indices.get(index=pattern, filter_path=_KNOWN, local=local)
            )
        except IndexMissing:
            return {}
        return answer

    def _builds(self, answer: Mapping[str, Any]) -> list[FoundBuild]:
        builds = []
        for name, known in answer.items():
            build_id = self._id_of(name)
            if build_id is not None:
                manifest = known.get("mappings", {}).get("_meta", {}).get("build")
                if not isinstance(manifest, dict) or manifest.get("id") != build_id:
                    manifest = None  # a clone has its origin's for a moment
                current = self._prefix in known.get("aliases", {})
                builds.append(FoundBuild(build_id, current, manifest))
        return sorted(builds, key=lambda build: build.id)

    def _id_of(self, name: str) -> str | None:
        """Return the id of a build whose index has this name, None if it is not ours."""
        id_ = name.removeprefix(f"{self._prefix}-").upper()
        return id_ if _ID.fullmatch(id_) and name == self.name(id_) else None


def create_index(
    connection: OpenSearchConnection, index: str, settings: Mapping[str, Any], mappings: Mapping[str, Any]
) -> None:
    """Make an index; nothing happens if there is one of that name."""
    body = {"settings": settings, "mappings": mappings}
    with suppress(Conflict):
        connection.call(
            lambda client: client.indices.create(index=index, body=body, request_timeout=_ADMIN_TIMEOUT)
        )

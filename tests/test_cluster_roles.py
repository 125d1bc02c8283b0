"""The roles of the cluster guide: they allow each call that the adapters make, and nothing beside.

What a call needs was found by running the contracts against a server with the security plugin, under these roles.
"""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ADAPTERS = sorted((ROOT / "engine" / "adapters").glob("opensearch_*.py"))
NAMES = {path.stem.removeprefix("opensearch_"): path for path in ADAPTERS}

SEARCH, INDEX, BACKUP = "kompetansegraf_search", "kompetansegraf_index", "kompetansegraf_backup"

ON_A_SHARD = {"refresh", "flush", "block/add"}
"""These are asked for again on each shard, as ``…[s]``."""

NEEDED = {
    "bulk": "indices:data/write/bulk indices:data/write/bulk[s] indices:data/write/index indices:data/write/delete",
    "cat.health": "cluster:monitor/health",
    "close": "",
    "cluster.health": "cluster:monitor/health",
    "create_pit": "indices:data/read/point_in_time/create",
    "delete": "indices:data/write/delete indices:data/write/bulk indices:data/write/bulk[s]",
    "delete_pit": "indices:data/read/point_in_time/delete",
    "get": "indices:data/read/get",
    "index": "indices:data/write/index indices:data/write/bulk indices:data/write/bulk[s]",
    "indices.add_block": "indices:admin/block/add indices:admin/block/add[s]",
    "indices.clone": "indices:admin/resize indices:admin/create indices:monitor/stats",
    "indices.create": "indices:admin/create",
    "indices.delete": "indices:admin/delete",
    "indices.exists": "indices:admin/get",
    "indices.flush": "indices:admin/flush indices:admin/flush[s]",
    "indices.get": "indices:admin/get",
    "indices.get_mapping": "indices:admin/mappings/get",
    "indices.get_settings": "indices:monitor/settings/get",
    "indices.put_mapping": "indices:admin/mapping/put",
    "indices.recovery": "indices:monitor/recovery",
    "indices.refresh": "indices:admin/refresh indices:admin/refresh[s]",
    "indices.update_aliases": "indices:admin/aliases",
    "info": "cluster:monitor/main",
    "msearch": "indices:data/read/msearch indices:data/read/search",
    "search": "indices:data/read/search",
    "snapshot.create": "cluster:admin/snapshot/create",
    "snapshot.delete": "cluster:admin/snapshot/delete",
    "snapshot.get": "cluster:admin/snapshot/get",
    "snapshot.get_repository": "cluster:admin/repository/get",
    "snapshot.restore": "cluster:admin/snapshot/restore indices:admin/create indices:data/write/index",
}
"""What the security plugin asks for when a method of the client is called."""

CLUSTER_WIDE = {"indices:data/write/bulk", "indices:data/read/msearch"}
"""Of many indices at once, so the plugin looks for them among the permissions of the cluster."""


def roles() -> dict[str, Any]:
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    found: dict[str, Any] = {}
    for block in re.findall(r"^```yaml\n(.*?)^```", guide, re.DOTALL | re.MULTILINE):
        found |= yaml.safe_load(block)
    return found


def allowed(*names: str) -> tuple[set[str], set[str]]:
    """Return the permissions for the cluster and for our indices."""
    cluster, indices = set(), set()
    for name in names:
        role = roles()[name]
        cluster |= set(role.get("cluster_permissions", ()))
        for part in role.get("index_permissions", ()):
            indices |= set(part["allowed_actions"])
    return cluster, indices


def covers(names: tuple[str, ...], action: str) -> bool:
    cluster, indices = allowed(*names)
    wide = action.startswith("cluster:") or action in CLUSTER_WIDE
    return any(matches(action, permission) for permission in (cluster if wide else indices))


def matches(action: str, permission: str) -> bool:
    return fnmatchcase(action, permission.replace("[", "[[]"))  # brackets are letters to the plugin


def calls(path: Path) -> Iterator[str]:
    """Yield each method of the client that a module calls, as ``indices.get``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _method(node.func):
            yield _method(node.func)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            assert not _method(node.args[0]) or path.name == "opensearch_build_indices.py", "name the method"


def _method(node: ast.expr) -> str:
    words = []
    while isinstance(node, ast.Attribute) and node.attr != "client":
        words.append(node.attr)
        node = node.value
    is_client = isinstance(node, ast.Attribute) or (isinstance(node, ast.Name) and node.id == "client")
    return ".".join(reversed(words)) if is_client else ""


def made(*names: str) -> set[str]:
    """Return the calls of some modules."""
    return {call for name in names for call in calls(NAMES[name])}


def test_what_the_adapters_call_is_known_here():
    assert made(*NAMES) == set(NEEDED)


@pytest.mark.parametrize("name", [SEARCH, INDEX, BACKUP])
def test_a_role_names_actions(name):
    cluster, indices = allowed(name)
    wrong = [a for a in cluster | indices if not re.fullmatch(r"(cluster|indices):[a-z_/]+(\[s\])?\*?", a)]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(roles()))
def test_a_role_is_about_our_indices_only(name):
    patterns = {p for part in roles()[name]["index_permissions"] for p in part["index_patterns"]}
    assert patterns <= {"kompetansegraf", "kompetansegraf-*", "kompetansegraf-0*"}


@pytest.mark.parametrize("call", sorted(NEEDED))
def test_the_roles_together_allow_each_call(call):
    assert [a for a in NEEDED[call].split() if not covers((SEARCH, INDEX, BACKUP), a)] == []


@pytest.mark.parametrize("call", sorted(made(*(name for name in NAMES if name != "build_archive"))))
def test_indexing_needs_no_role_for_backups(call):
    assert [a for a in NEEDED[call].split() if not covers((SEARCH, INDEX), a)] == []


@pytest.mark.parametrize("call", sorted(made("retrieval") | {"info", "get", "search", "indices.get"}))
def test_a_machine_that_only_searches_needs_one_role(call):
    assert [a for a in NEEDED[call].split() if not covers((SEARCH,), a)] == []


def test_a_role_that_searches_changes_nothing():
    cluster, indices = allowed(SEARCH)
    assert [a for a in cluster | indices if not re.search(r"/read/|monitor/main|admin/get$", a)] == []


def test_no_permission_is_superfluous():
    needed = {action for actions in NEEDED.values() for action in actions.split()}
    for name in (SEARCH, INDEX, BACKUP):
        cluster, indices = allowed(name)
        assert [p for p in cluster | indices if not any(matches(a, p) for a in needed)] == []


def test_a_star_stands_where_shards_are_asked_again():
    _, indices = allowed(INDEX)
    assert {p for p in indices if p.endswith("*")} == {f"indices:admin/{name}*" for name in ON_A_SHARD}

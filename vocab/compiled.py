"""How are concepts kept so that they open in no time? As JSON with the hash of its contents before it."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from vocab.concept import Concept, ConceptMapping, ConceptScheme, SkosContent

_MAPPINGS = ("pref_label", "alt_label", "hidden_label", "definition")
_OTHERS = ("broader", "narrower", "related", "deprecated")


def dumped(content: SkosContent) -> bytes:
    """Return schemes and concepts as JSON, equal for equal contents."""
    told = {
        "schemes": [asdict(scheme) for scheme in content.schemes],
        "concepts": [_said(concept) for concept in content.concepts],
        "foreign": dict(content.foreign),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def compiled(content: SkosContent, key: str) -> tuple[bytes, str]:
    """Return the compiled form of what was read from the files that the key stands for, and its hash."""
    told = dumped(content)
    version = sha256(told).hexdigest()
    return f"{key} {version}\n".encode() + told, version


def read_compiled(path: Path, key: str) -> tuple[SkosContent, str] | None:
    """Return what a compiled file has and its hash; None if it is not there, not whole or of another key."""
    try:
        head, _, told = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    version = sha256(told).hexdigest()
    if head != f"{key} {version}".encode():
        return None
    data = json.loads(told)
    content = SkosContent(
        tuple(_scheme(item) for item in data["schemes"]),
        tuple(_concept(item) for item in data["concepts"]),
        data["foreign"],
    )
    return content, version


def _said(concept: Concept) -> dict[str, Any]:
    """Return the fields of a concept that say something; by hand, since `asdict` copies all that is in them."""
    said: dict[str, Any] = {"id": concept.id}
    for name in _MAPPINGS:
        if found := getattr(concept, name):
            said[name] = dict(found)
    for name in _OTHERS:
        if found := getattr(concept, name):
            said[name] = found
    if concept.mappings:
        said["mappings"] = [asdict(mapping) for mapping in concept.mappings]
    for name in ("notation", "note", "replaced_by"):
        if (found := getattr(concept, name)) is not None:
            said[name] = found
    return said


def _scheme(item: dict[str, Any]) -> ConceptScheme:
    return ConceptScheme(item["id"], item["pref_label"], item["lexical"], tuple(item["top_concepts"]))


def _concept(item: dict[str, Any]) -> Concept:
    for name in ("broader", "narrower", "related"):
        item[name] = tuple(item.get(name, ()))
    for name in ("alt_label", "hidden_label"):
        item[name] = {lang: tuple(texts) for lang, texts in item.get(name, {}).items()}
    item["mappings"] = tuple(ConceptMapping(**mapping) for mapping in item.get("mappings", ()))
    return Concept(**item)

"""Which texts are one work? Folders with a corpus and judged pairs."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import orjson

from cli.collection import Document, read_corpus, read_languages, read_rows
from engine.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """Two texts, whether they are one work, and what they are to each other, empty if that is not told."""

    id1: str
    id2: str
    same: bool
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PairCollection:
    """Texts and judged pairs of them; `languages` are those that the corpus states."""

    documents: tuple[Document, ...]
    pairs: tuple[JudgedPair, ...]
    languages: Mapping[str, str]

    def digest(self) -> str:
        """Return a hash of texts and pairs, but for their order."""
        told = sha256()
        told.update(orjson.dumps(sorted((d.id, d.title, d.text) for d in self.documents)))
        told.update(orjson.dumps(sorted((p.id1, p.id2, p.same) for p in self.pairs)))
        return told.hexdigest()


def read_pair_collection(folder: Path) -> PairCollection:
    """Read ``corpus.jsonl`` {_id, title, text, metadata.language?} and ``pairs.tsv`` (id1, id2, label, type?).

    Raises
    ------
    InvalidRequest
        Naming the file, the line and the field; also when there is no pair.
    """
    documents = read_corpus(folder / "corpus.jsonl")
    path = folder / "pairs.tsv"
    pairs: list[JudgedPair] = []
    for number, row in read_rows(path):
        cells = [cell.strip() for cell in row]
        if number == 1 and cells[:3] == ["id1", "id2", "label"]:
            continue
        where = f"{path}, line {number}"
        if not 3 <= len(cells) <= 4 or cells[2] not in {"0", "1"}:
            raise InvalidRequest(f"{where}: expected id1, id2, label (1 or 0), type; got {row!r}")
        for name, id_ in zip(("id1", "id2"), cells[:2], strict=True):
            if id_ not in documents:
                raise InvalidRequest(f"{where}, field {name}: corpus.jsonl has no text {id_!r}")
        if cells[0] == cells[1]:
            raise InvalidRequest(f"{where}: two texts are needed, got {cells[0]!r} twice")
        pairs.append(JudgedPair(cells[0], cells[1], cells[2] == "1", cells[3] if len(cells) > 3 else ""))
    if not pairs:
        raise InvalidRequest(f"{path}: no pair")
    return PairCollection(tuple(documents.values()), tuple(pairs), read_languages(folder / "corpus.jsonl"))

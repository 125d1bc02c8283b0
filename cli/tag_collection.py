"""Which texts have been indexed with which concepts? Folders with a corpus, a vocabulary and subjects."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.collection import Document, read_corpus, read_rows
from engine.errors import InvalidRequest
from vocab.concept import ConceptId
from vocab.triples import FILE_ENDINGS
from vocab.vocabulary import Vocabulary, open_vocabulary


@dataclass(frozen=True, slots=True)
class TagCollection:
    """Texts, the vocabulary they were indexed with, and what the indexers gave them.

    Attributes
    ----------
    documents
        Those that have at least one subject.
    vocabulary
        Of the folder.
    subjects
        Concepts by document; one that the vocabulary does not have stands as it was written, and is never found.
    unindexed
        Number of texts without a subject, which are left out.
    unknown
        Subjects that the vocabulary does not have, or has deprecated without a replacement.
    """

    documents: tuple[Document, ...]
    vocabulary: Vocabulary
    subjects: Mapping[str, frozenset[str]]
    unindexed: int
    unknown: tuple[str, ...]


def read_tag_collection(folder: Path, cache: Path | None = None) -> TagCollection:
    """Read ``corpus.jsonl`` {_id, title, text}, ``vocabulary.ttl`` and ``subjects.tsv`` (id, tab, concept).

    The vocabulary may be any SKOS file that is named ``vocabulary`` (``.ttl``, ``.rdf``, ``.jsonld`` …). A concept
    is named by its URI or its id; one that was replaced counts as its replacement.

    Raises
    ------
    InvalidRequest
        Naming the file, the line and the field; also when no text has a subject.
    VocabularyError
        If the vocabulary cannot be read.
    """
    documents = read_corpus(folder / "corpus.jsonl")
    vocabulary = open_vocabulary([_vocabulary_file(folder)], cache_dir=cache)
    subjects: dict[str, set[str]] = {}
    unknown: dict[str, None] = {}
    path = folder / "subjects.tsv"
    for number, row in read_rows(path):
        if number == 1 and [cell.strip().lower() for cell in row] == ["id", "concept"]:
            continue
        if len(row) != 2 or not all(cell.strip() for cell in row):
            raise InvalidRequest(f"{path}, line {number}: expected id, concept; got {row!r}")
        text, named = row[0], row[1].strip().removeprefix("<").removesuffix(">")
        if text not in documents:
            raise InvalidRequest(f"{path}, line {number}, field id: corpus.jsonl has no text {text!r}")
        concept = _resolved(vocabulary, named)
        if concept is None:
            unknown[named] = None
        subjects.setdefault(text, set()).add(concept or named)
    if not subjects:
        raise InvalidRequest(f"{path}: no text of corpus.jsonl has a subject")
    return TagCollection(
        documents=tuple(d for i, d in documents.items() if i in subjects),
        vocabulary=vocabulary,
        subjects={i: frozenset(of) for i, of in subjects.items()},
        unindexed=len(documents) - len(subjects),
        unknown=tuple(unknown),
    )


def _vocabulary_file(folder: Path) -> Path:
    there = sorted(p for p in folder.glob("vocabulary.*") if p.suffix.lower() in FILE_ENDINGS)
    if not there:
        raise InvalidRequest(f"{folder}: expected vocabulary.ttl, or another SKOS file of that name")
    preferred = folder / "vocabulary.ttl"
    return preferred if preferred in there else there[0]


def _resolved(vocabulary: Vocabulary, named: str) -> ConceptId | None:
    concept = vocabulary.id_of_uri(named)
    return None if concept is None else vocabulary.resolve(concept)

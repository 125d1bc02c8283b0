"""Which concepts are there, and what do they have to do with each other? The vocabulary in memory.

`open_vocabulary` reads SKOS files once and keeps them in a compiled form that opens in milliseconds; the
bundled vocabulary comes ready compiled.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from vocab.analysis import fold
from vocab.bulk import making_many
from vocab.columns import keep
from vocab.compiled import compiled, dumped, read_compiled
from vocab.concept import (
    DEFAULT_BASE_URI,
    Concept,
    ConceptId,
    ConceptScheme,
    LabelKind,
    Lang,
    SkosContent,
)
from vocab.triples import FILE_ENDINGS, VocabularyError

_T = TypeVar("_T", Concept, ConceptScheme)

DATA_FOLDER = Path(__file__).parent / "data"
COMPILED_FILE = DATA_FOLDER / "vocabulary.json"

_COMPILED_FORM = 1
"""To be raised when the same files give other concepts than before."""


class Vocabulary:
    """SKOS schemes and concepts with their relations; never changed once made.

    Parameters
    ----------
    schemes, concepts
        What is in it; ids must be unique.
    foreign
        URIs of ids that are not ``base_uri`` + id.
    base_uri
        What the URIs of our own concepts begin with.
    cache
        Folder where what is made of it may be kept; None to keep nothing.

    Raises
    ------
    ValueError
        If two concepts or two schemes have one id.
    """

    def __init__(
        self,
        schemes: Iterable[ConceptScheme],
        concepts: Iterable[Concept],
        *,
        foreign: Mapping[str, str] | None = None,
        base_uri: str = DEFAULT_BASE_URI,
        cache: Path | None = None,
    ) -> None:
        self.cache = cache
        self._schemes = _unique(schemes)
        self._concepts = _unique(concepts)
        self._foreign = MappingProxyType(dict(foreign or {}))
        self._base_uri = base_uri

    @property
    def base_uri(self) -> str:
        """What the URIs of our own concepts begin with."""
        return self._base_uri

    @property
    def schemes(self) -> Sequence[ConceptScheme]:
        """All schemes in id order."""
        return tuple(self._schemes.values())

    @property
    def concepts(self) -> Sequence[Concept]:
        """All concepts in id order."""
        return tuple(self._concepts.values())

    @property
    def foreign(self) -> Mapping[str, str]:
        """URIs of the ids that are not under the base."""
        return self._foreign

    @cached_property
    def version(self) -> str:
        """Hash of schemes and concepts, hexadecimal; equal for equal contents whatever the base URI."""
        return sha256(dumped(_content(self))).hexdigest()

    def __contains__(self, concept_id: object) -> bool:
        return concept_id in self._concepts

    def __getitem__(self, concept_id: str) -> Concept:
        return self._concepts[concept_id]

    def __iter__(self) -> Iterator[Concept]:
        return iter(self._concepts.values())

    def __len__(self) -> int:
        return len(self._concepts)

    def get(self, concept_id: str) -> Concept | None:
        """Return a concept, or None."""
        return self._concepts.get(concept_id)

    def scheme(self, scheme_id: str) -> ConceptScheme | None:
        """Return a scheme, or None."""
        return self._schemes.get(scheme_id)

    def in_scheme(self, scheme_id: str) -> Sequence[Concept]:
        """Return the concepts of a scheme in id order."""
        return self._by_scheme.get(scheme_id, ())

    def label(self, concept_id: str, lang: str = "nb") -> str:
        """Return a concept's label as `Concept.label` does; an unknown id is its own label."""
        concept = self._concepts.get(concept_id)
        return concept_id if concept is None else concept.label(lang)

    def top_concepts(self, scheme_id: str) -> Sequence[Concept]:
        """Return the top concepts of a scheme in id order; empty for an unknown scheme."""
        scheme = self._schemes.get(scheme_id)
        return () if scheme is None else self._known(scheme.top_concepts)

    def broader(self, concept_id: str) -> Sequence[Concept]:
        """Return the directly broader concepts, stated from either side."""
        return self._known(self._up.get(concept_id, ()))

    def narrower(self, concept_id: str) -> Sequence[Concept]:
        """Return the directly narrower concepts, stated from either side."""
        return self._known(self._down.get(concept_id, ()))

    def related(self, concept_id: str) -> Sequence[Concept]:
        """Return the related concepts, stated from either side."""
        return self._known(self._beside.get(concept_id, ()))

    def ancestors(self, concept_id: str) -> tuple[ConceptId, ...]:
        """Return all broader concepts, nearest first, without the concept itself; cycles do no harm."""
        return _closure(concept_id, self._up)

    def descendants(self, concept_id: str) -> tuple[ConceptId, ...]:
        """Return all narrower concepts, nearest first, without the concept itself; cycles do no harm."""
        return _closure(concept_id, self._down)

    def mapped(self, vocabulary: str, code: str) -> tuple[ConceptId, ...]:
        """Return the concepts that are mapped to a code of another vocabulary, exact matches first."""
        return self._by_mapping.get((vocabulary, code), ())

    def by_label(self, text: str) -> list[tuple[ConceptId, Lang, LabelKind]]:
        """Return the concepts that have a label equal to `text`, without regard to case, accents, spaces.

        Preferred labels come first, then alternative and hidden ones; ties in id order.
        """
        return list(self._by_label.get(_label_key(text), ()))

    def uri(self, concept_id: str) -> str:
        """Return the URI of a concept or a scheme."""
        return self._foreign.get(concept_id) or self._base_uri + concept_id

    def id_of_uri(self, uri: str) -> ConceptId | None:
        """Return the id of a concept's URI (also of its bare id), or None if there is no such concept."""
        if uri in self._by_uri:
            return self._by_uri[uri]
        for base in (self._base_uri, DEFAULT_BASE_URI, ""):
            if uri.startswith(base) and uri.removeprefix(base) in self._concepts:
                return ConceptId(uri.removeprefix(base))
        return None

    def resolve(self, concept_id: str) -> ConceptId | None:
        """Return the concept to use for an id: itself, or what replaced it.

        None if there is no such concept, or it is deprecated without a replacement that is in use.
        """
        seen: set[str] = set()
        while (concept := self._concepts.get(concept_id)) is not None and concept.deprecated:
            if concept_id in seen or concept.replaced_by is None:
                return None
            seen.add(concept_id)
            concept_id = concept.replaced_by
        return None if concept is None else concept.id

    def _known(self, ids: Iterable[str]) -> tuple[Concept, ...]:
        return tuple(self._concepts[i] for i in ids if i in self._concepts)

    @cached_property
    def _by_scheme(self) -> Mapping[str, tuple[Concept, ...]]:
        found: dict[str, list[Concept]] = defaultdict(list)
        for concept in self:
            found[concept.scheme].append(concept)
        return {scheme: tuple(concepts) for scheme, concepts in found.items()}

    @cached_property
    def _up(self) -> Mapping[str, tuple[ConceptId, ...]]:
        stated = [(c.id, other) for c in self for other in c.broader]
        return _relation(stated + [(other, c.id) for c in self for other in c.narrower])

    @cached_property
    def _down(self) -> Mapping[str, tuple[ConceptId, ...]]:
        return _relation((above, ConceptId(below)) for below, others in self._up.items() for above in others)

    @cached_property
    def _beside(self) -> Mapping[str, tuple[ConceptId, ...]]:
        stated = [(c.id, other) for c in self for other in c.related]
        return _relation(stated + [(other, this) for this, other in stated])

    @cached_property
    def _by_uri(self) -> Mapping[str, ConceptId]:
        return {uri: ConceptId(i) for i, uri in self._foreign.items() if i in self._concepts}

    @cached_property
    def _by_mapping(self) -> Mapping[tuple[str, str], tuple[ConceptId, ...]]:
        found: dict[tuple[str, str], list[tuple[bool, ConceptId]]] = defaultdict(list)
        for concept in self:
            for mapping in concept.mappings:
                found[mapping.vocabulary, mapping.code].append((mapping.match != "exact", concept.id))
        return {key: tuple(dict.fromkeys(i for _, i in sorted(pairs))) for key, pairs in found.items()}

    @cached_property
    def _by_label(self) -> Mapping[str, tuple[tuple[ConceptId, Lang, LabelKind], ...]]:
        found: dict[str, list[tuple[ConceptId, Lang, LabelKind]]] = defaultdict(list)
        for concept, lang, kind, text in self.labels():
            found[_label_key(text)].append((concept, lang, kind))
        rank = {"pref": 0, "alt": 1, "hidden": 2, "nb": 0, "nn": 1, "en": 2}
        return {
            key: tuple(sorted(items, key=lambda i: (rank[i[2]], i[0], rank.get(i[1], 3))))
            for key, items in found.items()
        }

    def labels(self) -> Iterator[tuple[ConceptId, Lang, LabelKind, str]]:
        """Yield every label of every concept: preferred, alternative, hidden."""
        for concept in self:
            for lang, text in concept.pref_label.items():
                yield concept.id, lang, "pref", text
            for kind, by_language in (("alt", concept.alt_label), ("hidden", concept.hidden_label)):
                for lang, texts in by_language.items():
                    for text in texts:
                        yield concept.id, lang, "alt" if kind == "alt" else "hidden", text


@making_many()
def open_vocabulary(
    paths: Sequence[Path] | None = None,
    *,
    base_uri: str = DEFAULT_BASE_URI,
    cache_dir: Path | None = None,
) -> Vocabulary:
    """Open the bundled vocabulary, or one from SKOS files and folders of them.

    What has been read is kept compiled in `cache_dir` (by default a folder of this program in the user's
    cache folder) under a hash of files, base URI and form; a cache that cannot be read or written is done
    without.

    Raises
    ------
    VocabularyError
        If a file is missing or broken, or a folder has no SKOS file.
    """
    files = bundled_files() if paths is None else skos_files(paths)
    key = _key(files, base_uri)
    cache = cache_dir or _user_cache()
    cached = cache / f"vocabulary-{key[:32]}.json"
    known = read_compiled(COMPILED_FILE, _key(files, DEFAULT_BASE_URI)) if paths is None else None
    if (known := known or read_compiled(cached, key)) is not None:
        content, version = known
        vocabulary = Vocabulary(*content[:2], foreign=content.foreign, base_uri=base_uri, cache=cache)
        vocabulary.__dict__["version"] = version
        return vocabulary
    vocabulary = _read(files, base_uri, cache)
    told, vocabulary.__dict__["version"] = compiled(_content(vocabulary), key)
    keep(cached, told)
    return vocabulary


def bundled_files() -> list[Path]:
    """Return the SKOS files of the bundled vocabulary, one a scheme."""
    return skos_files([DATA_FOLDER])


def compile_vocabulary(paths: Sequence[Path]) -> bytes:
    """Return the compiled form of SKOS files under the default base."""
    files = skos_files(paths)
    return compiled(_content(_read(files, DEFAULT_BASE_URI)), _key(files, DEFAULT_BASE_URI))[0]


def _content(vocabulary: Vocabulary) -> SkosContent:
    return SkosContent(tuple(vocabulary.schemes), tuple(vocabulary), vocabulary.foreign)


def _read(files: Sequence[Path], base_uri: str, cache: Path | None = None) -> Vocabulary:
    from vocab.skos import read_skos  # rdflib takes longer to load than the compiled form

    content = read_skos(files, base_uri=base_uri)
    return Vocabulary(*content[:2], foreign=content.foreign, base_uri=base_uri, cache=cache)


def _unique(items: Iterable[_T]) -> dict[str, _T]:
    found: dict[str, _T] = {}
    for item in sorted(items, key=lambda i: i.id):
        if item.id in found:
            raise ValueError(f"two of {item.id}: ids must be unique")
        found[item.id] = item
    return found


def _relation(pairs: Iterable[tuple[str, ConceptId]]) -> dict[str, tuple[ConceptId, ...]]:
    found: dict[str, set[ConceptId]] = defaultdict(set)
    for this, other in pairs:
        found[this].add(other)
    return {this: tuple(sorted(others)) for this, others in found.items()}


def _closure(start: str, step: Mapping[str, tuple[ConceptId, ...]]) -> tuple[ConceptId, ...]:
    found: dict[ConceptId, None] = {}
    level: tuple[ConceptId, ...] = step.get(start, ())
    while level:
        new = [i for i in dict.fromkeys(level) if i not in found and i != start]
        found.update(dict.fromkeys(new))
        level = tuple(other for i in new for other in step.get(i, ()))
    return tuple(found)


def _label_key(text: str) -> str:
    return " ".join(fold(text).split())


def skos_files(paths: Sequence[Path]) -> list[Path]:
    """Return files as they are, and for each folder the SKOS files in it.

    Raises
    ------
    VocabularyError
        If a folder has none.
    """
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        inside = [
            p
            for p in sorted(path.iterdir())
            if p.suffix.lower() in FILE_ENDINGS and p.name != COMPILED_FILE.name
        ]
        if not inside:
            raise VocabularyError(
                path, None, f"no SKOS file in this folder ({', '.join(sorted(FILE_ENDINGS))})"
            )
        files += inside
    return files


def _key(files: Sequence[Path], base_uri: str) -> str:
    digest = sha256(f"{_COMPILED_FORM}\n{base_uri}\n".encode())
    for path in files:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise VocabularyError(path, None, error.strerror or str(error)) from error
        digest.update(f"{path.suffix} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "kompetansegraf"

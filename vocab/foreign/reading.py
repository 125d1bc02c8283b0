"""Which kind of vocabulary is this file, and what is in it? The entry to all readers."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import get_args

from vocab.concept import DEFAULT_BASE_URI
from vocab.foreign import esco, grep, los, mesh
from vocab.foreign.findings import ForeignContent, ForeignKind
from vocab.foreign.harvest import Harvest, csv_rows
from vocab.prologue import read_prologue
from vocab.skos import content_of, read_records
from vocab.triples import FILE_ENDINGS, VocabularyError

_MESH_ROOT = "DescriptorRecordSet"
_TABLES: tuple[tuple[ForeignKind, tuple[str, ...]], ...] = (
    ("esco", esco.CONCEPTS),
    ("esco", esco.RELATIONS),
    ("los", los.COLUMNS),
)


def read_foreign(
    paths: Path | Iterable[Path],
    kind: str | None = None,
    *,
    base_uri: str = DEFAULT_BASE_URI,
    language: str | None = None,
) -> ForeignContent:
    """Read one vocabulary of others from a file, or from several that make it up.

    Concepts keep the URIs that their publisher gave them. Those of ``mesh``, ``esco``, ``los`` and ``grep``
    get schemes of ours (``mesh``, ``esco-occupations``, ``esco-skills``, ``los``, ``grep``), so that their
    ids never meet ours; a SKOS file keeps its own schemes. Written as SKOS and read again, the ids stay.

    Parameters
    ----------
    paths
        One file; or several of one kind, for instance one a language.
    kind
        ``skos``, ``mesh``, ``esco``, ``los`` or ``grep``; None tells by the content.
    base_uri
        What the URIs of our own concepts begin with.
    language
        BCP 47 tag of labels whose language the file does not state.

    Returns
    -------
    ForeignContent
        Schemes and concepts, and findings: bad records are left out and told.

    Raises
    ------
    VocabularyError
        If a file is missing, is broken as a whole, is of no known kind, or no concept is left; names file
        and, where known, line and field.
    ValueError
        If there is no such kind.
    """
    files = [paths] if isinstance(paths, Path) else list(paths)
    kinds: tuple[ForeignKind, ...] = get_args(ForeignKind)
    if kind is not None and kind not in kinds:
        raise ValueError(f"no kind of vocabulary is named {kind!r}; there are {', '.join(kinds)}")
    if not files:
        raise ValueError("no file to read")
    harvest = Harvest(base_uri, language)
    known = next((k for k in kinds if k == kind), None) or _one_kind(files)
    if kind is None and known == "skos":
        known = _read_rdf(files, harvest, None)
    else:
        _READERS[known](files, harvest)
    harvest.settle()
    if not harvest.records.concepts:
        first = f": {harvest.findings[0]}" if harvest.findings else ""
        raise VocabularyError(files[0], None, f"no concept could be read{first}")
    return ForeignContent(known, content_of(harvest.records, base_uri), tuple(harvest.findings))


def _one_kind(files: Sequence[Path]) -> ForeignKind:
    kinds = {file: _kind(file) for file in files}
    if len(set(kinds.values())) > 1:
        told = ", ".join(f"{file.name} is {kind}" for file, kind in kinds.items())
        raise VocabularyError(files[0], None, f"only files of one kind are read together: {told}")
    return kinds[files[0]]


def _kind(path: Path) -> ForeignKind:
    """Tell by its content what kind a file is; Los in RDF counts as SKOS here."""
    ending = path.suffix.lower()
    if not path.is_file():
        raise VocabularyError(path, None, "there is no such file")
    if ending == ".csv":
        return _kind_of_table(path)
    if ending in {".xml", ".rdf", ".owl"}:
        return "mesh" if read_prologue(path).root == _MESH_ROOT else "skos"
    if ending == ".json":
        return "grep" if grep.is_grep(grep.read_json(path)) else "skos"
    if ending in FILE_ENDINGS:
        return "skos"
    raise VocabularyError(
        path, None, f"the ending is none of .csv, {', '.join(sorted(FILE_ENDINGS))}: say the kind"
    )


def _kind_of_table(path: Path) -> ForeignKind:
    there = next(csv_rows(path, ()), (0, {}))[1].keys()
    for kind, columns in _TABLES:
        if there >= set(columns):
            return kind
    raise VocabularyError(
        path,
        1,
        f"a table of no known kind: ESCO has the columns {', '.join(esco.CONCEPTS)}, Los {', '.join(los.COLUMNS)}",
    )


def _read_rdf(files: Sequence[Path], harvest: Harvest, kind: ForeignKind | None) -> ForeignKind:
    records = read_records(files)
    if kind == "los" or (kind is None and los.is_los(records)):
        los.add_los_records(records, harvest)
        return "los"
    harvest.records.concepts.update(records.concepts)
    harvest.records.schemes.update(records.schemes)
    return "skos"


def _read_skos(files: Sequence[Path], harvest: Harvest) -> None:
    _read_rdf(files, harvest, "skos")


def _read_los(files: Sequence[Path], harvest: Harvest) -> None:
    tables = [file for file in files if file.suffix.lower() == ".csv"]
    for file in tables:
        los.read_los_table(file, harvest)
    if rest := [file for file in files if file not in tables]:
        _read_rdf(rest, harvest, "los")


def _read_mesh(files: Sequence[Path], harvest: Harvest) -> None:
    for file in files:
        mesh.read_mesh(file, harvest)


def _read_grep(files: Sequence[Path], harvest: Harvest) -> None:
    for file in files:
        grep.read_grep(file, harvest)


_READERS: dict[ForeignKind, Callable[[Sequence[Path], Harvest], None]] = {
    "skos": _read_skos,
    "mesh": _read_mesh,
    "esco": esco.read_esco,
    "los": _read_los,
    "grep": _read_grep,
}

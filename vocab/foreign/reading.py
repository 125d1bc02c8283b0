"""Which kind of vocabulary is this file, and what is in it? The entry to all readers."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from vocab.concept import DEFAULT_BASE_URI
from vocab.foreign.findings import ForeignContent, ForeignFinding, ForeignKind
from vocab.records import SkosRecords
from vocab.skos import content_of, read_records
from vocab.triples import VocabularyError


def read_foreign(
    paths: Path | Iterable[Path],
    kind: str | None = None,
    *,
    base_uri: str = DEFAULT_BASE_URI,
    language: str | None = None,  # noqa: ARG001
) -> ForeignContent:
    """Read one vocabulary of others from a file, or from several that make it up.

    Concepts keep the URIs that their publisher gave them. Those of ``mesh``, ``esco``, ``los`` and ``grep``
    get schemes of ours (``mesh``, ``esco-occupations``, ``esco-skills``, ``los``, ``grep``), so that their
    ids never meet ours; a SKOS file keeps its own schemes.

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
        If a file is missing, is broken as a whole, or is of no known kind; names file and, where known, line.
    ValueError
        If there is no such kind.
    """
    files = [paths] if isinstance(paths, Path) else list(paths)
    if kind is not None and kind not in get_args(ForeignKind):
        raise ValueError(
            f"no kind of vocabulary is named {kind!r}; there are {', '.join(get_args(ForeignKind))}"
        )
    known: ForeignKind = kind or _one_kind(files)  # type: ignore[assignment]
    records = SkosRecords()
    findings: list[ForeignFinding] = []
    if known == "skos":
        records = read_records(files)
    return ForeignContent(known, content_of(records, base_uri), tuple(findings))


def tell_kind(path: Path) -> ForeignKind:
    """Tell by its content what kind of vocabulary a file is.

    Raises
    ------
    VocabularyError
        If it cannot be told.
    """
    if not path.is_file():
        raise VocabularyError(path, None, "there is no such file")
    return "skos"


def _one_kind(files: Sequence[Path]) -> ForeignKind:
    kinds = {file: tell_kind(file) for file in files}
    if len(set(kinds.values())) > 1:
        told = ", ".join(f"{file.name} is {kind}" for file, kind in kinds.items())
        raise VocabularyError(files[0], None, f"files of one kind are read together: {told}")
    return next(iter(kinds.values()), "skos")

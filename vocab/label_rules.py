"""Are the labels of a vocabulary in order, and does each belong to one concept? In the files and after analysis.

Search compares analysed words, so two labels that differ in an ending are one to it: *vitale parametere* and
*vitale parametre*. Labels that are meant to belong to several concepts are listed as reviewed.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from vocab.analysis import analyse
from vocab.concept import LabelKind
from vocab.skos import ConceptRecord, SkosRecords
from vocab.triples import VocabularyError

Breach = tuple[str, str, str]

REVIEWED_FILE = Path(__file__).parent / "data" / "reviewed_labels.tsv"
_COLUMNS = ["lang", "label", "concepts"]


def read_reviewed(paths: Iterable[Path]) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return concepts by language and analysed label, from tables with ``lang``, ``label`` and ``concepts``.

    Raises
    ------
    VocabularyError
        If a table cannot be read or has other columns; names file and line.
    """
    reviewed: dict[tuple[str, str], frozenset[str]] = {}
    for path in paths:
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "is not UTF-8"
            raise VocabularyError(path, None, reason) from error
        if not rows or rows[0] != _COLUMNS:
            raise VocabularyError(path, 1, f"expected the columns {', '.join(_COLUMNS)} with tabs between")
        for number, row in enumerate(rows[1:], 2):
            if len(row) != len(_COLUMNS):
                raise VocabularyError(path, number, f"found {len(row)} columns, expected {len(_COLUMNS)}")
            lang, label, concepts = row
            key = lang, _analysed(label)
            reviewed[key] = reviewed.get(key, frozenset()) | set(concepts.split("|"))
    return reviewed


def label_breaches(record: ConceptRecord, languages: tuple[str, ...]) -> Iterator[Breach]:
    """Yield what is wrong with the labels of one concept."""
    roles: dict[tuple[str | None, str], list[LabelKind]] = defaultdict(list)
    preferred: dict[str | None, list[str]] = defaultdict(list)
    for kind, lang, text in record.labels:
        roles[lang, text.lower()].append(kind)
        if kind == "pref":
            preferred[lang].append(text)
        if not text.strip():
            yield "empty-label", record.uri, f"{kind} label in {lang} is empty"
        elif text != text.strip():
            yield "label-edge-space", record.uri, f"space at the edge of {text!r}"
        if not text.isprintable():
            yield "unprintable", record.uri, f"{text!r} has a character that cannot be printed"
        if lang not in languages:
            yield "bad-lang", record.uri, f"{text!r} is in {lang or 'no language'}"
    for lang, texts in preferred.items():
        if len(texts) > 1:
            yield "S14-multiple-pref", record.uri, f"preferred in {lang}: {', '.join(sorted(texts))}"
    for lang in languages:
        if lang not in preferred:
            yield "missing-pref", record.uri, f"no preferred label in {lang}"
    for (lang, text), kinds in roles.items():
        if len(kinds) > 1:
            yield "S13-disjoint-labels", record.uri, f"{text!r} in {lang} is {' and '.join(sorted(kinds))}"


def shared_label_breaches(
    records: SkosRecords, reviewed: Mapping[tuple[str, str], frozenset[str]]
) -> Iterator[Breach]:
    """Yield labels of several concepts in one scheme: the same, or the same after analysis."""
    labels: dict[tuple[str, str], dict[str, list[tuple[str, str, LabelKind]]]] = {}
    for record in records.concepts.values():
        if record.deprecated:
            continue
        for kind, lang, text in record.labels:
            for scheme in record.schemes:
                by_key = labels.setdefault((scheme, lang or ""), defaultdict(list))
                by_key[_analysed(text)].append((text.lower(), record.uri, kind))
    for (_, lang), by_key in labels.items():
        for key, meeting in by_key.items():
            uris = {uri for _, uri, _ in meeting}
            allowed = reviewed.get((lang, key), frozenset())
            if key and len(uris) > 1 and not all(_listed(uri, allowed) for uri in uris):
                yield from _meeting(lang, meeting, uris)


def _meeting(lang: str, meeting: list[tuple[str, str, LabelKind]], uris: set[str]) -> Iterator[Breach]:
    any_kind: dict[str, set[str]] = defaultdict(set)
    preferred: dict[str, set[str]] = defaultdict(set)
    for text, uri, kind in meeting:
        any_kind[text].add(uri)
        if kind == "pref":
            preferred[text].add(uri)
    shared = {text for text, of in any_kind.items() if len(of) > 1}
    for text in sorted(shared):
        clash = len(preferred[text]) > 1
        code = "pref-duplicate-in-scheme" if clash else "label-overlap-in-scheme"
        first, *others = sorted(preferred[text] if clash else any_kind[text])
        yield code, first, f"{text!r} in {lang} is also a label of {', '.join(others)}"
    if uris - {uri for text in shared for uri in any_kind[text]} or not shared:
        first, *others = sorted(uris)
        written = ", ".join(sorted({repr(text) for text, _, _ in meeting}))
        yield (
            "label-overlap-after-analysis",
            first,
            f"{written} in {lang}: also a label of {', '.join(others)}",
        )


def _analysed(text: str) -> str:
    return " ".join(token.text for token in analyse(text)) or text.strip().lower()


def _listed(uri: str, concepts: frozenset[str]) -> bool:
    return uri in concepts or any(uri.endswith(f"/{concept}") for concept in concepts)

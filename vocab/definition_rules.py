"""Do definitions say something? There where they are wanted, one for each concept, in few words.

A definition that only repeats the words of the label helps nobody who does not know them already.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from vocab.analysis import analyse, fold, is_function_word
from vocab.skos import ConceptRecord, SkosRecords

Breach = tuple[str, str, str]

MAX_WORDS = 60
_END_MARKS = (".", "!", "?", "…", ".)", '."', ".»")


def definition_breaches(
    records: SkosRecords, languages: Sequence[str], *, everywhere: bool = False
) -> Iterator[Breach]:
    """Yield what is wrong with definitions; `everywhere` wants one of each concept in each language."""
    wanted = _wanted(records, languages)
    same: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for record in records.concepts.values():
        given = {lang for lang, text in record.definitions if text.strip()}
        for lang in languages:
            expected = everywhere or any((scheme, lang) in wanted for scheme in record.schemes)
            if expected and lang not in given and not record.deprecated:
                yield "definition-missing", record.uri, f"no definition in {lang}"
        for tag, text in record.definitions:
            if text.strip():
                same[tag, _plain(text)].append(record.uri)
                yield from _one(record, tag, text)
    for (tag, text), uris in same.items():
        first, *others = sorted(set(uris))
        if others:
            shown = text if len(text) <= 60 else f"{text[:59]}…"
            yield "definition-shared", first, f"{shown!r} in {tag} is also that of {', '.join(others)}"


def _one(record: ConceptRecord, lang: str | None, text: str) -> Iterator[Breach]:
    words = len(text.split())
    if words > MAX_WORDS:
        yield "definition-long", record.uri, f"the definition in {lang} has {words} words"
    if not text.rstrip().endswith(_END_MARKS):
        yield "definition-without-end", record.uri, f"the definition in {lang} has no full stop"
    labels = [label for _, of, label in record.labels if of == lang]
    if _plain(text) in {_plain(label) for label in labels}:
        yield "definition-repeats-label", record.uri, f"the definition in {lang} is the label"
    elif not _content(text) - {part for label in labels for part in _content(label, parts=True)}:
        yield "definition-repeats-label", record.uri, f"the definition in {lang} has only words of the label"


def _wanted(records: SkosRecords, languages: Sequence[str]) -> set[tuple[str, str]]:
    """Return scheme and language where at least half of the concepts have a definition."""
    concepts: Counter[str] = Counter()
    defined: Counter[tuple[str, str]] = Counter()
    for record in records.concepts.values():
        if record.deprecated:
            continue
        given = {lang for lang, text in record.definitions if lang in languages and text.strip()}
        for scheme in record.schemes:
            concepts[scheme] += 1
            defined.update((scheme, lang) for lang in given if lang)
    return {key for key, times in defined.items() if times * 2 >= concepts[key[0]]}


def _plain(text: str) -> str:
    return " ".join(fold(text).split()).rstrip(" .!?…")


def _content(text: str, *, parts: bool = False) -> set[str]:
    found: set[str] = set()
    for token in analyse(text):
        if not is_function_word(token.surface):
            found.add(token.text)
            if parts:
                found.update(token.parts)
    return found

"""What does a new edition of a vocabulary lose that people and tags still use? Words and concepts.

A concept that goes stays as deprecated with a replacement, and a preferred label that changes stays as hidden
label, so that those who type the old word still find.
"""

from collections.abc import Iterator

from vocab.skos import ConceptRecord, SkosRecords

Breach = tuple[str, str, str]


def replacement_breaches(records: SkosRecords) -> Iterator[Breach]:
    """Yield deprecated concepts that lead nowhere."""
    for record in records.concepts.values():
        if record.deprecated and not record.replaced_by:
            yield "replacement-missing", record.uri, "is deprecated and names no replacement"
        for target in record.replaced_by:
            if not _leads_on(records, record.uri, target):
                yield (
                    "replacement-unusable",
                    record.uri,
                    f"the replacement {target} leads to no concept in use",
                )


def change_breaches(records: SkosRecords, against: SkosRecords) -> Iterator[Breach]:
    """Yield what a former edition had and this one has lost."""
    for uri, old in against.concepts.items():
        new = records.concepts.get(uri)
        if new is None:
            yield "concept-lost", uri, f"was there before ({_name(old)}) and is gone"
            continue
        kept = {(lang, text.lower()) for _, lang, text in new.labels}
        for kind, lang, text in old.labels:
            if kind == "pref" and (lang, text.lower()) not in kept:
                yield (
                    "old-label-lost",
                    uri,
                    f"was called {text!r} in {lang}, which is no label of it any more",
                )


def _leads_on(records: SkosRecords, start: str, target: str) -> bool:
    """Tell whether following replacements ends at a concept that is described and in use."""
    seen = {start}
    pending = [target]
    while pending:
        at = pending.pop()
        record = records.concepts.get(at)
        if at not in seen and record is not None:
            if not record.deprecated:
                return True
            seen.add(at)
            pending.extend(record.replaced_by)
    return False


def _name(record: ConceptRecord) -> str:
    return min((text for kind, _, text in record.labels if kind == "pref"), default="without label")

"""Do the concepts of a vocabulary hang together as SKOS wants them to? Hierarchy, relations, mappings, notations.

A breach is a tuple of rule, URI and message; the rules and their advice are in `vocab.integrity`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from vocab.skos import ConceptRecord, SkosRecords

Breach = tuple[str, str, str]

_URI = re.compile(r"(?:https?://[^\s/<>\"{}|\\^`]+|urn:[A-Za-z0-9][^\s:]*:)[^\s<>\"{}|\\^`]*")


class Hierarchy:
    """The relations of one set of records, both directions of broader and narrower taken together."""

    def __init__(self, records: SkosRecords) -> None:
        self._concepts = records.concepts
        self._schemes = records.schemes
        self._up: dict[str, set[str]] = {uri: set(record.broader) for uri, record in records.concepts.items()}
        for uri, record in records.concepts.items():
            for below in record.narrower & self._up.keys():
                self._up[below].add(uri)
        self._above = {uri: self._all_above(uri) for uri in self._up}
        self._in_circle = {uri for uri, above in self._above.items() if uri in above}

    def breaches(self) -> Iterator[Breach]:
        """Yield every breach."""
        for record in self._concepts.values():
            yield from self._address(record.uri)
            yield from self._place(record)
            yield from self._broader(record)
            yield from self._related(record)
            yield from self._mappings(record)
        yield from self._circles()
        yield from self._shared_codes()
        for uri, scheme in self._schemes.items():
            yield from self._address(uri)
            if not scheme.top_concepts:
                yield "omitted-top-concepts", uri, "the scheme names no top concept"

    def max_depth(self) -> int:
        """Return the largest number of concepts above one concept."""
        return max((len(above) for above in self._above.values()), default=0)

    def components(self) -> int:
        """Return the number of parts that no relation connects."""
        beside: dict[str, set[str]] = defaultdict(set)
        for uri, record in self._concepts.items():
            for other in self._up[uri] | record.related:
                beside[uri].add(other)
                beside[other].add(uri)
        seen: set[str] = set()
        count = 0
        for uri in self._concepts:
            if uri not in seen:
                count += 1
                pending = [uri]
                while pending:
                    if (at := pending.pop()) not in seen:
                        seen.add(at)
                        pending.extend(beside[at])
        return count

    def _address(self, uri: str) -> Iterator[Breach]:
        if not _URI.fullmatch(uri):
            yield "bad-uri", uri, "is no http, https or urn address"

    def _place(self, record: ConceptRecord) -> Iterator[Breach]:
        if not record.schemes:
            yield "no-scheme", record.uri, "belongs to no scheme"
        if not self._up[record.uri] and not record.top_of and not record.deprecated:
            yield "orphan-no-broader-no-top", record.uri, "has no broader concept and is no top concept"
        for broader in sorted(self._up[record.uri]):
            if record.top_of & self._schemes_of(broader):
                yield "top-with-broader", record.uri, f"is a top concept and has the broader {broader}"

    def _circles(self) -> Iterator[Breach]:
        """Yield one breach a circle, not one a concept in it."""
        told: set[str] = set()
        for uri in sorted(self._in_circle):
            if uri not in told:
                circle = {other for other in self._above[uri] if uri in self._above.get(other, ())}
                told |= circle
                others = ", ".join(sorted(circle - {uri}))
                yield "cycle", uri, "is broader than itself" + (f", by way of {others}" if others else "")

    def _broader(self, record: ConceptRecord) -> Iterator[Breach]:
        for broader in sorted(self._up[record.uri] - {record.uri}):
            if broader not in self._concepts:
                yield "broader-undefined", record.uri, f"the broader {broader} is not described"
                continue
            others = self._up[record.uri] - {broader}
            redundant = any(broader in self._above.get(other, ()) for other in others)
            if redundant and not {record.uri, broader, *others} & self._in_circle:
                yield "hier-redundancy", record.uri, f"the broader {broader} follows from another one"
            if broader not in record.broader or record.uri not in self._concepts[broader].narrower:
                yield "unidirectional-hier", record.uri, f"broader {broader} is stated from one side"
            home = self._schemes_of(broader)
            if record.schemes and home and not home & record.schemes:
                yield "broader-across-schemes", record.uri, f"the broader {broader} is in another scheme"

    def _related(self, record: ConceptRecord) -> Iterator[Breach]:
        for other in sorted(record.related):
            if other == record.uri:
                yield "reflexive-related", record.uri, "is related to itself"
                continue
            known_back = other in self._concepts and record.uri in self._concepts[other].related
            told_there = known_back and other < record.uri
            if other in self._above[record.uri] or record.uri in self._above.get(other, ()):
                if not told_there:
                    yield (
                        "S27-related-vs-hier",
                        record.uri,
                        f"related to {other}, which is broader or narrower",
                    )
            elif self._up[record.uri] & self._up.get(other, set()) and not told_there:
                yield "valueless-sibling-related", record.uri, f"related to its sibling {other}"
            if not known_back:
                yield "unidirectional-related", record.uri, f"related to {other}, but not the other way"

    def _mappings(self, record: ConceptRecord) -> Iterator[Breach]:
        exact = {target for match, target in record.matches if match == "exact"}
        for match, target in record.matches:
            if match in {"broad", "narrow", "related"} and target in exact:
                yield "S46-mapping-clash", record.uri, f"exactMatch and {match}Match to {target}"
            if self._schemes_of(target) & record.schemes:
                yield "mapping-misuse", record.uri, f"{match}Match to {target} in the same scheme"

    def _shared_codes(self) -> Iterator[Breach]:
        notations: dict[tuple[str, str], set[str]] = defaultdict(set)
        exact: dict[str, set[str]] = defaultdict(set)
        for record in self._concepts.values():
            for scheme in record.schemes:
                for notation in record.notations:
                    notations[scheme, notation].add(record.uri)
            for match, target in record.matches:
                if match == "exact":
                    exact[target].add(record.uri)
        for (_, notation), uris in notations.items():
            if len(uris) > 1:
                first, *others = sorted(uris)
                yield "notation-duplicate", first, f"notation {notation} is also that of {', '.join(others)}"
        for target, uris in exact.items():
            if len(uris) > 1:
                first, *others = sorted(uris)
                yield "exactMatch-shared-target", first, f"exactMatch to {target}, as {', '.join(others)}"

    def _schemes_of(self, uri: str) -> set[str]:
        return self._concepts[uri].schemes if uri in self._concepts else set()

    def _all_above(self, uri: str) -> set[str]:
        seen: set[str] = set()
        pending = list(self._up[uri])
        while pending:
            above = pending.pop()
            if above not in seen:
                seen.add(above)
                pending.extend(self._up.get(above, ()))
        return seen

"""What does a bank of 100,000 resources look like? Like the sample bank, only larger; the same one each time.

Words, tags, columns, dates and vectors are drawn with the skew that the sample bank has. A resource belongs
to a subtopic of a theme, and its words and its vectors both know which, so that the two legs of a hybrid
search find much the same. Editions and providers have neutral names.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.cloud import PassageCloud
from bench.wording import Text, Wording
from engine.bootstrap import load_settings, open_engine
from engine.entry import TITLE_WEIGHT, column_terms, columns, concept_terms, fields_apart, numbers
from engine.model import COMMON_EDITION, IndexEntry, Passage, Resource, Span, Tag, Vectors
from engine.tagging import topic_schemes
from indexer.sample import load_sample
from vocab.concept import ConceptId
from vocab.vocabulary import Vocabulary

BATCH = 500
"""Resources that are drawn together; what one is does not depend on how many are read at a time."""

SUBTOPIC_SIZE = 40
"""Resources in a subtopic on average."""

PASSAGE_WORDS = 70
EDITIONS = ("utgave-a", "utgave-b", "utgave-c", "utgave-d", "utgave-e")
PROVIDERS = tuple(f"utgiver-{n:02}" for n in range(1, 41))
FIRST_DAY, LAST_DAY = date(2014, 1, 1), date(2026, 11, 1)
OTHER_VALUE = 0.3
"""How often a column is another sample's than the one that the resource is modelled on."""


@dataclass(frozen=True, slots=True)
class BankQuery:
    """Something to ask: texts of several kinds about one subtopic, and a vector near a passage of it."""

    narrow: str
    wide: str
    topic: str
    prefix: str
    vector: Vectors


class Bank:
    """Resources, entries and queries, drawn by a seed.

    Parameters
    ----------
    resources : int
        How many.
    seed : int
        The same seed and number give the same bank.
    most_passages : int
        Passages of the longest body; each resource has 1 to so many.
    """

    def __init__(self, resources: int = 100_000, *, seed: int = 7, most_passages: int = 4) -> None:
        self.size, self.seed, self.most_passages = resources, seed, most_passages
        samples, self.vocabulary, concepts = _sample()
        self._samples = samples
        rng = np.random.default_rng([seed, 0])
        counts = Counter(theme for resource in samples for theme in resource.themes)
        names = sorted(counts, key=lambda name: (-counts[name], name))
        share = np.array([counts[name] for name in names], dtype=np.float64) ** 1.2
        subtopics = max(len(names), resources // SUBTOPIC_SIZE)
        self._themes = np.concatenate(
            [
                np.arange(len(names)),
                rng.choice(len(names), size=subtopics - len(names), p=share / share.sum()),
            ]
        )
        self._names = names
        self._like = [[r for r in samples if name in r.themes] for name in names]
        self.cloud = PassageCloud(seed, self._themes)
        self.wording = Wording(seed, samples, names, self._themes)
        self._concepts = _concepts_of(self.vocabulary, concepts, names, rng)
        self._core = [
            self._concepts[theme].at(rng.random(2)).tolist() for theme in self._themes
        ]  # what a subtopic is always about
        self._days = (LAST_DAY - FIRST_DAY).days

    def batches(self) -> Iterator[list[IndexEntry]]:
        """Yield all entries in id order, `BATCH` at a time."""
        for start in range(0, self.size, BATCH):
            yield self._batch(start, min(self.size, start + BATCH))

    def queries(self, n: int) -> list[BankQuery]:
        """Return `n` queries about what is in the bank."""
        rng = np.random.default_rng([self.seed, 4])
        subtopics = self._subtopics(rng, n)
        wanted = self.cloud.passages(rng, subtopics, np.ones(n, dtype=np.int64))
        vectors = self.cloud.queries(rng, subtopics, wanted)
        return [
            self._query(rng, subtopic, vector)
            for subtopic, vector in zip(subtopics.tolist(), vectors, strict=True)
        ]

    def _query(self, rng: np.random.Generator, subtopic: int, vector: Vectors) -> BankQuery:
        own = self.wording.own_words(subtopic)
        first, second, third = rng.choice(len(own), size=3, replace=False).tolist()
        common = self.wording.words[self.wording.everyday[int(rng.integers(5, 60))]]
        title = self.wording.text(rng, "nb", subtopic, 4, title=True).text.lower().split()
        shown = int(rng.integers(2, 5))
        return BankQuery(
            narrow=f"{own[first]} {own[second]}",
            wide=common,
            topic=f"{own[third]} {common} {own[first]}",
            prefix=(f"{common} " if rng.random() < 0.5 else "") + title[-1][:shown],
            vector=np.ascontiguousarray(vector),
        )

    def _subtopics(self, rng: np.random.Generator, n: int) -> NDArray[np.int64]:
        """Return subtopics; the first of a theme are larger than the last."""
        u = rng.random(n)
        return np.minimum((u**1.3 * len(self._themes)).astype(np.int64), len(self._themes) - 1)

    def _batch(self, start: int, end: int) -> list[IndexEntry]:
        rng = np.random.default_rng([self.seed, 3, start])
        subtopics = self._subtopics(rng, end - start)
        entries = [self._entry(rng, n, s) for n, s in zip(range(start, end), subtopics.tolist(), strict=True)]
        counts = np.array([len(entry.passages) for entry in entries])
        vectors = self.cloud.passages(rng, subtopics, counts)
        parts = np.split(vectors, np.cumsum(counts)[:-1])
        return [replace(entry, vectors=own.copy()) for entry, own in zip(entries, parts, strict=True)]

    def _entry(self, rng: np.random.Generator, n: int, subtopic: int) -> IndexEntry:
        theme = int(self._themes[subtopic])
        like = self._like[theme][int(rng.integers(len(self._like[theme])))]
        passages = int(rng.integers(1, self.most_passages + 1))
        w, language = self.wording, like.language
        title = w.text(rng, language, subtopic, int(rng.integers(3, 10)), title=True)
        summary = w.text(rng, language, subtopic, int(rng.integers(12, 32)))
        body = w.text(rng, language, subtopic, max(60, passages * PASSAGE_WORDS + int(rng.integers(-10, 11))))
        resource = self._resource(rng, n, subtopic, like, (title, summary, body))
        terms = w.terms(title.ids) * TITLE_WEIGHT + w.terms(summary.ids) + w.terms(body.ids)
        ids = title.ids + summary.ids + body.ids
        facets = columns(resource, self.vocabulary)
        title_words = w.surface(title.ids)
        return IndexEntry(
            resource=resource,
            terms=(*terms, *concept_terms(resource, self.vocabulary), *column_terms(facets)),
            grams=w.grams(ids),
            surface=fields_apart(title_words, w.surface(summary.ids), w.surface(body.ids)),
            title_surface=title_words,
            facets=facets,
            numbers=numbers(resource),
            passages=_cut(body, passages),
        )

    def _resource(
        self, rng: np.random.Generator, n: int, subtopic: int, like: Resource, texts: tuple[Text, Text, Text]
    ) -> Resource:
        theme = int(self._themes[subtopic])
        title, summary, body = texts
        other = self._samples[int(rng.integers(len(self._samples)))]
        u = rng.random(12).tolist()
        published = FIRST_DAY + timedelta(days=int(u[0] ** 0.6 * self._days))
        updated = published + timedelta(days=int(u[1] * (LAST_DAY - published).days)) if u[2] < 0.6 else None

        def of(draw: int) -> Resource:
            return other if u[draw] < OTHER_VALUE else like

        return Resource(
            id=f"res-{n:07}",
            title=title.text,
            summary=summary.text,
            body=body.text,
            url=f"https://eksempel.kompetansegraf.invalid/res-{n:07}",
            language=like.language,
            resource_type=of(3).resource_type,
            edition=COMMON_EDITION if u[4] < 0.7 else EDITIONS[int(u[5] ** 1.5 * len(EDITIONS))],
            provider=PROVIDERS[int(u[6] ** 2.5 * len(PROVIDERS))],
            audience=of(7).audience,
            audience_group=of(7).audience_group,
            arena=of(8).arena,
            patient_group=of(8).patient_group,
            level=of(9).level,
            duration=None if u[10] < 0.15 else 5 * max(1, int(rng.lognormal(1.5, 0.8))),
            published=published,
            updated=updated,
            review_due=(updated or published) + timedelta(days=365 * int(2 + 2 * u[11])),
            licence=like.licence,
            themes=(self._names[theme], *of(10).themes[:1])
            if of(10) is other and self._names[theme] not in other.themes
            else (self._names[theme],),
            teaches=like.teaches,
            about=self._tags(rng, subtopic, body),
            sample=True,
        )

    def _tags(self, rng: np.random.Generator, subtopic: int, body: Text) -> tuple[Tag, ...]:
        theme = int(self._themes[subtopic])
        drawn = self._concepts[theme].at(rng.random(int(rng.integers(1, 6)))).tolist()
        main = ConceptId(f"tema/{self._names[theme]}")
        tags = {main: Tag(main, 1.0, origin="editor", label=self.vocabulary.label(main))}
        for concept, score in zip(self._core[subtopic] + drawn, rng.uniform(0.3, 1, size=7), strict=False):
            at = body.ends[int(score * 997) % len(body.ends)][1]
            tags.setdefault(
                concept,
                Tag(
                    concept,
                    round(float(score), 4),
                    (Span("body", max(0, at - 12), at - 1),),
                    label=self.vocabulary.label(concept),
                    label_kind="pref",
                ),
            )
        return tuple(sorted(tags.values(), key=lambda tag: (-tag.score, tag.concept)))


@dataclass(frozen=True, slots=True)
class _ConceptDraw:
    """Concepts of one theme and how likely each is."""

    concepts: Sequence[ConceptId]
    cumulated: NDArray[np.float64]

    def at(self, u: NDArray[np.float64]) -> NDArray[np.object_]:
        found = np.minimum(self.cumulated.searchsorted(u, side="right"), len(self.concepts) - 1)
        return np.array([self.concepts[i] for i in found.tolist()], dtype=object)


@cache
def _sample() -> tuple[list[Resource], Vocabulary, dict[str, Counter[ConceptId]]]:
    """Return the published resources of the sample bank, the vocabulary, and each theme's tags."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        engine = open_engine(load_settings(data=Path(folder), embedder="none"))
        try:
            load_sample(engine)
            samples = [r for r in engine.catalogue.all(status="published") if r.themes]
            concepts: dict[str, Counter[ConceptId]] = {}
            for resource in samples:
                tags = [tag.concept for tag in engine.topics.tagger.tags(resource)]
                for theme in resource.themes:
                    concepts.setdefault(theme, Counter()).update(tags)
            return samples, engine.vocabulary, concepts
        finally:
            engine.close()


def _concepts_of(
    vocabulary: Vocabulary,
    seen: dict[str, Counter[ConceptId]],
    names: Sequence[str],
    rng: np.random.Generator,
) -> list[_ConceptDraw]:
    """Return what resources of each theme are about: what its samples are, and a bit of everything."""
    every = [c.id for scheme in sorted(topic_schemes(vocabulary)) for c in vocabulary.in_scheme(scheme)]
    rng.shuffle(every)
    common = 0.3 / np.arange(1, len(every) + 1)
    common /= common.sum() / 0.3
    draws = []
    for name in names:
        counts = seen[name]
        weights = common + np.array([0.7 * counts[c] / counts.total() for c in every])
        draws.append(_ConceptDraw(every, np.cumsum(weights) / weights.sum()))
    return draws


def _cut(body: Text, passages: int) -> tuple[Passage, ...]:
    """Return at most so many passages, cut where sentences end."""
    found: list[Passage] = []
    wanted, start = len(body.ids) / passages, 0
    for words, end in body.ends:
        full = words >= wanted * (len(found) + 1) - 1 and len(found) < passages - 1
        if full or words == len(body.ids):
            found.append(Passage(start, end))
            start = end + 1
    return tuple(found)

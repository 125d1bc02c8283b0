"""What is there already, before a text is written? Names, texts and topics like it, and what it would serve.

It is asked while a title is typed: a title alone is answered from names in memory, one search and the tagger. Nothing
of what is typed is stored or logged.
"""

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from cachetools import LRUCache

from engine.draft_links import DraftLinks, WouldServe
from engine.duplicates import Comparison
from engine.errors import BackendError, IndexMissing
from engine.known_names import NEAR, WORTH_A_LOOK, KnownNames, Name, plain
from engine.model import COMMON_EDITION, Passage, Resource, SearchRequest, Tag, Vectors
from engine.pair_classes import PairClass
from engine.passages import passage_texts, split_passages
from engine.search import ALL_EDITIONS
from engine.service import Engine
from engine.text_prints import title_head, title_words
from vocab.concept import ConceptId
from vocab.language import detect_language

Why = Literal["same_name", "same_text", "translation", "near_name", "supplement", "same_topic"]
WHYS: Final[tuple[Why, ...]] = (
    "same_name",
    "same_text",
    "translation",
    "near_name",
    "supplement",
    "same_topic",
)
"""What a text may be to what is typed, what weighs most first."""

Level = Literal["confirm", "look", "know"]
"""``confirm``: the same name in the same language and edition; ``look`` before writing; ``know`` that it is there."""

FOREIGN_NAME: Final = 0.54
"""Cosine from which a title in another language is a translation: on the sample bank all 6 English translations have
.56 and more, no other pair of an English and a Norwegian title more than .52."""

NEAR_IN_MEANING: Final = 0.68
"""Cosine from which two names that share half of their words are nearly the same."""

TOPICS: Final = 5
"""Texts on the same topic that are named."""

TAGGED: Final = 0.3
"""Score from which a concept tells the topic of what is typed."""

_KINDS: Final[dict[PairClass, Why]] = {
    "identical_copy": "same_text",
    "near_copy": "same_text",
    "outdated_local_copy": "same_text",
    "translation": "translation",
    "local_supplement": "supplement",
    "same_topic_other_role": "same_topic",
}
_HITS: Final = 12
_FOREIGN: Final = 4
_PASSAGES: Final = 8
_TITLES_KEPT: Final = 5_000
_SURE, _SURE_OF_A_TITLE = 0.6, 0.85
_WORD: Final = re.compile(r"\w+(?:[-/]\w+)*")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is typed. `language` empty is told from the words; `id` is the resource that is being rewritten, if any."""

    title: str
    text: str = ""
    language: str = ""
    edition: str = COMMON_EDITION
    id: str = ""


@dataclass(frozen=True, slots=True)
class Existing:
    """A text of the bank that is like what is typed.

    Attributes
    ----------
    why
        What it is to what is typed, the weightiest first.
    name
        How like the names are, 0 when that says nothing.
    concepts
        Concepts that both are about.
    comparison
        The texts side by side, where a text was typed.
    """

    resource: Resource
    why: tuple[Why, ...]
    level: Level
    name: float = 0.0
    concepts: tuple[ConceptId, ...] = ()
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What is there already. `language` is the one stated, else the one told from the words, empty when unsure.

    `degraded` names what could not be asked: ``not_indexed``, ``no_similarity``.
    """

    draft: Draft
    language: str
    existing: tuple[Existing, ...]
    requirements: tuple[WouldServe, ...]
    concepts: tuple[Tag, ...]
    degraded: tuple[str, ...] = ()


@dataclass
class _Found:
    resource: Resource
    why: set[Why] = field(default_factory=set)
    name: float = 0.0
    comparison: Comparison | None = None


class Drafting:
    """Looks for what is like a text that is being written; one for a server, safe for several threads.

    Parameters
    ----------
    engine : Engine
        The bank.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.names = KnownNames(engine.catalogue)
        self._links = DraftLinks(engine)
        self._titles: LRUCache[str, Vectors] = LRUCache(_TITLES_KEPT)
        self._lock = threading.Lock()

    def preview(
        self, draft: Draft, *, may_see: Callable[[Resource], bool] = lambda r: r.status == "published"
    ) -> Preview:
        """Return what the bank has that is like a draft, what the draft would serve and be about.

        Parameters
        ----------
        draft : Draft
            What is typed; an empty title and text have nothing like them.
        may_see : callable
            Which resources the asker may be told of.
        """
        typed = Draft(
            " ".join(draft.title.split()), draft.text.strip(), draft.language, draft.edition, draft.id
        )
        if not any(c.isalnum() for c in typed.title + typed.text):
            return Preview(typed, draft.language, (), (), ())
        language = draft.language or _language(typed)
        text = Resource("", typed.title, body=typed.text, language=language or "nb", edition=typed.edition)
        passages, vectors, degraded = self._read(text)
        tags = self._tags(text, passages, vectors)
        found: dict[str, _Found] = {}
        if typed.title:
            self._by_name(typed.title, language, found)
        hits = self._hits(typed.title or typed.text, degraded)
        if typed.title and len(vectors):
            own = vectors[:1] if not typed.text else self._encoded([typed.title])
            self._by_meaning(own, language, hits, found)
        if typed.text:
            self._by_text(replace(text, about=tags), found)
        about = {tag.concept: tag.score for tag in tags if tag.score >= TAGGED}
        self._by_topic(hits, about, found, typed.id)
        return Preview(
            typed,
            language,
            self._existing(found, about, typed, language, may_see),
            tuple(self._links.of(text, tags, vectors)),
            tags,
            tuple(degraded),
        )

    def same_names(self, resource: Resource) -> list[Name]:
        """Return the other published resources of the same title, language and edition."""
        return [
            name
            for name in self.names.same(resource.title)
            if name.id != resource.id
            and (name.status, name.language, name.edition)
            == ("published", resource.language, resource.edition)
        ]

    # --- inside ------------------------------------------------------------------------------

    def _by_name(self, title: str, language: str, found: dict[str, _Found]) -> None:
        near = self.names.near(title, WORTH_A_LOOK)
        resources = self._engine.catalogue.get_many([name.id for name, _ in near])
        for name, like in near:
            if name.id not in resources:
                continue
            one = _Found(resources[name.id], name=like)
            if like >= NEAR or _same_head(title, name.title):
                one.why.add(_named(title, name.title, language, name.language))
            found[name.id] = one

    def _by_meaning(
        self, title: Vectors, language: str, hits: Sequence[Resource], found: dict[str, _Found]
    ) -> None:
        """Tell translations and reworded names by what titles mean."""
        doubtful = [one.resource for one in found.values() if not one.why]
        foreign = [r for r in hits if r.id not in found and _foreign(language, r.language)][:_FOREIGN]
        cosines = self._title_cosines(title, [*doubtful, *foreign])
        for r in [*doubtful, *foreign]:
            least = FOREIGN_NAME if _foreign(language, r.language) else NEAR_IN_MEANING
            if cosines.get(r.id, 0.0) >= least:
                one = found.setdefault(r.id, _Found(r, name=cosines[r.id]))
                one.why.add("translation" if language and r.language != language else "near_name")

    def _by_text(self, text: Resource, found: dict[str, _Found]) -> None:
        for comparison in self._engine.duplicates.like(text, all_classes=True):
            why = _KINDS.get(comparison.judgement.kind)
            if why is not None:
                one = found.setdefault(comparison.b.id, _Found(comparison.b))
                one.why.add(why)
                one.comparison = comparison

    def _by_topic(
        self, hits: Sequence[Resource], about: dict[ConceptId, float], found: dict[str, _Found], own: str
    ) -> None:
        """Add hits that are about the same, the best first."""
        told = 0
        for r in hits:
            if told >= TOPICS:
                return
            if r.id != own and any(tag.concept in about for tag in r.about):
                one = found.setdefault(r.id, _Found(r))
                one.resource = r
                told += not one.why
                one.why.add("same_topic")

    def _existing(
        self,
        found: dict[str, _Found],
        about: dict[ConceptId, float],
        draft: Draft,
        language: str,
        may_see: Callable[[Resource], bool],
    ) -> tuple[Existing, ...]:
        rows = []
        for id_, one in found.items():
            r = one.resource
            if not one.why or id_ == draft.id or r.status == "archived" or not may_see(r):
                continue
            shared = {tag.concept: tag.score * about[tag.concept] for tag in r.about if tag.concept in about}
            why = tuple(w for w in WHYS if w in one.why)
            rows.append(
                Existing(
                    r,
                    why,
                    _level(why, r, draft, language),
                    round(one.name, 3),
                    tuple(sorted(shared, key=lambda c: (-shared[c], c))),
                    one.comparison,
                )
            )
        levels: Sequence[Level] = ("confirm", "look", "know")
        rows.sort(key=lambda e: (levels.index(e.level), WHYS.index(e.why[0]), -e.name, e.resource.id))
        return tuple(rows)

    def _hits(self, words: str, degraded: list[str]) -> list[Resource]:
        """Return what a search finds for a title; its signs are no operators."""
        text = " ".join(_WORD.findall(words)[:40])
        try:
            result = self._engine.search(SearchRequest(text=text, edition=ALL_EDITIONS, k=_HITS, facets=()))
        except IndexMissing:
            degraded.append("not_indexed")
            return []
        return [hit.resource for hit in result.hits]

    def _read(self, text: Resource) -> tuple[tuple[Passage, ...], Vectors, list[str]]:
        """Return some passages with their vectors, and what is wrong when there are none."""
        passages = split_passages(text.body)
        passages = passages[:: -(-len(passages) // _PASSAGES)]
        rows = self._encoded(passage_texts(text, passages))
        return passages, rows, [] if len(rows) else ["no_similarity"]

    def _tags(self, text: Resource, passages: tuple[Passage, ...], rows: Vectors) -> tuple[Tag, ...]:
        self._engine.refresh_vocabulary()
        _, topics = self._engine.tagging_words()
        return topics.tagger.tags(
            text, passages=passages, vectors=rows if len(rows) else None, steering=self._engine.steering()
        )

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        """Return vectors as of passages; none without a model that knows what words mean."""
        embedder = self._engine.embedder
        if embedder is not None and texts and self._engine.settings.embedder != "hashing":
            with suppress(BackendError):
                return embedder.encode(texts, "passage")
        return np.zeros((0, 0), dtype=np.float32)

    def _title_cosines(self, title: Vectors, resources: Iterable[Resource]) -> dict[str, float]:
        """Return how near titles of the bank are in meaning; theirs are kept, what is typed is not."""
        titles = {r.id: r.title for r in resources}
        with self._lock:
            known = {t: self._titles[t] for t in titles.values() if t in self._titles}
        missing = sorted(set(titles.values()) - known.keys())
        new = dict(zip(missing, self._encoded(missing), strict=False))
        with self._lock:
            self._titles.update(new)
        known |= new
        return {id_: float(known[t] @ title[0]) for id_, t in titles.items() if t in known and len(title)}


def _named(title: str, other: str, language: str, of: str) -> Why:
    """Return what a text of nearly the same name is to a draft, by the names alone."""
    if language and of != language:
        return "translation"
    same = plain(title) == plain(other)
    return "same_name" if same else "near_name"


def _foreign(language: str, other: str) -> bool:
    """Tell whether titles in two languages have no words in common to know each other by."""
    return bool(language) and language != other and "en" in {language, other}


def _same_head(title: str, other: str) -> bool:
    """Tell whether one title is what stands before the colon of the other: two words and more."""
    heads = {title_words(title_head(title)), title_words(title_head(other))}
    whole = {title_words(title), title_words(other)}
    return len(heads) == 1 and bool(heads & whole) and len(next(iter(heads))) > 1


def _level(why: Sequence[Why], r: Resource, draft: Draft, language: str) -> Level:
    if why[0] == "same_name" and r.edition == draft.edition and language in {"", r.language}:
        return "confirm"
    return "know" if why[0] in {"same_topic", "supplement"} else "look"


def _language(draft: Draft) -> str:
    language, sure = detect_language(draft.text or draft.title)
    language = "nb" if language in {"da", "sv"} else language
    return language if sure >= (_SURE if draft.text else _SURE_OF_A_TITLE) else ""

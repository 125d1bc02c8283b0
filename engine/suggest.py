"""What might they be typing? Concepts, roles and resources that begin like the text, or nearly so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from engine.facets import value_label
from engine.model import Suggestion
from engine.ports import SearchIndex
from engine.repair import Lexicon
from engine.search import scope_of
from vocab.analysis import surface_words
from vocab.completion import Beginnings, Completion
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

MAX_PREFIX = 80
SHORTEST_PREFIX = 2
SHOWN_SCHEMES = frozenset({"tema", "tilstand", "prosedyre", "arena", "malgruppe"})


@dataclass(frozen=True, slots=True)
class Suggester:
    """Autocomplete over one opened build.

    Parameters
    ----------
    index, vocabulary, matcher
        Titles of resources, and labels of concepts and roles.
    lexicon, beginnings
        Words of the index, and how they begin, to mend mistyped ones.
    excluded : frozenset of str
        Resources withdrawn since the build was made.
    """

    index: SearchIndex
    vocabulary: Vocabulary
    matcher: LabelMatcher
    lexicon: Lexicon
    beginnings: Beginnings
    excluded: frozenset[str] = field(default=frozenset())

    def suggest(
        self, prefix: str, *, lang: str = "nb", edition: str | None = None, k: int = 8
    ) -> tuple[Suggestion, ...]:
        """Return at most `k` suggestions; none for fewer than two letters.

        Concepts and roles come first, both when both fit; at least half are resources when there are so
        many. When nothing begins so, what is one letter away is suggested.
        """
        prefix = prefix.strip()[:MAX_PREFIX]
        if len(prefix) < SHORTEST_PREFIX:
            return ()
        words = surface_words(prefix)
        head = self._labels(self.matcher.complete(prefix, lang, 4 * k), lang)
        resources = self._resources([words], lang, edition, k)
        if not head and not resources:
            head = self._labels(self.matcher.complete_mistyped(prefix, lang, 4 * k), lang)
            resources = self._resources(self._mended(words), lang, edition, k)
        head = _both_kinds(head, max(k - len(resources), k // 2))
        return tuple(head + resources[: k - len(head)])

    def _mended(self, words: Sequence[str]) -> list[list[str]]:
        """Return the words with what is near those that no title can have, likeliest first."""
        whole = [[r.word for r in self.lexicon.repairs(word)[:1]] or [word] for word in words[:-1]]
        begun = [
            [word] if word in self.beginnings else self.beginnings.near(word) or [word] for word in words[-1:]
        ]
        return [list(choice) for choice in product(*whole, *begun)]

    def _resources(
        self, questions: Sequence[Sequence[str]], lang: str, edition: str | None, k: int
    ) -> list[Suggestion]:
        found: dict[str, str] = {}
        for words in questions:
            if words and len(found) < k:
                titles = self.index.suggest(words, scope_of(edition), k + len(self.excluded))
                found |= {rid: title for rid, title in titles if rid not in self.excluded}
        ids = list(found)[:k]
        known = self.index.get(ids)
        return [
            Suggestion(
                "resource",
                rid,
                found[rid],
                value_label("resource_type", known[rid].resource_type, self.vocabulary, lang)
                if rid in known
                else "",
            )
            for rid in ids
        ]

    def _labels(self, completions: Sequence[Completion], lang: str) -> list[Suggestion]:
        """Return what the completions are called, each name once: a concept is searched for by its name."""
        out: dict[tuple[str, str], Suggestion] = {}
        for c in completions:
            scheme, name = c.concept.split("/", 1)
            concept = self.vocabulary.get(c.concept)
            if concept is None:
                continue
            label = concept.label(lang).split(" (")[0]
            shown = c.kind != "hidden" and c.label.lower() != label.lower()
            detail = c.label if shown else ""
            if scheme == "rolle":
                out.setdefault(("role", name), Suggestion("role", name, label, detail))
            elif scheme in SHOWN_SCHEMES:
                out.setdefault(("concept", label.lower()), Suggestion("concept", c.concept, label, detail))
        return list(out.values())


def _both_kinds(found: list[Suggestion], room: int) -> list[Suggestion]:
    """Return the first `room`, the last of them the first of a kind that would be missing."""
    head, kinds = found[:room], {s.kind for s in found[:room]}
    missing = next((s for s in found[room:] if s.kind not in kinds), None)
    return [*head[:-1], missing] if missing is not None and room > 1 else head

"""What might they be typing? Concepts, roles and resources that begin like the text."""

from dataclasses import dataclass, field

from engine.facets import value_label
from engine.model import Suggestion
from engine.ports import SearchIndex
from engine.search import scope_of
from vocab.analysis import surface_words
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

MAX_PREFIX = 80
SHORTEST_PREFIX = 2
SHOWN_SCHEMES = frozenset({"tema", "tilstand", "prosedyre", "arena", "malgruppe"})


@dataclass(frozen=True, slots=True)
class Suggester:
    """Autocomplete over one opened build."""

    index: SearchIndex
    vocabulary: Vocabulary
    matcher: LabelMatcher
    excluded: frozenset[str] = field(default=frozenset())

    def suggest(
        self, prefix: str, *, lang: str = "nb", edition: str | None = None, k: int = 8
    ) -> tuple[Suggestion, ...]:
        """Return at most `k` suggestions; none for fewer than two letters.

        Concepts and roles come first; at least half are resources when there are so many.
        """
        prefix = prefix.strip()[:MAX_PREFIX]
        if len(prefix) < SHORTEST_PREFIX:
            return ()
        concepts = self._concepts(prefix, lang, k)
        words = surface_words(prefix)
        found = self.index.suggest(words, scope_of(edition), k + len(self.excluded)) if words else ()
        resources = [
            Suggestion("resource", rid, title, self._type(rid, lang))
            for rid, title in found
            if rid not in self.excluded
        ][:k]
        room = max(k - len(resources), k // 2)
        head = concepts[:room]
        return tuple(head + resources[: k - len(head)])

    def _concepts(self, prefix: str, lang: str, k: int) -> list[Suggestion]:
        out: dict[str, Suggestion] = {}
        for c in self.matcher.complete(prefix, lang, 4 * k):
            scheme, name = c.concept.split("/", 1)
            concept = self.vocabulary.get(c.concept)
            if concept is None or c.concept in out:
                continue
            label = concept.label(lang).split(" (")[0]
            detail = c.label if c.label.lower() != label.lower() else ""
            if scheme == "rolle":
                out[c.concept] = Suggestion("role", name, label, detail)
            elif scheme in SHOWN_SCHEMES:
                out[c.concept] = Suggestion("concept", c.concept, label, detail)
        return list(out.values())[:k]

    def _type(self, resource_id: str, lang: str) -> str:
        resource = self.index.get([resource_id]).get(resource_id)
        return value_label("resource_type", resource.resource_type, self.vocabulary, lang) if resource else ""

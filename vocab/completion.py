"""Which label is somebody about to type? Autocomplete over the labels of a vocabulary."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest

from vocab.analysis import fold
from vocab.concept import ConceptId, LabelKind, Lang
from vocab.vocabulary import Vocabulary

_KINDS: dict[LabelKind, int] = {"pref": 0, "alt": 1, "hidden": 2}
_WRITTEN = (str.maketrans({"å": "aa", "æ": "ae", "ø": "oe"}), str.maketrans("åæø", "aao"))
_HIGHEST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Completion:
    """A label that begins, or has a word that begins, with what was typed."""

    concept: ConceptId
    label: str
    lang: Lang
    kind: LabelKind


class LabelCompleter:
    """Completes labels of a vocabulary; made once, safe for several threads.

    Parameters
    ----------
    vocabulary
        The concepts; deprecated ones are left out.
    schemes
        Schemes to complete from; all by default.
    """

    def __init__(self, vocabulary: Vocabulary, schemes: Sequence[str] | None = None) -> None:
        keys: set[tuple[str, int, int]] = set()
        self._completions: list[Completion] = []
        for concept, lang, kind, label in vocabulary.labels():
            if vocabulary[concept].deprecated or (
                schemes is not None and vocabulary[concept].scheme not in schemes
            ):
                continue
            number = len(self._completions)
            self._completions.append(Completion(concept, label, lang, kind))
            for spelling in _spellings(label):
                starts = [0, *(at + 1 for at, sign in enumerate(spelling) if sign in " -/(")]
                keys.update((spelling[at:], int(at > 0), number) for at in starts if spelling[at:])
        ordered = sorted(keys)
        self._keys = [key for key, _, _ in ordered]
        self._targets = [(later, number) for _, later, number in ordered]

    def complete(self, prefix: str, lang: str = "nb", k: int = 8) -> list[Completion]:
        """Return at most `k` completions, one a concept.

        Case, accents and the spelling of æ, ø and å do not matter (*aarsak*, *arsak*). A label that begins
        with the prefix comes before one with a later word that does; then the language asked for, preferred
        before alternative labels, shorter labels.

        Examples
        --------
        >>> from vocab.vocabulary import open_vocabulary
        >>> completer = LabelCompleter(open_vocabulary(), ["rolle"])
        >>> [c.label for c in completer.complete("sjukepl", "nn", 2)]
        ['sjukepleiar', 'sjukepleiarstudent']
        """
        wanted = " ".join(fold(prefix).split())
        if not wanted or k < 1:
            return []
        low = bisect_left(self._keys, wanted)
        high = bisect_left(self._keys, wanted + _HIGHEST)
        best: dict[ConceptId, tuple[int, int, int, int, str, int]] = {}
        for later, number in self._targets[low:high]:
            found = self._completions[number]
            rank = (later, int(found.lang != lang), _KINDS[found.kind], len(found.label), found.label, number)
            if found.concept not in best or rank < best[found.concept]:
                best[found.concept] = rank
        return [self._completions[rank[-1]] for rank in nsmallest(k, best.values())]


def _spellings(label: str) -> set[str]:
    spelling = " ".join(fold(label).split())
    return {spelling, *(spelling.translate(letters) for letters in _WRITTEN)}

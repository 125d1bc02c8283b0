"""What stands for a text when it is compared with a hundred thousand others? A few numbers: its print.

A print is a MinHash signature over runs of three analysed words (so that inflection, casing and the two written
forms of Norwegian count little), a number for the title whatever the order of its words, and what tells which
comparisons are worth making: language, edition, and whether the text says that it supplements another.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from engine.model import Resource
from vocab.analysis import ANALYSIS_VERSION, analyse_word, is_function_word

HASHES: Final = 128
"""Hashes of a signature: a share of equal words .3 is told within ± .08."""

PRINT_VERSION: Final = f"3/rensa-{version('rensa')}/{HASHES}/{ANALYSIS_VERSION}"
"""Changes whenever the same text may get another print."""

NAMED: Final = 4
"""Quoted names that are kept of a text that says it is a supplement."""

_RUN: Final = 3
_SEED: Final = 42
_AT_ONCE: Final = 500
_CACHED: Final = 400_000
_TITLE_END: Final = re.compile(r"\s*[:–—]\s+|\s+-\s+")
_QUOTED: Final = re.compile(r"[«\"“”„']([^«»\"“”„]{3,120})[»\"“”']")
_WORD: Final = re.compile(r"[^\W_]+")
_CUES: Final = ("lokal", "local ", "tillegg", "erstatt", "addition", "does not")
_FACTORS: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
_SHIFT: Final = np.uint64(33)

SUPPLEMENT: Final = re.compile(
    r"""\b(?: loka(?:lt|le) \s+ (?:tillegg\w*|supplement\w*|tilpass\w*|opplysning\w*|opplysing\w*)
      | local \s+ (?:supplement|addition|addendum)
      | (?:erstatt(?:er|ar)|does) \s+ (?:ikke|ikkje|not) \s+ (?:\w+\s+){0,2} (?:felles|sentrale|replace|common)\w*
      | (?:i|kommer|kjem|som) \s+ tillegg \s+ til \s+ (?:\w+\s+){0,2} (?:felles|sentral|nasjonal)\w*
      | in \s+ addition \s+ to \s+ the \s+ (?:common|central|shared) )""",
    re.IGNORECASE | re.VERBOSE,
)
"""How a text says that it supplements a common one."""


@dataclass(frozen=True, slots=True)
class Prints:
    """Prints of n texts, row by row; see `engine.near_texts.Texts`."""

    signatures: NDArray[np.uint32]
    titles: NDArray[np.uint64]
    heads: NDArray[np.uint64]
    supplements: NDArray[np.bool_]
    named: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.titles)


def running_text(resource: Resource) -> str:
    r"""Return what is compared of a resource: summary and body, or the title when there is nothing else.

    Examples
    --------
    >>> running_text(Resource("a", "Fall", summary="Kort.", body="Langt."))
    'Kort.\n\nLangt.'
    """
    return "\n\n".join(part for part in (resource.summary, resource.body) if part.strip()) or resource.title


def make_prints(resources: Sequence[Resource]) -> Prints:
    """Return the prints of resources.

    Examples
    --------
    >>> a, b = Resource("a", "Fall hos eldre", body="Se etter dørstokker."), Resource("b", "Eldre: fall")
    >>> made = make_prints([a, b])
    >>> made.signatures.shape, bool(made.titles[0] == made.titles[1])
    ((2, 128), True)
    """
    signatures = np.empty((len(resources), HASHES), dtype=np.uint32)
    supplements = [says_supplement(r) for r in resources]
    named = np.zeros((len(resources), NAMED), dtype=np.uint64)
    for row, resource in enumerate(resources):
        if supplements[row]:
            names = [title_hash(name) for name in quoted(resource.body)][:NAMED]
            named[row, : len(names)] = names
    for at in range(0, len(resources), _AT_ONCE):
        some = resources[at : at + _AT_ONCE]
        signatures[at : at + len(some)] = _signatures([word_hashes(running_text(r)) for r in some])
    return Prints(
        signatures,
        np.array([title_hash(r.title) for r in resources], dtype=np.uint64),
        np.array([title_hash(title_head(r.title)) for r in resources], dtype=np.uint64),
        np.array(supplements, dtype=np.bool_),
        named,
    )


def says_supplement(resource: Resource) -> bool:
    """Tell whether a text says of itself that it supplements a common one.

    Examples
    --------
    >>> says_supplement(Resource("a", "Multidose i Innlandet", summary="Lokalt tillegg til felles opplæring."))
    True
    """
    text = f"{resource.title}\n{resource.summary}\n{resource.body[:2000]}".lower()
    return any(cue in text for cue in _CUES) and SUPPLEMENT.search(text) is not None


def title_words(title: str) -> frozenset[str]:
    """Return the words of a title that say something: stems, without function words if there are others.

    Examples
    --------
    >>> title_words("Diabetes type 2") == title_words("Type 2-diabetes")
    True
    """
    words = _WORD.findall(title)
    return frozenset(stems(" ".join(w for w in words if not is_function_word(w)) or title))


def title_head(title: str) -> str:
    """Return what stands before the colon or dash of a title.

    Examples
    --------
    >>> title_head("Multidose på rull: fra apotek til kjøkkenbord")
    'Multidose på rull'
    """
    return _TITLE_END.split(title)[0]


def quoted(text: str) -> list[str]:
    """Return what stands between quotation marks.

    Examples
    --------
    >>> quoted("Se filmen «Multidose på rull» først.")
    ['Multidose på rull']
    """
    return _QUOTED.findall(text)


def title_hash(title: str) -> int:
    """Return a number that titles of the same words share, in whatever order; 0 for a title without words."""
    words = title_words(title)
    return _hash(" ".join(sorted(words))) if words else 0


def stems(text: str) -> list[str]:
    """Return the stem of each word and each number, in order: quicker than `analyse`, and all that comparing needs.

    Examples
    --------
    >>> stems("Sykepleierne ga 37,5 mg") == stems("sjukepleiarane ga 37.5 mg")
    True
    """
    return [analyse_word(word)[0] for word in _WORD.findall(text)]


def word_hashes(text: str) -> list[int]:
    """Return a number for each of `stems`."""
    return [_word_hash(word) for word in _WORD.findall(text)]


def _signatures(texts: Sequence[Sequence[int]]) -> NDArray[np.uint32]:
    padded = [words if len(words) >= _RUN else [*words, *[0] * (_RUN - len(words))] for words in texts]
    lengths = np.array([len(words) for words in padded], dtype=np.int64)
    flat = np.fromiter((h for words in padded for h in words), dtype=np.uint64, count=int(lengths.sum()))
    runs = sum(flat[k : len(flat) - _RUN + 1 + k] * _FACTORS[k] for k in range(_RUN))
    runs = np.asarray(runs, dtype=np.uint64)
    runs ^= runs >> _SHIFT
    runs *= _MIX
    ends = np.cumsum(lengths)
    inside = np.ones(len(flat), dtype=np.bool_)
    for back in range(1, _RUN):
        inside[ends - back] = False
    kept = np.ascontiguousarray(runs[inside[: len(runs)]])
    offsets = np.concatenate(([0], np.cumsum(lengths - _RUN + 1))).astype(np.uint64)
    made: Any = RMinHash.digest_matrix_from_flat_token_hashes(kept, offsets, HASHES, _SEED)
    return np.array(made.to_rows(), dtype=np.uint32)


@lru_cache(_CACHED)
def _word_hash(surface: str) -> int:
    return _hash(analyse_word(surface)[0])


def _hash(text: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )

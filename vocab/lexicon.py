"""Which words exist? Norwegian and English word forms, nouns in -er, and base forms that no stemmer finds.

The forms come from simplemma's nb, nn and en dictionaries and are shipped as tables of 48-bit hashes
(``data/lexicon.bin``, made by ``scripts/build_lexicon.py``): they open in milliseconds and take 5 MB where the
dictionaries take seconds and 200 MB. A wrong "yes" has a probability of about 3e-9 a question.
"""

import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache, partial
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path

MIN_WORD = 4
"""Shortest dictionary form that is kept [letters]: shorter ones only make false compound parts."""

MIN_PART = 3
"""Shortest part of a compound [letters]; below `MIN_WORD` only the short words of health care."""

LEXICON_FILE = Path(__file__).parent / "data" / "lexicon.bin"

_MAGIC = b"KGLEX2\n"
_DIGEST = 8
_BUCKETS = 1 << 16

_REMEMBERED = 1 << 17
"""Words of which it is remembered whether they exist: the same ends of compounds are asked for again and again."""

_AGENTS = frozenset([
    "pleier", "arbeider", "leder", "veileder", "rådgiver", "hjelper", "tekniker", "optiker", "renholder",
    "paramedisiner", "saksbehandler", "behandler", "utvikler", "bruker", "lærer", "medarbeider", "forsker",
    "fører", "kliniker", "praktiker", "lege", "pleiar", "arbeidar", "leiar", "vegleiar", "rettleiar",
    "rådgivar", "rådgjevar", "hjelpar", "teknikar", "optikar", "reinhaldar", "paramedisinar",
    "saksbehandlar", "behandlar", "utviklar", "brukar", "lærar", "medarbeidar", "forskar", "førar",
    "klinikar", "praktikar", "vikar", "reseptar", "giver", "gjevar", "utøver", "utøvar", "deltaker",
    "deltakar", "mottaker", "mottakar", "formidler", "formidlar", "innbygger", "innbyggjar", "partner",
    "partnar", "bestyrer", "bestyrar", "sykepleier", "sjukepleiar",
])  # fmt: skip
"""Agent nouns that make compounds (*hjemme* + *pleier*), even where the dictionaries have a verb or plural."""

_HEALTH_WORDS = frozenset([
    "adipositas", "audit", "atrieflimmer", "cystitt", "cytostatika", "debrief", "delir", "diabetes",
    "dosett", "dysfagi", "eklampsi", "embolus", "enteral", "epikrise", "fasilitator", "gastrostomi",
    "habilitering", "hemodialyse", "hypertyreose", "hypotermi", "hypotyreose", "ileostomi", "insomni",
    "kateter", "kardiologi", "komorbiditet", "meistring", "multidose", "multimorbiditet", "nefrologi",
    "neonatologi", "norovirus", "ombod", "ombud", "palliasjon", "paraplegi", "parenteral", "parkinson",
    "perfusjon", "perioperativ", "peritoneal", "podcast", "podkast", "polyfarmasi", "postpartum",
    "preeklampsi", "prehospital", "pulsoksymetri", "pårørande", "pårørende", "resuscitering", "sarkopeni",
    "screening", "sepsis", "simulering", "sirkulatorisk", "stafylokokk", "stomi", "supervisør", "tetraplegi",
    "thorax", "trakeostomi", "tremens", "triage", "trykksår", "urostomi", "vaskulær", "webinar",
    # short ones that compounds of health care are made of
    "dag", "fag", "fot", "hud", "kar", "mål", "rus", "sår", "øre", "øye",
])  # fmt: skip
"""Words of health care that general dictionaries lack."""


class Lexicon:
    """Norwegian word forms, lower case, of at least `MIN_WORD` letters and the short words of health care.

    Attributes
    ----------
    agents
        Agent nouns that compounds may end in.
    er_nouns
        Further base forms in -er (bokmål), -ar (nynorsk) and -lege, so that their ending is not taken for
        that of a plural or an adjective.
    bases
        Base form of each inflected form that loses a vowel (*midler*: *middel*).
    digest
        Hash of the contents, hexadecimal.

    Raises
    ------
    ValueError
        If the bytes are no lexicon or have been damaged.
    """

    __slots__ = ("_known", "_known_english", "_norwegian", "agents", "bases", "digest", "er_nouns")

    def __init__(self, content: bytes) -> None:
        stored, body = content[len(_MAGIC) : len(_MAGIC) + _DIGEST], content[len(_MAGIC) + _DIGEST :]
        if not content.startswith(_MAGIC) or blake2b(body, digest_size=_DIGEST).digest() != stored:
            raise ValueError("not a lexicon, or a damaged one: make it again with scripts/build_lexicon.py")
        self._norwegian, end = _Table.read(body, 0)
        english, end = _Table.read(body, end)
        er_nouns, bases = body[end:].decode().split("\0")
        self.er_nouns = frozenset(er_nouns.split())
        self.bases = {
            form: base for base, *forms in (line.split() for line in bases.splitlines()) for form in forms
        }
        self.agents = _AGENTS
        self.digest = stored.hex()
        self._known = lru_cache(_REMEMBERED)(partial(_either, self._norwegian, _HEALTH_WORDS | _AGENTS))
        self._known_english = lru_cache(_REMEMBERED)(english.__contains__)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._known(word)

    def __len__(self) -> int:
        return len(self._norwegian)

    def is_english(self, word: str) -> bool:
        """Tell whether a word is in the English dictionary and in no Norwegian one."""
        return self._known_english(word) and not self._known(word)


def _either(table: "_Table", words: frozenset[str], word: str) -> bool:
    return word in table or word in words


class _Table:
    """A set of words as sorted hashes; `bounds` say where each bucket of them begins."""

    __slots__ = ("_bounds", "_hashes")

    def __init__(self, bounds: "array[int]", hashes: "array[int]") -> None:
        self._bounds, self._hashes = bounds, hashes

    @classmethod
    def read(cls, body: bytes, start: int) -> tuple["_Table", int]:
        """Return the table that begins at `start` and where it ends [bytes]."""
        bounds_at = start + 4
        hashes_at = bounds_at + 4 * (_BUCKETS + 1)
        end = hashes_at + 4 * int.from_bytes(body[start:bounds_at], "little")
        return cls(_numbers(body[bounds_at:hashes_at]), _numbers(body[hashes_at:end])), end

    def __contains__(self, word: str) -> bool:
        bucket, rest = _hash(word)
        low, high = self._bounds[bucket], self._bounds[bucket + 1]
        at = bisect_left(self._hashes, rest, low, high)
        return at < high and self._hashes[at] == rest

    def __len__(self) -> int:
        return len(self._hashes)


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of bokmål and nynorsk.

    Examples
    --------
    >>> lex = lexicon()
    >>> "sykehus" in lex, "pleier" in lex.agents, "psykiater" in lex.er_nouns, "bilder" in lex.er_nouns
    (True, True, True, False)
    """
    return Lexicon(LEXICON_FILE.read_bytes())


def lexicon_bytes(
    forms: Iterable[str], english: Iterable[str] = (), bases: Mapping[str, str] | None = None
) -> bytes:
    """Return the contents of a lexicon file.

    A noun in -er has its definite form -eren among the forms (-aren in nynorsk), and without the ending it
    is neither noun nor verb (*mennesker* and *tjener* are left alone); a word in -lege has -legen and is
    no adjective (*faglege*).

    Parameters
    ----------
    forms : iterable of str
        Norwegian word forms.
    english : iterable of str
        English word forms; those that are Norwegian too are left out.
    bases : mapping of form to base form, optional
        Norwegian forms that lose a vowel.

    Examples
    --------
    >>> words = ["psykiater", "psykiateren", "bilder", "bilde", "fastlege", "fastlegen"]
    >>> small = Lexicon(lexicon_bytes(words, ["nurse", "bilde"], {"midler": "middel"}))
    >>> "bilder" in small, "sykehus" in small, sorted(small.er_nouns), small.bases
    (True, False, ['fastlege', 'psykiater'], {'midler': 'middel'})
    >>> small.is_english("nurse"), small.is_english("bilde")
    (True, False)
    """
    words = _kept(forms)
    definite = {form.removesuffix("en") for form in words if form.endswith(("eren", "aren"))}
    er_nouns = {base for base in definite & words if base[:-2] not in words and f"{base[:-2]}e" not in words}
    doctors = {word for word in words if word.endswith("lege") and f"{word}n" in words}
    er_nouns |= {word for word in doctors if word[:-1] not in words}
    lines: dict[str, list[str]] = {}
    for form, base in sorted((bases or {}).items()):
        lines.setdefault(base, []).append(form)
    text = "\n".join(sorted(er_nouns)) + "\0" + "\n".join(f"{b} {' '.join(f)}" for b, f in lines.items())
    body = _table_bytes(words) + _table_bytes(_kept(english) - words) + text.encode()
    return _MAGIC + blake2b(body, digest_size=_DIGEST).digest() + body


def _kept(forms: Iterable[str]) -> set[str]:
    return {form for form in forms if len(form) >= MIN_WORD and form.isalpha() and form.islower()}


def _table_bytes(words: Iterable[str]) -> bytes:
    hashes = sorted({_hash(word) for word in words})
    sizes = Counter(bucket for bucket, _ in hashes)
    bounds = array("I", accumulate((sizes[bucket] for bucket in range(_BUCKETS)), initial=0))
    rests = array("I", [rest for _, rest in hashes])
    if sys.byteorder == "big":
        bounds.byteswap()
        rests.byteswap()
    return len(rests).to_bytes(4, "little") + bounds.tobytes() + rests.tobytes()


def lexicon_digest() -> str:
    """Return the hash of the shipped lexicon's contents without reading all of it."""
    with LEXICON_FILE.open("rb") as file:
        return file.read(len(_MAGIC) + _DIGEST)[len(_MAGIC) :].hex()


def _hash(word: str) -> tuple[int, int]:
    value = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=6).digest(), "little")
    return value & (_BUCKETS - 1), value >> 16


def _numbers(content: bytes) -> "array[int]":
    numbers = array("I")
    numbers.frombytes(content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers

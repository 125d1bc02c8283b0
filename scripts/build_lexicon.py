"""Make vocab/data/lexicon.bin from the nb, nn and en dictionaries of the installed simplemma.

python scripts/build_lexicon.py
"""

import hashlib
import re
import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

from vocab.lexicon import LEXICON_FILE, Lexicon, lexicon_bytes

_LOSES_A_VOWEL = re.compile(r"\w{3,}e[lrn]")
_ENDINGS = frozenset(["e", "er", "ene", "a", "ane", "ar", "es", "ers", "enes"])


def dictionary(language: str) -> dict[str, str]:
    """Return each word form of a language with its base form."""
    pairs = DefaultDictionaryFactory().get_dictionary(language).items()
    return {_text(form): _text(base) for form, base in pairs}


def forms(*languages: str) -> set[str]:
    """Return all words of the dictionaries, base forms included only where they are forms themselves."""
    return {form for language in languages for form in dictionary(language)}


def bases() -> dict[str, str]:
    """Return the base of each form of those words in -el, -er and -en that lose the e: *midler*, *middel*.

    Forms that are base forms of some other word (*handle*) are left out.
    """
    of_language = [dictionary(language) for language in ("nn", "nb")]
    every_base = {base for entries in of_language for base in entries.values()}
    found: dict[str, str] = {}
    for entries in of_language:
        by_base = defaultdict(set)
        for form, base in entries.items():
            by_base[base].add(form)
        for base, own in by_base.items():
            short = _shortened(base)
            if short and any(f.startswith(short) and f.removeprefix(short) in _ENDINGS for f in own):
                found |= {form: base for form in own - every_base if form.isalpha() and form.islower()}
                found[base] = base
    return {form: base for form, base in found.items() if base != "ister"}  # the ending of a plural


def _shortened(base: str) -> str:
    """Return what is left of a word that loses its last vowel, nothing for a word that has none to lose."""
    if not (_LOSES_A_VOWEL.fullmatch(base) and base.isalpha() and base.islower()):
        return ""
    before = base[:-2]
    return (before[:-1] if before[-1] == before[-2] else before) + base[-1]


def _text(word: str | bytes) -> str:
    return word if isinstance(word, str) else word.decode()


def main() -> None:
    content = lexicon_bytes(forms("nb", "nn"), forms("en"), bases())
    LEXICON_FILE.write_bytes(content)
    lex = Lexicon(content)
    print(f"{len(lex)} forms, {len(lex.er_nouns)} nouns in -er, {len(lex.bases)} forms that lose a vowel")
    print(f"{len(content):,} bytes from simplemma {version('simplemma')}")
    print("sha256", hashlib.sha256(content).hexdigest())


if __name__ == "__main__":
    main()

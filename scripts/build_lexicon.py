"""Make vocab/data/lexicon.bin from the nb and nn dictionaries of the installed simplemma.

python scripts/build_lexicon.py
"""

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

from vocab.lexicon import LEXICON_FILE, Lexicon, lexicon_bytes


def forms() -> set[str]:
    factory = DefaultDictionaryFactory()
    return {form for language in ("nb", "nn") for form in factory.get_dictionary(language)}


def main() -> None:
    content = lexicon_bytes(forms())
    LEXICON_FILE.write_bytes(content)
    lex = Lexicon(content)
    print(f"{len(lex)} forms, {len(lex.er_nouns)} nouns in -er, from simplemma {version('simplemma')}")
    print("sha256", hashlib.sha256(content).hexdigest())


if __name__ == "__main__":
    main()

"""What do the pages say? Texts in bokmål, nynorsk and English, the same keys in each."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("nb", "nn", "en")


@cache
def texts(lang: str) -> Mapping[str, str]:
    """Return all texts of a language by dotted key (``search.title``): the readers' and the editors'."""
    found: dict[str, str] = {}
    for path in (f"{lang}.toml", f"editor/{lang}.toml", f"desk/{lang}.toml"):
        data: dict[str, Any] = tomllib.loads(files(__package__).joinpath(path).read_text("utf-8"))
        found |= {f"{section}.{key}": text for section, part in data.items() for key, text in part.items()}
    return found


class Translator:
    """Texts of one language, called with a key and what is to be filled in.

    Examples
    --------
    >>> Translator("nn")("search.minutes", n=15)
    '15 min'
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._texts = texts(lang)

    def has(self, key: str) -> bool:
        """Tell whether there is a text for a key."""
        return key in self._texts

    def __call__(self, key: str, **values: object) -> str:
        """Return the text; raises KeyError for an unknown key."""
        text = self._texts[key]
        return text.format(**values) if values else text

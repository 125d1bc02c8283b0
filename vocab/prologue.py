"""What does an XML file say before its first element? The root's name, and which entities it declares."""

from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from vocab.triples import VocabularyError

_PIECE = 1 << 16
_PREDEFINED = frozenset({"amp", "apos", "gt", "lt", "quot"})


class Prologue(NamedTuple):
    """The root's name (namespace and local name with a space between), and the entities that are declared.

    `growing` are those made of others, which a few lines can swell to any size.
    """

    root: str
    entities: tuple[str, ...]
    growing: tuple[str, ...]


def read_prologue(path: Path) -> Prologue:
    """Read an XML file up to its root element; nothing is expanded or fetched.

    Raises
    ------
    VocabularyError
        If the file is missing or has no root.
    """
    entities: list[str] = []
    growing: list[str] = []

    def declare(name: str, parameter: bool, value: str | None, *_: object) -> None:
        entities.append(name)
        if parameter or (value and "&" in value and name not in _PREDEFINED):
            growing.append(name)

    def stop(name: str, _: object) -> None:
        raise _RootFoundError(name)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = stop
    parser.EntityDeclHandler = declare
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                parser.Parse(piece)
            parser.Parse(b"", True)
    except _RootFoundError as found:
        return Prologue(str(found), tuple(entities), tuple(growing))
    except OSError as error:
        raise VocabularyError(path, None, error.strerror or str(error)) from error
    except expat.ExpatError as error:
        raise VocabularyError(path, error.lineno, expat.ErrorString(error.code)) from error
    raise VocabularyError(path, None, "no XML element")


class _RootFoundError(Exception):
    """Ends the parsing: what comes after the root's name is not looked at."""

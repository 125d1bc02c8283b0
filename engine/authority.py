"""What is a source of authority? A guideline, a regulation, a curriculum: in a version, and linked to what rests on it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Authority:
    """A source that requirements and resources rest on.

    `hash` stands for a text that is not kept here. What is linked to it: `requirements` (ids or codes), those whose
    legal basis has one of the texts of `legal_basis` in it, those and resources about one of `concepts`, `resources`
    that cite it, and whatever teaches one of the requirements.
    """

    id: str
    title: str
    url: str = ""
    version: str = ""
    text: str = ""
    hash: str = ""
    requirements: tuple[str, ...] = ()
    legal_basis: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """What changes when version or text do [32 hex digits]; white space does not count.

        Examples
        --------
        >>> one = Authority("v", "Veileder", version="2023", text="Mål pulsen.")
        >>> one.identity == Authority("v", "Ny tittel", version="2023", text="Mål  pulsen. ").identity
        True
        >>> one.identity == Authority("v", "Veileder", version="2025", text="Mål pulsen.").identity
        False
        """
        return text_identity(self.version, self.text or self.hash)


@dataclass(frozen=True, slots=True)
class AuthorityVersion:
    """One stored version: valid from `recorded` until the next version's."""

    number: int
    recorded: datetime
    value: Authority


def text_identity(version: str, text: str) -> str:
    """Return what changes when a version or a text does [32 hex digits]."""
    plain = "\x1f".join(" ".join(part.split()) for part in (version, text))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:32]

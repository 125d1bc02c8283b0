"""What did somebody look for and not find, in their own words? Kept without who wrote it, and listed to editors.

What holds a number of a person, a telephone, an address or a full name is refused and not kept; the refusal says why.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.errors import InvalidRequest, NotFound
from engine.known_words import LONGEST, normalised
from engine.model import AuditEntry
from engine.personal_text import Personal, personal
from engine.query_statistics import first_day
from engine.records import is_storable
from engine.reports.tables import Table
from engine.service import Engine
from engine.statistics_ports import Wish, WishState

LONGEST_WISH: Final = 500
"""Longest wish [characters]."""

_WHY: Final[Mapping[str, Mapping[str, str]]] = {
    "nb": {
        "number": "Teksten ble ikke lagret: den inneholder et langt tall, som kan være et fødselsnummer, kortnummer eller telefonnummer. Skriv den uten tallet.",
        "birth_date": "Teksten ble ikke lagret: den inneholder noe som ligner en fødselsdato. Skriv den uten datoen.",
        "phone": "Teksten ble ikke lagret: den inneholder noe som ligner et telefonnummer. Skriv den uten nummeret.",
        "email": "Teksten ble ikke lagret: den inneholder noe som ligner en e-postadresse. Skriv den uten adressen.",
        "address": "Teksten ble ikke lagret: den inneholder en nettadresse. Beskriv med ord hva du leter etter.",
        "name": "Teksten ble ikke lagret: den inneholder noe som ligner et personnavn. Skriv den uten navnet.",
        "empty": "Skriv noen ord om hva du leter etter.",
        "long": "Teksten kan ha høyst {n} tegn.",
    },
    "nn": {
        "number": "Teksten vart ikkje lagra: han inneheld eit langt tal, som kan vere eit fødselsnummer, kortnummer eller telefonnummer. Skriv han utan talet.",
        "birth_date": "Teksten vart ikkje lagra: han inneheld noko som liknar ein fødselsdato. Skriv han utan datoen.",
        "phone": "Teksten vart ikkje lagra: han inneheld noko som liknar eit telefonnummer. Skriv han utan nummeret.",
        "email": "Teksten vart ikkje lagra: han inneheld noko som liknar ei e-postadresse. Skriv han utan adressa.",
        "address": "Teksten vart ikkje lagra: han inneheld ei nettadresse. Skildre med ord kva du leitar etter.",
        "name": "Teksten vart ikkje lagra: han inneheld noko som liknar eit personnamn. Skriv han utan namnet.",
        "empty": "Skriv nokre ord om kva du leitar etter.",
        "long": "Teksten kan ha høgst {n} teikn.",
    },
    "en": {
        "number": "The text was not kept: it has a long number in it, which may be an identity number, a card or a telephone. Write it without the number.",
        "birth_date": "The text was not kept: it has what looks like a date of birth in it. Write it without the date.",
        "phone": "The text was not kept: it has what looks like a telephone number in it. Write it without the number.",
        "email": "The text was not kept: it has what looks like an e-mail address in it. Write it without the address.",
        "address": "The text was not kept: it has a web address in it. Say in words what you are looking for.",
        "name": "The text was not kept: it has what looks like a person's name in it. Write it without the name.",
        "empty": "Write some words about what you are looking for.",
        "long": "The text may have {n} characters at most.",
    },
}  # fmt: skip


class WishRefused(InvalidRequest):
    """A wish that is not kept; the message is for the one who wrote it and repeats nothing of the text."""


class Wishes:
    """Takes wishes and lists them.

    Parameters
    ----------
    engine : Engine
        Store, catalogue (for the audit trail) and clock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tell(self, text: str, *, query: str = "", edition: str, language: str) -> Wish:
        """Keep a wish; return it.

        Raises
        ------
        WishRefused
            If the text is empty, too long or may tell of a person; the message is in `language`.
        NotFound
            If nothing is counted or kept here.
        """
        engine = self._engine
        if engine.statistics is None or not engine.counter.counts:
            raise NotFound("wishes are not taken here: query statistics are off")
        text = " ".join(text.split())
        if len(text) > LONGEST_WISH:
            raise WishRefused(_WHY[language]["long"].format(n=LONGEST_WISH))
        found = personal(text, running=True)
        if found is not None:
            raise WishRefused(_why(found, language))
        if not is_storable(text) or not any(c.isalpha() for c in text):
            raise WishRefused(_WHY[language]["empty"])
        wish = Wish(secrets.token_hex(8), engine.today(), edition, language, _tied_to(query), text)
        engine.statistics.add_wish(wish)
        return wish

    def wishes(self, *, state: WishState | None = None, edition: str | None = None) -> list[Wish]:
        """Return the wishes that are kept, the newest day first."""
        engine = self._engine
        if engine.statistics is None:
            return []
        since = first_day(engine.today(), engine.settings.query_statistics_days)
        return [
            wish
            for wish in engine.statistics.wishes(since=since)
            if state in {None, wish.state} and edition in {None, wish.edition}
        ]

    def wish(self, wish: str) -> Wish:
        """Return one wish; raises NotFound."""
        for one in self.wishes():
            if one.id == wish:
                return one
        raise NotFound("there is no such wish; it may have been removed by age")

    def settle(self, wish: str, state: WishState, *, by: str) -> Wish:
        """Say that a wish has been handled, or is new again; the audit trail tells who, and nothing of the text.

        Raises
        ------
        NotFound
            If there is no such wish.
        """
        engine = self._engine
        before = self.wish(wish)
        if before.state == state or engine.statistics is None:
            return before
        settled = engine.statistics.settle(wish, state=state, by=by, on=engine.today())
        engine.catalogue.audit(AuditEntry(engine.now(), by, f"{state} wish", f"wish:{wish}", ""))
        return settled


def _tied_to(query: str) -> str:
    """Return the query that a wish is tied to; none when it is long or may tell of a person."""
    text = normalised(query)
    return text if len(text) <= LONGEST and personal(query) is None and is_storable(text) else ""


def _why(found: Personal, lang: str) -> str:
    same = {"identity_number": "number", "card": "number"}
    return _WHY[lang][same.get(found, found)]


STATES: Final[Mapping[WishState, Mapping[str, str]]] = {
    "new": {"nb": "nytt", "nn": "nytt", "en": "new"},
    "handled": {"nb": "behandlet", "nn": "behandla", "en": "handled"},
}

_TITLE: Final[Mapping[str, str]] = {
    "nb": "Ønsker fra lesere",
    "nn": "Ønske frå lesarar",
    "en": "Wishes of readers",
}


def wish_document(wish: Wish, lang: str) -> dict[str, Any]:
    """Return a wish as a JSON object."""
    return {
        "id": wish.id,
        "day": wish.day.isoformat(),
        "edition": wish.edition,
        "language": wish.language,
        "query": wish.query,
        "text": wish.text,
        "state": wish.state,
        "state_label": STATES[wish.state][lang],
        "by": wish.by,
        "handled": wish.handled.isoformat() if wish.handled else None,
    }


def wish_table(wishes: Sequence[Wish], lang: str) -> Table:
    """Return wishes as a table, one row a wish."""
    rows = [wish_document(wish, lang) for wish in wishes]
    header = ("id", "day", "edition", "language", "query", "text", "state", "state_label", "by", "handled")
    return Table(_TITLE[lang], header, tuple(tuple(row[name] for name in header) for row in rows))

"""Which concept does a label in a record mean? Ids, URIs, codes and labels in any language and inflection."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from vocab.analysis import analyse, fold
from vocab.vocabulary import Vocabulary

_PLAIN = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})
_QUALIFIER = re.compile(r"\s*\([^()]*\)\s*$")


@dataclass(frozen=True, slots=True)
class _Labels:
    """Names of one scheme's concepts by exact label and by the stems of the label, best first."""

    exact: dict[str, list[str]]
    stems: dict[tuple[str, ...], list[str]]


class LabelReader:
    """Turns what a source wrote into names of a scheme.

    Parameters
    ----------
    vocabulary : Vocabulary
        The vocabulary in use.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._schemes: dict[str, _Labels] = {}

    def names(self, scheme: str, text: str) -> Sequence[str]:
        """Return the names that a text may mean in a scheme.

        Parameters
        ----------
        scheme : str
            For instance ``rolle``.
        text : str
            An id with or without the scheme, a URI, or a label.

        Returns
        -------
        sequence of str
            One when it is clear; several when the text is a label of several concepts and the
            preferred one of none or of several; empty when it is not known. What is deprecated is
            replaced.
        """
        text = " ".join(text.split())
        concept = self._vocabulary.id_of_uri(text) or f"{scheme}/{text.removeprefix(scheme + '/')}"
        resolved = self._vocabulary.resolve(concept)
        if resolved is not None:
            return [_name(resolved)] if resolved.startswith(f"{scheme}/") else []
        labels = self._schemes.get(scheme) or self._read(scheme)
        exact = labels.exact.get(_key(text)) or labels.exact.get(_key(_QUALIFIER.sub("", text)))
        if exact:
            return exact
        return labels.stems.get(_stems(text), [])

    def _read(self, scheme: str) -> _Labels:
        exact: defaultdict[str, dict[str, int]] = defaultdict(dict)
        stems: defaultdict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
        for concept, _, kind, label in self._vocabulary.labels():
            if (
                not concept.startswith(f"{scheme}/")
                or (resolved := self._vocabulary.resolve(concept)) is None
            ):
                continue
            name, rank = _name(resolved), {"pref": 0, "alt": 1, "hidden": 2}[kind]
            for text in {label, _QUALIFIER.sub("", label)}:
                for found in (exact[_key(text)], stems[_stems(text)]):
                    found[name] = min(rank, found.get(name, rank))
        self._schemes[scheme] = _Labels(
            {key: _best(found) for key, found in exact.items() if key},
            {key: _best(found) for key, found in stems.items() if key},
        )
        return self._schemes[scheme]


def slug(text: str) -> str:
    """Return a text in the form of an id.

    Examples
    --------
    >>> slug("Østfold"), slug("Ahus ")
    ('ostfold', 'ahus')
    """
    plain = fold(text).translate(_PLAIN)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _best(found: dict[str, int]) -> list[str]:
    least = min(found.values())
    return sorted(name for name, rank in found.items() if rank == least)


def _name(concept: str) -> str:
    return concept.split("/", 1)[1]


def _key(text: str) -> str:
    return " ".join(re.sub(r"[-–_/]+", " ", fold(text)).split())


def _stems(text: str) -> tuple[str, ...]:
    return tuple(token.text for token in analyse(text))

"""Which resources does a change of the vocabulary reach? Those that name or carry what has changed.

A build keeps the fingerprint of the vocabulary that it was made with (`vocab.fingerprint`); the next run tags only
the resources that a change may reach, and writes only those of them that are other than before.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from engine.entry import SCHEME_OF
from engine.model import Decision, Resource
from vocab.fingerprint import Fingerprint, Touched, load_fingerprint

FINGERPRINT_FILE: Final = "vocabulary.json"
"""In a build: the fingerprint of the vocabulary that it was made with."""


def is_reached(
    resource: Resource,
    rulings: Iterable[Decision],
    touched: Touched,
    *,
    by_meaning: bool,
    tags: Collection[str] = (),
) -> bool:
    """Tell whether the entry of a resource may be another one by the new vocabulary.

    Parameters
    ----------
    resource : Resource
        As it is in the catalogue.
    rulings : iterable of Decision
        Editors' rulings on its tags.
    touched : Touched
        What has changed.
    by_meaning : bool
        Whether tags depend on vectors, too.
    tags : collection of str
        The concepts that it is tagged with now, as far as they are known.
    """
    if touched.everywhere or (by_meaning and touched.meanings):
        return True
    if carries(resource, rulings, touched, tags):
        return True
    return touched.occur_in((resource.title, resource.summary, resource.body))


def carries(resource: Resource, rulings: Iterable[Decision], touched: Touched, tags: Collection[str]) -> bool:
    """Tell whether a resource is said to be about something that has changed: then its columns may be others, too."""
    carried = {*tags, *resource_concepts(resource), *(d.object for d in rulings)}
    return bool(carried & touched.concepts)


def resource_concepts(resource: Resource) -> Iterator[str]:
    """Yield the concepts that a resource's source names: its themes, audience, arena and the like."""
    for facet, scheme in SCHEME_OF.items():
        value = getattr(resource, _ATTRIBUTES.get(facet, facet))
        for name in (value,) if isinstance(value, str) else value:
            if name:
                yield f"{scheme}/{name}"


_ATTRIBUTES: Final = {"theme": "themes", "requirement": "teaches"}


def read_fingerprint(folder: Path) -> Fingerprint | None:
    """Return the fingerprint of a build's vocabulary; None when it has none that can be read."""
    try:
        return load_fingerprint((folder / FINGERPRINT_FILE).read_bytes())
    except OSError:
        return None

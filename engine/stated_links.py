"""Which requirements does a resource count for? Rulings of editors and joined requirements are followed.

The same as the stated links of the graph (`engine.teaching_links`), so that search, pages and graph say one thing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.model import Decision, Resource
from engine.network import rulings_leading_on
from graph.model import Requirement
from graph.replaced import in_use


def stated_links(
    resource: Resource, rulings: Iterable[Decision], known: Mapping[str, Requirement]
) -> tuple[str, ...]:
    """Return the requirements that a resource is stated to teach: its source's, less rejected, plus accepted ones.

    Parameters
    ----------
    resource : Resource
        As its source has it.
    rulings : iterable of Decision
        Of kind ``teaches``, on this resource.
    known : mapping of id to Requirement
        All requirements: the one that counts stands in the place of one that was replaced or joined.

    Examples
    --------
    >>> known = {"new": Requirement("new", {}), "old": Requirement("old", {}, replaced_by="new")}
    >>> stated_links(Resource("kb-1", "Fall", teaches=("old", "new", "other")), (), known)
    ('new', 'other')
    """
    links = dict.fromkeys(in_use(name, known) for name in resource.teaches)
    for ruling in rulings_leading_on(rulings, known):  # the weightiest last
        links.pop(ruling.object, None)
        if ruling.verdict == "accepted":
            links[ruling.object] = None
    return tuple(links)


def with_stated(
    resource: Resource, rulings: Iterable[Decision], known: Mapping[str, Requirement]
) -> Resource:
    """Return the resource with `Resource.stated` worked out; it stays None where the source's word holds."""
    links = stated_links(resource, rulings, known)
    stated = None if set(links) == set(resource.teaches) else links
    return resource if stated == resource.stated else replace(resource, stated=stated)

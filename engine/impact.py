"""What would be lost, were a resource withdrawn, merged or moved, a requirement or a concept withdrawn? Told beforehand.

Requirements that would lose their last valid resource, by edition and language, the plans and roles that ask for them,
what leads here, and the resource that would be the best to lead on to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.errors import InvalidRequest, NotFound
from engine.model import COMMON_EDITION, Resource
from engine.records import is_storable
from engine.reports.coverage import LANGUAGES, editions_of, serving_resources
from engine.service import Engine, requirement_ids
from graph.coverage import ServingResource
from graph.errors import GraphError
from graph.gaps import Gap, gaps
from graph.model import Requirement
from graph.replaced import in_use

Action = Literal["withdraw", "merge", "move"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action would do.

    Attributes
    ----------
    subject
        ``resource:…``, ``requirement:…`` or ``concept:…``.
    action, target
        What is to be done; the resource merged into, or the edition moved to.
    requirements
        Of a resource what it teaches; of a concept what is about it; of a requirement those that come after it.
    lost
        Requirements without a valid resource afterwards that have one now, in an edition, in a language or in any
        (None).
    plans, roles, editions
        Of a resource those that `lost` concerns; of the others those that ask for it.
    old_ids
        Merged resources that lead here.
    linked_from
        Resources whose text names the address of this one; of a requirement or concept those that are linked to it.
    redirect
        The nearest published resource of the same work that readers of this one see; None if there is none.
    """

    subject: str
    action: Action
    target: str
    requirements: tuple[str, ...]
    lost: tuple[Gap, ...] = ()
    plans: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    old_ids: tuple[str, ...] = ()
    linked_from: tuple[str, ...] = ()
    redirect: str | None = None


class Foresight:
    """Tells what would be lost.

    Parameters
    ----------
    engine : Engine
        Catalogue, current graph and clock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def resource(self, resource_id: str) -> Resource:
        """Return a resource, published or not; raises NotFound."""
        found = self._engine.catalogue.get(resource_id) if is_storable(resource_id) else None
        if found is None:
            raise NotFound(f"no resource has the id {resource_id!r}")
        return found

    def of_resource(self, resource_id: str, *, merge_into: str = "", move_to: str = "") -> Effect:
        """Tell what withdrawing a resource would do; with `merge_into` merging it, with `move_to` another edition.

        Raises
        ------
        NotFound
            If there is no such resource.
        InvalidRequest
            If both are asked for, or it is to be merged into itself.
        """
        if merge_into and move_to:
            raise InvalidRequest("merge_into and move_to: one of the two is needed, not both")
        if merge_into == resource_id:
            raise InvalidRequest("merge_into: another resource is needed")
        resource = self.resource(resource_id)
        into = self.resource(merge_into) if merge_into else None
        serving = serving_resources(self._engine)
        own = next((r for r in serving if r.id == resource_id), None)
        lost = self._lost(serving, own, into, move_to) if own is not None else ()
        return Effect(
            f"resource:{resource_id}",
            "merge" if merge_into else "move" if move_to else "withdraw",
            merge_into or move_to,
            tuple(sorted(set(own.teaches))) if own else (),
            lost,
            tuple(sorted({p for gap in lost for p in gap.plans})),
            tuple(sorted({r for gap in lost for r in gap.roles})),
            tuple(sorted({gap.edition for gap in lost})),
            self._engine.merges().taken_over(resource_id),
            self._linked_from(resource),
            self._redirect(resource),
        )

    def of_requirement(self, name: str) -> Effect:
        """Tell what withdrawing a requirement would touch; raises NotFound, InvalidRequest for a code of several."""
        found = requirement_ids(name, self._engine.requirements())
        if len(found) > 1:
            raise InvalidRequest(f"requirement: the code {name!r} belongs to several: {', '.join(found)}")
        known = self._engine.requirements()
        after = [
            q.id
            for q in known.values()
            if q.replaced_by is None and found[0] in _in_use(q.prerequisites, known)
        ]
        return self._of_node("requirement", found[0], after)

    def of_concept(self, concept: str) -> Effect:
        """Tell what withdrawing a concept would touch; raises NotFound."""
        return self._of_node("concept", self._engine.vocabulary.resolve(concept) or concept)

    # --- inside ------------------------------------------------------------------------------

    def _of_node(self, kind: str, name: str, after: Iterable[str] | None = None) -> Effect:
        node = f"{kind}:{name}"
        try:
            found = self._engine.graph().impact(node)
        except GraphError:
            raise NotFound(f"the graph has no {kind} {name!r}") from None
        known, today = self._engine.plans(), self._engine.today()
        plans = [p for p in map(_local, found.plans) if p in known and known[p].in_force(today)]
        roles = {role for p in plans for role in known[p].roles}
        editions = {e for p in plans for e in known[p].editions or (COMMON_EDITION,)}
        published = self._engine.catalogue.get_many([_local(r) for r in found.resources])
        return Effect(
            node,
            "withdraw",
            "",
            tuple(sorted(map(_local, found.requirements) if after is None else after)),
            plans=tuple(sorted(plans)),
            roles=tuple(sorted(roles)),
            editions=tuple(sorted(editions)),
            linked_from=tuple(sorted(id_ for id_, r in published.items() if r.status == "published")),
        )

    def _lost(
        self, serving: Sequence[ServingResource], own: ServingResource, into: Resource | None, move_to: str
    ) -> tuple[Gap, ...]:
        """Return what is uncovered afterwards and is not now."""
        taught = set(own.teaches)
        near = [
            r for r in serving if taught.intersection(r.teaches) or (into is not None and r.id == into.id)
        ]
        then = [r for r in near if r.id != own.id]
        if move_to:
            then.append(replace(own, edition=move_to))
        if into is not None:
            refused = self._refused(into.id)
            then = [
                replace(r, teaches=(*r.teaches, *sorted(taught - refused))) if r.id == into.id else r
                for r in then
            ]
        editions = sorted({*editions_of(self._engine, serving), *filter(None, [move_to])})
        before = {_key(gap) for gap in self._gaps(near, editions)}
        return tuple(
            gap for gap in self._gaps(then, editions) if gap.requirement in taught and _key(gap) not in before
        )

    def _gaps(self, resources: Sequence[ServingResource], editions: Sequence[str]) -> list[Gap]:
        plans, today = list(self._engine.plans().values()), self._engine.today()
        return gaps(plans, resources, on=today, editions=editions, languages=(None, *LANGUAGES))

    def _refused(self, resource_id: str) -> set[str]:
        """Return the requirements that editors have said a resource does not teach."""
        known = self._engine.requirements()
        rulings = self._engine.catalogue.decisions("teaches", resource_id)
        return {in_use(d.object, known) for d in rulings if d.verdict == "rejected"}

    def _linked_from(self, resource: Resource) -> tuple[str, ...]:
        """Return the published resources whose text names the address of one."""
        if not resource.url:
            return ()
        others = self._engine.catalogue.all(status="published")
        return tuple(
            r.id
            for r in others
            if r.id != resource.id and (resource.url in r.body or resource.url in r.summary)
        )

    def _redirect(self, resource: Resource) -> str | None:
        """Return the nearest resource of the same work, one in the same language before others."""
        if resource.status == "archived":
            return None
        fit = [
            found
            for found in self._engine.duplicates.like(resource)
            if found.judgement.same_work
            and not (found.ruled and found.ruled.holds and found.ruled.stated is None)
            and found.b.status == "published"
            and found.b.edition in {COMMON_EDITION, resource.edition}
        ]
        fit.sort(key=lambda f: (f.b.language != resource.language, -f.judgement.strength, f.b.id))
        return fit[0].b.id if fit else None


def _in_use(names: Iterable[str], known: Mapping[str, Requirement]) -> set[str]:
    return {in_use(name, known) for name in names}


def _local(node: str) -> str:
    return node.split(":", 1)[1]


def _key(gap: Gap) -> tuple[str, str, str | None]:
    return gap.requirement, gap.edition, gap.language

"""What does a whole region look like? Roles, plans, requirements, resources, links and done-lists, drawn by a seed.

Few things are everywhere and most are rare (Zipf), as in real plans: some requirements stand in hundreds of plans
and some resources are proposed for hundreds of requirements. Nobody is described: a person is a number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model import Resource
from graph.assembly import concept_parts, plan_parts
from graph.model import Edge, Node, Plan, PlanLine, Requirement, Role
from vocab.concept import Concept, ConceptId

TODAY = date(2026, 11, 21)
EDITIONS = 20
LANGUAGES = ("nb", "nn", "en")
NECESSITIES = ("obligatorisk", "betinget", "anbefalt")
LEVELS = ("grunnleggende", "videregaende", "avansert", "")


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything; the default is the whole region."""

    resources: int = 100_000
    requirements: int = 5_000
    plans: int = 3_649
    roles: int = 500
    concepts: int = 5_000
    edges: int = 2_000_000
    people: int = 73_462

    def share(self, part: float) -> "Size":
        """Return a region of so much of everything.

        Examples
        --------
        >>> Size().share(0.01).edges
        20000
        """
        return Size(*(max(2, round(getattr(self, name) * part)) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Region:
    """A region that was drawn."""

    size: Size
    seed: int
    roles: dict[str, Role]
    requirements: dict[str, Requirement]
    plans: dict[str, Plan]
    resources: dict[str, Resource]
    nodes: list[Node]
    edges: list[Edge]

    def people(self) -> Iterator[dict[str, Any]]:
        """Yield a record for each person: pseudonym, role, edition, for most one plan, and what is done."""
        random = np.random.default_rng([self.seed, 9])
        at_home: dict[tuple[str, str], list[Plan]] = {}
        for plan in self.plans.values():
            for role in plan.roles:
                for edition in plan.editions:
                    at_home.setdefault((role, edition), []).append(plan)
        roles = list(self.roles)
        for number, place in enumerate(zipf(random, len(roles), self.size.people, 0.7)):
            role = roles[place]
            edition = f"hf-{random.integers(EDITIONS):02}"
            plans = [*at_home.get((role, "felles"), ()), *at_home.get((role, edition), ())]
            record: dict[str, Any] = {"pseudonym": f"p{number:06}", "role": role, "edition": edition}
            if plans and random.random() < 0.7:
                plans = [plans[random.integers(len(plans))]]
                record["plan"] = plans[0].id
            asked = sorted({line.requirement for plan in plans for line in plan.lines})
            share = random.beta(2, 2)
            record["done"] = [_done(name, random) for name in asked if random.random() < share]
            yield record


def zipf(random: np.random.Generator, size: int, count: int, power: float) -> NDArray[np.int64]:
    """Return `count` numbers below `size`, of which the small ones are frequent."""
    weights = 1 / np.arange(1, size + 1) ** power
    return np.asarray(random.choice(size, size=count, p=weights / weights.sum()), dtype=np.int64)


def make_region(size: Size | None = None, seed: int = 0) -> Region:
    """Return the region of a size and a seed; the same ones give the same region."""
    size = size or Size()
    random = np.random.default_rng(seed)
    roles = {f"rolle-{n:03}": Role(f"rolle-{n:03}", {"nb": f"rolle {n}"}) for n in range(size.roles)}
    requirements = _requirements(size, random)
    plans = _plans(size, random, list(roles), list(requirements))
    concepts = _concepts(size, random)
    nodes, edges = plan_parts(roles.values(), requirements.values(), plans.values())
    for more_nodes, more_edges in [concept_parts(concepts)]:
        nodes += more_nodes
        edges += more_edges
    edges = list({(e.kind, e.source, e.target): e for e in edges}.values())
    resources = _resources(size, random, list(roles))
    nodes += [Node(f"resource:{r.id}", "resource", {r.language: r.title}) for r in resources.values()]  # type: ignore[dict-item]
    edges += [
        Edge(f"resource:{r.id}", f"role:{name}", "audience", by=r.provider, at=r.updated)
        for r in resources.values()
        for name in r.audience
    ]
    left = max(0, size.edges - len(edges))
    ids = list(resources)
    edges += _links(random, "teaches", ids, list(requirements), left // 12, 0.6, 0.7)
    edges += _links(random, "proposed_teaches", ids, list(requirements), left * 5 // 12, 0.6, 0.7)
    edges += _links(
        random, "about", ids, [c.id for c in concepts], left - left // 12 - left * 5 // 12, 0.3, 0.8
    )
    return Region(size, seed, roles, requirements, plans, resources, nodes, edges)


def _requirements(size: Size, random: np.random.Generator) -> dict[str, Requirement]:
    made: dict[str, Requirement] = {}
    for n in range(size.requirements):
        about = sorted(set(zipf(random, size.concepts, 3, 0.6)))
        before = (f"krav-{random.integers(n):05}",) if n and random.random() < 0.2 else ()
        made[f"krav-{n:05}"] = Requirement(
            f"krav-{n:05}",
            {"nb": f"krav {n}"},
            concepts=tuple(_concept(c) for c in about),
            validity=int(random.choice([12, 24, 36])) if random.random() < 0.4 else None,
            level=str(random.choice(LEVELS[:3])),
            prerequisites=before,
        )
    return made


def _plans(
    size: Size, random: np.random.Generator, roles: list[str], requirements: list[str]
) -> dict[str, Plan]:
    """Each role has requirements of its own kind; a plan takes most lines from them and some from everybody's."""
    own = {role: random.integers(len(requirements), size=min(80, len(requirements))) for role in roles}
    made: dict[str, Plan] = {}
    for n, place in enumerate(zipf(random, len(roles), size.plans, 0.5)):
        role = roles[place]
        length = int(random.integers(10, 41))
        shared = zipf(random, len(requirements), length // 3, 0.9)
        drawn = dict.fromkeys([*random.choice(own[role], length - len(shared)), *shared])
        others = (
            [roles[p] for p in random.integers(len(roles), size=random.integers(0, 3))] if n % 5 == 0 else []
        )
        made[f"plan-{n:04}"] = Plan(
            f"plan-{n:04}",
            {"nb": f"plan {n}"},
            lines=tuple(
                PlanLine(requirements[q], NECESSITIES[random.choice(3, p=[0.6, 0.25, 0.15])], order)  # type: ignore[arg-type]
                for order, q in enumerate(drawn)
            ),
            roles=tuple(dict.fromkeys([role, *others])),
            owner="fagavdelingen",
            editions=("felles",) if n % 4 == 0 else (f"hf-{random.integers(EDITIONS):02}",),
            valid_from=date(2025, 1, 1),
        )
    return made


def _concepts(size: Size, random: np.random.Generator) -> list[Concept]:
    made = []
    for n in range(size.concepts):
        above = (_concept(int(random.integers(max(1, n // 8), n // 4 + 2)) % n),) if n > 1 else ()
        near = tuple(_concept(int(m)) for m in random.integers(size.concepts, size=1) if m != n)
        made.append(Concept(_concept(n), pref_label={"nb": f"begrep {n}"}, broader=above, related=near))
    return made


def _concept(n: int) -> ConceptId:
    return ConceptId(f"tema/begrep-{n:05}")


def _resources(size: Size, random: np.random.Generator, roles: list[str]) -> dict[str, Resource]:
    made: dict[str, Resource] = {}
    for n in range(size.resources):
        made[f"ressurs-{n:06}"] = Resource(
            f"ressurs-{n:06}",
            f"Ressurs {n}",
            language=LANGUAGES[random.choice(3, p=[0.8, 0.12, 0.08])],
            edition="felles" if random.random() < 0.8 else f"hf-{random.integers(EDITIONS):02}",
            provider="fagavdelingen",
            audience=(roles[random.integers(len(roles))],) if random.random() < 0.5 else (),
            level=LEVELS[random.integers(4)],
            duration=int(random.integers(5, 90)) if random.random() < 0.7 else None,
            updated=TODAY - timedelta(days=int(random.integers(1500))),
            review_due=TODAY + timedelta(days=int(random.integers(-200, 800))),
        )
    return made


def _links(
    random: np.random.Generator,
    kind: Any,
    sources: list[str],
    targets: list[str],
    count: int,
    source_power: float,
    target_power: float,
) -> list[Edge]:
    """Return `count` different edges, as far as there are so many pairs; frequent ends are spread over the ids."""
    source_order, target_order = random.permutation(len(sources)), random.permutation(len(targets))
    pairs: NDArray[np.int64] = np.empty(0, dtype=np.int64)
    wanted = min(count, len(sources) * len(targets) // 2)
    while len(pairs) < wanted:
        more = (wanted - len(pairs)) * 5 // 4 + 10
        a = source_order[zipf(random, len(sources), more, source_power)]
        b = target_order[zipf(random, len(targets), more, target_power)]
        pairs = np.unique(np.concatenate([pairs, a * len(targets) + b]))
    pairs = np.sort(random.permutation(pairs)[:wanted])
    sure = np.round(random.beta(5, 2, size=len(pairs)), 6)
    stated = kind == "teaches"
    prefix = "concept" if kind == "about" else "requirement"
    return [
        Edge(
            f"resource:{sources[pair // len(targets)]}",
            f"{prefix}:{targets[pair % len(targets)]}",
            kind,
            1.0 if stated else float(value),
            "editor" if stated else "automatic",
            "fagavdelingen" if stated else "kompetansegraf",
            TODAY,
            1.0 if stated else float(value),
        )
        for pair, value in zip(pairs.tolist(), sure, strict=True)
    ]


def _done(name: str, random: np.random.Generator) -> dict[str, Any]:
    state = str(random.choice(["approved", "approved", "approved", "in_progress", "awaiting_approval"]))
    achieved = TODAY - timedelta(days=int(random.integers(1200)))
    return {"requirement": name, "state": state, "achieved": achieved.isoformat()}


def smaller(region: Region, people: int) -> Region:
    """Return the same region with fewer people."""
    return replace(region, size=replace(region.size, people=people))

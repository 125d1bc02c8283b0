"""Which requirements of many plans are one? Near-identical ones, with the evidence, and what joining them would change.

Two requirements are near when their names have the same words (compounds taken apart, inflections, bokmål
and nynorsk united, words such as *course* left out) or the same concepts, in every language that both have; or when
one name has some words more and the model says that both mean the same. One word in the place of
another or another number (NEWS and NEWS2) is another requirement. Another level is told as a difference: whether
it is the same requirement then is for an editor to say.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.model import Decision, Resource, Vectors
from engine.names_alike import bag_of, first_name, in_shared_languages, names_of, numbers, unmatched
from engine.plan_data import PlanData
from engine.ports import Catalogue
from engine.stated_links import stated_links
from graph.model import Plan, Requirement
from graph.replaced import joined, lines_in_use
from vocab.matcher import LabelMatcher
from vocab.wording import plain_code

SOME_WORDS = 0.6
"""Share of words of two names, one of which has all those of the other, that may be near by meaning."""

SAME_MEANING = 0.95
"""Cosine of two names from which they mean the same."""

NEIGHBOURS = 10
"""How many requirements nearest by meaning are looked at, for each."""

SMALL_GROUP = 30
"""Requirements with something in common of which each is compared with each."""

BLOCK = 512
"""Requirements compared with all others at a time."""


@dataclass(frozen=True, slots=True)
class Near:
    """A requirement near the one to keep, and why.

    `how` is ``stated`` (a framework says so), ``code`` (the same code), ``words``, ``concepts`` or
    ``meaning``; `words` the share of words of the names, `cosine` what the model says (None without one), `only_kept` and
    `only_other` the words that one name has and the other has not, `differs` the fields that differ. `levels` are those
    of the kept and of this one, where they differ.
    """

    requirement: str
    label: str
    how: str
    words: float
    cosine: float | None
    only_kept: tuple[str, ...]
    only_other: tuple[str, ...]
    differs: tuple[str, ...]
    plans: tuple[str, ...]
    levels: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Requirements that may be one: the one to keep and those that would lead to it.

    `id` is made of their ids. `joined_plans` ask for more than one of them today, and would ask once;
    `plans` are all that would share the requirement. `resources` serve any of them.
    """

    id: str
    keep: str
    label: str
    keep_plans: tuple[str, ...]
    near: tuple[Near, ...]
    plans: tuple[str, ...]
    joined_plans: tuple[str, ...]
    resources: tuple[str, ...]
    wordings: tuple[str, ...]


class Harmoniser:
    """Finds requirements that may be one.

    Parameters
    ----------
    requirements, plans
        As they are in use (`engine.plan_data`): what has been joined is not proposed again.
    vectors : callable, optional
        Returns the unit vectors of names; without it only words count.
    rulings : iterable of Decision
        Of kind ``requirement``: a rejected pair is not proposed again. Of kind ``teaches``: links.
    resources : iterable of Resource
        Whose links are shown.
    matcher : LabelMatcher, optional
        Finds the concepts that names have in common.
    """

    def __init__(
        self,
        requirements: Mapping[str, Requirement],
        plans: Mapping[str, Plan],
        vectors: Callable[[Sequence[str]], Vectors] | None = None,
        rulings: Iterable[Decision] = (),
        resources: Iterable[Resource] = (),
        matcher: LabelMatcher | None = None,
    ) -> None:
        self._all = requirements
        self._known = {q.id: q for q in requirements.values() if q.replaced_by is None}
        self._plans = plans
        self._encode = vectors
        rulings = list(rulings)
        self._rejected = {
            frozenset((d.subject, d.object))
            for d in rulings
            if (d.kind, d.verdict) == ("requirement", "rejected")
        }
        self._served: defaultdict[str, set[str]] = defaultdict(set)
        links: defaultdict[str, list[Decision]] = defaultdict(list)
        for d in rulings:
            if d.kind == "teaches":
                links[d.subject].append(d)
        for resource in resources:
            for name in stated_links(resource, links[resource.id], requirements):
                self._served[name].add(resource.id)
        self._users: defaultdict[str, set[str]] = defaultdict(set)
        for plan in plans.values():
            for line in plan.lines:
                self._users[line.requirement].add(plan.id)
        self._matcher = matcher
        self._vectors_known: Vectors | None = None
        self._made_of: dict[str, frozenset[str]] = {}
        self._names = {q.id: names_of(q) for q in self._known.values()}
        self._bags = {
            i: {g: [bag_of(n) for n in ns] for g, ns in names.items()} for i, names in self._names.items()
        }

    def proposals(self, *, by_meaning: bool = True) -> list[Proposal]:
        """Return what may be one, the requirements that most plans share first, then by id.

        Without `by_meaning` the model is not asked: that is the faster, and finds less.

        The kept one is that which most plans ask for, then one with a code, then the oldest id; every
        other is near the kept one itself, so that a chain of near ones does not become one.
        """
        found: dict[str, dict[str, Near]] = defaultdict(dict)
        for one, other, cosine in self._pairs(by_meaning):
            for keep, its in ((one, other), (other, one)):
                if (pair := self._near(keep, its, cosine)) is not None:
                    found[keep][its] = pair
        taken: set[str] = set()
        made = []
        for keep in sorted(found, key=self._rank):
            if keep in taken:
                continue
            near = [n for id_, n in sorted(found[keep].items()) if id_ not in taken]
            if near:
                taken |= {keep, *(n.requirement for n in near)}
                made.append(self._proposal(keep, near))
        return sorted(made, key=lambda p: (-len(p.plans), p.keep))

    def _rank(self, id_: str) -> tuple[int, bool, str]:
        return -len(self._users[id_]), not self._known[id_].code, id_

    def _pairs(self, by_meaning: bool) -> Iterable[tuple[str, str, float | None]]:
        """Yield pairs of the same words but one, the same concepts or code, that are stated, or near by meaning."""
        pairs: set[tuple[str, str]] = set()
        for group in self._groups():
            ranked = sorted(group, key=self._rank)
            firsts = ranked if len(group) <= SMALL_GROUP else ranked[:3]
            pairs |= {(min(a, b), max(a, b)) for a in firsts for b in ranked if a != b}
        for q in self._known.values():
            pairs |= {(min(q.id, o), max(q.id, o)) for o in q.same_as if o in self._known and o != q.id}
        ids = sorted(self._known)
        rows = self._vectors(ids) if by_meaning else None
        if rows is None:
            yield from ((one, other, None) for one, other in sorted(pairs))
            return
        row = {id_: n for n, id_ in enumerate(ids)}
        for start in range(0, len(ids), BLOCK):
            near = rows[start : start + BLOCK] @ rows.T
            for n, scores in enumerate(near, start):
                for m in np.argsort(-scores, kind="stable")[: NEIGHBOURS + 1]:
                    if m != n and scores[m] >= SAME_MEANING:
                        pairs.add((min(ids[n], ids[m]), max(ids[n], ids[m])))
        for one, other in sorted(pairs):
            yield one, other, round(float(rows[row[one]] @ rows[row[other]]), 4)

    def _groups(self) -> Iterable[set[str]]:
        """Yield requirements that have something in common; what very many have in common says little."""
        same: defaultdict[object, set[str]] = defaultdict(set)
        but_one: defaultdict[object, set[str]] = defaultdict(set)
        for id_, bags in self._bags.items():
            for bag in (bag for group in bags.values() for bag in group):
                same[bag].add(id_)
                for word in bag if len(bag) > 1 else ():
                    but_one[bag - {word}].add(id_)
                    but_one[bag].add(id_)
        for id_, names in self._names.items():
            for concepts in self._concepts([name for group in names.values() for name in group]):
                same["concepts", concepts].add(id_)
            if code := plain_code(self._known[id_].code or ""):
                same["code", code].add(id_)
        yield from same.values()
        yield from (group for group in but_one.values() if len(group) <= SMALL_GROUP)

    def _vectors(self, ids: Sequence[str]) -> Vectors | None:
        if self._encode is None or not ids:
            return None
        if self._vectors_known is None:
            self._vectors_known = self._encode([first_name(self._names[i]) for i in ids])
        return self._vectors_known

    def _near(self, keep: str, other: str, cosine: float | None) -> Near | None:
        one, two = self._known[keep], self._known[other]
        if frozenset((keep, other)) in self._rejected:
            return None
        stated = other in one.same_as or keep in two.same_as
        if not stated and not self._numbers_agree(keep, other):
            return None
        compared = self._compared(keep, other)
        if compared is None and not stated:
            return None
        share, mine, theirs = compared or (0.0, frozenset[str](), frozenset[str]())
        one_code, two_code = plain_code(one.code or ""), plain_code(two.code or "")
        if stated:
            how = "stated"
        elif not mine and not theirs:
            how = "words"
        elif one_code == two_code != "" and share >= SOME_WORDS:
            how = "code"
        elif self._same_concepts(keep, other):
            how = "concepts"
        elif not (mine and theirs) and share >= SOME_WORDS and cosine is not None and cosine >= SAME_MEANING:
            how = "meaning"
        else:
            return None
        return Near(
            other,
            first_name(self._names[other]),
            how,
            round(share, 2),
            cosine,
            tuple(sorted(mine)),
            tuple(sorted(theirs)),
            _differences(one, two),
            tuple(sorted(self._users[other])),
            None if one.level == two.level else (one.level or "", two.level or ""),
        )

    def _compared(self, keep: str, other: str) -> tuple[float, frozenset[str], frozenset[str]] | None:
        """Return share and differing words of the nearest names, of the language in which they are farthest apart."""
        found = []
        for one, two in in_shared_languages(self._bags[keep], self._bags[other]):
            found.append(max((unmatched(a, b) for a in one for b in two), key=lambda pair: pair[0]))
        return min(found, key=lambda pair: pair[0], default=None)

    def _numbers_agree(self, keep: str, other: str) -> bool:
        return all(
            any(numbers(a) == numbers(b) for a in one for b in two)
            for one, two in in_shared_languages(self._names[keep], self._names[other])
        )

    def _same_concepts(self, keep: str, other: str) -> bool:
        """Tell whether names in every language that both have are made of the same concepts and other words."""
        shared = in_shared_languages(self._names[keep], self._names[other])
        return bool(shared) and all(self._concepts(one) & self._concepts(two) for one, two in shared)

    def _concepts(self, names: Sequence[str]) -> frozenset[frozenset[str]]:
        """Return what each name is made of, concepts in the place of their labels; nothing where no label stands."""
        if self._matcher is None:
            return frozenset()
        for name in names:
            if name not in self._made_of:
                self._made_of[name] = self._parts(self._matcher, name)
        return frozenset(found for name in names if (found := self._made_of[name]))

    @staticmethod
    def _parts(matcher: LabelMatcher, name: str) -> frozenset[str]:
        matches = [m for m in matcher.match_query(name) if not m.ambiguous]
        rest = name
        for match in reversed(matches):
            rest = f"{rest[: match.start]} {rest[match.end :]}"
        return frozenset(m.concept for m in matches) | bag_of(rest, whole=False) if matches else frozenset()

    def _proposal(self, keep: str, near: Sequence[Near]) -> Proposal:
        ids = [keep, *(n.requirement for n in near)]
        users = [self._users[i] for i in ids]
        together = set().union(*users)
        return Proposal(
            hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:8],
            keep,
            first_name(self._names[keep]),
            tuple(sorted(self._users[keep])),
            tuple(near),
            tuple(sorted(together)),
            tuple(sorted(plan for plan in together if sum(plan in u for u in users) > 1)),
            tuple(sorted(set().union(*(self._served[i] for i in ids)))),
            tuple(dict.fromkeys(n.label for n in near if n.label != first_name(self._names[keep]))),
        )

    def preview(self, proposal: Proposal) -> Mapping[str, Plan]:
        """Return the plans as they would be if the proposal were accepted, those that change only."""
        same = {n.requirement: proposal.keep for n in proposal.near}
        known = joined(self._all.values(), same)
        after = {name: lines_in_use(self._plans[name], known) for name in proposal.plans}
        return {name: plan for name, plan in after.items() if plan != self._plans[name]}


def _differences(one: Requirement, two: Requirement) -> tuple[str, ...]:
    fields = ("kind", "level", "validity", "verification", "legal_basis", "prerequisites", "code")
    return tuple(name for name in fields if getattr(one, name) != getattr(two, name))


def harmoniser(
    catalogue: Catalogue,
    data: PlanData,
    vectors: Callable[[Sequence[str]], Vectors] | None = None,
    matcher: LabelMatcher | None = None,
) -> Harmoniser:
    """Return a harmoniser of what is in use in a catalogue."""
    rulings = [*catalogue.decisions("requirement"), *catalogue.decisions("teaches")]
    resources = catalogue.all(status="published")
    return Harmoniser(data.requirements, data.plans, vectors, rulings, resources, matcher)

"""Where has each requirement of an old framework gone in the new one? By code, by what is stated, by name."""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.model import Plan, Requirement
from graph.replaced import in_use
from vocab.wording import overlap, plain_code

ALIKE = 0.5
"""Share of words from which two names are the same requirement in another version."""

REUSED = 0.2
"""Share of words below which a code of both versions is taken to have been given to something else."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An old requirement and the new one: `how` is ``same``, ``replaced``, ``stated``, ``code`` or ``label``."""

    old: str
    new: str
    how: str
    words: float


@dataclass(frozen=True, slots=True)
class Migration:
    """What becomes of an old version's requirements.

    `unmapped` are in the old one only, `added` in the new one only, `reused` have a code that now
    belongs to something else (they are unmapped too).
    """

    old: str
    new: str
    moved: tuple[Moved, ...]
    unmapped: tuple[str, ...]
    added: tuple[str, ...]
    reused: tuple[str, ...]


def migrate(old: Plan, new: Plan, requirements: Mapping[str, Requirement]) -> Migration:
    """Map the requirements of one version of a plan to those of another.

    What is surest goes first: the same requirement in both, a replacement or equality that is stated,
    the same code with a name that has something in common, then the names, best first. Of names every
    requirement is used once.

    Parameters
    ----------
    old, new : Plan
        Two versions, or two frameworks.
    requirements : mapping of id to Requirement
        All that are known.
    """
    olds = list(dict.fromkeys(line.requirement for line in old.lines if line.requirement in requirements))
    news = list(dict.fromkeys(line.requirement for line in new.lines if line.requirement in requirements))
    codes = {plain_code(requirements[n].code or n): n for n in news}
    moved: dict[str, Moved] = {}
    reused: list[str] = []
    for name in olds:
        target, how = _stated(name, news, requirements)
        if target is None:
            same_code = codes.get(plain_code(requirements[name].code or name))
            if same_code is not None and _alike(name, same_code, requirements) < REUSED:
                reused.append(name)
            elif same_code is not None:
                target, how = same_code, "code"
        if target is not None:
            moved[name] = Moved(name, target, how, _alike(name, target, requirements))
    used = {m.new for m in moved.values()}
    rest = [
        (_alike(name, other, requirements), name, other)
        for name in olds
        if name not in moved
        for other in news
        if other not in used
    ]
    for share, name, other in sorted(rest, key=lambda r: (-r[0], r[1], r[2])):
        if share >= ALIKE and name not in moved and other not in used:
            moved[name] = Moved(name, other, "label", share)
            used.add(other)
    return Migration(
        old.id,
        new.id,
        tuple(moved[name] for name in olds if name in moved),
        tuple(name for name in olds if name not in moved),
        tuple(name for name in news if name not in used),
        tuple(reused),
    )


def _stated(name: str, news: list[str], requirements: Mapping[str, Requirement]) -> tuple[str | None, str]:
    if name in news:
        return name, "same"
    if (end := in_use(name, requirements)) in news:
        return end, "replaced"
    stated = [n for n in news if n in requirements[name].same_as or name in requirements[n].same_as]
    return (stated[0], "stated") if stated else (None, "")


def _alike(one: str, other: str, requirements: Mapping[str, Requirement]) -> float:
    """Return the share of words that two names have in common, the mean over the languages of both."""
    a, b = requirements[one], requirements[other]
    shares = [
        overlap(_bare(a, text), _bare(b, b.labels[lang]))
        for lang, text in a.labels.items()
        if lang in b.labels
    ]
    return round(sum(shares) / len(shares), 2) if shares else 0.0


def _bare(requirement: Requirement, label: str) -> str:
    code = requirement.code or ""
    return (
        label[len(code) :].lstrip(" :.–-") if code and label.casefold().startswith(code.casefold()) else label
    )

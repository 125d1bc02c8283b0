"""How does the neighbourhood of a role look? Boxes and lines of two drawings: in columns, and as a tree for narrow screens.

Only places and sizes are found here; colours, words and markup are the template's. Widths of text are estimated, on
the safe side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.neighbourhood import Cover, Near
from graph.model import Necessity

MOST = 20
"""Most requirements in a drawing; the list beside it has all."""

_LETTER = 7.3
_LINE = 18.0
_PAD = 8.0
_EDGE = 6.0
_GAP = 7.0


@dataclass(frozen=True, slots=True)
class Named:
    """What a box stands for: label and address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Box:
    """A box with its text; `lines` hold the label, `note` what stands at its end."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    name: Named
    kind: str
    cover: Cover | None = None
    note: str = ""
    below: bool = False

    @property
    def baselines(self) -> list[tuple[float, str]]:
        """Where each line of text stands."""
        first = self.y + _EDGE + 13.5
        return [(first + _LINE * i, text) for i, text in enumerate(self.lines)]

    @property
    def sign(self) -> tuple[float, float]:
        """Middle of the sign of how it is covered: at the end of the box, or of its last line when `below`."""
        if self.below:
            return self.x + _PAD + 7, self.y + self.height - _EDGE - _LINE / 2
        return self.x + self.width - 15, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two boxes; `necessity` None joins role and plan."""

    path: str
    necessity: Necessity | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, in the units of its view box."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


Notes = Mapping[str, str]
"""What is written at the end of each requirement's box."""


def chosen(near: Sequence[Near], most: int = MOST) -> list[Near]:
    """Return what is drawn, in the order given: what no resource serves goes before what one does."""
    urgency = {"none": 0, "proposed": 1, "covered": 2}
    ranked = sorted(range(len(near)), key=lambda i: (urgency[near[i].cover], i))
    return [near[i] for i in sorted(ranked[:most])]


def columns(
    role: Named,
    plans: Mapping[str, Named],
    requirements: Mapping[str, Named],
    near: Sequence[Near],
    notes: Notes,
) -> Picture:
    """Return the drawing for wide screens: role, plans and requirements side by side."""
    place = {plan: i for i, plan in enumerate(plans)}
    rows = sorted(near, key=lambda n: sum(place[p] for p in n.plans) / max(1, len(n.plans)))
    boxes: list[Box] = []
    y = 0.0
    middle: dict[str, list[float]] = {plan: [] for plan in plans}
    for n in rows:
        box = _requirement(n, requirements[n.requirement], notes, (346, y, 374))
        boxes.append(box)
        for plan in n.plans:
            middle[plan].append(y + box.height / 2)
        y += box.height + _GAP
    shapes = [(plan, _wrapped(name.label, 150 - 2 * _PAD, 5)) for plan, name in plans.items()]
    tall = [_tall(lines) for _, lines in shapes]
    total = max(y - _GAP, sum(tall) + 2 * _GAP * (len(tall) - 1), 60.0)
    wanted = [_mean(middle[plan], total / 2) - h / 2 for (plan, _), h in zip(shapes, tall, strict=True)]
    tops = _apart(wanted, tall, 2 * _GAP, total)
    plan_boxes = {
        plan: Box(152, top, 150, h, lines, plans[plan], "plan")
        for (plan, lines), h, top in zip(shapes, tall, tops, strict=True)
    }
    lines = _wrapped(role.label, 120 - 2 * _PAD, 5)
    height = _tall(lines)
    centre = _mean([b.y + b.height / 2 for b in plan_boxes.values()], total / 2)
    first = Box(0, min(max(centre - height / 2, 0), total - height), 120, height, lines, role, "role")
    drawn = [_curve(first, box) for box in plan_boxes.values()]
    for n, box in zip(rows, boxes, strict=True):
        drawn += [_curve(plan_boxes[p], box, n.necessity) for p in n.plans]
    return Picture(720, total, (first, *plan_boxes.values(), *boxes), tuple(drawn))


def tree(
    role: Named,
    plans: Mapping[str, Named],
    requirements: Mapping[str, Named],
    near: Sequence[Near],
    notes: Notes,
) -> Picture:
    """Return the drawing for narrow screens: below each plan what it asks for."""
    lines = _wrapped(role.label, 288 - 2 * _PAD, 3)
    first = Box(0, 0, 288, _tall(lines), lines, role, "role")
    boxes, drawn = [first], []
    y, last = first.height + _GAP, first
    for plan, name in plans.items():
        lines = _wrapped(name.label, 270 - 2 * _PAD, 4)
        box = Box(18, y, 270, _tall(lines), lines, name, "plan")
        boxes.append(box)
        drawn.append(_branch(8, box))
        y += box.height + _GAP
        below = []
        for n in near:
            if plan in n.plans:
                below.append(_requirement(n, requirements[n.requirement], notes, (36, y, 252), below=True))
                drawn.append(_branch(26, below[-1], n.necessity))
                y += below[-1].height + _GAP
        drawn.append(_trunk(26, box, (below or [box])[-1]))
        boxes += below
        last = box
    drawn.append(_trunk(8, first, last))
    return Picture(288, y - _GAP, tuple(boxes), tuple(drawn))


def _requirement(
    n: Near, name: Named, notes: Notes, place: tuple[float, float, float], *, below: bool = False
) -> Box:
    x, y, width = place
    note = notes[n.requirement]
    room = width - 2 * _PAD - (0 if below else _PAD + _LETTER * len(note) + 22)
    lines = _wrapped(name.label, room, 3)
    height = _tall(lines) + (_LINE if below else 0)
    return Box(x, y, width, height, lines, name, "requirement", n.cover, note, below)


def _tall(lines: Sequence[str]) -> float:
    return _LINE * len(lines) + 2 * _EDGE


def _wrapped(text: str, width: float, most: int) -> tuple[str, ...]:
    """Return text in lines no wider than that, the last one cut short if there are too many.

    Examples
    --------
    >>> _wrapped("grunnkurs i legemiddelhåndtering for alle", 160, 2)
    ('grunnkurs i', 'legemiddelhåndtering…')
    """
    room = max(6, int(width / _LETTER))
    lines = [""]
    for word in text.split():
        rest = word
        while rest:
            joined = f"{lines[-1]} {rest}".strip()
            if len(joined) <= room:
                lines[-1], rest = joined, ""
            elif lines[-1]:
                lines.append("")
            else:
                lines[-1], rest = f"{rest[: room - 1]}-", rest[room - 1 :]
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][: room - 1].rstrip(' -')}…"]
    return tuple(lines)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _apart(wanted: Sequence[float], tall: Sequence[float], gap: float, total: float) -> list[float]:
    """Return tops near those wanted, in the same order, without overlap, and none below the end."""
    tops: list[float] = []
    for i, top in enumerate(wanted):
        least = tops[-1] + tall[i - 1] + gap if i else 0.0
        tops.append(max(top, least))
    end = total
    for i in range(len(tops) - 1, -1, -1):
        tops[i] = min(tops[i], end - tall[i])
        end = tops[i] - gap
    return tops


def _curve(start: Box, end: Box, necessity: Necessity | None = None) -> Line:
    x1, y1 = start.x + start.width, start.y + start.height / 2
    x2, y2 = end.x, end.y + end.height / 2
    bend = (x1 + x2) / 2
    return Line(f"M{x1:g} {y1:g}C{bend:g} {y1:g} {bend:g} {y2:g} {x2:g} {y2:g}", necessity)


def _branch(x: float, end: Box, necessity: Necessity | None = None) -> Line:
    return Line(f"M{x:g} {end.y + end.height / 2:g}H{end.x:g}", necessity)


def _trunk(x: float, start: Box, end: Box) -> Line:
    return Line(f"M{x:g} {start.y + start.height:g}V{end.y + end.height / 2:g}")

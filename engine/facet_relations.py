"""What does one thing said of people imply of another? Read from the labels of the vocabulary.

*sykepleier på sykehjem* is a label of a role: so that role is a sykepleier whose arena is sykehjem. *personer med
demens* is a label of a patient group: so a text on demens, or on a kind of it, is about that group.
"""

import re
from collections import defaultdict
from functools import cached_property

from vocab.concept import ConceptId
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

_WITH = re.compile(
    r"(?:personer|personar|pasienter|pasientar|mennesker|menneske|people|persons|patients) (?:med|with) (.+)"
)
_PLACED = re.compile(r"(\w+) (?:i|på|in|at) (.+)")
_IN_ARENA = re.compile(r".+ (?:i|på|av|in|at|of) (.+)")

RELATIVES = ConceptId("malgruppe/narpersoner")
STAFF = ConceptId("malgruppe/alle-ansatte")

PATIENTS_OF_TOPICS = {
    "akutt-kritisk-syke": "tema/traumatologi tema/intensivmedisin prosedyre/traumemottak prosedyre/respirator tilstand/multitraume",
    "barn": "tema/habilitering-barn tema/barnepalliasjon prosedyre/pews",
    "barn-parorende-gruppe": "tema/barn-som-parorende",
    "eldre": "tema/eldre-helse tema/geriatri tema/pasientforlop-eldre",
    "etterlatte": "tema/sorg",
    "fodende-barsel": "tema/amming prosedyre/fodselshjelp prosedyre/skulderdystosi prosedyre/ctg tilstand/postpartumblodning",
    "gravide": "tema/svangerskap-fodsel-barsel tilstand/svangerskapstilstand tilstand/preeklampsi",
    "innvandrere": "tema/kultur-migrasjon tema/tolk",
    "kreftpasienter": "tema/kreftomsorg tema/kreftbehandling tema/kreftrehabilitering prosedyre/cytostatika",
    "kronisk-syke": "tema/kroniske-sykdommer tema/kols-rehabilitering",
    "nyfodte": "tema/nyfodtmedisin prosedyre/nyfodtresuscitering prosedyre/nyfodtscreening",
    "palliative-pasienter": "tema/palliasjon tema/barnepalliasjon tema/livets-slutt prosedyre/palliativt-skrin",
    "personer-demens": "tema/demensomsorg",
    "personer-funksjonsnedsettelse": "tema/funksjonsnedsettelse tema/ask tilstand/autisme",
    "personer-psykisk-lidelse": "tema/recovery tema/tvungent-psykisk-helsevern",
    "personer-ruslidelse": "tema/rus tema/lar tema/rop tema/skadereduksjon tema/tsb prosedyre/opioidantidot",
    "personer-utviklingshemming": "tema/utviklingshemming tema/hol-kap-9",
    "samiske": "tema/samisk-helse",
    "skropelige-eldre": "tilstand/skropelighet prosedyre/cfs",
    "ungdom": "tema/barn-unge-psykisk-helse",
    "voldsutsatte": "tema/vold-overgrep",
}
"""Topics that are one group's by nature, by group; the vocabulary states no relations between the two."""

NO_DISORDER = frozenset(["tilstand/selvmordsatferd", "tilstand/selvskading"])
"""What stands under mental disorders in the vocabulary, and is also done by people who have none."""

CHRONIC = frozenset(
    [
        "tilstand/artrose",
        "tilstand/astma",
        "tilstand/diabetes",
        "tilstand/diabetes-1",
        "tilstand/diabetes-2",
        "tilstand/epilepsi",
        "tilstand/hjertesvikt",
        "tilstand/hypertensjon",
        "tilstand/ibd",
        "tilstand/kols",
        "tilstand/ms",
        "tilstand/nyresvikt",
        "tilstand/parkinson",
        "tilstand/revmatoid-artritt",
    ]
)
"""Conditions whose patients are chronically ill, when the text speaks of people who have them."""
CHRONICALLY_ILL = ConceptId("malgruppe/kronisk-syke")

HOME, LIVING_AT_HOME = ConceptId("arena/hjemmet"), ConceptId("malgruppe/hjemmeboende")


class FacetRelations:
    """What roles, arenas, conditions and patient groups of a vocabulary imply of each other.

    Parameters
    ----------
    vocabulary, matcher
        Concepts and their labels.
    """

    def __init__(self, vocabulary: Vocabulary, matcher: LabelMatcher) -> None:
        self._vocabulary = vocabulary
        self._matcher = matcher

    @cached_property
    def group_readers(self) -> frozenset[ConceptId]:
        """Groups that are read to as often as written about: relatives, and all who work there."""
        return frozenset({RELATIVES, STAFF, *self._vocabulary.descendants(RELATIVES)})

    @cached_property
    def groups_of(self) -> dict[ConceptId, ConceptId]:
        """Patient group by condition, from labels such as *personer med demens*; kinds of a condition have its group."""
        found: dict[ConceptId, ConceptId] = {}
        for group, label in self._labels("malgruppe"):
            named = _WITH.fullmatch(label)
            if named:
                for condition in self._whole(named[1], "tilstand"):
                    found.setdefault(condition, group)
        for condition, group in list(found.items()):
            for kind in self._vocabulary.descendants(condition):
                if kind not in NO_DISORDER:
                    found.setdefault(kind, group)
        return found

    @cached_property
    def groups_of_topics(self) -> dict[ConceptId, tuple[ConceptId, ...]]:
        """Patient groups by condition or other topic: `groups_of`, and `PATIENTS_OF_TOPICS` as far as it is in use."""
        found: defaultdict[ConceptId, list[ConceptId]] = defaultdict(list)
        for condition, group in self.groups_of.items():
            found[condition].append(group)
        for name, topics in PATIENTS_OF_TOPICS.items():
            known = self._vocabulary.resolve(f"malgruppe/{name}")
            for topic in topics.split():
                if known and topic in self._vocabulary:
                    found[ConceptId(topic)].append(known)
        return {topic: tuple(groups) for topic, groups in found.items()}

    @cached_property
    def arenas_of(self) -> dict[ConceptId, ConceptId]:
        """Arena by role, from labels such as *sykepleier på sykehjem*."""
        found: dict[ConceptId, ConceptId] = {}
        for (_, arena), role in self.placed.items():
            found.setdefault(role, arena)
        return found

    @cached_property
    def placed(self) -> dict[tuple[ConceptId, ConceptId], ConceptId]:
        """Role by profession and arena, from labels such as *sykepleier på sykehjem*."""
        found: dict[tuple[ConceptId, ConceptId], ConceptId] = {}
        for role, label in self._labels("rolle"):
            named = _PLACED.fullmatch(label)
            if named:
                for profession in self._whole(named[1], "rolle"):
                    for arena in self._whole(named[2], "arena"):
                        if profession != role:
                            found.setdefault((profession, arena), role)
        return found

    @cached_property
    def residents_of(self) -> dict[ConceptId, ConceptId]:
        """Patient group by arena, from labels such as *beboere i sykehjem*."""
        found: dict[ConceptId, ConceptId] = {}
        for group, label in self._labels("malgruppe"):
            named = _IN_ARENA.fullmatch(label)
            if named:
                for arena in self._whole(named[1], "arena"):
                    found.setdefault(arena, group)
        if HOME in self._vocabulary and LIVING_AT_HOME in self._vocabulary:
            found.setdefault(HOME, LIVING_AT_HOME)
        return found

    @cached_property
    def counterparts(self) -> dict[ConceptId, frozenset[ConceptId]]:
        """Concepts of other schemes that mean the same people, place or matter: they share a label, or one implies the other."""
        by_label: defaultdict[str, set[ConceptId]] = defaultdict(set)
        for concept, _, _, label in self._vocabulary.labels():
            by_label[label.casefold()].add(concept)
        found: defaultdict[ConceptId, set[ConceptId]] = defaultdict(set)
        pairs = [
            *((a, b) for same in by_label.values() for a in same for b in same),
            *((topic, group) for topic, groups in self.groups_of_topics.items() for group in groups),
            *self.residents_of.items(),
            *self.arenas_of.items(),
        ]
        for a, b in pairs:
            if a.split("/", 1)[0] != b.split("/", 1)[0]:
                found[a].add(b)
                found[b].add(a)
        return {concept: frozenset(others) for concept, others in found.items()}

    def _labels(self, scheme: str) -> list[tuple[ConceptId, str]]:
        return [
            (concept, label.lower())
            for concept, _, _, label in self._vocabulary.labels()
            if concept.startswith(scheme + "/") and not self._vocabulary[concept].deprecated
        ]

    def _whole(self, text: str, scheme: str) -> list[ConceptId]:
        """Return the concepts of a scheme that are what the whole text says."""
        return [
            m.concept
            for m in self._matcher.match_query(text)
            if m.start == 0 and m.end == len(text) and m.concept.startswith(scheme + "/")
        ]

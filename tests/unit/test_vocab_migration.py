from vocab.concept import Concept, ConceptId, ConceptMapping
from vocab.matcher import LabelMatcher
from vocab.migration import labels_in_use, migrate
from vocab.vocabulary import Vocabulary


def concept(name, nb, **more):
    return Concept(ConceptId(name), {"nb": nb}, **more)


def replaced(name, nb, by, **more):
    return concept(name, nb, deprecated=True, replaced_by=ConceptId(by) if by else None, **more)


def ways(found):
    return {m.code: (m.concept, m.way) for m in found}


OLD = Vocabulary(
    [],
    [
        concept("t/same", "håndhygiene", notation="T1"),
        concept("t/split", "stell"),
        replaced("t/older", "eldre navn", "t/newer"),
        concept("t/newer", "nyere navn"),
        concept("t/mapped", "noe", mappings=(ConceptMapping("exact", "mesh", "D1"),)),
        concept("t/turned", "noe annet"),
        concept("t/named", "forebygging av trykksår"),
        concept("t/twice", "delt"),
        concept("t/gone", "helt borte"),
    ],
)
NEW = Vocabulary(
    [],
    [
        concept("t/same", "håndhygiene"),
        replaced("t/newer", "nyere navn", "n/newest"),
        concept("n/newest", "nyeste navn"),
        replaced("t/split", "stell", None),
        concept("n/mapped", "helt andre ord", mappings=(ConceptMapping("exact", "mesh", "D1"),)),
        concept("n/turned", "atter andre ord", mappings=(ConceptMapping("close", "uri", OLD.uri("t/turned")),)),
        concept("n/named", "forebygging av trykksår"),
        concept("n/twice", "delt"),
        concept("m/twice", "delt"),
    ],
)  # fmt: skip


def test_every_code_is_carried_over_or_listed_with_the_reason():
    codes = [
        "t/same",
        "t/older",
        "t/newer",
        "t/mapped",
        "t/turned",
        "t/named",
        "t/gone",
        "t/nobody",
        "t/split",
    ]
    found = migrate(codes, OLD, NEW)
    assert [m.code for m in found] == codes
    assert ways(found) == {
        "t/same": ("t/same", "same"),
        "t/older": ("n/newest", "replaced"),
        "t/newer": ("n/newest", "replaced"),
        "t/mapped": ("n/mapped", "mapping"),
        "t/turned": ("n/turned", "mapping"),
        "t/named": ("n/named", "label"),
        "t/gone": (None, None),
        "t/nobody": (None, None),
        "t/split": (None, None),
    }
    assert all(m.why for m in found)
    why = {m.code: m.why for m in found}
    assert "mesh:D1" in why["t/mapped"]
    assert "forebygging av trykksår (nb)" in why["t/named"]
    assert why["t/nobody"] == "the old vocabulary has no such code"


def test_a_code_is_an_id_a_uri_or_a_notation():
    codes = ["t/same", OLD.uri("t/same"), "T1"]
    assert {m.concept for m in migrate(codes, OLD, NEW)} == {"t/same"}


def test_what_is_ambiguous_is_left_to_the_editor():
    (found,) = migrate(["t/twice"], OLD, NEW)
    assert (found.concept, found.candidates) == (None, ("m/twice", "n/twice"))


def test_a_notation_of_two_concepts_is_ambiguous_too():
    old = Vocabulary([], [concept("t/a", "a", notation="1"), concept("t/b", "b", notation="1")])
    (found,) = migrate(["1"], old, NEW)
    assert found.concept is None
    assert "t/a, t/b" in found.why


def test_one_exact_mapping_goes_before_close_ones():
    mappings = (
        ConceptMapping("exact", "uri", NEW.uri("n/mapped")),
        ConceptMapping("close", "uri", NEW.uri("n/turned")),
    )
    (found,) = migrate(["t/x"], Vocabulary([], [concept("t/x", "noe", mappings=mappings)]), NEW)
    assert (found.concept, found.way) == ("n/mapped", "mapping")


def test_a_label_that_is_not_sure_is_left_to_the_editor():
    old = Vocabulary([], [concept("t/x", "stell av sår")])
    new = Vocabulary([], [concept("n/y", "sårbehandling", alt_label={"nb": ("stell av sår",)})])
    (found,) = migrate(["t/x"], old, new)
    assert (found.concept, found.candidates) == (None, ("n/y",))
    assert "not surely" in found.why


def test_what_ended_without_a_successor_is_said_to_have_ended():
    (found,) = migrate(["t/x"], Vocabulary([], [replaced("t/x", "fall", None)]), NEW)
    assert "ended" in found.why


def test_a_circle_of_replacements_ends():
    old = Vocabulary([], [replaced("t/a", "a", "t/b"), replaced("t/b", "b", "t/a")])
    assert migrate(["t/a"], old, NEW)[0].concept is None


class Named(Vocabulary):
    def labels(self):
        return labels_in_use(Vocabulary(self.schemes, self.concepts))


def test_the_name_of_a_replaced_concept_leads_to_what_replaced_it():
    concepts = [
        concept("t/new", "beslutningskompetanse"),
        replaced("t/old", "samtykkekompetanse", "t/new", alt_label={"nb": ("fall",)}),
        concept("t/fall", "fall"),
        replaced("t/lost", "uten etterfølger", None),
    ]
    vocabulary = Vocabulary([], concepts)
    assert sorted(labels_in_use(vocabulary)) == [
        ("t/fall", "nb", "pref", "fall"),
        ("t/new", "nb", "hidden", "samtykkekompetanse"),
        ("t/new", "nb", "pref", "beslutningskompetanse"),
    ]
    asked = "vurdere samtykkekompetansen"
    matched = LabelMatcher(Named([], concepts), query_schemes=("t",)).match_query(asked)
    assert [m.concept for m in matched] == ["t/new"]

"""What every `engine.ports.AuthorityStore` promises."""

from dataclasses import replace

import pytest

from contract.catalogue_values import BY, SECOND, T, requirement
from engine.authority import Authority
from engine.errors import InvalidRequest

GUIDE = Authority(
    "veileder-fall", "Veileder «fall»", "https://example.org/v", "2023", "Mål pulsen.\n", "", ("krav-fall",)
)


class AuthorityStoreContract:
    def test_a_source_comes_back_as_it_was_with_all_its_versions(self, catalogue):
        later = replace(
            GUIDE, version="2025", concepts=("tema/fall",), resources=("a/b",), legal_basis=("§ 4-1",)
        )
        report = catalogue.upsert_authorities([GUIDE], by=BY, at=T)
        assert report.added == ("veileder-fall",)
        seq = catalogue.authority_seq()
        assert catalogue.upsert_authorities([GUIDE], by=BY, at=T + SECOND).unchanged == ("veileder-fall",)
        assert catalogue.authority_seq() == seq
        catalogue.upsert_authorities([later, Authority("a", "Å")], by=BY, at=T + SECOND)
        assert catalogue.authority_seq() > seq
        assert list(catalogue.authorities()) == [Authority("a", "Å"), later]
        versions = catalogue.authority_versions()
        assert [(v.number, v.recorded, v.value) for v in versions["veileder-fall"]] == [
            (1, T, GUIDE), (2, T + SECOND, later),
        ]  # fmt: skip
        assert list(versions) == ["a", "veileder-fall"]
        assert catalogue.audit_trail("veileder-fall")[0].action == "update authority"

    def test_one_that_will_not_do_stops_all_of_its_write(self, catalogue):
        for odd in (Authority("", "x"), Authority("x", " "), Authority("x", "x", text="\x00")):
            with pytest.raises(InvalidRequest):
                catalogue.upsert_authorities([GUIDE, odd], by=BY, at=T)
        assert list(catalogue.authorities()) == []

    def test_requirements_that_have_changed_are_given_with_all_they_were(self, catalogue):
        first, second = requirement("krav-fall", "fall"), requirement("krav-fall", "fall og brudd")
        catalogue.upsert_requirements([first, requirement("krav-b", "b")], by=BY, at=T)
        assert catalogue.changed_requirements() == {}
        catalogue.upsert_requirements([second, requirement("krav-b", "b")], by=BY, at=T + SECOND)
        found = catalogue.changed_requirements()
        assert {
            id_: [(v.number, v.recorded, v.value) for v in versions] for id_, versions in found.items()
        } == {"krav-fall": [(1, T, first), (2, T + SECOND, second)]}

"""Frameworks as others export them: CASE and Grep become plans, with what ties their items together."""

import json

import pytest

from engine.errors import InvalidRequest
from graph.replaced import in_use
from indexer.plans import import_plans
from small_bank import fill, open_bank


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    fill(folder, indexed=False)
    return folder


@pytest.fixture
def engine(bank, tmp_path):
    import shutil

    engine = open_bank(shutil.copytree(bank, tmp_path / "data"))
    yield engine
    engine.close()


def read(engine, tmp_path, document, **rest):
    path = tmp_path / "framework.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    dry = import_plans(engine, path, by="test", dry_run=True, **rest)
    real = import_plans(engine, path, by="test", **rest)
    assert {**dry.to_record(), "dry_run": False} == real.to_record()
    return real


def item(name, statement, code="", **rest):
    return {"identifier": name, "fullStatement": statement, "humanCodingScheme": code, **rest}


def tie(kind, origin, destination, **rest):
    return {
        "associationType": kind,
        "originNodeURI": {"identifier": origin, "uri": f"urn:{origin}"},
        "destinationNodeURI": {"identifier": destination},
        **rest,
    }


CASE = {
    "CFDocument": {
        "identifier": "Rammeverk-1", "title": "Læringsmål for LIS", "creator": "Helsedirektoratet", "version": "2025",
        "language": "nb", "statusStartDate": "2025-09-01", "officialSourceURL": "https://example.invalid/fkm",
    },
    "CFItems": [
        item("omr", "Etikk"),
        item("b", "Selvstendig kunne lede en vanskelig samtale", "FKM-902"),
        item("a", "Ha kjennskap til etiske begreper", "FKM-901", abbreviatedStatement="Etiske begreper"),
        item("a-nn", "Ha kjennskap til etiske omgrep", language="nn"),
        item("gammel", "Kjenne etikk", "FKM-801"),
        item("tom", ""),
    ],
    "CFAssociations": [
        tie("isChildOf", "omr", "Rammeverk-1", sequenceNumber=1),
        tie("isChildOf", "a", "omr", sequenceNumber=1),
        tie("isChildOf", "b", "omr", sequenceNumber=2),
        tie("precedes", "a", "b"),
        tie("isTranslationOf", "a-nn", "a"),
        tie("replacedBy", "gammel", "a"),
        tie("exactMatchOf", "b", "a"),
        tie("isRelatedTo", "a", "b"),
        tie("precedes", "a", "finnes-ikke"),
    ],
}  # fmt: skip


def test_a_case_document_is_a_plan_and_its_leaves_are_the_lines(engine, tmp_path):
    report = read(engine, tmp_path, CASE, roles=["SP"])
    (plan,) = [p for p in engine.catalogue.plans() if p.id == "rammeverk-1"]
    assert (plan.labels, plan.owner, plan.version, plan.kind) == (
        {"nb": "Læringsmål for LIS"}, "Helsedirektoratet", "2025", "lis")  # fmt: skip
    assert (plan.valid_from.isoformat(), plan.source) == ("2025-09-01", "https://example.invalid/fkm")
    assert plan.roles == ("sykepleier",)
    assert [line.requirement for line in plan.lines] == ["fkm-901", "fkm-902"]
    known = engine.requirements()
    assert known["fkm-902"].prerequisites == ("fkm-901",)
    assert known["fkm-902"].same_as == ("fkm-901",)
    assert known["fkm-901"].labels == {"nb": "Etiske begreper", "nn": "Ha kjennskap til etiske omgrep"}
    assert (known["fkm-901"].level, known["fkm-902"].level) == ("grunnleggende", "avansert")
    assert known["fkm-901"].broader == "krav-omr"
    assert in_use("fkm-801", known) == "fkm-901"
    assert [(p.code, p.row) for p in report.problems] == [("not-read", 6)]
    assert [p.code for p in report.warnings] == ["end-missing", "association-skipped"]


def test_the_same_case_document_again_changes_nothing(engine, tmp_path):
    read(engine, tmp_path, CASE)
    again = read(engine, tmp_path, CASE)
    assert all(not kind.added and not kind.updated for kind in again.kinds.values())


def test_a_circle_of_precedence_is_told_and_broken(engine, tmp_path):
    ties = [tie("precedes", "a", "b"), tie("precedes", "b", "a")]
    document = {**CASE, "CFItems": CASE["CFItems"][1:3], "CFAssociations": ties}
    report = read(engine, tmp_path, document)
    assert [p.code for p in report.problems] == ["circle"]
    assert all(not engine.requirements()[name].prerequisites for name in ("fkm-901", "fkm-902"))


def test_a_code_that_is_something_else_here_is_left_out(engine, tmp_path):
    items = [
        item("a", "Trygg forflytning av pasienter", "krav-fall"),
        item("b", "Etikk i praksis", "FKM-902"),
    ]
    report = read(engine, tmp_path, {**CASE, "CFItems": items, "CFAssociations": []})
    assert [p.code for p in report.problems] == ["code-collision"]
    assert engine.requirements()["krav-fall"].labels["nb"] == "fallforebygging"


GREP = {
    "kode": "KV370",
    "tittel": {"tekst": [{"spraak": "default", "verdi": "Kompetansemål etter Vg3"}]},
    "tilhoerer-laereplan": {"kode": "HEA03-03", "tittel": "Læreplan i vg3 helsearbeidarfaget", "gyldig-fra": "2022-08-01"},
    "kompetansemaal": [
        {"kode": "KM9001", "tittel": {"tekst": [
            {"spraak": "default", "verdi": "planleggje, gjennomføre og vurdere tiltak som fremjar god ernæring hjå brukarar"},
            {"spraak": "eng", "verdi": "plan, carry out and assess measures that promote good nutrition"}]}},
        {"kode": "KM9002", "tittel": [{"spraak": "default", "verdi": "bruke tenleg velferdsteknologi saman med brukarar"}]},
        {"kode": "KM9003"},
    ],
}  # fmt: skip


def test_aims_of_a_curriculum_are_an_apprentices_plan_in_the_language_they_are_in(engine, tmp_path):
    report = read(engine, tmp_path, [GREP], roles=["helsefagarbeider"])
    (plan,) = [p for p in engine.catalogue.plans() if p.id == "hea03-03"]
    assert (plan.kind, plan.version, plan.roles) == ("apprentice", "03", ("helsefagarbeider",))
    assert plan.valid_from.isoformat() == "2022-08-01"
    assert [line.requirement for line in plan.lines] == ["km9001", "km9002"]
    known = engine.requirements()
    assert set(known["km9001"].labels) == {"nn", "en"}
    assert set(known["km9002"].labels) == {"nn"}
    assert [(p.code, p.field) for p in report.problems] == [("not-read", "tittel")]


def test_other_json_is_refused(engine, tmp_path):
    path = tmp_path / "x.json"
    for text, says in (("{", "line 1: not JSON"), ('{"a": 1}', "neither CASE"), ("[]", "neither CASE")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InvalidRequest, match=says):
            import_plans(engine, path, by="test")

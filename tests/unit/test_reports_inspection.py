"""The bundle for an inspection: as of a day, the same bytes from the same catalogue, and no person."""

import csv
import hashlib
import io
import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import rdflib

from engine.adapters.sql_catalogue import open_catalogue
from engine.errors import InvalidRequest, NotFound
from engine.model import Decision
from engine.reports.inspection import inspection
from engine.reports.inspection_files import CHECKSUMS, bundle_files, checksum, write_bundle
from engine.reports.without_persons import WITHHELD, function_only
from graph.model import PlanLine
from small_bank import PLANS, REQUIREMENTS, RESOURCES, ROLES

BASE = "https://w3id.org/kompetansegraf/"
DAY = date(2026, 11, 21)
FIRST, LATER = datetime(2026, 11, 1, 9, tzinfo=UTC), datetime(2026, 11, 10, 9, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
PERSONS = ("Kari Nordmann", "kari.nordmann@example.org", "ola.nordmann", "01010112345", "Ola K. Nordmann")


def fill(folder, *, order=None, resources=RESOURCES, plans=PLANS, later=()):
    folder.mkdir()
    catalogue = open_catalogue(f"sqlite:///{folder}/catalogue.db")
    resources, requirements, plans = list(resources), list(REQUIREMENTS), list(plans)
    if order is not None:
        for items in (resources, requirements, plans):
            random.Random(order).shuffle(items)
    if order is None:
        catalogue.upsert(resources, by="redaksjon", at=FIRST)
    else:
        for resource in resources:
            catalogue.upsert([resource], by="redaksjon", at=FIRST)
    catalogue.upsert_plans(plans, by="redaksjon", at=FIRST)
    catalogue.upsert_requirements(requirements, by="redaksjon", at=FIRST)
    catalogue.upsert_roles(ROLES, by="redaksjon", at=FIRST)
    catalogue.upsert(later, by="redaksjon", at=LATER)
    return catalogue


def bundle(catalogue, **asked):
    asked = {"on": DAY, **asked}
    return bundle_files(inspection(catalogue, "sykepleier", **asked), base_uri=BASE)


@pytest.fixture
def catalogue(tmp_path):
    opened = fill(
        tmp_path / "data", later=[replace(RESOURCES[0], title="Ny tittel", review_due=date(2026, 11, 15))]
    )
    yield opened
    opened.close()


def test_the_same_catalogue_and_day_give_the_same_bytes_whatever_the_order_of_import(tmp_path):
    made = []
    for order in (None, 1, 2):
        opened = fill(tmp_path / str(order), order=order)
        made.append(bundle(opened, edition="ahus"))
        opened.close()
    assert made[0] == made[1] == made[2]


OTHER_PROCESS = """
import sys
from datetime import date
from pathlib import Path
from engine.adapters.sql_catalogue import open_catalogue
from engine.reports.inspection import inspection
from engine.reports.inspection_files import bundle_files, write_bundle
catalogue = open_catalogue(f"sqlite:///{sys.argv[1]}", create=False)
document = inspection(catalogue, "sykepleier", on=date.fromisoformat(sys.argv[2]))
write_bundle(bundle_files(document, base_uri=sys.argv[3]), Path(sys.argv[4]))
"""


def test_another_process_gives_the_same_bytes(catalogue, tmp_path):
    here = bundle(catalogue)
    asked = [tmp_path / "data" / "catalogue.db", DAY, BASE, tmp_path / "out"]
    subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS, *map(str, asked)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland"},
        check=True,
    )
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == here


def test_a_change_of_a_text_changes_the_checksum(tmp_path):
    one = fill(tmp_path / "a")
    two = fill(tmp_path / "b", resources=[replace(RESOURCES[0], body="Annen tekst."), *RESOURCES[1:]])
    assert checksum(bundle(one)) != checksum(bundle(two))
    one.close()
    two.close()


def test_versions_are_those_of_the_day(catalogue):
    before = inspection(catalogue, "sykepleier", on=date(2026, 11, 5))
    after = inspection(catalogue, "sykepleier", on=DAY)
    (old,) = (r for r in before["resources"] if r["id"] == "kb-1")
    (new,) = (r for r in after["resources"] if r["id"] == "kb-1")
    assert (old["title"], old["stored_version"], old["review_state"]) == (RESOURCES[0].title, 1, "valid")
    assert (new["title"], new["stored_version"], new["review_state"]) == ("Ny tittel", 2, "expired")
    assert old["text_hash"] != new["text_hash"]
    assert "krav-fall" not in before["without_resource"]
    assert "krav-fall" in after["without_resource"]


def test_what_was_recorded_later_says_so(catalogue):
    early = inspection(catalogue, "sykepleier", on=date(2024, 6, 1))
    assert {q["id"] for q in early["requirements"]} == {"krav-fall", "krav-news2", "krav-tomt"}
    assert all(x["recorded_later"] for name in ("plans", "requirements", "resources") for x in early[name])
    assert [p["id"] for p in early["plans"]] == ["plan-gammel", "plan-sykepleier"]  # not retired yet that day
    assert not any(q["recorded_later"] for q in inspection(catalogue, "sykepleier", on=DAY)["requirements"])


def test_resources_of_an_edition_and_resources_not_published_by_then(catalogue):
    assert {r["id"] for r in inspection(catalogue, "sykepleier", on=DAY)["resources"]} == {"kb-1", "kb-6"}
    local = inspection(catalogue, "sykepleier", on=DAY, edition="ahus")
    assert {r["id"] for r in local["resources"]} == {"kb-1", "kb-6", "kb-7"}
    early = inspection(catalogue, "sykepleier", on=date(2024, 1, 9))
    assert {r["id"] for r in early["resources"]} == {"kb-6"}


def test_rulings_of_editors_count_from_their_day_with_their_function(catalogue):
    ruling = Decision("teaches", "kb-8", "krav-tomt", "accepted", "redaksjon", LATER)
    catalogue.record(ruling)
    catalogue.record(Decision("teaches", "kb-6", "krav-news2", "rejected", "redaksjon", LATER))
    found = inspection(catalogue, "sykepleier", on=DAY)
    links = {(e["source"], e["target"], e["by"], e["at"]) for e in found["edges"] if e["kind"] == "teaches"}
    assert ("resource:kb-8", "requirement:krav-tomt", "redaksjon", "2026-11-10") in links
    assert not any(source == "resource:kb-6" for source, _, _, _ in links)
    assert "krav-tomt" in inspection(catalogue, "sykepleier", on=date(2026, 11, 9))["without_resource"]


def test_no_person_is_in_it(tmp_path):
    resources = [
        replace(
            RESOURCES[0],
            provider=person,
            id=f"kb-p{n}",
            title=f"Kurs ({person})" if "@" in person else "Kurs",
        )
        for n, person in enumerate(PERSONS)
    ]
    plans = [
        replace(PLANS[0], id=f"plan-{n}", owner=person, source=f"Fra {PERSONS[1]}, fnr {PERSONS[3]}")
        for n, person in enumerate(PERSONS)
    ]
    opened = fill(tmp_path / "data", resources=[*RESOURCES, *resources], plans=plans)
    opened.record(Decision("teaches", "kb-8", "krav-tomt", "accepted", PERSONS[0], FIRST))
    opened.record(Decision("teaches", "kb-9", "krav-tomt", "accepted", PERSONS[1], FIRST))
    files = bundle(opened)
    opened.close()
    for name, data in files.items():
        for person in PERSONS:
            assert person not in data.decode(), (name, person)
    document = json.loads(files["inspection.json"])
    columns = [e["by"] for e in document["edges"]] + [p["owner"] for p in document["plans"]]
    columns += [r["provider"] for r in document["resources"]]
    assert {function_only(by) for by in columns} == set(columns) == {WITHHELD, "", "Redaksjonen (eksempel)"}


@pytest.mark.parametrize(
    "by",
    ["Kari Nordmann, avdelingsleder", "avdelingsleder Kari Nordmann", "Nordmann, Kari", "Dr. Kari Nordmann", "K. Nordmann",
     "Anne-Marie Ås (Helse Vest)", "Kari Nordmann, Helse Vest", "tlf 22 33 44 55", "kari_nordmann"],
)  # fmt: skip
def test_a_name_is_withheld_whatever_stands_beside_it(by):
    assert function_only(by) == WITHHELD


def test_functions_of_the_sample_bank_are_not_withheld():
    for name in ("Kompetansebroen (eksempel)", "Regionalt kompetansenettverk (eksempel)", "fagavdeling", "Helse Vest",
                 "Oslo universitetssykehus HF", "redaksjon-ahus", "cli", "Helsedirektoratet", "Folkehelseinstituttet",
                 "Helse Sør-Øst RHF", "fagansvarlig for kompetanseplan (eksempel)", "Avdelingsleder", "Fagrådet, Ahus",
                 "Nasjonal kompetansetjeneste for aldring og helse", "Haukeland universitetssjukehus", "LIS-utdanningen"):  # fmt: skip
        assert function_only(name) == name


def test_the_checksums_are_those_of_the_files(catalogue, tmp_path):
    files = bundle(catalogue)
    write_bundle(files, tmp_path / "ut")
    lines = (tmp_path / "ut" / CHECKSUMS).read_text().splitlines()
    named = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert named.keys() == files.keys() - {CHECKSUMS}
    for name, digest in named.items():
        assert hashlib.sha256((tmp_path / "ut" / name).read_bytes()).hexdigest() == digest
    write_bundle(files, tmp_path / "ut")
    (tmp_path / "ut" / "notat.txt").write_text("x")
    with pytest.raises(InvalidRequest, match="not empty"):
        write_bundle(files, tmp_path / "ut")


def test_csv_and_json_tell_the_same(catalogue):
    files = bundle(catalogue)
    document = json.loads(files["inspection.json"])
    for name in ("plans", "requirements", "resources", "edges"):
        rows = list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode())))
        assert len(rows) == len(document[name])
        for row, record in zip(rows, document[name], strict=True):
            assert row[next(iter(row))] == str(record[next(iter(row))])


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
def test_the_json_ld_is_rdf_with_a_statement_for_each_link(catalogue):
    files = bundle(catalogue)
    document = json.loads(files["inspection.json"])
    graph = rdflib.Graph().parse(data=files["inspection.jsonld"], format="json-ld")
    statements = set(graph.subjects(rdflib.RDF.type, rdflib.RDF.Statement))
    assert len(statements) == len(document["edges"])
    schema = rdflib.Namespace("https://schema.org/")
    assert len(set(graph.subjects(rdflib.RDF.type, schema.LearningResource))) == len(document["resources"])
    taught = {
        (str(graph.value(s, rdflib.RDF.subject)), str(graph.value(s, rdflib.RDF.object)))
        for s in statements
        if graph.value(s, rdflib.RDF.predicate) == schema.teaches
    }
    assert (
        "https://w3id.org/kompetansegraf/resource/kb-1",
        "https://w3id.org/kompetansegraf/requirement/krav-fall",
    ) in taught


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_the_page_reads_without_colours(catalogue, lang):
    document = inspection(catalogue, "sykepleier", on=DAY)
    page = bundle_files(document, base_uri="https://example.org/", lang=lang)["index.html"].decode()
    assert f'<html lang="{lang}">' in page
    words = {
        "nb": "Revisjonsdatoen er passert",
        "nn": "Revisjonsdatoen er passert",
        "en": "Review date passed",
    }
    assert f'class="red">{words[lang]}<' in page
    assert "<script" not in page


def test_lines_of_another_edition_and_calendar_rules(tmp_path):
    lines = (PlanLine("krav-fall", validity=24, calendar="month-end"), PlanLine("krav-tomt", edition="ahus"))
    opened = fill(tmp_path / "data", plans=[replace(PLANS[0], lines=lines)])
    common, local = (inspection(opened, "sykepleier", on=DAY, edition=e) for e in (None, "ahus"))
    opened.close()
    assert [q["id"] for q in common["requirements"]] == ["krav-fall"]
    assert [q["id"] for q in local["requirements"]] == ["krav-fall", "krav-tomt"]
    assert common["requirements"][0]["renewal"] == [{"months": 24, "calendar": "month-end"}]


def test_an_unknown_role_is_named(catalogue):
    with pytest.raises(NotFound, match="ukjent"):
        inspection(catalogue, "ukjent", on=DAY)


def test_a_line_about_nothing_is_told_of_and_a_prerequisite_outside_the_plan_is_no_trouble(tmp_path):
    lines = (PlanLine("krav-news2"), PlanLine("krav-borte"))
    opened = fill(tmp_path / "data", plans=[replace(PLANS[0], lines=lines)])
    found = inspection(opened, "sykepleier", on=DAY)
    opened.close()
    assert [q["id"] for q in found["requirements"]] == ["krav-news2"]
    assert found["unknown_requirements"] == ["krav-borte"]


def test_joined_requirements_count_as_one_from_their_day_and_say_who_joined_them(catalogue):
    ruling = Decision(
        "requirement", "krav-news2", "krav-fall", "accepted", "redaksjon", LATER, "Sagt av Kari Nordmann"
    )
    catalogue.record(ruling)
    before = inspection(catalogue, "sykepleier", on=date(2026, 11, 5))
    after = inspection(catalogue, "sykepleier", on=DAY)
    assert before["joined"] == []
    assert len(before["requirements"]) == len(after["requirements"]) + 1
    (said,) = after["joined"]
    assert (said["requirement"], said["counts_as"], said["by"], said["at"]) == (
        "krav-news2", "krav-fall", "redaksjon", "2026-11-10",
    )  # fmt: skip
    (kept,) = (q for q in after["requirements"] if q["id"] == "krav-fall")
    assert kept["resources"] == ["kb-1", "kb-6"]
    assert "krav-news2" not in {e["target"].removeprefix("requirement:") for e in after["edges"]}
    files = bundle(catalogue)
    assert b"krav-news2,NEWS2,krav-fall,editor,redaksjon,2026-11-10" in files["joined.csv"]
    assert "Krav som er slått sammen" in files["index.html"].decode()
    assert b"isReplacedBy" in files["inspection.jsonld"]
    assert not any(b"Nordmann" in data for data in files.values())


def test_a_ruling_on_a_joined_requirement_holds_for_the_one_that_counts(catalogue):
    catalogue.record(Decision("requirement", "krav-news2", "krav-fall", "accepted", "redaksjon", LATER))
    catalogue.record(Decision("teaches", "kb-6", "krav-news2", "rejected", "redaksjon", LATER))
    found = inspection(catalogue, "sykepleier", on=DAY)
    (kept,) = (q for q in found["requirements"] if q["id"] == "krav-fall")
    assert kept["resources"] == ["kb-1"]

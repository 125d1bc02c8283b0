"""Plans from spreadsheets: every fault with its cell and advice, the rest taken, and a preview that comes true."""

import json

import pytest
from openpyxl import Workbook, load_workbook

from cli.main import main
from engine.errors import InvalidRequest
from graph.plans import obligations
from indexer.plan_files.headings import NAMES, column_of
from indexer.plan_files.problem import text_of
from indexer.plans import import_plans
from plan_workbooks import GOOD, PLAN, PLANTED, good, planted_workbook, workbook
from small_bank import NOW, fill, open_bank


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


def both(engine, path, **rest):
    """Return the report of a real run, after seeing that the dry run said the same and wrote nothing."""
    seq, ruled = engine.catalogue.plan_seq(), engine.catalogue.ruling_seq()
    dry = import_plans(engine, path, by="test", dry_run=True, **rest)
    assert (engine.catalogue.plan_seq(), engine.catalogue.ruling_seq()) == (seq, ruled)
    real = import_plans(engine, path, by="test", **rest)
    assert {**dry.to_record(), "dry_run": False} == real.to_record()
    return real


def codes(problems):
    return [(p.code, p.row, p.column) for p in problems]


def plan(engine, name="plan-for-nattevakt"):
    return next(p for p in engine.catalogue.plans() if p.id == name)


def test_twelve_planted_faults_are_each_reported_and_the_rest_imported(bank, tmp_path, capfd, monkeypatch):
    """The real command line: dry run, real run, and the same again."""
    import shutil

    path = planted_workbook(tmp_path / "plan.xlsx")
    monkeypatch.setenv("KG_EMBEDDER", "hashing")
    monkeypatch.setenv("KG_DATA", str(shutil.copytree(bank, tmp_path / "data")))

    def run(*argv):
        assert main(["plans", "import", str(path), *argv, "--json"]) == 0
        return json.loads(capfd.readouterr().out)

    dry, real, again = run("--dry-run"), run(), run()
    assert dry.pop("dry_run")
    assert not real.pop("dry_run")
    assert dry == real
    expected = {fault for _, _, fault in PLANTED if fault}
    assert {(p["code"], p["row"], p["column"]) for p in real["problems"]} == expected
    assert len({code for code, _, _ in expected}) == 12
    assert all(
        p["sheet"] == "Nattevakt" and p["place"] == "plan.xlsx" and p["advice"] for p in real["problems"]
    )
    assert "«obligatorisk»" in real["problems"][0]["advice"]
    assert real["kinds"]["requirements"]["added"] == ["nv-01", "nv-14"]
    assert real["kinds"]["plans"]["added"] == ["plan-for-nattevakt"]
    assert real["kinds"]["links"]["added"] == ["kb-1 → nv-01"]
    left_out = {row for row, _, fault in PLANTED if fault} | {11}  # 11 goes with its group
    assert real["skipped"] == {"rows": [f"Nattevakt!{row}" for row in sorted(left_out)]}
    assert [len(again["kinds"][k]["unchanged"]) for k in ("requirements", "plans", "links")] == [2, 1, 1]


def test_what_is_read_is_what_stands_there(engine, tmp_path):
    both(engine, planted_workbook(tmp_path / "plan.xlsx"))
    found = plan(engine)
    assert (found.version, found.valid_from.isoformat(), found.arena) == ("2026", "2026-01-01", "sykehjem")
    assert [(x.requirement, x.necessity, x.validity, x.edition) for x in found.lines] == [
        ("nv-01", "obligatorisk", 12, None),
        ("nv-14", "anbefalt", 12, "ahus"),
    ]
    requirement = engine.requirements()["nv-14"]
    assert requirement.labels == {"nb": "God rutine", "nn": "God rutine på nynorsk"}
    assert (requirement.prerequisites, requirement.code, requirement.example) == (("nv-01",), "NV-14", False)
    asked = obligations("sykepleier", [found], engine.requirements(), on=NOW.date(), edition="ahus")
    assert [o.requirement for o in asked] == ["nv-01", "nv-14"]


def test_a_link_to_a_resource_says_that_it_was_imported(engine, tmp_path):
    from indexer.pipeline import index

    both(engine, planted_workbook(tmp_path / "plan.xlsx"))
    index(engine)
    edge = engine.graph().edge("resource:kb-1", "requirement:nv-01", "teaches")
    assert (edge.origin, edge.by) == ("import", "test")
    assert [r.id for r, stated in engine.resources_for("nv-01") if stated] == ["kb-1"]


def test_an_editors_rejection_of_a_link_outlives_the_import(engine, tmp_path):
    from engine.model import Decision

    engine.catalogue.record(Decision("teaches", "kb-1", "nv-01", "rejected", "redaksjon", NOW))
    path = workbook(
        tmp_path / "p.xlsx",
        (
            "A",
            [
                good(
                    krav_kode="NV-01",
                    krav_tittel="Brann",
                    ressurs_url="https://example.invalid/kb-1 https://example.invalid/x",
                )
            ],
        ),
    )
    report = both(engine, path)
    assert [p.code for p in report.warnings] == ["link-rejected", "url-unknown"]
    assert report.kinds["links"].added == ()


@pytest.mark.parametrize(
    ("headings", "values"),
    [
        (("Kompetanseplan", "Rolle", "Kode", "Krav", "Nødvendighet", "Intervall (mnd)"), ("betinget",)),
        (("Namn på krav", "KODE", "Roller:", "Plannamn", "Kravtype", "Intervall månader"), ("betinga",)),
        (
            ("Interval (months)", "Necessity", "Requirement title", "Requirement code", "Role", "Plan name"),
            ("conditional",),
        ),
    ],
)
def test_headings_in_three_languages_and_any_order(engine, tmp_path, headings, values):
    row = {"plan": PLAN, "rolle": "sykepleier", "krav_kode": "007", "krav_tittel": "Brann",
           "kravtype": values[0], "intervall_mnd": "2 år"}  # fmt: skip
    named = {heading: row[column_of(heading)] for heading in headings}
    report = both(
        engine, workbook(tmp_path / "p.xlsx", ("Ark1", [named]), headings=headings, titles=("Tittel", None))
    )
    assert (report.problems, report.warnings) == ([], [])
    (line,) = plan(engine).lines
    assert (line.requirement, line.necessity, line.validity) == ("007", "betinget", 24)


def test_headings_do_not_collide():
    seen = {}
    for column, names in NAMES.items():
        for name in (column, *names):
            assert column_of(name) == column, name
            assert seen.setdefault(name, column) == column


def test_every_sheet_is_a_plan_when_no_column_names_it(engine, tmp_path):
    book = Workbook()
    first = book.worksheets[0]
    first.title = "Nattevakt"
    for cells in (
        ["Rolle:", "sykepleier"],
        ["Gyldig fra: 1. mars 2026"],
        [],
        ["Kode", "Krav"],
        ["N-1", "Brann"],
    ):
        first.append(cells)
    second = book.create_sheet("Dagvakt")
    for cells in (["Kode", "Krav", "Rolle"], ["N-1", "Brann", "hjemmesykepleier"]):
        second.append(cells)
    book.create_sheet("Notater").append(["ring meg"])
    book.save(tmp_path / "p.xlsx")
    report = both(engine, tmp_path / "p.xlsx")
    assert [(p.code, p.sheet) for p in report.warnings] == [("no-headings", "Notater")]
    night, day = plan(engine, "nattevakt"), plan(engine, "dagvakt")
    assert (night.roles, night.valid_from.isoformat(), day.roles) == (
        ("sykepleier",),
        "2026-03-01",
        ("hjemmesykepleier",),
    )
    assert [line.requirement for p in (night, day) for line in p.lines] == ["n-1", "n-1"]


def test_codes_are_text_whatever_the_spreadsheet_thinks(engine, tmp_path):
    path = workbook(
        tmp_path / "p.xlsx",
        ("A", [good(krav_kode=7, krav_tittel="Sju"), good(krav_kode=8, krav_tittel="Åtte")]),
    )
    book = load_workbook(path)
    book["A"]["D2"].number_format = "000"
    book.save(path)
    report = both(engine, path)
    assert [line.requirement for line in plan(engine).lines] == ["007", "8"]
    assert codes(report.warnings) == [("code-number", 3, "D")]


def test_a_code_that_became_a_date_and_a_formula_without_a_value_are_faults(engine, tmp_path):
    from datetime import date

    rows = [
        good(krav_kode=date(2026, 3, 1), krav_tittel="A"),
        good(krav_kode="B", krav_tittel="=1+1"),
        good(krav_kode="C", krav_tittel="C"),
    ]
    report = both(engine, workbook(tmp_path / "p.xlsx", ("A", rows)))
    assert codes(report.problems) == [("date-for-code", 2, "D"), ("formula-uncalculated", 3, "E")]


def test_merged_cells_hold_for_a_column_of_the_plan_and_are_a_fault_in_a_requirement(engine, tmp_path):
    rows = [good(krav_kode=c, krav_tittel=f"Krav {c}") for c in "ABC"]
    path = workbook(tmp_path / "p.xlsx", ("A", rows))
    book = load_workbook(path)
    book["A"].merge_cells("A2:A4")
    book["A"].merge_cells("E3:E4")
    book.save(path)
    report = both(engine, path)
    assert codes(report.problems) == [("merged-cell", 4, "E")]
    assert codes(report.warnings) == [("merged-filled", 3, "A"), ("merged-filled", 4, "A")]
    assert [line.requirement for line in plan(engine).lines] == ["a", "b"]


def test_csv_with_titles_semicolons_and_windows_letters(engine, tmp_path):
    text = "Plan for natt, 2026\n\nPlan;Rolle;Kode;Krav;Intervall\nPlan for nattevakt;sykepleier;01;Førstehjelp, grunnkurs;12\n"
    (tmp_path / "p.csv").write_bytes(text.encode("cp1252"))
    report = both(engine, tmp_path / "p.csv")
    assert [p.code for p in report.warnings] == ["encoding"]
    assert engine.requirements()["01"].labels == {"nb": "Førstehjelp, grunnkurs"}


def test_two_versions_stand_beside_each_other_and_the_newer_replaces_the_older(engine, tmp_path):
    rows = [
        good(
            krav_kode="A",
            krav_tittel="Krav A",
            versjon="2025",
            gyldig_fra="2025-01-01",
            gyldig_til="2027-01-01",
        ),
        good(krav_kode="B", krav_tittel="Krav B", versjon="2026", gyldig_fra="2026-01-01"),
    ]
    report = both(engine, workbook(tmp_path / "p.xlsx", ("A", rows)))
    old, new = plan(engine), plan(engine, "plan-for-nattevakt-2026")
    assert ([x.requirement for x in old.lines], [x.requirement for x in new.lines]) == (["a"], ["b"])
    assert new.replaces == old.id
    assert [p.code for p in report.warnings] == ["plan-new-version"]


def test_a_local_file_touches_its_own_edition_only(engine, tmp_path):
    common = [good(krav_kode="A", krav_tittel="Krav A"), good(krav_kode="B", krav_tittel="Krav B")]
    both(engine, workbook(tmp_path / "1.xlsx", ("A", common)))
    local = [good(krav_kode="C", krav_tittel="Krav C", utgave="Ahus")]
    report = both(engine, workbook(tmp_path / "2.xlsx", ("A", local)))
    assert {(x.requirement, x.edition) for x in plan(engine).lines} == {
        ("a", None),
        ("b", None),
        ("c", "ahus"),
    }
    assert report.lines["plan-for-nattevakt"].added == ("c@ahus",)
    report = both(engine, workbook(tmp_path / "3.xlsx", ("A", common[:1])))
    assert {(x.requirement, x.edition) for x in plan(engine).lines} == {("a", None), ("c", "ahus")}
    assert report.lines["plan-for-nattevakt"].removed == ("b",)


def test_a_row_that_is_left_out_leaves_its_line_as_it_was(engine, tmp_path):
    rows = [good(krav_kode="A", krav_tittel="Krav A"), good(krav_kode="B", krav_tittel="Krav B")]
    both(engine, workbook(tmp_path / "1.xlsx", ("A", rows)))
    rows[1] = {**rows[1], "kravtype": "kanskje"}
    report = both(engine, workbook(tmp_path / "2.xlsx", ("A", rows)))
    assert [p.code for p in report.warnings] == ["lines-kept"]
    assert [x.requirement for x in plan(engine).lines] == ["a", "b"]


def test_a_plan_without_a_good_row_is_left_out_whole(engine, tmp_path):
    rows = [good(krav_kode="A", krav_tittel="Krav A", intervall_mnd="ofte"),
            good(plan="Annen plan", krav_kode="B", krav_tittel="Krav B")]  # fmt: skip
    report = both(engine, workbook(tmp_path / "1.xlsx", ("A", rows)))
    assert [p.code for p in report.problems] == ["interval-unfit", "plan-left-out"]
    assert report.skipped == {"plans": ["plan-for-nattevakt"], "rows": ["A!2"]}
    assert report.kinds["plans"].added == ("annen-plan",)


def test_another_wording_of_a_known_code_is_kept_as_such(engine, tmp_path):
    rows = [
        good(krav_kode="krav-fall", krav_tittel="Forebygging av fall"),
        good(krav_kode="krav-news2", krav_tittel="Munnstell"),
    ]
    report = both(engine, workbook(tmp_path / "1.xlsx", ("A", rows)))
    assert [p.code for p in report.problems] == ["code-collision"]
    assert "NEWS2" in report.problems[0].reason
    fall = engine.requirements()["krav-fall"]
    assert (fall.labels["nb"], fall.alt_labels) == ("fallforebygging", {"nb": ("Forebygging av fall",)})
    assert fall.verification == "e-læring med test"  # no cell says otherwise


def test_a_role_that_only_the_vocabulary_knows_is_added(engine, tmp_path):
    path = workbook(tmp_path / "1.xlsx", ("A", [good(krav_kode="A", krav_tittel="Krav A", rolle="jordmor")]))
    assert both(engine, path).kinds["roles"].added == ("jordmor",)
    assert engine.roles()["jordmor"].labels["nn"] == "jordmor"


def test_the_template_in_each_language_imports_nothing_until_it_is_filled(engine, tmp_path):
    from indexer.plan_files.template import write_template

    for lang, name in (("nb", "sykepleier"), ("nn", "sjukepleiar"), ("en", "nurse")):
        path = tmp_path / f"{lang}.xlsx"
        write_template(engine, path, lang)
        report = import_plans(engine, path, by="test")
        assert (report.problems, report.warnings, report.taken) == ([], [], 0)
        book = load_workbook(path)
        sheet = book.worksheets[0]
        assert len(sheet.data_validations.dataValidation) == 7
        columns = {column_of(cell.value): cell.column for cell in sheet[1]}
        assert None not in columns
        for column, value in {
            **GOOD,
            "plan": f"Plan {lang}",
            "krav_kode": "A-1",
            "krav_tittel": "Krav A",
            "rolle": name,
        }.items():
            sheet.cell(3, columns[column], value)
        book.save(path)
        assert import_plans(engine, path, by="test").kinds["plans"].added == (f"plan-{lang}",)
    with pytest.raises(InvalidRequest, match="is there already"):
        write_template(engine, path, "nb")


def test_the_file_can_be_no_workbook_at_all(engine, tmp_path):
    for name, data, says in (
        ("a.xlsx", b"hei", "is no workbook"),
        ("b.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "password"),
        ("c.xls", b"", "save it as .xlsx"),
        ("d.docx", b"", "is .xlsx, .csv"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InvalidRequest, match=says):
            import_plans(engine, tmp_path / name, by="test")


def test_every_text_is_there_in_three_languages_with_the_same_blanks():
    import string
    import tomllib
    from pathlib import Path

    texts = tomllib.loads(
        (Path(__file__).parents[2] / "indexer/data/plan_problems.toml").read_text(encoding="utf-8")
    )
    for code, by_lang in texts.items():
        assert list(by_lang) == ["nb", "nn", "en"], code
        blanks = [
            {f for part in said for _, f, _, _ in string.Formatter().parse(part) if f}
            for said in by_lang.values()
        ]
        assert blanks[0] == blanks[1] == blanks[2], code


def test_problems_are_told_in_three_languages(engine, tmp_path):
    path = planted_workbook(tmp_path / "plan.xlsx")
    told = {
        lang: import_plans(engine, path, by="t", dry_run=True, lang=lang).problems
        for lang in ("nb", "nn", "en")
    }
    assert codes(told["nb"]) == codes(told["nn"]) == codes(told["en"])
    assert all(len({str(p) for p in ps}) > 1 for ps in zip(*told.values(), strict=True))
    assert text_of("circle", "nn", circle="a → b → a")[0] == "forkunnskapane går i ring: a → b → a"


def test_advice_has_the_words_and_codes_that_people_write(engine, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(
        "plan;rolle;krav_kode;krav_tittel;nivå;kravart;forkunnskap\n"
        "P;sykepleier;LX-01;Sår;høyt;;\n"
        "P;sykepleier;LX-02;Sting;;lesing;\n"
        "P;sykepleier;LX-03;Knuter;;;LX-04\n"
        "P;sykepleier;LX-04;Løkker;;;LX-03\n",
        encoding="utf-8",
    )
    found = import_plans(engine, path, by="t", dry_run=True, lang="nn").problems
    told = {p.row: p for p in found if p.field}
    assert told[2].advice == "Skriv éin av: grunnleggjande, vidaregåande, avansert."
    assert told[3].advice == "Skriv éin av: kunnskap, ferdigheit, praktisk godkjenning, formelt."
    assert "LX-03" in told[4].reason
    assert "LX-04" in told[4].reason


def test_a_write_by_another_meanwhile_is_read_anew(engine, tmp_path, monkeypatch):
    """The preview that is written is never older than the catalogue."""
    from graph.model import Role

    path = workbook(tmp_path / "1.xlsx", ("A", [good(krav_kode="A", krav_tittel="Krav A")]))
    write, calls = engine.catalogue.write_plans, []

    def late(**values):
        calls.append(values["expected"])
        if len(calls) == 1:
            engine.catalogue.upsert_roles([Role("ny", {"nb": "ny"})], by="other", at=NOW)
        return write(**values)

    monkeypatch.setattr(engine.catalogue, "write_plans", late)
    assert import_plans(engine, path, by="test").kinds["plans"].added == ("plan-for-nattevakt",)
    assert len(calls) == 2
    assert calls[1] > calls[0]


def test_prerequisites_may_be_named_by_title_where_there_are_no_codes(engine, tmp_path):
    headings = ("plan", "rolle", "krav_tittel", "forkunnskap")
    rows = [
        good(krav_tittel="Grunnkurs brann"),
        good(krav_tittel="Brannøvelse", forkunnskap="grunnkurs brann"),
    ]
    both(engine, workbook(tmp_path / "p.xlsx", ("A", rows), headings=headings))
    assert engine.requirements()["krav-brannovelse"].prerequisites == ("krav-grunnkurs-brann",)


def test_a_code_in_other_letters_is_the_same_requirement(engine, tmp_path):
    rows = [
        good(krav_kode="KRAV-FALL", krav_tittel="Munnstell"),
        good(krav_kode="Krav NEWS2", krav_tittel="NEWS2"),
    ]
    report = both(engine, workbook(tmp_path / "p.xlsx", ("A", rows)))
    assert [(p.code, p.row) for p in report.problems] == [("code-collision", 2)]
    assert report.kinds["requirements"].unchanged == ("krav-news2",)


def test_an_end_in_one_row_before_a_beginning_in_another_costs_that_row_only(engine, tmp_path):
    rows = [good(krav_kode="A", krav_tittel="Krav A", gyldig_til="2025-12-31"),
            good(krav_kode="B", krav_tittel="Krav B", gyldig_fra="2026-01-01")]  # fmt: skip
    report = both(engine, workbook(tmp_path / "p.xlsx", ("A", rows)))
    assert codes(report.problems) == [("end-before-start", 3, "L")]
    assert [x.requirement for x in plan(engine).lines] == ["a"]


def test_a_plan_is_found_by_its_name_when_it_has_versions(engine, tmp_path):
    from graph.model import Plan, PlanLine

    labels = {"nb": "Plan for dagvakt"}
    plans = [
        Plan(i, labels, lines=(PlanLine("krav-fall"),), version=v) for i, v in (("dag", "1"), ("dag-2", "2"))
    ]
    engine.catalogue.upsert_plans(plans, by="test", at=NOW)
    rows = [good(plan="Plan for dagvakt", krav_kode="krav-news2", krav_tittel="NEWS2", versjon="2")]
    report = both(engine, workbook(tmp_path / "p.xlsx", ("A", rows)))
    assert report.kinds["plans"].updated == ("dag-2",)


def test_what_a_file_has_no_column_for_stays_as_it_was(engine, tmp_path):
    from graph.model import Plan, PlanLine

    line = PlanLine("krav-fall", "betinget", 10, 24, calendar="month-end")
    stored = Plan("dag", {"nb": "Dag"}, lines=(line,), roles=("sykepleier",), owner="fagavdeling")
    engine.catalogue.upsert_plans([stored], by="test", at=NOW)
    rows = [{"plan": "dag", "krav_kode": "krav-fall", "krav_tittel": "Fallforebygging"}]
    both(engine, workbook(tmp_path / "p.xlsx", ("A", rows), headings=("plan", "krav_kode", "krav_tittel")))
    assert plan(engine, "dag") == stored
    rows = [{**rows[0], "intervall_mnd": 12}]
    headings = ("plan", "krav_kode", "krav_tittel", "intervall_mnd")
    both(engine, workbook(tmp_path / "q.xlsx", ("A", rows), headings=headings))
    assert plan(engine, "dag").lines == (PlanLine("krav-fall", "betinget", 10, 12),)


def test_headings_in_between_and_footnotes_are_no_requirements(engine, tmp_path):
    rows = [
        good(krav_kode="A", krav_tittel="Krav A"),
        {"plan": "Del 2: medisinske krav"},
        good(krav_kode="B", krav_tittel="Krav B"),
    ]
    report = both(engine, workbook(tmp_path / "p.xlsx", ("A", rows)))
    assert (report.problems, codes(report.warnings)) == ([], [("row-heading", 3, None)])
    assert [x.requirement for x in plan(engine).lines] == ["a", "b"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [("nb", "Skriv hele årstallet"), ("nn", "Skriv heile årstalet"), ("en", "Write the whole year")],
)
def test_a_year_of_two_digits_is_refused_with_the_whole_one(engine, tmp_path, lang, said):
    rows = [
        good(krav_kode="A", krav_tittel="Krav A", gyldig_fra="01.01.26"),
        good(krav_kode="B", krav_tittel="Krav B"),
    ]
    report = import_plans(engine, workbook(tmp_path / "p.xlsx", ("A", rows)), by="t", dry_run=True, lang=lang)
    assert [(p.code, p.row) for p in report.problems] == [("date-short-year", 2)]
    assert f"{said}" in str(report.problems[0])
    assert "01.01.2026" in str(report.problems[0])

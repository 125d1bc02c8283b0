"""The commands `status`, `calendar`, `remind` and `report` on the small bank."""

import csv
import json
import socket

import icalendar
import pytest
from aiosmtpd.controller import Controller
from openpyxl import load_workbook

from cli.main import main
from small_bank import fill

DONE = [
    {"requirement": "krav-fall", "achieved": "2025-01-15", "evidence": "prior_learning"},
    {"requirement": "krav-news2", "achieved": "2025-06-01"},
]
UNIT = [
    {"pseudonym": "u-01", "role": "sykepleier", "done": DONE},
    {"pseudonym": "u-02", "role": "SP", "done": [{"requirement": "krav-fall", "achieved": "2026-10-01"}]},
]
DAY = ("--on", "2026-11-21")


def lines(path, records):
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("status") / "data"
    fill(folder)
    return folder


@pytest.fixture
def files(tmp_path):
    return lines(tmp_path / "done.jsonl", DONE), lines(tmp_path / "unit.jsonl", UNIT)


@pytest.fixture
def run(data, capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "hashing")
    monkeypatch.setenv("KG_DATA", str(data))

    def call(*argv):
        code = main(list(argv))
        out, err = capfd.readouterr()
        return code, out, err

    return call


def test_status_for_people_and_for_programs(run, files):
    code, out, _ = run("status", "--role", "SP", "--done", files[0], *DAY, "--lang", "en")
    assert code == 0
    assert "Expired" in out
    assert "red" in out
    assert "1 overdue" in out
    _, out, _ = run("status", "--role", "SP", "--done", files[0], *DAY, "--lang", "nn")
    assert "Farge" in out
    assert "1 over fristen per" in out
    code, out, _ = run("status", "--role", "SP", "--done", files[0], *DAY, "--json")
    found = json.loads(out)
    assert (code, found["overdue"], found["requirements"][0]["state_word"]) == (0, 1, "Utløpt")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (
            {"requirement": "krav-fall", "evidence": "rykte"},
            "line 1, field evidence: 'rykte' is none of course",
        ),
        ({"requirement": "krav-fall", "achieved": "i fjor"}, "line 1, field achieved: 'i fjor' is no date"),
    ],
)
def test_a_bad_line_is_named(run, tmp_path, record, said):
    code, _, err = run("status", "--role", "SP", "--done", lines(tmp_path / "x.jsonl", [record]))
    assert code == 1
    assert said in err.replace("\n", " ")


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ({"pseudonym": "Kari N", "role": "SP"}, "line 1, field pseudonym: 1 to 64 letters"),
        ({"pseudonym": "u-1", "role": "kokk"}, "line 1, field role: no role has the id or code 'kokk'"),
        (
            {"pseudonym": "u-1", "role": "SP", "done": [{"requirement": "x"}]},
            "line 1, field done[0].requirement",
        ),
        ({"pseudonym": "u-1", "role": "hjemmesykepleier", "plan": "plan-sykepleier"}, "u-1: the plan"),
    ],
)
def test_a_bad_line_of_a_unit_is_named(run, tmp_path, member, said):
    code, _, err = run("report", "unit", "--done", lines(tmp_path / "x.jsonl", [member]))
    assert code == 1
    assert said in err.replace("\n", " ")
    assert "Kari" not in err


def test_a_calendar_to_stdout_and_to_a_file(run, files, tmp_path):
    code, out, _ = run("calendar", "--role", "SP", "--done", files[0], *DAY)
    assert code == 0
    assert len(icalendar.Calendar.from_ical(out).walk("VEVENT")) == 2
    target = tmp_path / "frister.ics"
    assert run("calendar", "--plan", "plan-sykepleier", "--out", str(target))[0] == 0
    assert target.read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert run("calendar", "--done", files[0])[0] == 1


def test_a_unit_as_files(run, files, tmp_path):
    for ending in ("csv", "json", "html", "xlsx"):
        assert run("report", "unit", "--done", files[1], *DAY, "--out", str(tmp_path / f"u.{ending}"))[0] == 0
    rows = list(csv.DictReader((tmp_path / "u.csv").read_text(encoding="utf-8").splitlines()))
    assert (rows[0]["pseudonym"], rows[0]["colour_word"], rows[0]["fills"]) == ("u-01", "rød", "kb-6")
    assert load_workbook(tmp_path / "u.xlsx").worksheets[1]["G2"].value == "NEWS2 i praksis"
    assert json.loads((tmp_path / "u.json").read_text())["overdue"] == 1
    assert "Utløpt, rød" in (tmp_path / "u.html").read_text()
    assert run("report", "unit", "--done", files[1], "--out", str(tmp_path / "u.pdf"))[0] == 1
    code, out, _ = run("report", "unit", "--done", files[1], *DAY)
    assert code == 0
    assert "over fristen" in out


def test_coverage_and_forecast(run, files):
    code, out, _ = run("report", "coverage", "--role", "SP", "--edition", "felles", *DAY, "--json")
    found = json.loads(out)
    assert code == 0
    assert {r["requirement"]: r["resources"] for r in found["rows"]} == {
        "krav-fall": 1,
        "krav-news2": 1,
        "krav-tomt": 0,
    }
    assert (
        run("report", "coverage", *DAY)[1].splitlines()[-1]
        == "3 krav per 2026-11-21, 3 av dem mangler noe: 14 tomme ruter, 4 med et forslag."
    )
    code, out, _ = run("report", "forecast", "--done", files[1], *DAY, "--months", "24")
    assert code == 0
    assert "I januar 2027 fornyer 1 ansatt «fallforebygging»" in out


def test_an_inspection_prints_the_checksum_that_json_has(run, tmp_path):
    asked = ("report", "inspection", "--role", "SP", "--date", "2026-11-21")
    code, out, _ = run(*asked, "--out", str(tmp_path / "ut"))
    assert code == 0
    assert json.loads(run(*asked, "--json")[1])["checksum"] == out.splitlines()[-1]
    assert (tmp_path / "ut" / "SHA256SUMS").exists()


@pytest.mark.parametrize(
    ("lang", "inspected", "forecast"),
    [
        ("nb", "2 ressurser, 1 krav uten gyldig ressurs", "uten gyldig ressurs (!)"),
        ("nn", "2 ressursar, 1 krav utan gyldig ressurs", "utan gyldig ressurs (!)"),
        ("en", "2 resources, 1 requirements without a valid resource", "without a valid resource (!)"),
    ],
)
def test_the_last_line_of_a_report_is_in_the_language_asked_for(run, lang, inspected, forecast):
    asked = ("report", "inspection", "--role", "SP", "--date", "2026-11-21", "--lang", lang)
    assert inspected in " ".join(run(*asked)[1].split())
    assert forecast in " ".join(run("report", "forecast", "--lang", lang)[1].split())


def test_reminders_by_mail_once(run, files, monkeypatch):
    mails = []

    class Mailbox:
        async def handle_DATA(self, server, session, envelope):
            mails.append(envelope.content.decode())
            return "250 OK"

    ask = ("remind", "--done", files[1], "--due-within", "60", *DAY)
    assert run(*ask)[0] == 1  # no way to remind
    code, out, _ = run(*ask, "--dry-run")
    assert code == 0
    assert "2 frister (1 over fristen)" in out
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("KG_REMINDER_SMTP", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("KG_REMINDER_TO", "fagansvarlig@example.org")
    assert run(*ask)[0] == 1  # nobody listens there yet
    server = Controller(Mailbox(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        assert "2 sent" in run(*ask)[1]
        code, out, _ = run(*ask)
        assert (code, "2 told of before" in out) == (0, True)
    finally:
        server.stop()
    assert len(mails) == 1
    assert "NEWS2: 1 (u-01)" in mails[0]

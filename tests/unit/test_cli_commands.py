"""The commands: results on stdout, messages on stderr, JSON that is one document, exit codes 0, 1 and 2."""

import json
import socket

import pytest

from cli.main import main
from engine.bootstrap import load_settings, open_engine
from indexer.pipeline import index
from indexer.sample import load_sample
from small_bank import fill


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The sample bank with the hashing embedder: commands are what is tested here, not quality."""
    folder = tmp_path_factory.mktemp("cli")
    engine = open_engine(load_settings(data=folder, embedder="hashing"))
    load_sample(engine)
    index(engine)
    engine.close()
    return folder


@pytest.fixture
def run(data, capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "hashing")
    monkeypatch.setenv("KG_DATA", str(data))

    def call(*argv):
        code = main(list(argv))
        out, err = capfd.readouterr()
        return code, out, err

    return call


def document(result):
    code, out, _ = result
    assert code == 0
    return json.loads(out)


def test_search_prints_hits_with_reason_and_facets(run):
    found = document(run("search", "fallforebygging sykehjem", "--json"))
    assert found["total"] >= len(found["hits"]) == 10
    for hit in found["hits"]:
        assert hit["reason"]["sentence"]
        assert hit["highlights"]
    assert {f["name"] for f in found["facets"]} >= {"theme", "resource_type"}


def test_search_filters_pages_and_explains(run):
    ask = ["search", "legemidler", "--facet", "resource_type=e-laeringskurs", "-k", "1", "--json"]
    first = document(run(*ask, "--explain"))
    assert first["hits"][0]["resource_type"] == "e-laeringskurs"
    explanation = first["hits"][0]["explanation"]
    assert sum(explanation["parts"].values()) == pytest.approx(first["hits"][0]["score"])
    second = document(run(*ask, "--cursor", first["next_cursor"]))
    assert second["hits"][0]["rank"] == 2
    assert second["total"] == first["total"] >= 2


def test_search_for_people_shows_title_reason_and_next_page(run):
    code, out, _ = run("search", "håndhygiene", "-k", "2", "--explain")
    assert code == 0
    assert "1. " in out
    assert "Treff fordi" in out
    assert "--cursor" in out


def test_recommend_gives_an_ordered_list_with_reason_paths(run):
    found = document(run("recommend", "--role", "hjemmesykepleier", "--minutes", "45", "--json"))
    assert found["items"]
    assert found["minutes"] <= 45
    for item in found["items"]:
        for reason in item["reasons"]:
            assert reason["nodes"][0] == "role:hjemmesykepleier"
            assert reason["nodes"][-1] == f"resource:{item['id']}"
            assert set(reason["sentence"]) == {"nb", "nn", "en"}
            assert len(reason["path"]) == len(reason["nodes"]) - 1


def test_a_requirement_in_the_done_list_is_no_longer_served(run, tmp_path):
    before = document(run("recommend", "--role", "hjemmesykepleier", "--minutes", "45", "--json"))
    closed = before["items"][0]["requirements"][0]
    done = tmp_path / "done.jsonl"
    done.write_text(json.dumps({"requirement": closed, "state": "approved"}) + "\n", encoding="utf-8")
    after = document(
        run("recommend", "--role", "hjemmesykepleier", "--minutes", "45", "--done", str(done), "--json")
    )
    assert all(closed not in item["requirements"] for item in after["items"])


def test_recommend_for_people_shows_reasons_and_what_stays_open(run):
    code, out, _ = run("recommend", "--role", "hjemmesykepleier", "--minutes", "30", "--lang", "en")
    assert code == 0
    assert "minutes" in out
    assert "Still open, no time left:" in out


def test_import_reports_bad_records_with_file_and_line_and_the_rest_goes_on(run, tmp_path):
    source = tmp_path / "bank.jsonl"
    source.write_text(
        '{"id": "cli-1", "title": "En", "body": "Tekst om fall."}\n{broken\n{"title": "", "id": "cli-2"}\n',
        encoding="utf-8",
    )
    code, out, err = run("import", str(source), "--dry-run")
    assert (code, "1 would be added" in out) == (0, True)
    code, out, err = run("import", str(source))
    assert code == 0
    assert "1 added" in out
    assert "2 problems" in out
    assert "bank.jsonl" in err
    assert "2" in err
    assert document(run("import", str(source), "--json"))["unchanged"] == 1
    code, out, _ = run("index")
    assert (code, "1 added" in out) == (0, True)
    code, out, _ = run("index")
    assert (code, "Nothing to do" in out) == (0, True)


def test_an_index_can_be_rolled_back(run, tmp_path, monkeypatch):
    fill(tmp_path / "small")
    monkeypatch.setenv("KG_DATA", str(tmp_path / "small"))
    code, _, err = run("index", "--rebuild")
    assert code == 0
    code, _, err = run("index", "--rollback")
    assert code == 0
    assert "Current build is now" in err
    assert run("index", "--rebuild")[0] == 0


def test_vocab_check_finds_nothing_in_ours_and_faults_in_a_broken_file(run, tmp_path):
    found = document(run("vocab", "check", "--json"))
    assert found["findings"] == []
    assert found["summary"]["concepts"] == 926
    broken = tmp_path / "broken.ttl"
    broken.write_text(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n<urn:a> a skos:Concept .\n", encoding="utf-8"
    )
    code, out, _ = run("vocab", "check", str(broken))
    assert code == 1
    assert "urn:a" in out


def test_a_turtle_file_that_cannot_be_read_is_named_with_its_line(run, tmp_path):
    broken = tmp_path / "syntax.ttl"
    broken.write_text("@prefix a: <urn:a> .\na:b a:c .\n", encoding="utf-8")
    code, out, err = run("vocab", "check", str(broken))
    assert code == 1
    assert "syntax.ttl, line 2, column 9: found ., expected a value" in " ".join(err.split())
    assert out == ""


def test_vocab_check_says_file_line_and_advice_and_does_not_drown_one_rule_in_another(run, tmp_path):
    head = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    concept = "<urn:x:{}> a skos:Concept ; skos:inScheme <urn:x:s> ; skos:topConceptOf <urn:x:s> ; skos:prefLabel {} .\n"
    new = tmp_path / "new"
    new.mkdir()
    text = head + "".join(concept.format(n, f'"a{n}"@nb') for n in range(30)) + concept.format(98, '"b"@en')
    (new / "v.ttl").write_text(text, encoding="utf-8")
    (tmp_path / "old.ttl").write_text(head + concept.format(99, '"c"@en'), encoding="utf-8")
    code, out, _ = run("vocab", "check", str(new), "--language", "nb", "--against", str(tmp_path / "old.ttl"))
    assert code == 1
    assert "error: missing-pref: v.ttl:32: urn:x:98: no preferred label in nb; add a preferred label" in out
    assert "error: concept-lost: old.ttl:2: urn:x:99: was there before (c)" in out
    code, out, _ = run("vocab", "check", str(new), "--language", "nb", "--definitions")
    assert out.count("definition-missing") == 20 + 1
    assert "definition-missing: 11 more" in out
    _, out, _ = run("vocab", "check", str(new), "--language", "nb", "--definitions", "--json")
    found = json.loads(out)
    assert sum(f["code"] == "definition-missing" for f in found["findings"]) == 31
    assert found["findings"][0].keys() == {"code", "severity", "concept", "place", "message", "advice"}


def test_vocab_export_writes_turtle(run):
    code, out, _ = run("vocab", "export")
    assert code == 0
    assert "skos:prefLabel" in out


def test_doctor_tries_every_part(run):
    found = document(run("doctor", "--json"))
    assert found["healthy"] is True
    assert {c["part"] for c in found["checks"]} == {"catalogue", "vocabulary", "model", "index"}


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (["search"], 2, "Missing argument"),
        (["search", "fall", "--mode", "magic"], 2, "--mode"),
        (["search", "fall", "--facet", "film"], 2, "--facet"),
        (["search", "fall", "--facet", "farge=blå"], 1, "no facet is named 'farge'"),
        (["search", "fall", "--data", "/dev/null/x"], 1, "/dev/null"),
        (["recommend", "--role", "tryllekunstner"], 1, "tryllekunstner"),
        (["recommend", "--role", "hjemmesykepleier", "--done", "finnes-ikke.jsonl"], 1, "finnes-ikke.jsonl"),
        (["evaluate", "search", "finnes-ikke"], 1, "corpus.jsonl"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_what_fails_says_so_in_a_line_and_exits_1_or_2(run, argv, code, says):
    got, out, err = run(*argv)
    assert got == code
    assert says in err
    assert "Traceback" not in err
    assert out == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("KG_EMBEDDER", "magic"), ("KG_API_KEYS", "{"), ("KG_API_KEYS", '{"a": {"sha256": "hemmelig"}}')],
)
def test_a_wrong_setting_is_named_without_its_value(run, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    code, _, err = run("search", "fall")
    assert code == 1
    assert name.lower().removeprefix("kg_") in err.lower()
    assert "hemmelig" not in err


@pytest.mark.parametrize("text", ["((", "*", "HPR: 123", '"', "AND OR"])
def test_any_text_may_be_searched_for(run, text):
    assert run("search", text, "--json")[0] == 0


def test_gibberish_finds_nothing(run):
    assert document(run("search", "xqzvw plorft", "--mode", "lexical", "--json"))["total"] == 0


def test_a_collection_is_evaluated_through_the_production_path(run, tmp_path):
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "a", "title": "Fall", "text": "Forebygging av fall hos eldre."}\n'
        '{"_id": "b", "title": "Hygiene", "text": "Vask hendene ofte."}\n',
        encoding="utf-8",
    )
    (tmp_path / "queries.jsonl").write_text(
        '{"_id": "1", "text": "fallforebygging"}\n{"_id": "2", "text": "zzzzzz"}\n', encoding="utf-8"
    )
    (tmp_path / "qrels" / "dev.tsv").write_text(
        "query-id\tcorpus-id\tscore\n1\ta\t1\n2\tb\t1\n", encoding="utf-8"
    )
    found = document(run("evaluate", "search", str(tmp_path), "--mode", "lexical", "--json"))
    assert found["metrics"] == {"nDCG@10": 0.5, "MRR@10": 0.5, "Recall@100": 0.5}
    assert found["queries"] == 2
    assert found["seconds"] > 0


def test_plans_of_ones_own_are_imported_after_a_dry_run(run, tmp_path):
    roles = tmp_path / "roles.jsonl"
    roles.write_text('{"id": "vakt", "labels": {"nb": "vakt"}}\n{"id": "tom"}\n', encoding="utf-8")
    code, out, err = run("plans", "import", str(roles), "--dry-run")
    assert (code, "roles: 1 would be added" in out) == (0, True)
    assert "roles.jsonl, row 2, labels: is missing" in err
    found = document(run("plans", "import", str(tmp_path), "--json"))
    assert found["kinds"]["roles"]["added"] == ["vakt"]
    assert found["problems"][0]["row"] == 2
    roles.write_text('{"id": "tom"}\n', encoding="utf-8")
    assert run("plans", "import", str(roles))[0] == 1


def test_a_role_without_a_plan_names_narrower_ones(run):
    code, out, _ = run("recommend", "--role", "sykepleier", "--lang", "en")
    assert code == 0
    assert "No plan in force" in out
    assert "--role hjemmesykepleier" in out
    assert "hjemmesykepleier" in [
        r["id"] for r in document(run("recommend", "--role", "sykepleier", "--json"))["narrower_roles"]
    ]


def test_the_version_is_printed(run):
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("kompetansegraf ")


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_is_one_line_and_nothing_is_announced(run, command, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        code, out, err = run(command, "--port", port, "--data", str(tmp_path / "data"))
    assert (code, out) == (1, "")
    assert err == f"Error: the address http://127.0.0.1:{port} is taken\n"
    assert not (tmp_path / "data").exists()


def test_recommend_gives_the_shortest_set_as_a_path_and_as_files(run, tmp_path):
    table, document_ = tmp_path / "liste.csv", tmp_path / "liste.json"
    ask = ["recommend", "--role", "hjemmesykepleier", "--smallest"]
    found = document(run(*ask, "--out", str(table), "--json"))
    names = [i["id"] for i in found["items"]]
    assert [s["id"] for s in found["steps"]] == names
    assert found["steps"][-1]["minutes_so_far"] == found["minutes"]
    assert set(found["why"]) == set(found["uncovered"])
    assert len(table.read_text(encoding="utf-8-sig").splitlines()) == len(names) + 1
    code, out, _ = run(*ask, "--path", "--out", str(document_))
    assert code == 0
    assert f"{found['minutes']} minutter så langt" in out
    assert [s["id"] for s in json.loads(document_.read_text())["steps"]] == names
    assert run(*ask, "--out", str(tmp_path / "liste.doc"))[0] == 2
    assert run(*ask, "--out", str(tmp_path / "finnes-ikke" / "liste.csv"))[0] == 1


def test_a_larger_budget_covers_no_less_of_the_sample_plans(run):
    short, long = (
        document(run("recommend", "--role", "hjemmesykepleier", "--minutes", n, "--json"))
        for n in ("30", "120")
    )
    assert short["minutes"] <= 30 < long["minutes"] <= 120
    assert len(long["covered"]) > len(short["covered"])


def test_two_roles_are_set_beside_each_other(run):
    found = document(run("roles", "difference", "helsefagarbeider", "hjemmesykepleier", "--json"))
    assert found["added"]
    assert found["minutes"] == sum(i["minutes"] for i in found["resources"])
    learnt = {c["requirement"] for c in [*found["added"], *found["raised"]] if c["to_learn"]}
    assert set(found["covered"]) | set(found["uncovered"]) == learnt
    ask = ["roles", "difference", "helsefagarbeider", "hjemmesykepleier", "--lang"]
    code, out, _ = run(*ask, "en")
    assert code == 0
    assert "Shortest set" in out
    _, out, _ = run(*ask, "nn", "--minutes", "20")
    assert "Det som dekkjer mest på tida" in out
    assert "Står att, ikkje tid att:" in out
    assert run("roles", "difference", "hjemmesykepleier", "finnes-ikke")[0] == 1


def test_search_tells_what_hits_cover_of_a_role_and_spreads_them(run):
    ask = ["search", "legemidler", "--role", "hjemmesykepleier", "-k", "20", "--json"]
    plain, spread = document(run(*ask)), document(run(*ask, "--diversify", "requirement"))
    assert sorted(h["id"] for h in plain["hits"]) != [] != spread["hits"]
    assert all(
        h["covers"]["n"] == len(h["covers"]["requirements"]) <= h["covers"]["of"] for h in plain["hits"]
    )
    assert any(h["covers"]["n"] for h in plain["hits"])
    assert run("search", "fall", "--diversify", "farge")[0] == 2

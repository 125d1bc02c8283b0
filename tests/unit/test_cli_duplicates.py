"""Duplicates from the terminal: an editor's list, a ruling, and judged pairs held against the program."""

import json

import pytest

from cli.main import main
from cli.pair_evaluation import classes_of
from tiny_vocabulary import write_tiny_vocabulary

TEXT = (
    "Ved sepsis reagerer kroppen så kraftig på en infeksjon at egne organer tar skade. Tell pusten i et helt minutt, "
    "mål blodtrykk og temperatur, og ring lege når skåren er fem eller mer. Skriv ned klokkeslett og hvem som ringte."
)
NYNORSK = (
    "Ved sepsis reagerer kroppen så kraftig på ein infeksjon at eigne organ tek skade. Tel pusten i eit heilt minutt, "
    "mål blodtrykk og temperatur, og ring lege når skåren er fem eller meir. Skriv ned klokkeslett og kven som ringde."
)
SNOW = "Måk trappa før første vakt, og strø med sand når det er kaldere enn null grader ute på morgenen."
ACT = (
    "I I forskrift 28. juni 2007 nr. 814 om stønad gjøres følgende endring: § {} skal lyde: Nytt ledd om {}."
)


@pytest.fixture
def run(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "none")
    monkeypatch.setenv("KG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KG_VOCABULARY", str(write_tiny_vocabulary(tmp_path / "vocabulary")))

    def call(*argv, code=0):
        assert main(list(argv)) == code
        return capfd.readouterr()

    return call


@pytest.fixture
def bank(run, tmp_path):
    records = [
        {"id": "a", "title": "Sepsis", "body": TEXT},
        {"id": "b", "title": "Sepsis", "body": TEXT.replace("fem", "sju"), "edition": "oslo"},
        {"id": "c", "title": "Snø", "body": SNOW},
        {"id": "x", "title": "Forskrift om endring i blåreseptforskriften", "body": ACT.format(4, "frist")},
        {
            "id": "y",
            "title": "Forskrift om endring i forskrift om stønad",
            "body": ACT.format(9, "klage og vedtak"),
        },
    ]
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    run("import", str(tmp_path / "r.jsonl"))


@pytest.mark.usefixtures("bank")
def test_the_list_a_ruling_and_its_undoing(run):
    (group,) = json.loads(
        run("editor", "duplicates", "--class", "near_copy", "--edition", "oslo", "--json").out
    )["groups"]
    assert [m["id"] for m in group["members"]] == ["a", "b"]
    assert group["pairs"][0]["action"] == "compare_and_merge"
    assert "near copy: compare, then merge" in run("editor", "duplicates", "--edition", "oslo").out
    run("editor", "not-duplicate", "b", "a", "--reason", "ulike skårer")
    assert json.loads(run("editor", "duplicates", "--edition", "oslo", "--json").out)["groups"] == []
    run("editor", "not-duplicate", "a", "b", "--undo")
    assert json.loads(run("editor", "duplicates", "--edition", "oslo", "--json").out)["groups"] == [group]
    assert "nobody has said" in run("editor", "not-duplicate", "a", "b", "--undo", code=1).err
    run("editor", "duplicates", "--class", "kopi", code=2)


@pytest.mark.usefixtures("bank")
def test_acts_that_change_one_act_are_listed(run):
    (pair,) = json.loads(run("editor", "duplicates", "--acts", "--json").out)["acts"]
    assert pair == {"a": "x", "b": "y", "relation": "sibling", "act": "forskrift 2007-06-28-814"}
    assert run("editor", "duplicates", "--acts").out.split()[:2] == ["x", "y"]


def collection(folder, pairs, header="id1\tid2\tlabel\ttype\n"):
    texts = {"a": TEXT, "b": TEXT, "n": NYNORSK, "s": SNOW}
    folder.mkdir(exist_ok=True)
    lines = [
        json.dumps(
            {"_id": i, "title": "", "text": t, **({"metadata": {"language": "nn"}} if i == "n" else {})}
        )
        for i, t in texts.items()
    ]
    (folder / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "pairs.tsv").write_text(header + pairs, encoding="utf-8")
    return str(folder)


def test_judged_pairs_are_scored(run, tmp_path):
    at = collection(tmp_path / "c", "a\tb\t1\tsame-text\na\tn\t1\tnb-nn\na\ts\t1\thard\nn\ts\t0\thard\n")
    told = json.loads(run("evaluate", "duplicates", at, "--json").out)
    assert told["metrics"] == {"precision": 1.0, "recall": pytest.approx(2 / 3), "F1": pytest.approx(0.8)}
    assert told["queries"] == 4
    assert told["types"]["nb-nn"]["classes"] == {"translation": 1}
    assert (told["types"]["same-text"]["right"], told["types"]["hard"]["right"]) == (1.0, None)
    assert told["wrong"] == [["a", "s", "unrelated"]]
    assert told["detection"] | {"seconds": 0} == {
        "found": 3, "same_found": 2, "same": 3, "others_found": 0, "others": 1, "implied": 1, "unjudged": [],
        "groups": 1, "seconds": 0,
    }  # fmt: skip
    assert "nb-nn: 1 pairs: 1 translation; right 1.000" in run("evaluate", "duplicates", at).out


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ("a\tb\t2\tx\n", "line 2: expected id1"),
        ("a\tzz\t1\tx\n", "line 2, field id2: corpus.jsonl has no text 'zz'"),
        ("a\ta\t1\tx\n", "two texts are needed"),
        ("", "no pair"),
    ],
)
def test_what_is_wrong_with_pairs_is_said_with_its_line(run, tmp_path, pairs, said):
    assert said in " ".join(
        run("evaluate", "duplicates", collection(tmp_path / "c", pairs), code=1).err.split()
    )


def test_types_tell_classes():
    assert classes_of("nn-nb") == {"translation"}
    assert classes_of("nn-nn") == classes_of("same-text")
    assert classes_of("local_supplement") == {"local_supplement"}
    assert classes_of("look_alike") == {"unrelated"}
    assert classes_of("") is None


@pytest.mark.usefixtures("bank")
@pytest.mark.parametrize(
    ("lang", "kind", "said"),
    [
        ("nb", "nesten lik", "er ikke dubletter"),
        ("nn", "nesten lik", "er ikkje dublettar"),
        ("en", "near", "are no duplicates"),
    ],
)
def test_the_list_and_a_ruling_are_in_the_language_asked_for(run, lang, kind, said):
    listed = run("editor", "duplicates", "--class", "near_copy", "--lang", lang)
    assert kind in listed.out.lower()
    assert said in run("editor", "not-duplicate", "a", "b", "--lang", lang).err

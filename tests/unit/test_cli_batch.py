"""Many at once get what one gets; the file of answers is whole or not there, and a run that was stopped goes on."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from cli.batch import CHUNK, cut
from cli.main import main
from engine.batch import BatchRecommender, answer_of
from engine.bootstrap import load_settings, open_engine
from engine.recommendation import RecommendationRequest
from engine.snapshot import ARRAYS_FILE, TRAITS_FILE
from graph.model import Evidence
from indexer.pipeline import index
from indexer.sample import load_sample


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("batch")
    engine = open_engine(load_settings(data=folder, embedder="hashing"))
    load_sample(engine)
    index(engine)
    engine.close()
    return folder


@pytest.fixture
def engine(data):
    engine = open_engine(load_settings(data=data, embedder="hashing"))
    yield engine
    engine.close()


@pytest.fixture
def run(data, capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "hashing")
    monkeypatch.setenv("KG_DATA", str(data))

    def call(*argv):
        code = main(list(map(str, argv)))
        return code, *capfd.readouterr()

    return call


def write(path, records):
    path.write_text(
        "".join(json.dumps(r) + "\n" if isinstance(r, dict) else r for r in records), encoding="utf-8"
    )
    return path


def members(engine):
    """Somebody in every role, with nothing, half and nearly all done, some of it long ago."""
    found = []
    for number, role in enumerate(sorted(engine.roles())):
        asked = [o.requirement for o in engine.obligations(role)]
        for part, take in (("a", 0), ("b", len(asked) // 2), ("c", max(0, len(asked) - 1))):
            done = [
                {"requirement": q, "achieved": f"{2020 + place % 7}-03-01"}
                for place, q in enumerate(asked[:take])
            ]
            found.append({"pseudonym": f"p{number}-{part}", "role": role, "done": done})
    return found


def request(member):
    done = tuple(
        Evidence(d["requirement"], achieved=date.fromisoformat(d["achieved"])) for d in member["done"]
    )
    return RecommendationRequest(member["role"], done=done, k=10)


def test_many_at_once_get_what_one_gets(engine, run, tmp_path):
    asked = members(engine)
    for workers in (1, 2):
        out = tmp_path / f"answers-{workers}.jsonl"
        code, _, err = run(
            "recommend", "--batch", write(tmp_path / "in.jsonl", asked), "--out", out, "--workers", workers
        )
        assert code == 0
        assert f"{len(asked)} answers; 0 lines" in err
    lines = [json.loads(line) for line in out.read_bytes().splitlines()]
    assert [line["pseudonym"] for line in lines] == [member["pseudonym"] for member in asked]
    assert any(line["next"] for line in lines)
    for line, member in zip(lines, asked, strict=True):
        single = engine.recommend(request(member))
        assert [n["resource"] for n in line["next"]] == [i.resource.id for i in single.items]
        assert [n["reason"] for n in line["next"]] == [
            ">".join(i.reasons[0].path.nodes) for i in single.items
        ]
        assert sum(line["status"].values()) == len(single.obligations)
        assert line["gaps"] == sum(o.gap for o in single.obligations)
    assert (tmp_path / "answers-1.jsonl").read_bytes() == out.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["answers-1.jsonl", "answers-2.jsonl", "in.jsonl"]


def test_a_world_of_one_role_answers_like_the_whole(engine):
    many = engine.recommend_many()
    assert isinstance(many, BatchRecommender)
    for plan in sorted(engine.plans())[::7]:
        role = engine.plans()[plan].roles[0]
        for edition in (None, "ahus"):
            for day in (date(2020, 1, 1), date(2026, 11, 21)):
                asked = RecommendationRequest(role, plan=plan, edition=edition, on=day, k=10)
                assert many.answer(asked) == answer_of(
                    engine._recommender().recommend(asked)
                )  # that knows all


def test_a_run_that_was_stopped_goes_on_where_it_was(run, engine, tmp_path):
    source, out = write(tmp_path / "in.jsonl", members(engine)), tmp_path / "out.jsonl"
    assert run("recommend", "--batch", source, "--out", out, "--workers", 1)[0] == 0
    whole = out.read_bytes()
    assert run("recommend", "--batch", source, "--out", out, "--workers", 1)[0] == 0
    assert out.read_bytes() == whole
    # as a kill leaves it: some answers, the last of them cut short
    out.unlink()
    stopped = None

    class Stopped(Exception):
        pass

    import cli.batch

    original = cli.batch._pieces

    def pieces(job, workers):
        nonlocal stopped
        for written in original(job, workers):
            yield written[0][: len(written[0]) // 2], written[1], written[2]
            raise Stopped

    cli.batch._pieces = pieces
    try:
        with pytest.raises(Stopped):
            run("recommend", "--batch", source, "--out", out, "--workers", 1)
    finally:
        cli.batch._pieces = original
    assert not out.exists()
    part = next(p for p in tmp_path.iterdir() if p.name.endswith(".part"))
    ready = part.read_bytes().count(b"\n")
    assert ready > 3
    marked = part.read_bytes().replace(b'"p0-a"', b'"kept"')
    part.write_bytes(marked)
    code, _, err = run("recommend", "--batch", source, "--out", out, "--workers", 1)
    assert code == 0
    assert f"{ready} of them from before" in err
    assert out.read_bytes() == whole.replace(b'"p0-a"', b'"kept"')  # those from before were not made again
    assert not part.exists()


def test_a_line_that_will_not_do_says_why_and_the_rest_goes_on(run, tmp_path):
    source = write(
        tmp_path / "in.jsonl",
        [
            {"pseudonym": "a", "role": "hjemmesykepleier"},
            "{oops\n",
            "\n",
            {"pseudonym": "a", "role": "romfarer"},
            {"pseudonym": "01017012345", "role": "hjemmesykepleier"},
            {"pseudonym": "a", "role": "hjemmesykepleier", "done": [{"requirement": "krav-gone"}]},
            {"pseudonym": "a", "role": "hjemmesykepleier", "plan": "gone"},
            {"pseudonym": "b", "role": "hjemmesykepleier"},
        ],
    )
    code, out, err = run("recommend", "--batch", source)
    assert code == 0
    assert "7 answers; 5 lines could not be answered" in err
    answers = [json.loads(line) for line in out.splitlines()]
    assert [a.get("line") for a in answers] == [None, 2, 4, 5, 6, 7, None]
    assert "romfarer" in answers[2]["problem"]
    assert "01017012345" not in out
    assert "krav-gone" in answers[4]["problem"]


def test_a_batch_of_nothing_but_faults_fails_and_so_does_a_file_that_is_not_there(run, tmp_path):
    assert run("recommend", "--batch", write(tmp_path / "in.jsonl", ["[]\n"]))[0] == 1
    assert run("recommend", "--batch", tmp_path / "gone")[0] == 1
    assert run("recommend")[0] == 2
    assert run("recommend", "--batch", "x", "--role", "y")[0] == 2


def test_an_empty_file_gives_an_empty_file(run, tmp_path):
    out = tmp_path / "out.jsonl"
    assert run("recommend", "--batch", write(tmp_path / "in.jsonl", []), "--out", out)[0] == 0
    assert out.read_bytes() == b""


def test_a_file_is_cut_where_lines_end(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"\n".join(b"x" * (n % 7) for n in range(3 * CHUNK)))
    lines = path.read_bytes().split(b"\n")
    for ready in (0, 5):
        pieces = cut(path, ready, 10)
        taken = [
            line for first, begin, end in pieces for line in path.read_bytes()[begin:end].split(b"\n") if line
        ]
        assert taken == [line for line in lines if line][ready:]
        assert all(lines[first - 1] for first, _, _ in pieces)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:200])])
def test_a_build_without_arrays_or_with_broken_ones_answers_too(data, engine, tmp_path, spoil):
    shutil.copytree(data, tmp_path / "data")
    kept = [*tmp_path.glob(f"data/builds/*/{ARRAYS_FILE}"), *tmp_path.glob(f"data/builds/*/{TRAITS_FILE}")]
    assert kept
    for path in kept:
        spoil(path)
    older = open_engine(load_settings(data=tmp_path / "data", embedder="hashing"))
    try:
        for role in sorted(engine.roles())[::5]:
            asked = RecommendationRequest(role, k=10)
            answers = [[i.resource.id for i in e.recommend(asked).items] for e in (older, engine)]
            assert answers[0] == answers[1]
    finally:
        older.close()

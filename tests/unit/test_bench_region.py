"""A region that was made once is taken as it is: making a whole one takes minutes."""

import json
import pickle

from bench.region import PLAN_DATA, prepare


def test_a_region_in_the_folder_is_taken_as_it_is(tmp_path):
    made = prepare(tmp_path, 0.003, 7)
    written = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert prepare(tmp_path, None, None) == made == prepare(tmp_path, 0.003, 7)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == written
    assert prepare(tmp_path, 0.003, 8)["version"] != made["version"]
    assert json.loads((tmp_path / "made.json").read_text())["key"][1] == 8


def test_what_an_older_program_kept_is_drawn_again(tmp_path):
    prepare(tmp_path, 0.003, 7)
    kept = (tmp_path / PLAN_DATA).read_bytes()
    (tmp_path / PLAN_DATA).write_bytes(pickle.dumps(("of", "old")))
    prepare(tmp_path, None, None)
    assert pickle.loads((tmp_path / PLAN_DATA).read_bytes()) == pickle.loads(kept)

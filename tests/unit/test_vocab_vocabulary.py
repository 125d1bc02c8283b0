import gc
import json
import os
import subprocess
import sys
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from vocab.bulk import making_many
from vocab.columns import KEPT, keep
from vocab.compiled import dumped
from vocab.concept import DEFAULT_BASE_URI, Concept, ConceptId, ConceptMapping, ConceptScheme, SkosContent
from vocab.triples import VocabularyError
from vocab.vocabulary import COMPILED_FILE, Vocabulary, bundled_files, compile_vocabulary, open_vocabulary


def concept(name, **fields):
    return Concept(ConceptId(f"t/{name}"), {"nb": name}, **fields)


def vocabulary(*concepts, **more):
    return Vocabulary([ConceptScheme("t", {"nb": "T"}, top_concepts=(ConceptId("t/a"),))], concepts, **more)


TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix t: <https://w3id.org/kompetansegraf/t/> .
<https://w3id.org/kompetansegraf/t> a skos:ConceptScheme ; skos:hasTopConcept t:a .
t:a a skos:Concept ; skos:inScheme <https://w3id.org/kompetansegraf/t> ; skos:prefLabel "fall"@nb .
"""


def test_the_bundled_vocabulary_has_all_concepts_in_three_languages():
    bundled = open_vocabulary()
    assert (len(bundled), len(bundled.schemes)) == (926, 13)
    assert all({"nb", "nn", "en"} <= c.pref_label.keys() for c in bundled)
    assert [s.id for s in bundled.schemes if not s.lexical] == [
        "fkm", "krav", "kravstatus", "kravtype", "niva", "ressurstype", "spesialitet",
    ]  # fmt: skip


def test_the_compiled_form_is_that_of_the_files():
    assert COMPILED_FILE.read_bytes() == compile_vocabulary(bundled_files()), (
        "run scripts/build_vocabulary.py"
    )


def test_the_bundled_vocabulary_opens_without_rdflib():
    code = "import sys; from vocab import open_vocabulary; open_vocabulary(); print('rdflib' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_ancestors_and_descendants_come_nearest_first():
    v = vocabulary(
        concept("a"),
        concept("b", broader=(ConceptId("t/a"),)),
        concept("c", broader=(ConceptId("t/b"),)),
        concept("d", broader=(ConceptId("t/a"), ConceptId("t/c"))),
    )
    assert v.ancestors("t/c") == ("t/b", "t/a")
    assert v.ancestors("t/d") == ("t/a", "t/c", "t/b")
    assert v.descendants("t/a") == ("t/b", "t/d", "t/c")
    assert v.ancestors("t/nothing") == ()


def test_a_circle_of_broader_concepts_ends():
    v = vocabulary(concept("a", broader=(ConceptId("t/b"),)), concept("b", broader=(ConceptId("t/a"),)))
    assert v.ancestors("t/a") == ("t/b",)
    assert v.descendants("t/a") == ("t/b",)


def test_relations_stated_from_one_side_hold_from_both():
    v = vocabulary(
        concept("a", narrower=(ConceptId("t/b"),), related=(ConceptId("t/c"),)), concept("b"), concept("c")
    )
    assert [c.id for c in v.broader("t/b")] == ["t/a"]
    assert [c.id for c in v.related("t/c")] == ["t/a"]
    assert [c.id for c in v.narrower("t/a")] == ["t/b"]
    assert [c.id for c in v.top_concepts("t")] == ["t/a"]
    assert v.top_concepts("nothing") == ()


def test_a_relation_to_a_concept_that_is_not_there_gives_nothing():
    assert vocabulary(concept("a", related=(ConceptId("t/gone"),))).related("t/a") == ()


def test_exact_mappings_come_first():
    mesh = [ConceptMapping("close", "mesh", "D1")]
    v = vocabulary(
        concept("a", mappings=tuple(mesh)), concept("b", mappings=(ConceptMapping("exact", "mesh", "D1"),))
    )
    assert v.mapped("mesh", "D1") == ("t/b", "t/a")
    assert v.mapped("mesh", "D2") == ()
    assert open_vocabulary().mapped("hpr", "SP") == ("rolle/sykepleier",)


def test_labels_are_found_without_regard_to_case_accents_and_spaces():
    bundled = open_vocabulary()
    assert bundled.by_label("  HELSESØSTER ") == [
        ("rolle/helsesykepleier", "nb", "alt"),
        ("rolle/helsesykepleier", "nn", "alt"),
    ]
    assert {c for c, _, _ in bundled.by_label("kad")} == {"arena/kad", "prosedyre/kateterisering"}
    assert bundled.by_label("adhd")[0] == ("tilstand/adhd", "nb", "pref")
    assert bundled.by_label("nothing of the kind") == []


def test_uris_and_ids_belong_together():
    v = vocabulary(concept("a"), foreign={"t/a": "https://elsewhere.test/x"})
    assert v.uri("t/a") == "https://elsewhere.test/x"
    assert v.id_of_uri("https://elsewhere.test/x") == "t/a"
    bundled = open_vocabulary(base_uri="https://example.test/v/")
    for c in bundled.concepts[::50]:
        assert bundled.uri(c.id) == f"https://example.test/v/{c.id}"
        assert bundled.id_of_uri(bundled.uri(c.id)) == c.id
        assert bundled.id_of_uri(DEFAULT_BASE_URI + c.id) == c.id
    assert bundled.id_of_uri("https://example.test/v/tema/nothing") is None


def test_a_change_of_base_changes_no_version():
    assert open_vocabulary(base_uri="https://example.test/v/").version == open_vocabulary().version


def test_a_change_of_a_label_changes_the_version():
    assert vocabulary(concept("a")).version != vocabulary(concept("a", note="x")).version
    assert vocabulary(concept("a")).version == vocabulary(concept("a")).version


def test_a_deprecated_concept_leads_to_its_replacement():
    v = vocabulary(
        concept("old", deprecated=True, replaced_by=ConceptId("t/newer")),
        concept("newer", deprecated=True, replaced_by=ConceptId("t/a")),
        concept("a"),
        concept("gone", deprecated=True),
        concept("ring", deprecated=True, replaced_by=ConceptId("t/ring")),
    )
    assert v.resolve("t/old") == "t/a"
    assert v.resolve("t/a") == "t/a"
    assert [v.resolve(f"t/{name}") for name in ("gone", "ring", "nothing")] == [None, None, None]


def test_two_concepts_of_one_id_are_refused():
    with pytest.raises(ValueError, match="two of t/a"):
        vocabulary(concept("a"), concept("a"))


def test_files_are_read_once_and_kept(tmp_path):
    file = tmp_path / "t.ttl"
    file.write_text(TURTLE, encoding="utf-8")
    cache = tmp_path / "cache"
    first = open_vocabulary([file], cache_dir=cache)
    (kept,) = cache.iterdir()
    content = kept.read_bytes()
    again = open_vocabulary([tmp_path], cache_dir=cache)
    assert again.concepts == first.concepts
    assert again.version == first.version
    file.write_text(TURTLE.replace("fall", "falle"), encoding="utf-8")
    assert open_vocabulary([file], cache_dir=cache)["t/a"].label() == "falle"
    assert kept.read_bytes() == content
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"{", b"\n\n", None])
def test_a_damaged_cache_is_done_without_and_made_again(tmp_path, damage):
    file = tmp_path / "t.ttl"
    file.write_text(TURTLE, encoding="utf-8")
    cache = tmp_path / "cache"
    open_vocabulary([file], cache_dir=cache)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert open_vocabulary([file], cache_dir=cache)["t/a"].label() == "fall"
    assert kept.read_bytes() == whole
    assert len(list(cache.iterdir())) == 1


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    file = tmp_path / "t.ttl"
    file.write_text(TURTLE, encoding="utf-8")
    assert len(open_vocabulary([file], cache_dir=file / "below-a-file")) == 1


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path):
    with pytest.raises(VocabularyError, match=r"nothing\.ttl"):
        open_vocabulary([tmp_path / "nothing.ttl"], cache_dir=tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(VocabularyError, match="no SKOS file"):
        open_vocabulary([tmp_path / "empty"], cache_dir=tmp_path)


def test_the_sources_file_has_the_hash_of_every_file():
    from hashlib import sha256

    sources = (COMPILED_FILE.parent / "SOURCES.md").read_text(encoding="utf-8")
    for path in bundled_files():
        assert sha256(path.read_bytes()).hexdigest() in sources, (
            f"{path.name}: run scripts/build_vocabulary.py"
        )
    assert sha256((COMPILED_FILE.parent / "lexicon.bin").read_bytes()).hexdigest() in sources


def test_the_compiled_form_is_json_with_its_hash_before_it():
    head, _, content = COMPILED_FILE.read_bytes().partition(b"\n")
    assert head.split()[1].decode() == open_vocabulary().version
    assert len(json.loads(content)["concepts"]) == 926
    assert Path(COMPILED_FILE).suffix == ".json"


def test_every_field_of_a_concept_is_compiled():
    full = Concept(
        ConceptId("t/a"), {"nb": "a"}, {"nb": ("b",)}, {"nn": ("c",)}, {"en": "d"}, (ConceptId("t/b"),),
        (ConceptId("t/c"),), (ConceptId("t/d"),), (ConceptMapping("exact", "mesh", "D1"),), "", "", True,
        ConceptId("t/e"),
    )  # fmt: skip
    told = json.loads(dumped(SkosContent((), (full, Concept(ConceptId("t/z"), {})), {})))["concepts"]
    plain = {k: v for k, v in asdict(full).items() if v not in ((), {}, None, False)}
    assert told == [json.loads(json.dumps(plain)), {"id": "t/z"}]
    assert set(told[0]) == {field.name for field in fields(Concept)}


def test_garbage_is_looked_for_again_after_many_objects_were_made():
    assert gc.isenabled()
    with pytest.raises(VocabularyError):
        open_vocabulary([Path("nothing.ttl")])
    assert gc.isenabled()
    with making_many():
        assert not gc.isenabled()
        with making_many():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_cache_keeps_the_newest_files_of_each_name_only(tmp_path):
    for number in range(KEPT + 3):
        for name in ("labels", "vocabulary"):
            keep(tmp_path / f"{name}-{number}.bin", b"x")
            os.utime(tmp_path / f"{name}-{number}.bin", ns=(number, number))
    (tmp_path / "labels-x.json").touch()
    keep(tmp_path / "labels-new.bin", b"x")
    left = {path.name for path in tmp_path.glob("labels-*.bin")}
    assert left == {"labels-new.bin", *(f"labels-{n}.bin" for n in range(4, KEPT + 3))}
    assert len(list(tmp_path.glob("vocabulary-*.bin"))) == KEPT
    assert (tmp_path / "labels-x.json").exists()

"""The golden set in BEIR layout is the golden set."""

from cli.collection import read_beir
from golden.collection import judgements
from golden_export import export


def test_the_exported_golden_set_is_read_as_it_is(tmp_path):
    export(tmp_path)
    for half in ("dev", "test"):
        found, ours = read_beir(tmp_path, half).judgements, judgements(half)
        assert found.queries == ours.queries
        assert found.unanswerable == ours.unanswerable
        assert found.types == ours.types
        assert {q: found.qrels[q] for q in found.queries} == {q: ours.qrels[q] for q in ours.queries}
    collection = read_beir(tmp_path, "dev")
    assert len(collection.documents) > 300
    assert collection.unknown_documents() == 0

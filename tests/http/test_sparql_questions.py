"""The questions in the document are answered, and the answers are what the graph says."""

import re
from collections import Counter
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[2] / "docs" / "sparql.md").read_text("utf-8")
QUESTIONS = dict(re.findall(r"\n([^\n`]+[:?])\n\n```sparql\n(.*?)```", TEXT, re.DOTALL))


def rows(site, title):
    answer = site.get(
        "/sparql", params={"query": QUESTIONS[title]}, headers={"Accept": "application/sparql-results+json"}
    )
    assert answer.status_code == 200, answer.text
    return [
        {k: v["value"].rpartition("/")[2] for k, v in row.items()}
        for row in answer.json()["results"]["bindings"]
    ]


def local(node):
    return node.partition(":")[2]


def test_there_are_twenty():
    assert len(QUESTIONS) == 20


@pytest.mark.parametrize("title", QUESTIONS)
def test_every_question_has_an_answer(site, title):
    answer = site.get(
        "/sparql", params={"query": QUESTIONS[title]}, headers={"Accept": "text/csv, text/turtle;q=0.5"}
    )
    assert answer.status_code == 200, answer.text
    none_here = title.startswith(("Mandatory requirements without", "Requirements that only proposals"))
    assert (len(answer.text.splitlines()) == 1) == none_here


def test_what_is_uncovered_agrees_with_the_graph(site, bank):
    graph = bank.graph()
    asked = [q.id for q in graph.nodes("requirement")]
    served = {q: [e.source for e in graph.edges_to(q, {"teaches"})] for q in asked}
    bare = {local(q) for q in asked if not served[q]}
    assert {r["requirement"] for r in rows(site, "Requirements that no resource is linked to:")} == bare
    counted = {
        r["requirement"]: int(r["resources"])
        for r in rows(site, "How many resources serve each requirement:")
    }
    assert counted == {local(q): len(found) for q, found in served.items()}
    single = rows(site, "Requirements with a single resource: what is lost if it is withdrawn?")
    assert {r["requirement"] for r in single} == {local(q) for q, found in served.items() if len(found) == 1}


def test_what_is_asked_of_a_role_agrees_with_the_graph(site, bank):
    found = rows(site, "What is asked of a nurse, and how strongly:")
    assert {r["requirement"]: r["necessity"] for r in found} == {
        local(q): n for q, n in bank.graph().requirements_of("sykepleier").items()
    }


def test_what_the_program_made_agrees_with_the_graph(site, bank):
    made = Counter(e.kind for e in bank.graph().edges() if e.origin == "automatic")
    found = rows(site, "What a program made, and how often, of each kind:")
    assert {r["kind"]: int(r["edges"]) for r in found} == dict(made)

"""The sheets that judges grade from hold what is open and nothing that would tell them where a resource was found."""

import re

import pytest

import recommend_pools as pools
from golden.recommending import gaps, running_out, sample, situations, visible


@pytest.fixture(scope="module")
def finder():
    return pools.Finder()


@pytest.fixture(scope="module")
def judged(finder):
    """Three sheets: of an edition and something that runs out soon, of two gaps, of one."""
    chosen = [s for s in situations() if s.id in {"r24", "r34", "r45"}]
    return {s: pools.pool(s, finder) for s in chosen}


def test_a_pool_holds_only_what_the_asker_may_see_each_once(judged):
    for situation, chosen in judged.items():
        assert len(set(chosen)) == len(chosen) <= pools.CAP
        assert all(visible(situation, sample().resources[id_]) for id_ in chosen)
    local = {sample().resources[id_].edition for s, chosen in judged.items() if s.edition for id_ in chosen}
    assert local == {"felles", "vestfold"}


def test_a_pool_holds_what_an_editor_has_tied_to_a_gap_and_more(judged):
    for situation, chosen in judged.items():
        wanted = {o.requirement for o in (*gaps(situation), *running_out(situation))}
        tied = {
            r.id for r in sample().resources.values() if visible(situation, r) and wanted & set(r.teaches)
        }
        assert tied < set(chosen)
        assert len(set(chosen) - tied) >= pools.BY_ROLE


def test_the_same_situation_has_the_same_pool_and_the_order_says_nothing(finder, judged):
    situation, chosen = next(iter(judged.items()))
    assert pools.pool(situation, finder) == chosen
    first = sample().roles[situation.role].labels["nb"]
    by_role = [id_ for id_ in finder.by_words(first) if id_ in chosen][: pools.BY_ROLE]
    assert set(chosen[: len(by_role)]) != set(by_role)
    assert chosen != sorted(chosen)


def test_a_sheet_names_what_is_open_and_each_candidate_and_no_ties(judged):
    for situation, chosen in judged.items():
        text = pools.sheet(situation, chosen)
        head, cards = text.split("## Candidates")
        opened = head.split("## Open")[1].split("## ")[0]
        assert re.findall(r"\((krav-[\w-]+);", opened) == [o.requirement for o in gaps(situation)]
        soon = {o.requirement for o in running_out(situation)}
        assert ("Runs out" in head) == bool(soon)
        assert all(name in head.split("## Runs out")[1] for name in soon)
        assert re.findall(r"^### \d+\. (\S+)", cards, re.MULTILINE) == chosen
        assert "krav-" not in cards
        assert "None" not in text


def test_lists_are_taken_in_turn():
    assert pools.round_robin([["a", "b", "c"], ["b"], []]) == ["a", "b", "c"]
    assert pools.round_robin([["a", "b"], ["x", "a"]]) == ["a", "x", "b"]
    assert pools.round_robin([]) == []


def test_the_code_of_an_objective_is_no_word_to_search_for():
    assert pools.without_code("FKM-004 kommunikasjon") == "kommunikasjon"
    assert pools.without_code("BHLR voksen") == "BHLR voksen"

"""Groups of one work in a bank: kept up to date, kept between runs, and what editors have ruled holds."""

import itertools
import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from engine.adapters.directory_print_store import DirectoryPrintStore
from engine.amendments import AmendmentPair, amendment_pairs
from engine.bootstrap import load_settings, open_engine
from engine.clusters import groups_of
from engine.errors import InvalidRequest, NotFound
from engine.model import Resource

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SEPSIS = (
    "Ved sepsis reagerer kroppen så kraftig på en infeksjon at egne organer tar skade. Forløpet kan gå over timer. Tell "
    "pusten i et helt minutt, mål blodtrykk og temperatur, og ring lege når skåren er fem eller mer. Skriv ned klokkeslett."
)
HANDS = (
    "Legg hånden på bordet. Har du ring, klokke, lange negler eller neglelakk, er halve jobben tapt før du har begynt. "
    "Kurset forklarer hvorfor bakterier trives under en glatt gifteringskant, og når hendene skal spritvaskes."
)
SNOW = "Måk trappa før første vakt, og strø med sand når det er kaldere enn null grader ute. " * 2
BANK = (
    Resource("a1", "Sepsis", body=SEPSIS, updated=date(2026, 1, 1)),
    Resource("a2", "Sepsis hos oss", body=SEPSIS.replace("fem", "sju"), edition="oslo", updated=date(2024, 1, 1)),
    Resource("b1", "Rene hender", body=HANDS),
    Resource("b2", "Rene hender", body=HANDS, edition="ahus"),
    Resource("c1", "Snømåking", body="Måk trappa før første vakt, og strø med sand når det er kaldere enn null grader ute."),
)  # fmt: skip


class Clock:
    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def reopen(tmp_path, clock):
    opened = []

    def call():
        if opened:
            opened.pop().close()
        opened.append(open_engine(load_settings(data=tmp_path / "data", embedder="none"), now=clock))
        return opened[-1]

    yield call
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(reopen):
    made = reopen()
    made.write_resources(BANK, by="test")
    return made


def shown(engine):
    return {g.ids: (g.kind, g.kept) for g in engine.duplicates.groups()}


WHOLE = {("a1", "a2"): ("outdated_local_copy", "a1"), ("b1", "b2"): ("identical_copy", "b1")}


def test_groups_say_what_they_are_and_which_one_to_keep(engine):
    assert shown(engine) == WHOLE
    first = engine.duplicates.groups()[0]
    assert first.kind == "identical_copy"
    (pair,) = engine.duplicates.described(first)
    assert pair.action == "merge"
    assert pair.evidence.identical


def test_what_is_written_is_taken_in_and_what_is_archived_leaves(engine):
    shown(engine)
    engine.write_resources([Resource("a3", "Blodforgiftning", body=SEPSIS + " Meld fra.")], by="test")
    assert ("a1", "a2", "a3") in shown(engine)
    engine.withdraw("a3", by="test")
    assert shown(engine) == WHOLE
    engine.write_resources([replace(BANK[3], body="Et helt annet innhold om noe helt annet.")], by="test")
    assert set(shown(engine)) == {("a1", "a2")}


def test_a_draft_is_compared_before_it_is_written(engine):
    found = engine.duplicates.like(Resource("", "Utkast", body=SEPSIS.replace("fem", "åtte")))
    assert [(c.b.id, c.judgement.kind) for c in found] == [("a1", "near_copy"), ("a2", "near_copy")]


def test_what_was_found_is_kept_between_runs_and_made_again_when_it_is_broken(engine, reopen, tmp_path):
    shown(engine)
    engine.close()
    (kept,) = (tmp_path / "data" / "duplicates").iterdir()
    again = reopen()
    again.duplicates._judge = None  # nothing is judged anew
    assert shown(again) == WHOLE
    again.close()
    kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    assert shown(reopen()) == WHOLE


def test_incremental_is_the_same_as_anew(engine, reopen, tmp_path):
    shown(engine)
    engine.write_resources(
        [Resource("a3", "Blodforgiftning", body=SEPSIS + " Meld fra."), replace(BANK[3], body=SEPSIS)], by="t"
    )
    bit_by_bit = dict(engine.duplicates.pairs() if shown(engine) else {})
    engine.close()
    for file in (tmp_path / "data" / "duplicates").iterdir():
        file.unlink()
    anew = reopen()
    anew.duplicates.refresh()
    assert anew.duplicates.pairs() == bit_by_bit


def test_no_duplicate_holds_until_a_text_has_changed_much(engine, clock):
    a, b = BANK[0], BANK[1]
    ruled = engine.duplicates.rulings.rule(a, b, by="redaksjon", at=clock(), reason="ulike skårer")
    assert engine.duplicates.rulings.rule(b, a, by="redaksjon", at=clock(), reason="ulike skårer") == ruled
    assert set(shown(engine)) == {("b1", "b2")}
    assert engine.duplicates.compare("a2", "a1").ruled.holds
    clock.now += timedelta(days=1)
    engine.write_resources([replace(b, body=b.body.replace("helt minutt", "minutt"))], by="import")
    assert set(shown(engine)) == {("b1", "b2")}  # a word is not much
    clock.now += timedelta(days=1)
    engine.write_resources(
        [replace(a, body=f"{SEPSIS} {SNOW}"), replace(b, body=f"{SEPSIS} {SNOW} Ja.")], by="import"
    )
    assert ("a1", "a2") in shown(engine)
    assert not engine.duplicates.compare("a1", "a2").ruled.holds


def test_a_ruling_outlives_a_new_run_and_can_be_taken_back(engine, reopen, clock):
    engine.duplicates.rulings.rule(BANK[2], BANK[3], by="redaksjon", at=clock())
    again = reopen()
    again.write_resources(BANK, by="import")
    assert set(shown(again)) == {("a1", "a2")}
    assert again.duplicates.rulings.withdraw("b2", "b1", by="redaksjon", at=clock())
    assert shown(again) == WHOLE
    assert not again.duplicates.rulings.withdraw("b2", "b1", by="redaksjon", at=clock())
    assert [line.action for line in again.catalogue.audit_trail("b1")][:2] == [
        "withdrawn duplicate",
        "rejected duplicate",
    ]


def test_what_is_not_there_cannot_be_compared(engine):
    for a, b in (("a1", "zz"), ("zz", "a1"), ("", "a1"), ("a\0", "a1")):
        with pytest.raises(NotFound):
            engine.duplicates.compare(a, b)
    with pytest.raises(InvalidRequest):
        engine.duplicates.compare("a1", "a1")


def test_a_chain_is_no_group():
    near = {("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")}
    groups, links = groups_of([(pair, 0.9) for pair in sorted(near)], lambda a, b: (a, b) in near)
    assert groups == [("a", "b"), ("c", "d")]
    assert links == [("b", "c"), ("d", "e")]


def test_a_whole_group_stays_together():
    ids = "abcdef"
    pairs = [((a, b), 0.8) for n, a in enumerate(ids) for b in ids[n + 1 :]]
    assert groups_of(pairs, lambda *_: True) == ([tuple(ids)], [])


def test_acts_are_paired_by_what_they_change():
    body = "I I forskrift 28. juni 2007 nr. 814 om stønad gjøres følgende endring: {}"
    acts = [
        Resource("x1", "Forskrift om endring i blåreseptforskriften", body=body.format("§ 1")),
        Resource("x2", "Forskrift om endring i forskrift om stønad", body=body.format("§ 2"), url="https://lovdata.no/forskrift/2025-01-10-30"),
        Resource("x3", "Ikraftsetting av forskrift 10. januar 2025 nr. 30 om endring", body="Trer i kraft straks."),
        Resource("x4", "Fall og lovverket", body="I forskrift 28. juni 2007 nr. 814 står det mye."),
    ]  # fmt: skip
    assert amendment_pairs(acts) == [
        AmendmentPair("x1", "x2", "sibling", "forskrift 2007-06-28-814"),
        AmendmentPair("x3", "x2", "amends", "forskrift 2025-01-10-30"),
    ]


def killing(moment, folder):
    left = itertools.count(1)

    def audit(event, args):
        touched = event in {"open", "os.rename", "os.remove"} and folder in str(args[0])
        if touched and next(left) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    return audit


def test_killed_at_any_moment_of_saving_what_was_kept_or_what_is_new_is_left_whole(tmp_path):
    store, new = DirectoryPrintStore(tmp_path), {"x": np.arange(50_000)}
    store.save({"x": np.zeros(9)}, {"seq": 1})
    seen = []
    for moment in range(1, 12):
        pid = os.fork()
        if pid == 0:
            sys.addaudithook(killing(moment, str(tmp_path)))
            store.save(new, {"seq": 2})
            os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
        arrays, facts = store.load()
        assert (facts["seq"], len(arrays["x"])) in {(1, 9), (2, 50_000)}
        seen.append(facts["seq"])
        if not killed:
            break
    assert not killed
    assert 1 in seen[:-1]
    assert seen[-1] == 2
    assert [p.name for p in tmp_path.iterdir()] == ["prints.arrays"]

"""What every `engine.ports.Catalogue` promises.

A new adapter subclasses `CatalogueContract` and overrides `open_one`: a function that opens the same,
at first empty, catalogue each time it is called.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from contract.catalogue_authorities import AuthorityStoreContract
from contract.catalogue_decisions import DecisionLogContract
from contract.catalogue_history import HistoryContract
from contract.catalogue_merges import MergeContract
from contract.catalogue_plans import PlanStoreContract
from contract.catalogue_resources import ResourceStoreContract
from contract.catalogue_values import BY, SECOND, T, resource
from engine.errors import BackendUnavailable
from engine.ports import Catalogue


class CatalogueContract(
    ResourceStoreContract,
    PlanStoreContract,
    DecisionLogContract,
    MergeContract,
    HistoryContract,
    AuthorityStoreContract,
):
    @pytest.fixture
    def open_one(self) -> Callable[[], Catalogue]:
        raise NotImplementedError("override me")

    @pytest.fixture
    def catalogue(self, open_one) -> Iterator[Catalogue]:
        opened = open_one()
        yield opened
        opened.close()

    def test_it_may_be_read_from_several_threads_while_one_writes(self, catalogue):
        catalogue.upsert([resource(n) for n in range(50)], by=BY, at=T)
        stop = threading.Event()

        def read() -> int:
            rounds = 0
            while not stop.is_set() or not rounds:
                assert (
                    len({found.title for found in catalogue.get_many(["kb-0001", "kb-0002"]).values()}) == 1
                )
                rounds += 1
            return rounds

        with ThreadPoolExecutor(4) as pool:
            readers = [pool.submit(read) for _ in range(4)]
            try:
                for n in range(20):
                    catalogue.upsert([resource(1, f"T{n}"), resource(2, f"T{n}")], by=BY, at=T + n * SECOND)
            finally:
                stop.set()
            assert all(reader.result() for reader in readers)

    def test_two_that_are_open_see_each_others_writes(self, catalogue, open_one):
        other = open_one()
        catalogue.upsert([resource(1)], by=BY, at=T)
        assert other.get("kb-0001") == resource(1)
        other.upsert([resource(1, "Nytt")], by=BY, at=T + SECOND)
        assert catalogue.get("kb-0001") == resource(1, "Nytt")
        assert catalogue.last_seq() == other.last_seq() == 2
        other.close()

    def test_closing_twice_does_nothing(self, catalogue):
        catalogue.close()
        catalogue.close()

    def test_a_closed_one_says_so(self, catalogue):
        catalogue.close()
        with pytest.raises(BackendUnavailable, match="closed"):
            catalogue.count()
        with pytest.raises(BackendUnavailable, match="closed"):
            catalogue.upsert([resource(1)], by=BY, at=T)

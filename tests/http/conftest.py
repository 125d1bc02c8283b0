import shutil
import uuid

import httpx
import pytest

from indexer.pipeline import index
from rows_bank import fill_rows, vocabulary_with_two_above
from search_cluster import sweep
from small_bank import fill, open_bank, serving


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """A data folder with the small bank; opened only as copies."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    fill(folder)
    return folder


@pytest.fixture(scope="session")
def bank(filled, tmp_path_factory):
    """The engine behind `site`; tests that write use `own_site`."""
    engine = open_bank(shutil.copytree(filled, tmp_path_factory.mktemp("bank") / "data"))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def site(bank):
    """A client of the real server over the small bank."""
    with serving(bank) as address, httpx.Client(base_url=address, timeout=30, verify=False) as client:
        yield client


@pytest.fixture
def own_folder(filled, tmp_path):
    return shutil.copytree(filled, tmp_path / "data")


@pytest.fixture
def own_bank(own_folder):
    engine = open_bank(own_folder)
    yield engine
    engine.close()


@pytest.fixture
def own_site(own_bank):
    with serving(own_bank) as address, httpx.Client(base_url=address, timeout=60, verify=False) as client:
        yield client


@pytest.fixture(scope="session")
def rows_folder(tmp_path_factory):
    """A data folder with the bank of `rows_bank` and no index, and the vocabulary that goes with it."""
    vocabulary = vocabulary_with_two_above(tmp_path_factory.mktemp("vocabulary") / "skos")
    folder = tmp_path_factory.mktemp("rows") / "data"
    fill_rows(folder, vocabulary)
    return folder, vocabulary


@pytest.fixture(scope="session", params=["embedded", pytest.param("cluster", marks=pytest.mark.opensearch)])
def open_rows(request, rows_folder, tmp_path_factory):
    """Open that bank, indexed, on either engine; every call gives an engine with a data folder of its own."""
    folder, vocabulary = rows_folder
    server = request.getfixturevalue("opensearch_server") if request.param == "cluster" else None
    prefixes, engines = [], []

    def open_(**settings):
        if server is not None:
            prefixes.append(f"t{uuid.uuid4().hex[:10]}")
            settings |= {"search_url": server.url, "search_index": prefixes[-1]}
        copy = shutil.copytree(folder, tmp_path_factory.mktemp("opened") / "data")
        engines.append(open_bank(copy, vocabulary=vocabulary, **settings))
        index(engines[-1])
        return engines[-1]

    yield open_
    for engine in engines:
        engine.close()
    for prefix in prefixes:
        sweep(server, prefix)


@pytest.fixture(scope="session")
def rows(open_rows):
    """The engine behind `rows_site`; tests that write open one of their own."""
    return open_rows()


@pytest.fixture(scope="session")
def rows_site(rows):
    """A client of the real server over that bank."""
    with serving(rows) as address, httpx.Client(base_url=address, timeout=60, verify=False) as client:
        yield client

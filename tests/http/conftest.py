import shutil

import httpx
import pytest

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
    with serving(bank) as address, httpx.Client(base_url=address, timeout=30) as client:
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
    with serving(own_bank) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client

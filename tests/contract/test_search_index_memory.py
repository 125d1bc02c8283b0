import pytest

from contract.search_index import SearchIndexContract
from engine.adapters.memory_search_index import MemorySearchIndex


class TestMemorySearchIndex(SearchIndexContract):
    @pytest.fixture
    def index(self):
        index = MemorySearchIndex()
        yield index
        index.close()

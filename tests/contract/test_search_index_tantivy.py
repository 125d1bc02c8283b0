import pytest

from contract.search_index import SearchIndexContract
from engine.adapters.tantivy_search_index import TantivySearchIndex


class TestTantivySearchIndex(SearchIndexContract):
    @pytest.fixture
    def index(self, tmp_path):
        index = TantivySearchIndex(tmp_path / "index", analysis_version="1", create=True)
        yield index
        index.close()

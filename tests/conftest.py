import math

import pytest
from hypothesis import settings

from engine.recent import RecentChanges
from search_cluster import opensearch_prefix, opensearch_server, start_opensearch  # noqa: F401  # fixtures for all tests

for module in ("contract", "golden", "small_bank", "indexing"):
    pytest.register_assert_rewrite(f"contract.{module}")


# the same examples in every run: a new one is found by whoever looks for it, not by chance in CI
settings.register_profile("known", max_examples=50, derandomize=True)
settings.load_profile("known")

# what a request may take of time before it answers with less: on a busy machine no test gets less than it asked for
RecentChanges.__init__.__kwdefaults__["budget"] = math.inf


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "opensearch: needs a real OpenSearch server, or tries the script that starts it"
    )
    # xdist would begin with the files of most tests and end with long ones of a single test, which then hold
    # one worker while the other has nothing to do; in order of name the short unit tests come last
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items):
    """Mark what asks for a server, so that `pytest -m opensearch` runs all of it and nothing else."""
    for item in items:
        if "opensearch" in item.path.name or any(
            "opensearch" in n for n in getattr(item, "fixturenames", ())
        ):
            item.add_marker("opensearch")

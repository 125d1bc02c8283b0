"""Which parts of the machine do the tests need? A part that is missing is named, never passed over."""

import os
from typing import NoReturn

import pytest


def require_or_skip(part: str, how: str) -> NoReturn:
    """Skip the test because `part` is missing, or fail it where ``KG_TEST_REQUIRE`` demands that part.

    Parameters
    ----------
    part : str
        ``postgres``, ``opensearch``, ``browser``, ``transformers`` …
    how : str
        How to add it, for instance ``apt-get install postgresql``.
    """
    message = f"{part} is not on this machine; add it with: {how}"
    demanded = {name.strip() for name in os.environ.get("KG_TEST_REQUIRE", "").split(",")}
    if part in demanded:
        pytest.fail(f"{message} (KG_TEST_REQUIRE demands it)", pytrace=False)
    pytest.skip(message)

import pytest

for module in ("contract", "golden", "small_bank", "indexing"):
    pytest.register_assert_rewrite(f"contract.{module}")

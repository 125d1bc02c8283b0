import pytest

from machine_parts import require_or_skip


@pytest.mark.parametrize("demanded", ["", "opensearch", "postgresql"])
def test_a_missing_part_skips_and_says_how_to_add_it(monkeypatch, demanded):
    monkeypatch.setenv("KG_TEST_REQUIRE", demanded)
    with pytest.raises(pytest.skip.Exception, match=r"postgres .*apt-get install postgresql"):
        require_or_skip("postgres", "apt-get install postgresql")


@pytest.mark.parametrize("demanded", ["postgres", "opensearch, postgres ,browser"])
def test_a_missing_part_that_is_demanded_fails(monkeypatch, demanded):
    monkeypatch.setenv("KG_TEST_REQUIRE", demanded)
    with pytest.raises(pytest.fail.Exception, match=r"postgres .*KG_TEST_REQUIRE"):
        require_or_skip("postgres", "apt-get install postgresql")

"""What every `engine.sign_ins.SignIns` promises."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from contract.catalogue_values import T

HOUR = timedelta(hours=1)


class SignInsContract:
    @pytest.fixture
    def open_one(self):
        raise NotImplementedError("override me")

    @pytest.fixture
    def sign_ins(self, open_one):
        opened = open_one()
        yield opened
        opened.close()

    def test_the_secret_is_made_once_for_all_who_open_it(self, sign_ins, open_one):
        other = open_one()
        assert len(sign_ins.secret()) == 32
        assert sign_ins.secret() == other.secret() == sign_ins.secret()
        other.close()

    def test_a_token_is_spent_once_whoever_asks(self, sign_ins, open_one):
        other = open_one()
        assert not sign_ins.is_spent("a")
        assert sign_ins.spend("a", until=T + HOUR, now=T)
        assert not sign_ins.spend("a", until=T + HOUR, now=T)
        assert not other.spend("a", until=T + HOUR, now=T)
        assert sign_ins.is_spent("a")
        assert other.is_spent("a")
        assert other.spend("A\ud800\x00", until=T + HOUR, now=T)
        other.close()

    def test_of_several_at_once_one_spends_it(self, sign_ins):
        sign_ins.secret()
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda _: sign_ins.spend("a", until=T + HOUR, now=T), range(16)))
        assert told.count(True) == 1

    def test_what_has_run_out_is_forgotten(self, sign_ins):
        sign_ins.spend("short", until=T + HOUR, now=T)
        sign_ins.spend("long", until=T + 3 * HOUR, now=T)
        sign_ins.spend("new", until=T + 4 * HOUR, now=T + 2 * HOUR)
        assert [sign_ins.is_spent(name) for name in ("short", "long", "new")] == [False, True, True]

    def test_closing_twice_does_nothing(self, sign_ins):
        sign_ins.close()
        sign_ins.close()

"""A bank whose editors sign in with a provider of their own, and a browser's way through it."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx

from engine.bootstrap import load_settings, open_engine
from engine.settings import ApiKey
from oidc_provider import CLIENT, SECRET
from small_bank import KEYS, NOW, RESOURCES, digest

BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
CENTRAL, ADMIN, NARROW = "central-secret", "admin-secret", "narrow-secret"
GROUPS = {
    "redaksjon-sentral": {"name": "sentralredaksjonen", "edition": "felles"},
    "redaksjon-ahus": {"name": "redaksjonen på Ahus", "edition": "ahus"},
    "drift": {"name": "drift", "scope": "admin"},
}
OSLO = replace(RESOURCES[6], id="kb-oslo", edition="oslo", title="Rutine i Oslo")
DRAFT = replace(RESOURCES[9], id="kb-oslo-utkast", edition="oslo", title="Utkast i Oslo")


class Clock:
    """A clock that is moved by hand."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def move(self, **by):
        self.now += timedelta(**by)


def open_signed(folder, clock, issuer, **settings):
    """Open a data folder with keys of every kind and a provider."""
    keys = {
        **KEYS,
        "sentral": ApiKey(sha256=digest(CENTRAL), scopes=("write",), edition="felles"),
        "drift": ApiKey(sha256=digest(ADMIN), scopes=("admin",)),
        "bare-emneord": ApiKey(sha256=digest(NARROW), scopes=("write",), rights=("tags",)),
    }
    given = {
        "embedder": "hashing",
        "api_keys": keys,
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_groups": GROUPS,
        **settings,
    }
    return open_engine(load_settings(data=folder, **given), now=clock)


def add_oslo(engine):
    engine.catalogue.upsert([OSLO, DRAFT], by="test", at=datetime(2026, 11, 1, tzinfo=UTC))


@contextmanager
def browser(address, **headers):
    """Return a client with cookies of its own that follows no redirects."""
    with httpx.Client(base_url=address, timeout=30, headers={**BROWSER, **headers}, verify=False) as client:
        yield client


def script(address):
    """Return a client that keeps nothing but what a test gives it."""
    return httpx.Client(base_url=address, timeout=30, verify=False)


def to_provider(client, wanted="/editor"):
    """Begin to sign in; return path and query that the provider sends the browser back to."""
    began = client.get("/editor/sign-in/start", params={"next": wanted})
    assert began.status_code == 303, began.text
    back = urlsplit(httpx.get(began.headers["location"], verify=False).headers["location"])
    return f"{back.path}?{back.query}"


def sign_in(client, wanted="/editor", **headers):
    """Sign in at the provider; return the last answer."""
    return client.get(to_provider(client, wanted), headers=headers)


def form_token(client):
    """Return what forms of this session send."""
    return client.get("/v1/editor/me").json()["csrf_token"]

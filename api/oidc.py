"""Which groups is somebody in, as the provider says who signs them in? OpenID Connect: code, PKCE, state, nonce.

Of what the provider tells, only the groups are looked at. Name, address and subject of a person are never read, so
there is nothing of them to keep.
"""

import base64
import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import httpx
import orjson
from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ExpiredTokenError,
    InvalidClaimError,
    InvalidKeyIdError,
    JoseError,
    MissingClaimError,
)
from joserfc.jwk import KeySet

from engine.errors import BackendUnavailable
from engine.settings import Settings, is_safe_address

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512")
"""Signatures that only the provider can make; never ``none``, never one with a shared secret."""

TIMEOUT: Final = 5.0
"""Longest wait for an answer of the provider [s]."""
KEPT: Final = 3600.0
"""How long what the provider says of itself is kept [s]."""
PAUSE: Final = 30.0
"""How long its keys are not asked for again when a token names one that is not there [s]."""
LEEWAY: Final = 60
"""How far its clock may be from ours [s]."""
LARGEST: Final = 1024 * 1024
"""Largest answer that is read [bytes]."""

log = logging.getLogger("kompetansegraf.sign_in")


class SignInFailed(Exception):
    """The provider did not sign somebody in; `why` says it in a few fixed words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one signing in is known by: `state` in addresses, `nonce` in the ID token, `verifier` to the provider."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """Return one that nobody can guess."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        """What of the verifier is told beforehand (PKCE, S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Provider:
    """The provider that the settings name; what it says of itself is asked for when it is first needed.

    Parameters
    ----------
    settings : Settings
        Issuer, client and what is asked for.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._about: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._client: httpx.Client | None = None

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to; it must know the address beforehand."""
        return self._settings.public_url.rstrip("/") + "/editor/callback"

    def address(self, attempt: Attempt) -> str:
        """Return where somebody signs in; raises BackendUnavailable."""
        about = self._discovered()
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._settings.oidc_client_id,
                "redirect_uri": self.redirect_uri,
                "scope": self._settings.oidc_scope,
                "state": attempt.state,
                "nonce": attempt.nonce,
                "code_challenge": attempt.challenge,
                "code_challenge_method": "S256",
            }
        )
        endpoint = str(about["authorization_endpoint"])
        return endpoint + ("&" if "?" in endpoint else "?") + query

    def groups(self, code: str, attempt: Attempt, now: datetime) -> tuple[str, ...]:
        """Return the groups of who signed in.

        Raises
        ------
        SignInFailed
            If the provider refuses the code, or its ID token will not do.
        BackendUnavailable
            If it does not answer.
        """
        claims = self._verified(self._redeemed(code, attempt), attempt, now)
        return groups_in(claims, self._settings.oidc_claim)

    def _redeemed(self, code: str, attempt: Attempt) -> str:
        about, settings = self._discovered(), self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        headers = {}
        secret = settings.oidc_client_secret
        methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret is not None and "client_secret_basic" in methods:
            pair = f"{quote_plus(settings.oidc_client_id)}:{quote_plus(secret.get_secret_value())}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = settings.oidc_client_id
            if secret is not None:
                form["client_secret"] = secret.get_secret_value()
        status, answer = self._asked("POST", str(about["token_endpoint"]), data=form, headers=headers)
        if 400 <= status < 500:
            raise SignInFailed("code refused by the provider")
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise BackendUnavailable("the provider gave no ID token")
        return token

    def _verified(self, token: str, attempt: Attempt, now: datetime) -> Mapping[str, Any]:
        client = self._settings.oidc_client_id
        try:
            try:
                claims = jwt.decode(token, self._key_set(), algorithms=ALGORITHMS).claims
            except (InvalidKeyIdError, BadSignatureError):  # it may have new keys
                claims = jwt.decode(token, self._key_set(again=True), algorithms=ALGORITHMS).claims
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=LEEWAY,
                iss={"essential": True, "value": self._settings.oidc_issuer},
                aud={"essential": True, "value": client},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": attempt.nonce},
            ).validate(claims)
        except ExpiredTokenError:
            raise SignInFailed("expired ID token") from None
        except (InvalidClaimError, MissingClaimError) as error:
            raise SignInFailed(f"ID token with the wrong {error.claim}") from None
        except (JoseError, ValueError, TypeError, KeyError):
            raise SignInFailed("forged ID token") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != client:
            raise SignInFailed("ID token with the wrong azp")
        return claims

    def _discovered(self) -> Mapping[str, Any]:
        issuer = self._settings.oidc_issuer
        with self._lock:
            if self._about is None or time.monotonic() - self._about[0] > KEPT:
                status, about = self._asked("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
                if status != 200 or about.get("issuer") != issuer:
                    raise BackendUnavailable("the provider does not say of itself that it is KG_OIDC_ISSUER")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    if not isinstance(about.get(name), str) or not is_safe_address(about[name]):
                        raise BackendUnavailable(f"the provider has no {name} over https")
                self._about = (time.monotonic(), about)
            return self._about[1]

    def _key_set(self, *, again: bool = False) -> KeySet:
        about = self._discovered()
        with self._lock:
            age = None if self._keys is None else time.monotonic() - self._keys[0]
            if self._keys is None or age is None or age > (PAUSE if again else KEPT):
                status, found = self._asked("GET", about["jwks_uri"])
                try:
                    usable = [
                        k for k in found["keys"] if k.get("kty") != "oct" and k.get("use", "sig") == "sig"
                    ]
                    keys = KeySet.import_key_set({"keys": usable})
                except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
                    raise BackendUnavailable(
                        f"the provider has no keys that can be read ({status})"
                    ) from error
                self._keys = (time.monotonic(), keys)
            return self._keys[1]

    def _asked(self, method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401
        """Return status and JSON object of an answer; raises BackendUnavailable. Redirects are not followed."""
        if self._client is None:  # one for all: reading the certificates takes longer than asking
            self._client = httpx.Client(
                timeout=TIMEOUT, follow_redirects=False, limits=httpx.Limits(max_keepalive_connections=0)
            )
        try:
            with self._client.stream(method, url, **more) as answer:
                data = b""
                for piece in answer.iter_bytes():
                    data += piece
                    if len(data) > LARGEST:
                        raise BackendUnavailable("the provider's answer has no end")
            found = orjson.loads(data) if data else {}
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise BackendUnavailable(f"the provider that signs editors in: {type(error).__name__}") from error
        return answer.status_code, found if isinstance(found, dict) else {}


def groups_in(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the groups in the claim of a name; dots lead into objects where no claim has the whole name.

    Examples
    --------
    >>> groups_in({"realm_access": {"roles": ["redaksjon"]}}, "realm_access.roles"), groups_in({"g": "a"}, "g")
    (('redaksjon',), ('a',))
    """
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return (found,)
    return tuple(g for g in found if isinstance(g, str)) if isinstance(found, Sequence) else ()

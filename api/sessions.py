"""Who has signed in? One signed cookie with a limited life, which sign-out ends on the server too.

The cookie holds a random number, which key or group it stands for, a mark of what that may do, and when it ends; no
person. What it may do is read from the settings at each request: a key or group that is taken away, or changed, has
no sessions any more.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from fastapi import Request, Response
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OctKey

from engine.errors import BackendUnavailable
from engine.rights import RIGHTS, Editor
from engine.service import Engine
from engine.settings import ApiKey, EditorGroup
from engine.sign_ins import SignIns

Of = Literal["key", "group"]
NAME: Final = "kompetansegraf-editor"
_ALGORITHM: Final = "HS256"


class SessionRefused(Exception):
    """A cookie stands for nobody; `why` says it in a few fixed words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in: `id` is random, `of` and `who` name the key or group."""

    id: str
    of: Of
    who: str
    editor: Editor
    ends: datetime


class Sessions:
    """Begins, reads and ends sessions.

    Parameters
    ----------
    engine : Engine
        Settings, clock, and what is kept of signing in.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, of: Of, who: str) -> tuple[str, datetime]:
        """Return the cookie of a new session, and when it ends."""
        now = self._engine.now()
        ends = now + timedelta(hours=self._engine.settings.session_hours)
        claims = {"jti": secrets.token_urlsafe(18), "of": of, "who": who, "mark": _mark(self._known(of, who))}
        return self.sign("session", claims, ends), ends

    def read(self, cookie: str) -> Session:
        """Return the session of a cookie; raises SessionRefused."""
        claims = self.verify("session", cookie)
        id_, of, who, mark = (claims.get(name) for name in ("jti", "of", "who", "mark"))
        if not (isinstance(id_, str) and isinstance(who, str) and of in {"key", "group"}):
            raise SessionRefused("forged session")
        known = self._known(of, who)
        if known is None or mark != _mark(known):
            raise SessionRefused("session of a key or group that has changed")
        if self._kept().is_spent(f"session:{id_}"):
            raise SessionRefused("session after sign-out")
        ends = datetime.fromtimestamp(claims["exp"], UTC)
        return Session(id_, of, who, editor_of(who, known), ends)

    def end(self, session: Session) -> None:
        """Let a session count no more, in whatever process its cookie turns up."""
        self.spend(f"session:{session.id}", session.ends)

    def form_token(self, session: Session) -> str:
        """Return what forms of a session must send along, and other sites cannot know."""
        return hmac.new(self._key("form"), session.id.encode(), hashlib.sha256).hexdigest()

    def spend(self, token: str, until: datetime) -> bool:
        """Tell whether a token is used for the first time."""
        now = self._engine.now()
        return self._kept().spend(token, until=until + timedelta(minutes=5), now=now)

    def sign(self, purpose: str, claims: dict[str, Any], ends: datetime) -> str:
        """Return claims as a token that `verify` takes for the same purpose until it ends."""
        key = OctKey.import_key(self._key(purpose))
        return jwt.encode({"alg": _ALGORITHM}, {**claims, "exp": int(ends.timestamp())}, key)

    def verify(self, purpose: str, token: str) -> dict[str, Any]:
        """Return the claims of a token; raises SessionRefused."""
        try:
            key = OctKey.import_key(self._key(purpose))
            claims = jwt.decode(token, key, algorithms=[_ALGORITHM]).claims
            now = int(self._engine.now().timestamp())
            jwt.JWTClaimsRegistry(now=now, exp={"essential": True}).validate(claims)
        except ExpiredTokenError:
            raise SessionRefused(f"expired {purpose}") from None
        except (JoseError, ValueError, TypeError, KeyError):
            raise SessionRefused(f"forged {purpose}") from None
        return claims

    def _key(self, purpose: str) -> bytes:
        return hmac.new(self._kept().secret(), purpose.encode(), hashlib.sha256).digest()

    def _kept(self) -> SignIns:
        if self._engine.sign_ins is None:
            raise BackendUnavailable("nothing is kept of signing in")
        return self._engine.sign_ins

    def _known(self, of: Any, who: str) -> ApiKey | EditorGroup | None:  # noqa: ANN401
        settings = self._engine.settings
        return settings.api_keys.get(who) if of == "key" else settings.oidc_groups.get(who)


def editor_of(who: str, known: ApiKey | EditorGroup) -> Editor:
    """Return the editor that a key of the name `who`, or a group, stands for."""
    rights = frozenset(RIGHTS if known.rights is None else known.rights)
    if isinstance(known, EditorGroup):
        return Editor(known.name, known.edition, known.scope == "admin", rights)
    return Editor(who, known.edition, "admin" in known.scopes, rights)


def _mark(known: ApiKey | EditorGroup | None) -> str:
    return hashlib.sha256(known.model_dump_json().encode()).hexdigest()[:16] if known else ""


def is_secure(engine: Engine) -> bool:
    """Tell whether the installation is reached over https."""
    return engine.settings.public_url.lower().startswith("https://")


def cookie_name(engine: Engine) -> str:
    """Return the name of the cookie; over https browsers take it from this host alone, and over https alone."""
    return f"__Host-{NAME}" if is_secure(engine) else NAME


def cookie_of(request: Request, engine: Engine) -> str:
    """Return the session cookie that came with a request; the empty text if none did."""
    return request.cookies.get(cookie_name(engine), "")


def set_cookie(response: Response, engine: Engine, value: str, ends: datetime) -> None:
    """Give the browser the session's cookie."""
    seconds = max(0, int((ends - engine.now()).total_seconds()))
    response.set_cookie(
        cookie_name(engine),
        value,
        max_age=seconds,
        path="/",
        secure=is_secure(engine),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, engine: Engine) -> None:
    """Take the session's cookie from the browser."""
    response.delete_cookie(
        cookie_name(engine), path="/", secure=is_secure(engine), httponly=True, samesite="lax"
    )

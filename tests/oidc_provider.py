"""A small OpenID Connect provider on a free loopback port: discovery, authorize, token, keys. It signs in whoever comes."""

import base64
import hashlib
import json
import secrets
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "kompetansegraf", "client-secret"
PERSON = {"sub": "7d0a-kari", "name": "Kari Nordmann", "email": "kari.nordmann@sykehus.invalid"}


class OidcProvider:
    """What the provider says can be bent: `claims` go over its own, `signed` makes the ID token of claims."""

    def __init__(self, address, clock):
        self.issuer, self.clock = address, clock
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.other_key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.codes = {}
        self.asked = []
        self.answer()

    def answer(self, *, groups=("redaksjon-ahus",), claims=None, signed=None):
        """Say from now on who comes, and how."""
        self.groups, self.claims, self.signed = list(groups), claims or {}, signed or self.sign

    def sign(self, claims, key=None, alg="RS256"):
        return jwt.encode({"alg": alg, "kid": "one"}, claims, key or self.key)

    def authorize(self, query):
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return (
            query["redirect_uri"]
            + "?"
            + urlencode({"code": code, "state": query["state"], "iss": self.issuer})
        )

    def token(self, form, authorization):
        asked = self.codes.pop(form.get("code"), None)  # once
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or authorization != f"Basic {basic}"
            or asked["code_challenge_method"] != "S256"
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return 400, {"error": "invalid_grant"}
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "groups": self.groups,
            **PERSON,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(claims)}

    def about(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }


@contextmanager
def provider(clock):
    """Run the provider; `clock` gives the time of its tokens."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def reply(self, status, body, location=None):
            data = json.dumps(body).encode()
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self):
            parts = urlsplit(self.path)
            found.asked.append(parts.path)
            match parts.path:
                case "/.well-known/openid-configuration":
                    self.reply(200, found.about())
                case "/authorize":
                    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                    self.reply(302, {}, found.authorize(query))
                case "/keys":
                    self.reply(200, {"keys": [found.key.as_dict(private=False)]})
                case _:
                    self.reply(404, {})

        def do_POST(self):
            found.asked.append(self.path)
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.reply(*found.token(form, self.headers.get("Authorization", "")))

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = OidcProvider(f"http://127.0.0.1:{server.server_address[1]}", clock)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join(10)

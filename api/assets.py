"""Where is the style sheet? Built files of ``web/``, named by their content, served for a year."""

import hashlib
import json
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
MANIFEST = STATIC / "manifest.json"
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """Addresses of the built files by the name of their source.

    Raises
    ------
    FileNotFoundError
        If ``web/`` has not been built.
    """

    def __init__(self) -> None:
        text = MANIFEST.read_bytes()
        self.version = hashlib.sha256(text).hexdigest()[:12]
        self._files: dict[str, str] = {source: entry["file"] for source, entry in json.loads(text).items()}

    def url(self, source: str) -> str:
        """Return the address of a built file, such as the one of ``src/main.ts``."""
        return f"/static/{self._files[source]}"


class StaticFolder(StaticFiles):
    """The built files; a file whose name holds its hash may be kept for a year."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file with its caching header."""
        response = await super().get_response(path, scope)
        hashed = path.startswith("assets/")
        response.headers["Cache-Control"] = FOREVER if hashed else "no-cache"
        return response

"""What must be remembered of editors' signing in? A key to sign with, and what may not be used again.

No person is in it: what is spent is known by its digest, until it would have run out by itself.
"""

from datetime import datetime
from typing import Protocol


class SignIns(Protocol):
    """The same for all processes and machines that share a catalogue; not part of a backup."""

    def secret(self) -> bytes:
        """Return 32 random bytes, made when they are first asked for and the same from then on."""
        ...

    def spend(self, token: str, *, until: datetime, now: datetime) -> bool:
        """Tell whether `token` is used for the first time, and remember until then that it has been.

        Of several who ask at once one is told so. What has run out by `now` is forgotten.
        """
        ...

    def is_spent(self, token: str) -> bool:
        """Tell whether `token` has been used, and has not been forgotten."""
        ...

    def close(self) -> None:
        """Release files and connections. A second call does nothing."""
        ...

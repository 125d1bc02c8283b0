"""Where does the next page begin? After what was shown, even when the index has changed since.

A cursor remembers which hits were shown, not only how many: the next page is the first of the hits, in
the order that they have now, that have not been shown. So nothing comes twice, and nothing that was there
all along is passed over, whatever came, went or moved between two pages.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import InvalidRequest

REMEMBERED = 400
"""Hits that a cursor remembers, the last ones shown. Beyond them the place in the order is trusted."""

_VERSION = 1
_HASH = 5  # bytes: two of 100,000 hits are taken for each other once in 200 banks
_HEAD = 5  # bytes: version, hits shown


@dataclass(frozen=True, slots=True)
class PageOfRows:
    """Rows of one page, best first, the rank of the first, and the cursor of the next page, if there is one."""

    rows: tuple[int, ...]
    first_rank: int
    next_cursor: str | None


def page_of(order: NDArray[np.int64], ids: Sequence[str], cursor: str | None, k: int) -> PageOfRows:
    """Cut a page out of ordered hits.

    Parameters
    ----------
    order : int array of shape ``(n,)``
        Rows, best first.
    ids : sequence of str, length n
        The id of each row.
    cursor : str or None
        `next_cursor` of the page before; None is the first page.
    k : int
        Hits on a page.

    Raises
    ------
    InvalidRequest
        If the cursor is not one of ours.

    Examples
    --------
    >>> first = page_of(np.array([2, 0, 1]), ("a", "b", "c"), None, 2)
    >>> first.rows, page_of(np.array([1, 2, 0]), ("a", "b", "c"), first.next_cursor, 2).rows
    ((2, 0), (1,))
    """
    shown, seen = _read(cursor) if cursor is not None else (0, [])
    known = set(seen)
    rows: list[int] = []
    more = False
    for row in order[max(0, shown - len(seen)) :].tolist():
        if known and _hash(ids[row]) in known:
            continue
        if len(rows) == k:
            more = True
            break
        rows.append(row)
    if not more:
        return PageOfRows(tuple(rows), shown + 1, None)
    remembered = [*seen, *(_hash(ids[row]) for row in rows)][-REMEMBERED:]
    return PageOfRows(tuple(rows), shown + 1, _written(shown + len(rows), remembered))


def _hash(resource_id: str) -> bytes:
    return hashlib.blake2b(resource_id.encode("utf-8", "surrogatepass"), digest_size=_HASH).digest()


def _written(shown: int, seen: Sequence[bytes]) -> str:
    packed = bytes([_VERSION]) + shown.to_bytes(_HEAD - 1, "big") + b"".join(seen)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _read(cursor: str) -> tuple[int, list[bytes]]:
    """Return the number of hits shown and the hashes of the last of them, oldest first."""
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as e:
        raise InvalidRequest("the cursor is not one of ours") from e
    hashes = packed[_HEAD:]
    seen = [hashes[at : at + _HASH] for at in range(0, len(hashes), _HASH)]
    shown = int.from_bytes(packed[1:_HEAD], "big")
    if (
        len(packed) < _HEAD
        or packed[0] != _VERSION
        or len(hashes) % _HASH
        or not 0 < len(seen) <= min(shown, REMEMBERED)
    ):
        raise InvalidRequest("the cursor is not one of ours")
    return shown, seen

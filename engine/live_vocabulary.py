"""Which words do we share right now? The vocabulary in use, read again when it changes.

So a label that an editor adds works on the next query: recognition, expansion and labels come from the
vocabulary at query time, and nothing of the index has to be made again for them.
"""

import logging
import threading
from collections.abc import Callable, Hashable

from vocab.triples import VocabularyError
from vocab.vocabulary import Vocabulary

log = logging.getLogger("kompetansegraf.engine")


class LiveVocabulary:
    """Notices changes of the vocabulary in use; safe for several threads.

    Parameters
    ----------
    state : callable
        Returns what changes when the vocabulary's files do, or others are in use; None while they are gone.
    load : callable
        Reads the vocabulary as it is now.
    """

    def __init__(self, state: Callable[[], Hashable], load: Callable[[], Vocabulary]) -> None:
        self._state = state
        self._load = load
        self._lock = threading.Lock()
        self._seen = self._state()

    def changed(self) -> Vocabulary | None:
        """Return the vocabulary if its files are others than at the last look, else None.

        One thread reads it, the others get None meanwhile. Files that are broken or half written are told
        in the log and looked at again when they change: the words that were in use stay in use.
        """
        if self._state() == self._seen or not self._lock.acquire(blocking=False):
            return None
        try:
            before = self._state()
            if before == self._seen:
                return None
            self._seen = before
            if before is None:
                log.warning("the vocabulary stays as it was: its files are gone")
                return None
            return self._load()
        except (VocabularyError, OSError) as error:
            log.warning("the vocabulary stays as it was, its files cannot be read: %s", error)
            return None
        finally:
            self._lock.release()

"""Which words do we share right now? The vocabulary of a folder, read again when its files change.

So a label that an editor adds works on the next query: recognition, expansion and labels come from the
vocabulary at query time, and nothing of the index has to be made again for them.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from vocab.triples import VocabularyError
from vocab.vocabulary import Vocabulary

log = logging.getLogger("kompetansegraf.engine")

_State = tuple[tuple[str, int, int], ...]


class LiveVocabulary:
    """Notices changes of the SKOS files in a folder; safe for several threads.

    Parameters
    ----------
    folder : Path
        With the files.
    load : callable
        Reads the vocabulary of the folder as it is now.
    """

    def __init__(self, folder: Path, load: Callable[[], Vocabulary]) -> None:
        self._folder = folder
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
            if not before:
                log.warning("the vocabulary stays as it was: %s has no SKOS files any more", self._folder)
                return None
            return self._load()
        except (VocabularyError, OSError) as error:
            log.warning("the vocabulary stays as it was, its files cannot be read: %s", error)
            return None
        finally:
            self._lock.release()

    def _state(self) -> _State:
        """Return name, time of change [ns] and size [bytes] of each file; of a missing folder nothing."""
        found = []
        for path in sorted(self._folder.glob("*.ttl")):
            try:
                stat = path.stat()
            except OSError:  # removed between two looks
                continue
            found.append((path.name, stat.st_mtime_ns, stat.st_size))
        return tuple(found)

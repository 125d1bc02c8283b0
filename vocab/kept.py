"""Where is what was made of a vocabulary? Beside the bundled one, or where its compiled form is kept.

It is known by the vocabulary's contents, the analysis and the form of the columns, so that nothing outdated is ever
opened.
"""

from collections.abc import Callable
from hashlib import sha256

from vocab.analysis import ANALYSIS_VERSION
from vocab.columns import Columns, keep, read_columns
from vocab.vocabulary import DATA_FOLDER, Vocabulary


def kept_columns(
    vocabulary: Vocabulary, name: str, form: int, make: Callable[[Vocabulary], Columns]
) -> Columns:
    """Return the columns of a name as they were kept, else make them now and, where it can be, keep them.

    Of a vocabulary that was not read from files nothing is written. A file that is damaged is made again.
    """
    if vocabulary.cache is None:
        return make(vocabulary)
    key = columns_key(vocabulary, form)
    file = vocabulary.cache / f"{name}-{key[:32]}.bin"
    columns = read_columns(DATA_FOLDER / f"{name}.bin", key) or read_columns(file, key)
    if columns is None:
        columns = make(vocabulary)
        keep(file, columns.packed(key))
    return columns


def columns_key(vocabulary: Vocabulary, form: int) -> str:
    """Return what columns made of a vocabulary are known by."""
    return sha256(f"{form}\n{ANALYSIS_VERSION}\n{vocabulary.version}".encode()).hexdigest()

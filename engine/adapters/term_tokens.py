"""How is an analysed term carried by a search engine that splits text at spaces? As one token, whatever it holds.

Terms are joined by spaces and split again by the engine, which is much faster than one value a term.
A term that this would break (white space in it, empty, very long, not Unicode) is written in an
escape that no other term has.
"""

import re
from collections.abc import Sequence
from hashlib import sha256

_MARK = "\x1e"
_ESCAPES = {_MARK: "m", " ": "s", "\t": "t", "\n": "n", "\r": "r", "\f": "f"}
_BACK = {code: character for character, code in _ESCAPES.items()}
_UNSAFE = re.compile(f"[{''.join(_ESCAPES)}]")
_ESCAPED = re.compile(f"{_MARK}(.)")
_LONGEST = 30_000
"""Bytes; tantivy drops terms above 65,530 without a word, Lucene refuses those above 32,766."""


def encode_term(term: str) -> str:
    r"""Return the token that stands for `term`, without white space and never empty.

    Examples
    --------
    >>> encode_term("fall"), encode_term("a b"), encode_term("")
    ('fall', 'a\x1esb', '\x1e0')
    """
    token = _UNSAFE.sub(lambda found: _MARK + _ESCAPES[found[0]], term) if term else f"{_MARK}0"
    try:
        data = token.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return f"{_MARK}u{term.encode('utf-8', 'surrogatepass').hex()}"
    return token if len(data) <= _LONGEST else f"{_MARK}l{sha256(data).hexdigest()}"


def decode_term(token: str) -> str | None:
    """Return the term that `token` stands for, or None for one too long or too odd to keep."""
    if _MARK not in token:
        return token
    if token == f"{_MARK}0":
        return ""
    if token.startswith((f"{_MARK}u", f"{_MARK}l")):
        return None
    return _ESCAPED.sub(lambda found: _BACK[found[1]], token)


def join_terms(terms: Sequence[str]) -> str:
    """Return `terms` as one text that the tokeniser splits into their tokens."""
    joined = " ".join(terms)
    plain = (
        joined.isprintable()
        and "" not in terms
        and joined.count(" ") == len(terms) - 1
        and (len(joined) < _LONGEST // 4 or max(map(len, terms)) < _LONGEST // 4)
    )
    return joined if plain else " ".join(map(encode_term, terms))

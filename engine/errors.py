"""Every error this program raises on purpose.

* KompetansegrafError
  x InvalidRequest            the caller can fix it                        (HTTP 400)
  x NotFound                  no such resource, role, plan, concept        (HTTP 404)
    + Moved                   the resource was merged into another one     (HTTP 301 of a GET)
    + Hidden                  there is one, which the key may not see      (HTTP 404)
  x Forbidden                 the key may not do this                      (HTTP 403)
  x Conflict                  somebody else's write came first             (HTTP 409)
  x BackendError
    + BackendUnavailable      not reachable, try again                     (HTTP 503)
    + IndexIncompatible       built by another schema, analysis or model   (HTTP 503)
    + IndexMissing            nothing has been indexed yet                 (HTTP 503)
"""


class KompetansegrafError(Exception):
    """Base of every error raised on purpose; never raised itself."""


class InvalidRequest(KompetansegrafError):
    """The caller can fix it; the message says what and where."""


class NotFound(KompetansegrafError):
    """No such resource, role, plan, requirement or concept."""


class Moved(NotFound):
    """The resource has been merged into another one.

    Parameters
    ----------
    old, to : str
        The id that was asked for, and the one that counts.
    """

    def __init__(self, old: str, to: str) -> None:
        super().__init__(f"the resource {old!r} has been merged into {to!r}")
        self.old = old
        self.to = to


class Hidden(NotFound):
    """There is such a thing, but who asks may not know: it is told as not found, and noted as refused.

    Parameters
    ----------
    message : str
        What is said, the same as of a thing that there is not.
    subject : str
        Id of the thing, for the audit trail.
    """

    def __init__(self, message: str, *, subject: str = "") -> None:
        super().__init__(message)
        self.subject = subject


class Forbidden(KompetansegrafError):
    """The key or the function behind the request may not do this.

    Parameters
    ----------
    message : str
        What is said.
    why : str
        The same in a few fixed words for the audit trail, with nothing in it that came with the request.
    subject : str
        Id of what it was about, for the audit trail.
    """

    def __init__(self, message: str, *, why: str = "", subject: str = "") -> None:
        super().__init__(message)
        self.why = why
        self.subject = subject


class Conflict(KompetansegrafError):
    """Another write came first."""


class BackendError(KompetansegrafError):
    """A store, an index or a model failed."""


class BackendUnavailable(BackendError):
    """The backend cannot be reached; a later try may succeed."""


class IndexIncompatible(BackendError):
    """The index on disk was written with another schema, analysis version or model."""


class IndexMissing(BackendError):
    """No index has been built in this data folder yet."""

"""How are pages of a site asked for? Politely, one at a time, and from no other host.

``robots.txt`` is kept to, with its crawl delay; there is a pause between requests, a limit on time and
size, and a redirect to another host is not followed. Pages that carry validators are asked for only
if they have changed.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Self
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import httpx
from protego import Protego

from engine.errors import InvalidRequest

ROBOT: Final = "kompetansegraf"
MAX_REDIRECTS = 5
MAX_ROBOTS = 500_000
_RETRY = frozenset({429, 502, 503, 504})
_SECRET = re.compile(
    r"token|secret|password|passord|passwd|apikey|api_key|^key$|^sig|auth|session", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class WebLimits:
    """How much a site is asked for.

    Times in seconds, sizes in bytes. `delay` is between two requests (a longer crawl delay in
    ``robots.txt`` wins; of a site with one above `longest_delay` nothing is asked); `timeout` without
    any data; `total` for one answer. After `patience` failures in a row the site is left alone.
    """

    delay: float = 1.0
    timeout: float = 20.0
    total: float = 60.0
    page_bytes: int = 10_000_000
    sitemap_bytes: int = 60_000_000
    pages: int = 200_000
    sitemaps: int = 1_000
    longest_wait: float = 60.0
    longest_delay: float = 120.0
    patience: int = 10


class FetchError(Exception):
    """A page could not be had; the message is the reason, `status` the answer's if there was one.

    `transient` says that the site or the way to it is at fault, and not this page.
    """

    def __init__(self, reason: str, status: int | None = None, *, transient: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.transient = transient


@dataclass(frozen=True, slots=True)
class Page:
    """An answer: 200 with content, or 304 without. `validators` are what to send next time."""

    url: str
    status: int
    content: bytes = b""
    content_type: str = ""
    charset: str | None = None
    validators: dict[str, str] = field(default_factory=dict)


class PoliteClient:
    """Asks one host for pages.

    Parameters
    ----------
    location : str
        Any address on the host; others are refused.
    limits : WebLimits, optional
        How much to ask for.
    sleep : callable, optional
        Waits for some seconds.

    Raises
    ------
    InvalidRequest
        If the location is not http or https, or carries a password.
    """

    def __init__(
        self, location: str, limits: WebLimits | None = None, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        check_location(location)
        self.limits = limits or WebLimits()
        self._origin = origin(location)
        self._base = location
        self._sleep = sleep
        self._last = float("-inf")
        self._robots: Protego | None = None
        self._no_robots: str | None = None
        self._lock = threading.Lock()
        self._client = httpx.Client(
            follow_redirects=False,
            timeout=self.limits.timeout,
            headers={"User-Agent": user_agent(), "Accept-Language": "nb, nn;q=0.9, no;q=0.8, en;q=0.5"},
            limits=httpx.Limits(max_connections=1),
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._client.close()

    def own(self, url: str) -> bool:
        """Tell whether an address is http or https on this host."""
        try:
            return urlsplit(url).scheme in {"http", "https"} and origin(url) == self._origin
        except ValueError:
            return False

    def allowed(self, url: str) -> bool:
        """Tell whether ``robots.txt`` lets us ask for a page."""
        return bool(self.robots().can_fetch(url, ROBOT))

    def robots(self) -> Protego:
        """Return the host's rules, asked for once.

        A missing file allows everything, a forbidden one (401, 403) nothing, and so does one that
        cannot be reached [1]_.

        References
        ----------
        .. [1] RFC 9309, Robots Exclusion Protocol, 2.3.1.
        """
        if self._robots is None:
            rules = ""
            try:
                page = self._fetch(urljoin(self._base, "/robots.txt"), {}, MAX_ROBOTS)
                rules = page.content.decode("utf-8", "replace").lstrip("\ufeff")
            except FetchError as error:
                if error.status is None or error.status in {401, 403} or error.status >= 500:
                    self._no_robots = f"nothing is asked for, since robots.txt {error}"
                rules = "User-agent: *\nDisallow: /" if self._no_robots else ""
            self._robots = Protego.parse(rules)
        return self._robots

    def get(self, url: str, validators: dict[str, str] | None = None, *, limit: int | None = None) -> Page:
        """Ask for a page, if need be only when it has changed.

        Parameters
        ----------
        url : str
            On this host, allowed by ``robots.txt``.
        validators : dict, optional
            `Page.validators` of last time.
        limit : int, optional
            Largest answer [bytes].

        Returns
        -------
        Page
            Status 200, or 304 when the page is as it was.

        Raises
        ------
        FetchError
            Anything else: forbidden by ``robots.txt``, another host, another status, too slow, too large.
        """
        if not self.own(url):
            raise FetchError("is on another host")
        if not self.allowed(url):
            raise FetchError(
                self._no_robots or "robots.txt does not allow it", transient=self._no_robots is not None
            )
        delay = self.robots().crawl_delay(ROBOT)
        if delay is not None and not float(delay) <= self.limits.longest_delay:
            reason = f"robots.txt asks for {float(delay):g} seconds between requests: too long to wait"
            raise FetchError(reason, transient=True)
        headers = {}
        if validators and "etag" in validators:
            headers["If-None-Match"] = validators["etag"]
        if validators and "modified" in validators:
            headers["If-Modified-Since"] = validators["modified"]
        return self._fetch(url, headers, limit or self.limits.page_bytes)

    def _fetch(self, url: str, headers: dict[str, str], limit: int) -> Page:
        with self._lock:
            for _ in range(MAX_REDIRECTS + 1):
                page, target = self._once(url, headers, limit)
                if target is None:
                    return page
                if not self.own(target) or (url.startswith("https:") and target.startswith("http:")):
                    raise FetchError(f"sends on to {shown(target)}, which is another host")
                if self._robots is not None and not self.allowed(target):
                    raise FetchError(f"sends on to {shown(target)}, which robots.txt does not allow")
                url = target
        raise FetchError(f"sends on more than {MAX_REDIRECTS} times")

    def _once(
        self, url: str, headers: dict[str, str], limit: int, retry: bool = True
    ) -> tuple[Page, str | None]:
        self._wait()
        until = time.monotonic() + self.limits.total
        try:
            with self._client.stream("GET", url, headers=headers) as answer:
                if answer.has_redirect_location:
                    return Page(url, answer.status_code), urljoin(url, answer.headers["location"])
                if answer.status_code in _RETRY and retry:
                    pause = _retry_after(answer.headers.get("retry-after"))
                    if pause <= self.limits.longest_wait:
                        answer.close()
                        self._sleep(pause)
                        return self._once(url, headers, limit, retry=False)
                if answer.status_code == 304 and headers:
                    return Page(url, 304, validators=_validators(answer)), None
                if answer.status_code != 200:
                    reason = f"answers {answer.status_code} {answer.reason_phrase}".rstrip()
                    raise FetchError(reason, answer.status_code, transient=answer.status_code in _RETRY)
                content = self._read(answer, limit, until)
        except httpx.TimeoutException:
            reason = f"no answer within {self.limits.timeout:g} seconds"
            raise FetchError(reason, transient=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
            raise FetchError(f"cannot be reached: {type(error).__name__}", transient=True) from None
        kind, _, rest = answer.headers.get("content-type", "").partition(";")
        page = Page(
            url,
            200,
            content,
            kind.strip().lower(),
            _charset(rest),
            _validators(answer),
        )
        return page, None

    def _read(self, answer: httpx.Response, limit: int, until: float) -> bytes:
        content = bytearray()
        for chunk in answer.iter_bytes():
            content += chunk
            if len(content) > limit:
                raise FetchError(f"is larger than {limit:,} bytes")
            if time.monotonic() > until:
                raise FetchError(f"takes longer than {self.limits.total:g} seconds", transient=True)
        return bytes(content)

    def _wait(self) -> None:
        delay = self.limits.delay
        if self._robots is not None and (asked := self._robots.crawl_delay(ROBOT)) is not None:
            delay = max(delay, float(asked))
        pause = self._last + delay - time.monotonic()
        if pause > 0:
            self._sleep(pause)
        self._last = time.monotonic()


def check_location(location: str) -> None:
    """Raise InvalidRequest unless an address is http or https, with a host and without a password."""
    try:
        parts = urlsplit(location)
        bad_port = parts.port == 0
    except ValueError:
        raise InvalidRequest("location: not an address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or bad_port:
        raise InvalidRequest(f"location: an http or https address is needed, got {shown(location)}")
    if parts.username or parts.password:
        raise InvalidRequest("location: an address with a name or password in it is not taken")


def origin(url: str) -> tuple[str, int | None]:
    """Return host and port, the port None when it is the scheme's own.

    Examples
    --------
    >>> origin("https://Eksempel.no:443/a") == origin("http://eksempel.no/b")
    True
    """
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return (parts.hostname or "").lower(), None if parts.port in {None, usual} else parts.port


def shown(url: str) -> str:
    """Return an address as it may stand in a report: without passwords and tokens.

    Examples
    --------
    >>> shown("https://navn:hemmelig@eksempel.no/feed?token=abc&side=2")
    'https://eksempel.no/feed?token=***&side=2'
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(not an address)"
    query = parts.query
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(k, "***" if _SECRET.search(k) else v) for k, v in pairs], safe="*:/")
    return urlunsplit((parts.scheme, (f"[{host}]" if ":" in host else host) + port, parts.path, query, ""))


def user_agent() -> str:
    """Return how we present ourselves."""
    try:
        return f"{ROBOT}/{version('kompetansegraf')}"
    except PackageNotFoundError:
        return ROBOT


def _validators(answer: httpx.Response) -> dict[str, str]:
    found = {"etag": answer.headers.get("etag"), "modified": answer.headers.get("last-modified")}
    return {name: value for name, value in found.items() if value}


def _charset(parameters: str) -> str | None:
    """Return the charset that an answer states, None for one that nothing can be decoded with.

    Examples
    --------
    >>> _charset(" charset=utf-8"), _charset("charset=undefined"), _charset("")
    ('utf-8', None, None)
    """
    found = re.search(r"charset=[\"']?([\w.:-]+)", parameters, re.IGNORECASE)
    if found is None:
        return None
    try:
        bytes(range(32, 128)).decode(found.group(1))
    except (UnicodeError, LookupError):
        return None
    return found.group(1)


def _retry_after(value: str | None) -> float:
    """Return how many seconds to wait; a date or nothing counts as five."""
    return float(value) if value and value.strip().isdigit() else 5.0

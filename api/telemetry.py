"""What is going on? One JSON line and a few counters a request; nothing about the asker.

Neither lines nor counters hold query text, ids, addresses or keys: a request is known by the template
of its route (``/v1/resources/{id}``).
"""

import contextlib
import logging
import sys
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import internal_problem, problem_response

ACCESS = logging.getLogger("kompetansegraf.access")
ERRORS = logging.getLogger("kompetansegraf.error")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency histogram [s]."""

TELL_SECONDS = 1.0
"""How often a process tells the others what it has counted [s]."""

_TALLIES = ".tally"

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


@dataclass(slots=True)
class Tally:
    """Requests by (route, method, status), answers by (route, upper bound [s]), and seconds by route."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    buckets: Counter[tuple[str, float]] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, other: "Tally") -> None:
        """Add what another has counted."""
        self.requests += other.requests
        self.buckets += other.buckets
        for route, seconds in other.seconds.items():
            self.seconds[route] += seconds

    def to_json(self) -> bytes:
        """Return it for `from_json`."""
        return orjson.dumps(
            [list(counter.items()) for counter in (self.requests, self.buckets, self.seconds)]
        )

    @classmethod
    def from_json(cls, data: bytes) -> "Tally":
        """Return what `to_json` wrote."""
        requests, buckets, seconds = orjson.loads(data)
        return cls(
            Counter({tuple(key): n for key, n in requests}),
            # JSON has no infinity: it comes back as null
            Counter({(route, float("inf") if bound is None else bound): n for (route, bound), n in buckets}),
            defaultdict(float, seconds),
        )


class Metrics:
    """Requests counted by route, method and status; seconds in buckets. Safe from several threads.

    Parameters
    ----------
    folder : Path, optional
        Where server processes of one machine tell each other what they have counted, every second. One that
        takes the place of another goes on with its numbers.
    number : int
        This process among them.
    """

    def __init__(self, folder: Path | None = None, number: int = 0) -> None:
        self._lock = threading.Lock()
        self._tally = Tally()
        self._own = None if folder is None else folder / f"{number}{_TALLIES}"
        self._ended = threading.Event()
        if self._own is not None:
            if self._own.exists():
                self._tally = Tally.from_json(self._own.read_bytes())
            threading.Thread(target=self._tell, name="metrics", daemon=True).start()

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        bucket = next((b for b in BUCKETS if seconds <= b), float("inf"))
        with self._lock:
            self._tally.requests[route, method, status] += 1
            self._tally.buckets[route, bucket] += 1
            self._tally.seconds[route] += seconds

    def close(self) -> None:
        """Tell the others for the last time."""
        self._ended.set()
        self._write()

    def _tell(self) -> None:
        while not self._ended.wait(TELL_SECONDS):
            self._write()

    def _write(self) -> None:
        if self._own is None:
            return
        with self._lock:
            data = self._tally.to_json()
        part = self._own.with_suffix(".part")
        with contextlib.suppress(OSError):  # the folder goes when all end
            part.write_bytes(data)
            part.replace(self._own)

    def _everybody(self) -> Tally:
        """Return what all processes have counted; of the others as of a second ago."""
        every = Tally()
        with self._lock:
            every.add(self._tally)
        if self._own is not None:
            for path in self._own.parent.glob(f"*{_TALLIES}"):
                if path != self._own:
                    every.add(Tally.from_json(path.read_bytes()))
        return every

    def text(self, info: Mapping[str, str], gauges: Mapping[str, float]) -> str:
        """Return the Prometheus text format, version 0.0.4.

        Parameters
        ----------
        info : mapping
            Labels of ``kompetansegraf_build_info``.
        gauges : mapping
            Further values by metric name.
        """
        every = self._everybody()
        requests, buckets, seconds = every.requests, every.buckets, every.seconds
        lines = ["# HELP kompetansegraf_build_info What is served.", "# TYPE kompetansegraf_build_info gauge"]
        lines.append(f"kompetansegraf_build_info{_labels(info)} 1")
        for name, value in gauges.items():
            lines += [f"# TYPE {name} gauge", f"{name} {value:g}"]
        lines += [
            "# HELP kompetansegraf_http_requests_total Answered requests.",
            "# TYPE kompetansegraf_http_requests_total counter",
        ]
        for (route, method, status), n in sorted(requests.items()):
            labels = _labels({"route": route, "method": method, "status": str(status)})
            lines.append(f"kompetansegraf_http_requests_total{labels} {n}")
        lines += [
            "# HELP kompetansegraf_http_request_seconds Time to the end of the answer.",
            "# TYPE kompetansegraf_http_request_seconds histogram",
        ]
        for route in sorted(seconds):
            total = 0
            for bound in (*BUCKETS, float("inf")):
                total += buckets.get((route, bound), 0)
                labels = _labels({"route": route, "le": "+Inf" if bound == float("inf") else f"{bound:g}"})
                lines.append(f"kompetansegraf_http_request_seconds_bucket{labels} {total}")
            lines.append(
                f"kompetansegraf_http_request_seconds_sum{_labels({'route': route})} {seconds[route]:.6f}"
            )
            lines.append(f"kompetansegraf_http_request_seconds_count{_labels({'route': route})} {total}")
        return "\n".join(lines) + "\n"


class Telemetry:
    """ASGI middleware around all that may fail: logs, counts, and answers faults of ours with a problem."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 - the outermost: whatever it is becomes a problem
            log_fault(error, route_of(scope))
            if status == 0:
                response = problem_response(Request(scope), internal_problem())
                await response(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            route = route_of(scope)
            self.metrics.observe(route, method, status, seconds)
            ACCESS.info(
                "request",
                extra={
                    "fields": {
                        "method": method,
                        "route": route,
                        "status": status,
                        "ms": round(seconds * 1000, 1),
                    }
                },
            )


def route_of(scope: Scope) -> str:
    """Return the template of the route that answered; ``unmatched`` when there was none."""
    path = getattr(scope.get("route"), "path", None)
    if isinstance(path, str):
        return path
    return "/static" if str(scope.get("path", "")).startswith("/static/") else "unmatched"


def log_fault(error: BaseException, route: str) -> None:
    """Log a fault by its type and places in the code; its message might hold what was asked."""
    places = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    ERRORS.error(
        "fault", extra={"fields": {"route": route, "error": type(error).__name__, "at": places[-6:]}}
    )


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message and the record's `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return orjson.dumps(line, default=str).decode()


def _labels(labels: Mapping[str, str]) -> str:
    def escaped(value: str) -> str:
        return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")

    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items()) + "}"


def configure_logging(level: int = logging.INFO) -> None:
    """Send this program's log to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, at in (("kompetansegraf", level), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(at)
        logger.propagate = False

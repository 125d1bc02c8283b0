"""What is going on? One JSON line and a few counters a request; nothing about the asker.

Neither lines nor counters hold query text, ids, addresses or keys: a request is known by the template
of its route (``/v1/resources/{id}``).
"""

import logging
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import internal_problem, problem_response

ACCESS = logging.getLogger("kompetansegraf.access")
ERRORS = logging.getLogger("kompetansegraf.error")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency histogram [s]."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class Metrics:
    """Requests counted by route, method and status; seconds in buckets. Safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        bucket = next((b for b in BUCKETS if seconds <= b), float("inf"))
        with self._lock:
            self._requests[route, method, status] += 1
            self._buckets[route, bucket] += 1
            self._seconds[route] += seconds

    def text(self, info: Mapping[str, str], gauges: Mapping[str, float]) -> str:
        """Return the Prometheus text format, version 0.0.4.

        Parameters
        ----------
        info : mapping
            Labels of ``kompetansegraf_build_info``.
        gauges : mapping
            Further values by metric name.
        """
        with self._lock:
            requests, buckets, seconds = dict(self._requests), dict(self._buckets), dict(self._seconds)
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

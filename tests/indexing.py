"""A small web site that really answers, and an engine on an empty folder."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep
from typing import Any

from engine.bootstrap import load_settings, open_engine
from engine.model import Resource
from engine.service import Engine
from indexer.sources import WebLimits

QUICK = WebLimits(delay=0.0, timeout=0.5, total=1.0, page_bytes=200_000, longest_wait=0.05)


@dataclass
class Reply:
    """What the site answers at a path."""

    body: bytes | str = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    etag: str | None = None
    modified: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0


class Site:
    """Pages by path, and what was asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, Reply] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.now = 0
        self.most_at_once = 0
        self.stopped = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.now += 1
                site.most_at_once = max(site.most_at_once, site.now)
                site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                try:
                    self._answer(site.pages.get(self.path, Reply("borte", 404)))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                finally:
                    site.now -= 1

            def _answer(self, reply: Reply) -> None:
                site.stopped.wait(reply.wait)
                body = reply.body.encode() if isinstance(reply.body, str) else reply.body
                same = (reply.etag and self.headers.get("If-None-Match") == reply.etag) or (
                    reply.modified and self.headers.get("If-Modified-Since") == reply.modified
                )
                self.send_response(304 if same else reply.status)
                for name, value in (("ETag", reply.etag), ("Last-Modified", reply.modified)):
                    if value:
                        self.send_header(name, value)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if same:
                    self.end_headers()
                    return
                self.send_header("Content-Type", reply.type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if not reply.drip:
                    self.wfile.write(body)
                    return
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    if site.stopped.wait(reply.drip):
                        return

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def sitemap(self, pages: dict[str, str | None], path: str = "/sitemap.xml") -> None:
        rows = "".join(
            f"<url><loc>{self.url}{p}</loc>{f'<lastmod>{m}</lastmod>' if m else ''}</url>"
            for p, m in pages.items()
        )
        xml = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
        self.pages[path] = Reply('<?xml version="1.0" encoding="UTF-8"?>' + xml, type="application/xml")


@contextmanager
def running_site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stopped.set()
        site.server.shutdown()
        site.server.server_close()
        thread.join()


def article(title: str, text: str, *, head: str = "", lang: str = "nb") -> str:
    paragraphs = "".join(f"<p>{p}</p>" for p in text.split("\n\n"))
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | Eksempel</title>{head}'
        f"</head><body><nav><a href='/'>Hjem</a> <a href='/om'>Om oss</a></nav><main><article><h1>{title}</h1>"
        f"{paragraphs}</article></main><footer>Personvern og kontakt</footer></body></html>"
    )


FALL = (
    "Fall er vanlig blant eldre på sykehjem. Kartlegg risikoen sammen med pasienten og de pårørende, "
    "se på sko, lys og løse tepper, og gå gjennom legemidlene med legen.\n\n"
    "Tren styrke og balanse to ganger i uken. Skriv tiltakene i planen og følg dem opp etter fire uker."
)


def open_small_engine(folder: Path, embedder: str = "hashing") -> Engine:
    return open_engine(load_settings(data=folder, embedder=embedder))


def some_resources(n: int = 12) -> list[Resource]:
    topics = ["fall", "trykksår", "sepsis", "delir", "smerte", "ernæring", "diabetes", "hjerneslag"]
    return [
        Resource(
            f"r-{i:03d}",
            f"{topics[i % len(topics)].capitalize()} i praksis, del {i}",
            summary=f"Kort om {topics[i % len(topics)]}.",
            body=f"Del {i} handler om {topics[i % len(topics)]} hos eldre. Observer, varsle og skriv i journalen. "
            * 8,
            resource_type="fagartikkel",
            themes=("fall",) if i % 8 == 0 else (),
        )
        for i in range(n)
    ]


def until(check: Any, seconds: float = 10.0) -> None:
    """Wait until something is so; fail when it never is."""
    for _ in range(int(seconds / 0.02)):
        if check():
            return
        sleep(0.02)
    raise AssertionError("waited in vain")

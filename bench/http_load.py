"""How fast does a server answer? So many connections, each with one request at a time, from one process."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
class Load:
    """What came of it: seconds of each request, wall time [s], answers that were not 200, bytes received."""

    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0
    failed: int = 0
    received: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.wall


def ask(address: str, paths: Sequence[str], connections: int) -> Load:
    """Ask every path once, over so many connections that stay open.

    Parameters
    ----------
    address : str
        ``http://host:port``.
    paths : sequence of str
        What to get.
    connections : int
        How many requests are under way at once.
    """
    return asyncio.run(_ask(address, paths, connections))


async def _ask(address: str, paths: Sequence[str], connections: int) -> Load:
    parts = urlsplit(address)
    load, waiting = Load(), iter(paths)

    async def one() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            for path in waiting:
                begun = time.perf_counter()
                writer.write(
                    f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n\r\n".encode()
                )
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
                fields = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
                body = await reader.readexactly(int(fields["content-length"]))
                load.seconds.append(time.perf_counter() - begun)
                load.received += len(body)
                load.failed += head[0].split()[1] != "200"
        finally:
            writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    load.wall = time.perf_counter() - begun
    return load

"""How is a generated bank served? By the program's own server; only the model is another: it knows all queries.

    python -m bench.serving FOLDER [WORKERS]      prints the address and serves until interrupted

Queries' vectors lie in ``queries.npz`` beside the data folder, so that no time goes to encoding, as with a
query that the server has seen before.
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np

from api.server import listen, serve
from api.workers import listen_shared, serve_with_workers
from bench.questions import KnownTexts
from engine.bootstrap import load_settings, open_engine
from engine.service import Engine

DATA, QUERIES = "data", "queries.npz"


def save_queries(folder: Path, known: KnownTexts) -> None:
    """Write the vectors of queries for `open_bank`."""
    np.savez(folder / QUERIES, texts=list(known.known), vectors=np.stack(list(known.known.values())))


def open_bank(folder: Path, **settings: object) -> Engine:
    """Open the engine over a generated bank in `folder`."""
    engine = open_engine(load_settings(data=folder / DATA, embedder="none", **settings))
    with np.load(folder / QUERIES) as saved:
        engine.embedder = KnownTexts(dict(zip(saved["texts"].tolist(), saved["vectors"], strict=True)))
    return engine


def main() -> None:
    """Serve."""
    folder, workers = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    listeners = [listen("127.0.0.1", 0)] if workers == 1 else listen_shared("127.0.0.1", 0, workers)
    sys.stdout.write(f"http://127.0.0.1:{listeners[0].getsockname()[1]}\n")
    sys.stdout.flush()
    if workers > 1:
        serve_with_workers(partial(open_bank, folder), listeners, log_requests=False)
        return
    engine = open_bank(folder)
    try:
        serve(engine, listeners[0], log_requests=False)
    finally:
        engine.close()


if __name__ == "__main__":
    main()

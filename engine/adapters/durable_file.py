"""How is a file replaced so that a kill leaves the old one or the new one? By a rename.

Write beside it, force to the disk, rename over it, force the folder to the disk.
"""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Force a folder's own entries (names, renames, removals) to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Force every file and folder below `folder`, and itself, to the disk.

    A file that goes away meanwhile (a search engine's own tidying) is passed over.
    """
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                descriptor = os.open(Path(parent, name), os.O_RDONLY)
            except FileNotFoundError:
                continue
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(parent))


def write_atomically(path: Path, data: bytes) -> None:
    """Make `data` the content of `path`, all of it or nothing; durable when it returns."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)

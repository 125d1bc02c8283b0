"""How is a measurement written down? As Markdown for people and as JSON for comparing, with the machine."""

import json
import platform
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

SECONDS_BETWEEN_LINES = 20


def progress_bar() -> Progress:
    """Return a progress bar on stderr, or now and then a line when that is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return _Lines(console=console, disable=True, auto_refresh=False)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        refresh_per_second=2,
    )


class _Lines(Progress):
    """Says in lines how far it is, at the end of a task and every so many seconds."""

    _next = 0.0

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        super().advance(task_id, advance)
        self._say(task_id)

    def update(self, task_id: TaskID, *args: Any, **changes: Any) -> None:
        super().update(task_id, *args, **changes)
        self._say(task_id)

    def _say(self, task_id: TaskID) -> None:
        task = self._tasks[task_id]
        if task.finished or time.monotonic() >= self._next:
            self._next = time.monotonic() + SECONDS_BETWEEN_LINES
            total = "?" if task.total is None else f"{task.total:,.0f}"
            sys.stderr.write(
                f"{time.strftime('%H:%M:%S')} {task.description}: {task.completed:,.0f} of {total}\n"
            )
            sys.stderr.flush()


def machine() -> str:
    """Return what it ran on."""
    processor, threads, memory = "unknown processor", 0, 0
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            processor, threads = line.partition(":")[2].strip(), threads + 1
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemTotal"):
            memory = round(int(line.split()[1]) / 2**20)
    return f"{processor}, {threads} threads, {memory} GiB; Python {platform.python_version()}"


def resident_bytes(pid: int | str = "self") -> int:
    """Return the memory that a process of this machine holds, 0 if it is not one."""
    for line in _lines(f"/proc/{pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0


def proportional_bytes(pid: int | str = "self") -> int:
    """Return the memory of a process, of what it shares with others its part; 0 where that is not told."""
    for line in _lines(f"/proc/{pid}/smaps_rollup"):
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def descendants(pid: int) -> list[int]:
    """Return the processes that a process, and those it has started, have started."""
    found: list[int] = []
    for line in _lines(f"/proc/{pid}/task/{pid}/children"):
        for child in map(int, line.split()):
            found += [child, *descendants(child)]
    return found


def folder_bytes(folder: Path) -> int:
    """Return the length of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; all columns but the first are numbers.

    Examples
    --------
    >>> print(table(["what", "n"], [["a", 1.234], ["b", 2]]))
    | what | n |
    |---|--:|
    | a | 1.23 |
    | b | 2 |
    """
    lines = [f"| {' | '.join(header)} |", f"|---|{'--:|' * (len(header) - 1)}"]
    lines += [f"| {' | '.join(map(_shown, row))} |" for row in rows]
    return "\n".join(lines)


def megabytes(count: int) -> str:
    """Return a number of bytes as people read it.

    Examples
    --------
    >>> megabytes(12_345_678), megabytes(5_000_000_000)
    ('12 MB', '5,000 MB')
    """
    return f"{count / 1e6:,.0f} MB"


def deliver(markdown: str, figures: dict[str, Any], files: Iterable[Path]) -> None:
    """Print the report, and write it to files: ``.json`` gets the figures, anything else the text."""
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(figures, indent=1, ensure_ascii=False) if path.suffix == ".json" else markdown
        path.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(markdown + "\n")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 10 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []

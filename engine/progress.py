"""How far has a long job come? What a job tells whoever waits; showing it is somebody else's business."""

from typing import Protocol


class Progress(Protocol):
    """Told of stages, one after the other. Called from one thread."""

    def begin(self, stage: str, total: int | None = None) -> None:
        """Begin a stage (``reading bank.jsonl``, ``embedding``) of `total` steps, None if not known."""
        ...

    def advance(self, steps: int = 1) -> None:
        """So many more steps are done."""
        ...

    def end(self) -> None:
        """End the stage."""
        ...


class Quiet:
    """Progress that nobody looks at."""

    def begin(self, stage: str, total: int | None = None) -> None:
        """Do nothing."""

    def advance(self, steps: int = 1) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""

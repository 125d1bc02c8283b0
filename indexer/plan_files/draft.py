"""What would a file write? Roles, requirements, plans and links with their places, and what was kept out."""

from dataclasses import dataclass, field

from graph.model import Plan, Requirement, Role
from indexer.plan_files.problem import Place
from indexer.sources.source import SourceProblem


@dataclass(slots=True)
class Draft:
    """What has been read of a file, and nothing of it written yet.

    `links` are (resource, requirement) with the place that says so. `seq` is the state of the plans that
    it was made from, `kinds` what the file may hold. `skipped` are places of rows and ids of plans.
    """

    seq: int
    kinds: tuple[str, ...] = ("roles", "requirements", "plans")
    roles: dict[str, Role] = field(default_factory=dict)
    requirements: dict[str, Requirement] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    links: dict[tuple[str, str], Place] = field(default_factory=dict)
    links_unchanged: list[tuple[str, str]] = field(default_factory=list)
    problems: list[SourceProblem] = field(default_factory=list)
    warnings: list[SourceProblem] = field(default_factory=list)
    skipped: dict[str, list[str]] = field(default_factory=dict)

    def note(self, problem: SourceProblem) -> None:
        """Keep a problem or a warning."""
        (self.problems if problem.severity == "error" else self.warnings).append(problem)

    def skip(self, kind: str, name: str) -> None:
        """Note that something was kept out."""
        names = self.skipped.setdefault(kind, [])
        if name not in names:
            names.append(name)

"""How do thousands get their status and their next steps at once? A file of done-lists in, a file of answers out.

Answers stand in the order of the lines, one for each. The file is complete or it is not there: what is ready lies
beside it meanwhile, and a run that was stopped goes on from there if nothing that it depends on has changed.
"""

import gc
import hashlib
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, ClassVar

import orjson

from cli.output import console
from engine.batch import BatchRecommender
from engine.errors import InvalidRequest, KompetansegrafError
from engine.plan_data import PlanData
from engine.progress import Progress
from engine.recommendation import RecommendationRequest
from engine.service import Engine, role_id
from graph.done_list import DoneListError, member_from_record
from graph.errors import GraphError

K = 10
"""Resources recommended to each."""

CHUNK = 200
"""Lines that a process answers at a time."""


@dataclass(frozen=True, slots=True)
class Asker:
    """What a line of the file is answered with."""

    recommender: BatchRecommender
    plans: PlanData
    language: str = "nb"
    on: date | None = None

    def answer(self, line: bytes, number: int) -> dict[str, Any]:
        """Return the answer for one line, or the number of the line and what is wrong with it."""
        try:
            member = member_from_record(orjson.loads(line), self.plans.requirements)
            if len(member.roles) != 1:
                raise DoneListError("role", "one role a line: repeat the pseudonym for another one")
            role = role_id(member.roles[0], self.plans.roles)
            self.plans.check(role, member.plan)
            request = RecommendationRequest(
                role=role,
                plan=member.plan,
                done=member.done,
                edition=member.edition,
                language=self.language,
                k=K,
                on=self.on,
            )
            found = self.recommender.answer(request)
        except DoneListError as error:
            said = "; ".join(f"field {field}: {message}" for field, message in error.faults)
            return {"line": number, "problem": said}
        except orjson.JSONDecodeError as error:
            return {"line": number, "problem": f"not JSON: {error}"}
        except (KompetansegrafError, GraphError) as error:
            return {"line": number, "problem": str(error)}
        return {
            "pseudonym": member.pseudonym,
            "role": role,
            "plan": member.plan,
            "status": found.status,
            "gaps": found.gaps,
            "next": found.next,
        }


@dataclass(frozen=True, slots=True)
class Job:
    """A file cut into pieces of some lines each; a process is told the number of a piece and reads it itself."""

    asker: Asker
    path: Path
    pieces: Sequence[tuple[int, int, int]]  # number of the first line, where it begins, where the last ends

    current: ClassVar["Job | None"] = None

    def piece(self, number: int) -> tuple[bytes, int, int]:
        """Return the answers of a piece as JSON Lines, how many there are, and how many are problems."""
        first, begin, end = self.pieces[number]
        with self.path.open("rb") as file:
            file.seek(begin)
            lines = file.read(end - begin).split(b"\n")
        answers = [self.asker.answer(line, first + i) for i, line in enumerate(lines) if line.strip()]
        written = b"".join(orjson.dumps(answer) + b"\n" for answer in answers)
        return written, len(answers), sum("problem" in answer for answer in answers)


def recommend_file(
    engine: Engine,
    path: Path,
    out: Path | None,
    *,
    on: date | None = None,
    language: str = "nb",
    workers: int | None = None,
    progress: Progress,
) -> None:
    """Answer every line of a file.

    Raises
    ------
    InvalidRequest
        If the file cannot be read, `out` cannot be written, or no line could be answered.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InvalidRequest(f"{path}: cannot be read: {error.strerror}") from error
    progress.begin("reading graph and resources")
    recommender = engine.recommend_many()
    recommender.read_ahead()
    plans = PlanData(engine.catalogue.plan_seq(), engine.roles(), engine.requirements(), engine.plans())
    asker = Asker(recommender, plans, language, on)
    progress.end()
    depends = (digest, engine.graph().version, plans.seq, on or engine.today(), language, K)
    with _destination(out, hashlib.sha256(repr(depends).encode()).hexdigest()[:16]) as (file, ready):
        answered, problems = run(
            asker, path, file, ready, workers=workers or len(os.sched_getaffinity(0)), progress=progress
        )
    said = f"{answered + ready} answers" + (f", {ready} of them from before" if ready else "")
    console().print(f"{said}; {problems} lines could not be answered.", highlight=False)
    if answered and answered == problems:
        raise InvalidRequest(f"{path}: no line could be answered; the answers say why")


def run(
    asker: Asker, path: Path, file: IO[bytes], ready: int = 0, *, workers: int, progress: Progress
) -> tuple[int, int]:
    """Write the answers of all lines but the first `ready`; return how many, and how many are problems."""
    pieces = cut(path, ready)
    job = Job(asker, path, pieces)
    progress.begin("recommending", sum(1 for _ in _lines(path)) - ready)
    answered = problems = 0
    for written, count, wrong in _pieces(job, min(workers, len(pieces))):
        file.write(written)
        file.flush()
        progress.advance(count)
        answered, problems = answered + count, problems + wrong
    progress.end()
    return answered, problems


def cut(path: Path, ready: int = 0, size: int = CHUNK) -> list[tuple[int, int, int]]:
    """Return number of the first line, begin and end of every `size` lines that are not blank, but for the first ones."""
    found: list[tuple[int, int, int]] = []
    for place, (number, begin, end) in enumerate(_lines(path)):
        if place < ready:
            continue
        if (place - ready) % size == 0:
            found.append((number, begin, end))
        else:
            first, start, _ = found[-1]
            found[-1] = first, start, end
    return found


def _lines(path: Path) -> Iterator[tuple[int, int, int]]:
    """Yield number, begin and end of each line that is not blank."""
    begin = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, begin, begin + len(line)
            begin += len(line)


def _pieces(job: Job, workers: int) -> Iterator[tuple[bytes, int, int]]:
    numbers = range(len(job.pieces))
    if workers <= 1:
        yield from map(job.piece, numbers)
        return
    Job.current = job
    gc.collect()
    gc.freeze()  # what the processes share stays shared: nobody looks through it for garbage
    try:
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            yield from pool.imap(_piece, numbers)
    finally:
        gc.unfreeze()
        Job.current = None


def _piece(number: int) -> tuple[bytes, int, int]:
    assert Job.current is not None
    return Job.current.piece(number)


@contextmanager
def _destination(out: Path | None, key: str) -> Iterator[tuple[IO[bytes], int]]:
    """Give the file to write to, and how many answers it holds from a run that was stopped."""
    if out is None:
        yield sys.stdout.buffer, 0
        return
    part = out.with_name(f".{out.name}.{key}.part")
    try:
        file = part.open("a+b")
    except OSError as error:
        raise InvalidRequest(f"{out}: cannot be written: {error.strerror}") from error
    with file:
        file.seek(0)
        whole = file.read().rpartition(b"\n")
        keep = len(whole[0]) + len(whole[1])
        file.truncate(keep)
        yield file, whole[0].count(b"\n") + bool(whole[1])
        file.flush()
        os.fsync(file.fileno())
    part.replace(out)

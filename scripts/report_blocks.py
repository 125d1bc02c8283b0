"""Where do measured tables go? Between the markers of a document; what stands around them is written by hand."""

from pathlib import Path

EVALUATION = Path(__file__).parents[1] / "docs" / "evaluation.md"


def write_block(name: str, text: str, path: Path = EVALUATION) -> None:
    """Replace what stands between ``<!-- name: begin -->`` and ``<!-- name: end -->``; raises if they are not there."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    whole = path.read_text(encoding="utf-8")
    if whole.count(begin) != 1 or whole.count(end) != 1:
        raise ValueError(f"{path}: expected one {begin} and one {end}")
    before, _, rest = whole.partition(begin)
    path.write_text(f"{before}{begin}\n{text.strip()}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def markdown_table(heading: list, rows: list[list]) -> list[str]:
    """Return the lines of a table."""
    return [
        "| " + " | ".join(map(str, heading)) + " |",
        "|" + "---|" * len(heading),
        *("| " + " | ".join(map(str, row)) + " |" for row in rows),
    ]

"""How does a table fit a terminal? Wrapped between words; what is too narrow for that is set as lines below each other."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

GAP = 1
"""Blank columns between two columns."""


def print_table(out: Console, heads: Sequence[str], rows: Sequence[Sequence[Text | str]]) -> None:
    """Print a table in which no word is broken, or each row as lines where there is no room for one.

    The first two cells of a row are its first line then, and have to say what it is.
    """
    cells = [[Text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    columns = list(zip(*[[Text(head) for head in heads], *cells], strict=True))
    widths = column_widths(
        [max(_longest_word(cell) for cell in column) for column in columns],
        [max(cell_len(cell.plain) for cell in column) for column in columns],
        out.width,
    )
    if widths is None:
        for row in cells:
            out.print(Text("  ").join(cell for cell in row[:2] if cell.plain))
            told = [Text.assemble((f"{h}: ", "dim"), c) for h, c in zip(heads, row, strict=True) if c.plain]
            for more in Text(" · ").join(told[2:]).wrap(out, max(1, out.width - 2)):
                more.rstrip()
                out.print(Text("  ") + more)
        return
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for head, width in zip(heads, widths, strict=True):
        table.add_column(head, width=width, overflow="fold")
    for row in cells:
        table.add_row(*row)
    out.print(table, soft_wrap=False)


def column_widths(least: Sequence[int], most: Sequence[int], room: int) -> list[int] | None:
    """Return how wide each column is, at least as its longest word; None where that does not fit.

    What room is left goes to the columns that need more, the narrowest first.

    Examples
    --------
    >>> column_widths([3, 8], [5, 40], 30), column_widths([20, 20], [30, 30], 30)
    ([5, 24], None)
    """
    widths = list(least)
    left = room - sum(widths) - GAP * (len(widths) - 1)
    if left < 0:
        return None
    while left > 0 and (wanting := [n for n, width in enumerate(widths) if width < most[n]]):
        widths[min(wanting, key=lambda n: (widths[n], n))] += 1
        left -= 1
    return widths


def _longest_word(text: Text) -> int:
    return max((cell_len(word) for word in text.plain.split()), default=0)

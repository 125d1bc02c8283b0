"""What can be wrong with a graph or a plan? The errors of this room, all of them `ValueError`."""

from collections.abc import Sequence


class GraphError(ValueError):
    """Nodes, edges, plans or ids do not fit together; the message names them."""


class CycleError(GraphError):
    """Prerequisites run in a circle.

    Parameters
    ----------
    cycle : sequence of ids
        Each comes before the next one, and the last before the first; the smallest id stands first.

    Examples
    --------
    >>> print(CycleError(["b", "c", "a"]))
    prerequisites run in a circle: a before b before c before a
    """

    def __init__(self, cycle: Sequence[str]) -> None:
        start = cycle.index(min(cycle))
        self.cycle = (*cycle[start:], *cycle[:start])
        super().__init__("prerequisites run in a circle: " + " before ".join((*self.cycle, self.cycle[0])))

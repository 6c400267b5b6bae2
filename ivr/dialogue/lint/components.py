"""Cycles of a directed graph."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping


def cycles(successors: Mapping[str, Collection[str]]) -> Iterator[frozenset[str]]:
    """The strongly connected components that hold a cycle (Tarjan, without recursion).

    Args:
        successors: Node → nodes; every node is a key.
    """
    search = _Search(successors)
    for root in successors:
        for component in search.from_root(root):
            if len(component) > 1 or any(node in successors[node] for node in component):
                yield component


class _Search:
    """A depth-first search that closes a component when its first node is left."""

    def __init__(self, successors: Mapping[str, Collection[str]]) -> None:
        self._successors = successors
        self._order: dict[str, int] = {}
        self._low: dict[str, int] = {}
        self._open: dict[str, None] = {}
        self._walk: list[tuple[str, Iterator[str]]] = []

    def from_root(self, root: str) -> Iterator[frozenset[str]]:
        """The components that are reached from a node and were not reached before."""
        if root not in self._order:
            self._enter(root)
        while self._walk:
            node, rest = self._walk[-1]
            follower = next(rest, None)
            if follower is None:
                yield from self._leave(node)
            elif follower not in self._order:
                self._enter(follower)
            elif follower in self._open:
                self._low[node] = min(self._low[node], self._order[follower])

    def _enter(self, node: str) -> None:
        self._order[node] = self._low[node] = len(self._order)
        self._open[node] = None
        self._walk.append((node, iter(self._successors[node])))

    def _leave(self, node: str) -> Iterator[frozenset[str]]:
        self._walk.pop()
        if self._walk:
            parent = self._walk[-1][0]
            self._low[parent] = min(self._low[parent], self._low[node])
        if self._low[node] == self._order[node]:
            component: set[str] = set()
            while node not in component:
                component.add(self._open.popitem()[0])
            yield frozenset(component)

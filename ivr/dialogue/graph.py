"""Draws a flow for people: states shaped by what they do, ways labelled by why they are taken."""

from __future__ import annotations

import html
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import graphviz

from ivr.dialogue import contents
from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.control import ControlFlow, Edge, Origin
from ivr.dialogue.schema.files import PromptText
from ivr.dialogue.schema.states import (
    Ask,
    Call,
    Choose,
    Confirm,
    Do,
    End,
    ForEach,
    FormEntry,
    FormProgress,
    Queue,
    Say,
    Set,
    State,
    When,
)
from ivr.dialogue.schema.values import NEXT, REPEAT, PromptId
from ivr.dialogue.templates import Template

LINE_LENGTH = 32
MOST_LINES = 3
EDGE_LENGTH = 24
HUB_WAYS = 3
"""A state to which more faults and failures lead is named where they arise, instead of a line to it."""

FALL_BACKS = frozenset({"error", "otherwise", "silent", "visits"})
GREY = "#6b7280"
FONT = {"fontname": "Liberation Sans, Arial, sans-serif", "fontsize": "11"}


class Look(NamedTuple):
    """How the states of a verb look."""

    shape: str
    colour: str


LOOKS: Mapping[type[State], Look] = {
    Say: Look("box", "#eef2f7"),
    Ask: Look("house", "#d7e8ff"),
    Choose: Look("house", "#d7e8ff"),
    Confirm: Look("hexagon", "#d7e8ff"),
    Do: Look("component", "#fff0c9"),
    When: Look("diamond", "#f3f4f6"),
    Set: Look("note", "#f3f4f6"),
    ForEach: Look("folder", "#e9e1fb"),
    FormEntry: Look("tab", "#e9e1fb"),
    FormProgress: Look("diamond", "#e9e1fb"),
    Call: Look("box3d", "#dcf3e1"),
    Queue: Look("cds", "#ffdede"),
    End: Look("oval", "#e5e7eb"),
}
"""Blue listens, yellow works, red is people, grey decides or ends, green is another flow."""


def drawing(flow: Flow, prompts: Mapping[str, PromptText]) -> graphviz.Digraph:
    """The flow as a graph; sub-flows link to `<id>.svg` beside it.

    Args:
        flow: The flow.
        prompts: The catalogue, for the texts of shared prompts.
    """
    return _Drawing(flow, prompts).drawn()


class _Drawing:
    def __init__(self, flow: Flow, prompts: Mapping[str, PromptText]) -> None:
        self._flow = flow
        self._prompts = prompts
        self._control = ControlFlow(flow)
        self._graph = graphviz.Digraph(
            flow.id,
            graph_attr={
                "label": graphviz.escape(f"{flow.file.title} · {flow.label}"),
                "labelloc": "t",
                "rankdir": "TB",
                "ranksep": "0.35",
                "nodesep": "0.3",
                **FONT,
                "fontsize": "16",
            },
            node_attr={"style": "filled", "color": GREY, "margin": "0.15,0.08", **FONT},
            edge_attr={"color": "#374151", "arrowsize": "0.7", **FONT, "fontsize": "10"},
        )

    def drawn(self) -> graphviz.Digraph:
        """All of it."""
        self._graph.node("begin", label="", shape="circle", width="0.2", fillcolor="#111827")
        self._graph.edge("begin", self._flow.file.start)
        for written, names in self._by_form().items():
            if len(names) == 1:
                self._node(self._graph, names[0])
            else:
                self._form(written, names)
        for name in self._flow.states:
            self._edges(name)
        self._ways_of_the_flow()
        return self._graph

    def _by_form(self) -> Mapping[str, list[str]]:
        """Written state → the states it stands for."""
        pieces: defaultdict[str, list[str]] = defaultdict(list)
        for name, place in self._flow.places.items():
            pieces[str(place[1])].append(name)
        return pieces

    def _form(self, written: str, names: Iterable[str]) -> None:
        with self._graph.subgraph(name=f"cluster_{written}") as cluster:
            cluster.attr(label=written, color=GREY, style="rounded,dashed", fontsize="11")
            for name in names:
                self._node(cluster, name)

    def _node(self, graph: graphviz.Digraph, name: str) -> None:
        state = self._flow.states[name]
        look = LOOKS[type(state)]
        link = {"URL": f"{state.call}.svg"} if isinstance(state, Call) else {}
        peripheries = "2" if isinstance(state, End) and self._flow.outcome(state.end).complete else "1"
        graph.node(
            name,
            label=self._label(name, state),
            shape=look.shape,
            fillcolor=look.colour,
            tooltip=name,
            peripheries=peripheries,
            **link,
        )

    def _label(self, name: str, state: State) -> str:
        """What it does, then its name, then the ways that are not drawn."""
        lines = [*_wrapped(self._about(state)), _small(name, "#111827")]
        hidden: defaultdict[str, list[str]] = defaultdict(list)
        for edge in self._control.edges[name]:
            if self._is_hidden(edge):
                hidden[str(edge.target)].append(edge.label)
        lines += [_small(f"{', '.join(labels)} → {target}", GREY) for target, labels in hidden.items()]
        return f"<{'<br/>'.join(lines)}>"

    def _about(self, state: State) -> str:
        match state:
            case Do(do=what):
                return what
            case End(end=outcome):
                return f"{self._text(state.say)} {outcome}".strip()
            case Call(call=what):
                return f"▸ {what}"
            case Queue(queue=queue):
                return f"☎ {queue.name.source}"
            case ForEach(for_each=lists):
                return ", ".join(
                    f"{name} in {value.source.removeprefix('=')}" for name, value in lists.items()
                )
            case Set(set=values):
                return ", ".join(
                    f"{name} = {value.source.removeprefix('=')}" for name, value in values.items()
                )
            case When():
                return state.title or "?"
        return self._said(state)

    def _said(self, state: State) -> str:
        """The beginning of what is said in a state."""
        match state:
            case Say(say=utterance):
                return self._text(utterance)
            case Ask(ask=turn) | Choose(choose=turn) | Confirm(confirm=turn):
                return self._text(turn.prompt)
        return state.title or ""

    def _text(self, utterance: object) -> str:
        texts = []
        for _, leaf in contents.leaves(utterance):
            if isinstance(leaf, PromptId):
                texts.append(self._prompts[leaf.id].text if leaf.id in self._prompts else leaf.id)
            elif isinstance(leaf, Template):
                texts.append(leaf.source)
        return " ".join(texts)

    @cached_property
    def _hubs(self) -> frozenset[str]:
        """The states to which many faults and failures lead."""
        edges = (edge for ways in self._control.edges.values() for edge in ways)
        ways = Counter(edge.target for edge in edges if _is_fall_back(edge))
        return frozenset(target for target, number in ways.items() if target and number > HUB_WAYS)

    def _is_hidden(self, edge: Edge) -> bool:
        return _is_fall_back(edge) and not edge.exit.say and edge.target in self._hubs

    def _edges(self, name: str) -> None:
        """The ways out of a state; those to one place are one line."""
        together: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in self._control.edges[name]:
            if edge.origin is Origin.OWN and not self._is_hidden(edge):
                together[self._target(edge)].append(edge)
        for target, edges in together.items():
            style = {"style": "dashed", "color": GREY} if all(map(_is_fall_back, edges)) else {}
            if any(edge.exit.then == NEXT for edge in edges):
                style = {"style": "dotted", "constraint": "false"}
            self._graph.edge(name, target, label=graphviz.escape("\n".join(self._reasons(edges))), **style)

    def _target(self, edge: Edge) -> str:
        """The node that an edge leads to; outcomes that end the flow on the way get a node of their own."""
        if edge.exit.end is None:
            return str(edge.target).removesuffix(" next")
        node = f"end {edge.exit.end}"
        peripheries = "2" if self._flow.outcome(edge.exit.end).complete else "1"
        self._graph.node(node, label=edge.exit.end, shape="oval", peripheries=peripheries)
        return node

    def _reasons(self, edges: Iterable[Edge]) -> Iterator[str]:
        for edge in edges:
            yield from textwrap.wrap(self._reason(edge), EDGE_LENGTH)
            if edge.exit.say:
                yield f"«{_shortened(self._text(edge.exit.say), EDGE_LENGTH)}»"

    def _reason(self, edge: Edge) -> str:
        state = self._flow.states[edge.state]
        match state:
            case When(when=cases) if edge.path[0] == "when":
                return cases[int(edge.path[1])].condition.source.removeprefix("=")
            case Choose(choose=offer) if edge.path[:2] == ("choose", "options"):
                words = (offer.options or {})[edge.label].words
                return f"{edge.label} · {words[0]}" if words else edge.label
        if edge.exit.then == NEXT:
            return f"{edge.label}: {NEXT}"
        return "" if edge.label in {"then", "first"} else edge.label

    def _ways_of_the_flow(self) -> None:
        """`globals` and `on_error`, from a node that stands for every question."""
        ways = {path: way for path, way in self._flow.ways.items() if way.then != REPEAT}
        if not ways:
            return
        self._graph.node("anywhere", label="anywhere", shape="plaintext", style="")
        for path, way in ways.items():
            label = f"key {path[1]}" if path[0] == "globals" else "on_error"
            target = way.then if way.end is None else f"end {way.end}"
            self._graph.edge("anywhere", str(target), label=label, style="dashed", color=GREY)


def _is_fall_back(edge: Edge) -> bool:
    return edge.origin is Origin.OWN and edge.label in FALL_BACKS


def _wrapped(text: str) -> list[str]:
    """The beginning of a text in lines, safe in an HTML-like label."""
    lines = textwrap.wrap(text, LINE_LENGTH)
    shown = lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        shown[-1] = f"{shown[-1].rstrip('.')} …"
    return [html.escape(line) for line in shown]


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _small(text: str, colour: str) -> str:
    return f'<font point-size="9" color="{colour}">{html.escape(text)}</font>'

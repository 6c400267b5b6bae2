from __future__ import annotations

import re
from pathlib import Path

from ivr.dialogue.flow import Flow
from ivr.dialogue.graph import drawing
from ivr.dialogue.loader import load

ROOT = Path(__file__).parents[3]
LINE = re.compile(
    r"^\t+(?P<source>\"[^\"]+\"|\w+) -> (?P<target>\"[^\"]+\"|\w+)(?P<rest>[^\]]*)", re.MULTILINE
)


def _flow(name: str) -> tuple[Flow, str]:
    loaded = load([ROOT / "scenarios"])
    flow = loaded.flows[name]
    return flow, drawing(flow, loaded.prompts).source


def _lines(source: str) -> dict[tuple[str, str], str]:
    return {
        (match["source"].strip('"'), match["target"].strip('"')): match["rest"]
        for match in LINE.finditer(source)
    }


def test_every_state_is_drawn() -> None:
    flow, source = _flow("meter-reading")

    for name in flow.states:
        assert re.search(rf"^\t+{name} \[label=<", source, re.MULTILINE), name


def test_lines_say_why_they_are_taken() -> None:
    _, source = _flow("meter-reading")
    lines = _lines(source)

    assert "label=yes" in lines["read_back", "accept"]
    assert "label=no" in lines["read_back", "value"]
    assert "plausible" in lines["check", "read_back"]
    assert "rollover" in lines["check", "read_back"]
    assert "next" in lines["accept", "each_meter"]


def test_a_place_where_many_failures_lead_is_named_at_the_states() -> None:
    _, source = _flow("meter-reading")

    assert ("read_back", "unclear") not in _lines(source)
    assert "otherwise → unclear" in source


def test_texts_of_shared_prompts_are_shown() -> None:
    _, source = _flow("reception")

    assert "Здравствуйте!" in source


def test_sub_flows_are_linked() -> None:
    _, source = _flow("reception")

    assert 'URL="meter-reading.svg"' in source


def test_signs_of_html_do_not_break_the_drawing(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(
        "id: flow\ntitle: А & <Б>\nversion: 1\nstart: menu\n"
        'states: {menu: {say: "Больше <двух> & меньше {a|number}?", end: done}}\n',
        encoding="utf-8",
    )
    loaded = load([tmp_path])

    source = drawing(loaded.flows["flow"], {}).source

    assert "&lt;двух&gt; &amp; меньше" in source

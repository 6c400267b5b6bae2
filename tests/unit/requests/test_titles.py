from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import Fault
from ivr.requests.model import RequestKind, RequestStatus
from ivr.requests.titles import Titles


def test_every_kind_and_state_has_a_title() -> None:
    titles = Titles.load()
    assert set(titles.kinds) == set(RequestKind)
    assert set(titles.statuses) == set(RequestStatus)
    assert titles.kinds[RequestKind.COMPLAINT] in titles.texts()


def test_a_company_has_its_own(tmp_path: Path) -> None:
    file = tmp_path / "titles.yaml"
    own = Titles.load()
    lines = ["kinds:", *(f"  {kind.value}: {title}" for kind, title in own.kinds.items())]
    lines += ["statuses:", *(f"  {status.value}: стоит" for status in RequestStatus)]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert set(Titles.load(file).statuses.values()) == {"стоит"}


@pytest.mark.parametrize(
    "text", ["", "kinds: {}", "kinds: {}\nstatuses: {}", "kinds: [", "kinds: {storm: x}\nstatuses: {}"]
)
def test_a_broken_file_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "titles.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Fault):
        Titles.load(file)
    with pytest.raises(Fault):
        Titles.load(tmp_path / "gone.yaml")

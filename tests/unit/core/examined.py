"""What the tests of `ivr doctor` examine: settings of their own, programs and ports of a machine."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.settings import Settings, load

ROOT = Path(__file__).parents[3]
NOW = datetime.now(UTC)


def settings_of(data: Path, *overrides: str) -> Settings:
    """The demo company, with its data in another folder."""
    own = [
        f"data_folder={data}",
        f"archive.folder={data / 'recordings'}",
        f"scenarios.folder={ROOT / 'scenarios'}",
        f"standards_folder={ROOT / 'metrics/standards'}",
        f"speech.recorded_folder={data / 'recorded'}",
        f"asterisk.root_folder={data / 'root'}",
    ]
    return load(ROOT / "ivr.yaml", [*own, *overrides])


def nothing_at(path: Path) -> bool:
    return not path.exists()


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> None:
    """A program of that name, before all others in the path."""
    file = folder / "bin" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    if str(file.parent) not in os.environ["PATH"]:
        monkeypatch.setenv("PATH", f"{file.parent}:{os.environ['PATH']}")


@contextmanager
def listening(kind: socket.SocketKind) -> Iterator[int]:
    """A port of the loopback that this process has."""
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        yield taken.getsockname()[1]

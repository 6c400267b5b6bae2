"""Takes a model out of zip archives, wheels or a folder, as data: no path leaves the target folder."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import IO, Protocol
from zipfile import BadZipFile, ZipFile

from ivr.errors import Fault
from ivr.speech.models.catalogue import Engine, Files, Model

_MARKS: Mapping[Engine, tuple[str, ...]] = {
    Engine.VOSK: ("am/final.mdl", "final.mdl"),
    Engine.WHISPER: ("model.bin",),
}
"""Files by which the top of a model is found in an archive, the surest first."""


class Tree(Protocol):
    """Files by their paths, in a folder or an archive."""

    def paths(self) -> Sequence[str]:
        """Relative paths with `/`."""

    def size(self, path: str) -> int:
        """Bytes of a file."""

    def open(self, path: str) -> IO[bytes]:
        """Read a file."""


class FolderTree:
    """The files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def paths(self) -> Sequence[str]:
        """See `Tree`."""
        return sorted(
            file.relative_to(self._folder).as_posix() for file in self._folder.rglob("*") if file.is_file()
        )

    def size(self, path: str) -> int:
        """See `Tree`."""
        return (self._folder / path).stat().st_size

    def open(self, path: str) -> IO[bytes]:
        """See `Tree`."""
        return (self._folder / path).open("rb")


class ZipTree:
    """The files of a zip archive or wheel.

    Raises:
        Fault: It is none, or an entry of it leads out of the folder that it is unpacked into.
    """

    def __init__(self, archive: Path) -> None:
        try:
            self._zip = ZipFile(archive)
        except (OSError, BadZipFile) as error:
            raise Fault(
                f"This is no zip archive ({error}).", str(archive), "Fetch the file again, or name another."
            ) from None
        self._entries = {entry.filename: entry for entry in self._zip.infolist() if not entry.is_dir()}
        for name, entry in self._entries.items():
            if not _is_inside(name) or stat.S_ISLNK(entry.external_attr >> 16):
                raise Fault(
                    f"The archive holds {name!r}, which would be written outside the model's folder.",
                    str(archive),
                    "Do not use this file: it was not made by the publisher of the model.",
                )

    def paths(self) -> Sequence[str]:
        """See `Tree`."""
        return sorted(self._entries)

    def size(self, path: str) -> int:
        """See `Tree`."""
        return self._entries[path].file_size

    def open(self, path: str) -> IO[bytes]:
        """See `Tree`."""
        return self._zip.open(self._entries[path])

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()


def assemble(model: Model, sources: Sequence[Path], target: Path) -> None:
    """Put a model together in an empty folder. Blocks.

    Args:
        model: What it is to be.
        sources: Archives, wheels or folders that hold it together.
        target: The folder.

    Raises:
        Fault: Something is missing or broken, there is no room, or an archive is not to be trusted.
    """
    with ExitStack() as stack:
        trees = [_tree(source, stack) for source in sources]
        found = _find(model, trees)
        _require_room(target, sum(tree.size(path) for tree, path in found.values()))
        joined = {name: parts for name, parts in model.join.items() if name not in found}
        for name, parts in joined.items():
            _write(target / name, [found.pop(part) for part in parts if part in found])
        for name, place in found.items():
            _write(target / name, [place])


def _tree(source: Path, stack: ExitStack) -> Tree:
    if source.is_dir():
        return FolderTree(source)
    tree = ZipTree(source)
    stack.callback(tree.close)
    return tree


def _find(model: Model, trees: Iterable[Tree]) -> dict[str, tuple[Tree, str]]:
    """Path in the model → where it is.

    Raises:
        Fault: Nothing of the model is there, or one of its parts is missing.
    """
    marks = _marks(model)
    found: dict[str, tuple[Tree, str]] = {}
    for tree in trees:
        paths = tree.paths()
        top = _top(paths, marks)
        if top is not None:
            found |= {path[len(top) :]: (tree, path) for path in paths if path.startswith(top)}
    wanted = {part for name, parts in model.join.items() if name not in found for part in parts}
    if isinstance(model.source, Files):
        wanted = {file.path for file in model.source.files}
        found = {path: place for path, place in found.items() if path in wanted}
    missing = sorted(wanted - found.keys()) if found else list(marks[:1])
    if missing:
        raise Fault(
            f"{', '.join(missing)} is not in what was given.", model.id, f"Name the files of {model.title}."
        )
    return found


def _marks(model: Model) -> tuple[str, ...]:
    if isinstance(model.source, Files):
        return tuple(file.path for file in model.source.files)
    return (*_MARKS[model.engine], *(part for parts in model.join.values() for part in parts))


def _top(paths: Sequence[str], marks: Sequence[str]) -> str | None:
    """The folder, with a closing `/` or empty, in which the first mark lies that there is."""
    for mark in marks:
        tops = [path[: -len(mark)] for path in paths if f"/{path}".endswith(f"/{mark}")]
        if tops:
            return min(tops, key=len)
    return None


def _write(file: Path, parts: Sequence[tuple[Tree, str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("xb") as target:
            for tree, path in parts:
                with tree.open(path) as stream:
                    shutil.copyfileobj(stream, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())
    except (OSError, BadZipFile, EOFError) as error:
        raise Fault(
            f"{file.name} can't be unpacked: {error}.", str(file.parent), "Fetch it again."
        ) from error


def _require_room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if wanted > free:
        raise Fault(
            f"The model takes {wanted / 1e6:.0f} MB and {free / 1e6:.0f} MB are free.",
            str(folder),
            "Free space, or name another folder: speech.models.folder.",
        )


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0])

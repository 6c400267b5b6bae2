from __future__ import annotations

from pathlib import Path

import pytest

from ivr.archive.crypt import Tampered, new_key
from ivr.archive.keyring import KeyMissing, KeyRing
from ivr.errors import Fault


def test_the_latest_key_wraps_and_older_ones_still_open(tmp_path: Path) -> None:
    ring, key = KeyRing(tmp_path / "keys"), new_key()
    assert ring.ids() == []
    first = ring.new()
    wrapped = ring.wrap(key)
    assert wrapped[0] == first
    second = ring.new()
    assert ring.ids() == [second, first]
    assert ring.wrap(key)[0] == second
    assert KeyRing(tmp_path / "keys").unwrap(*wrapped) == key


def test_keys_are_readable_for_nobody_else(tmp_path: Path) -> None:
    KeyRing(tmp_path / "keys").new()
    [file] = (tmp_path / "keys").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o400, 0o700)


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys")
    with pytest.raises(KeyMissing):
        ring.wrap(new_key())
    ring.new()
    with pytest.raises(KeyMissing, match="0123"):
        ring.unwrap("0123", b"x" * 40)


def test_a_wrapped_key_that_was_changed(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys")
    ring.new()
    name, wrapped = ring.wrap(new_key())
    with pytest.raises(Tampered):
        ring.unwrap(name, wrapped[:-1] + bytes([wrapped[-1] ^ 1]))


@pytest.mark.parametrize("content", [b"", b"c2hvcnQ=", b"?", b"A" * 43 + b"="])
def test_a_file_that_is_not_the_key_that_it_is_called(tmp_path: Path, content: bytes) -> None:
    ring = KeyRing(tmp_path)
    ring.new()
    [file] = tmp_path.iterdir()
    file.unlink()
    file.write_bytes(content)
    with pytest.raises(Fault, match="does not hold the key"):
        KeyRing(tmp_path).ids()

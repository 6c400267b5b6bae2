from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.archive.crypt import CHUNK, TAG, Sealed, Tampered, encrypt, new_key, plain_size, sealed_size

ABOUT = b"call-1"
SIZES = st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17])


def sealed(tmp_path: Path, content: bytes, key: bytes) -> bytes:
    (tmp_path / "plain").write_bytes(content)
    encrypt(key, tmp_path / "plain", tmp_path / "sealed", ABOUT)
    return (tmp_path / "sealed").read_bytes()


def opened(stored: bytes, key: bytes, about: bytes = ABOUT) -> Sealed:
    return Sealed(key, lambda start, length: stored[start : start + length], len(stored), about)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crypt")


@given(size=SIZES, start=st.integers(0, 4 * CHUNK), length=st.integers(0, 3 * CHUNK))
def test_any_range_is_what_was_there(folder: Path, size: int, start: int, length: int) -> None:
    content, key = bytes(n % 251 for n in range(size)), new_key()
    stored = sealed(folder, content, key)
    assert len(stored) == sealed_size(size)
    assert plain_size(len(stored)) == size
    found = opened(stored, key)
    assert found.size == size
    assert found.read(start, length) == content[start : start + length]
    assert b"".join(found.parts()) == content


def _cut(stored: bytes) -> bytes:
    return stored[: CHUNK + TAG]


def _swap(stored: bytes) -> bytes:
    one, two = stored[: CHUNK + TAG], stored[CHUNK + TAG : 2 * (CHUNK + TAG)]
    return two + one + stored[2 * (CHUNK + TAG) :]


def _flip(stored: bytes) -> bytes:
    return stored[:-1] + bytes([stored[-1] ^ 1])


def _longer(stored: bytes) -> bytes:
    return stored + stored[-20:]


@pytest.mark.parametrize("change", [_cut, _swap, _flip, _longer, lambda stored: stored[:-1], lambda _: b""])
def test_every_change_is_seen(tmp_path: Path, change: object) -> None:
    key = new_key()
    stored = sealed(tmp_path, b"word" * CHUNK, key)
    assert callable(change)
    with pytest.raises(Tampered):
        list(opened(change(stored), key).parts())


def test_another_key_or_name_opens_nothing(tmp_path: Path) -> None:
    key = new_key()
    stored = sealed(tmp_path, b"word", key)
    for found in (opened(stored, new_key()), opened(stored, key, b"call-2")):
        with pytest.raises(Tampered):
            found.read(0, 4)


def test_the_stored_file_holds_nothing_plain(tmp_path: Path) -> None:
    assert b"word" not in sealed(tmp_path, b"word" * 1000, new_key())

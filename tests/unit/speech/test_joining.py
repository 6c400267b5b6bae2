from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.cache import SoundCache
from ivr.speech.joining import Joiner
from ivr.speech.settings import CacheSettings
from tests.unit.speech.fakes import SetClock

LENGTHS = {"a": 100, "b": 200, "c": 300, "d": 1000}


class CountingCache(SoundCache):
    """Holds the pieces; counts the times each is read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, CacheSettings(), SetClock())
        self.was_read: list[str] = []
        for name, length in LENGTHS.items():
            self.put_joined(name, name.encode() * length)

    def read(self, key: str) -> bytes:
        self.was_read.append(key)
        return super().read(key)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> CountingCache:
    return CountingCache(tmp_path_factory.mktemp("cache"))


def joined(joiner: Joiner, keys: str) -> bytes:
    path = joiner.join(keys)
    assert path
    assert joiner.find(keys) == path
    return Path(path + ".alaw").read_bytes()


@given(st.lists(st.text("abcd", min_size=2, max_size=8), max_size=6), st.integers(0, 2000))
def test_whatever_is_held_the_utterance_is_its_pieces(
    store: CountingCache, utterances: list[str], bound: int
) -> None:
    joiner = Joiner(store, bound)
    for keys in utterances:
        assert joined(joiner, keys) == b"".join(key.encode() * LENGTHS[key] for key in keys)
        assert joiner.held_bytes <= bound


def test_a_piece_is_read_once_while_it_is_held(store: CountingCache) -> None:
    store.was_read.clear()
    joiner = Joiner(store, 600)
    for keys in ("ab", "ba", "abc", "cab"):
        joined(joiner, keys)
    assert store.was_read == ["a", "b", "c"]
    assert joiner.held_bytes == 600


def test_the_least_recently_used_piece_is_let_go(store: CountingCache) -> None:
    joiner = Joiner(store, 400)
    for keys in ("ab", "aa", "ac"):
        joined(joiner, keys)
    store.was_read.clear()
    joined(joiner, "aca")
    assert store.was_read == []
    joined(joiner, "bb")
    assert store.was_read == ["b"]


def test_a_piece_larger_than_the_bound_is_not_held(store: CountingCache) -> None:
    joiner = Joiner(store, 500)
    joined(joiner, "dd")
    assert joiner.held_bytes == 0


def test_one_piece_is_found_as_it_is(store: CountingCache) -> None:
    assert Joiner(store, 500).find("a") == store.find("a")

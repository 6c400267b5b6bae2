from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ivr.calls.settings import ReviewSettings
from ivr.calls.turns import MASK, TurnKeeper, without_numbers
from ivr.dialogue.ports import HeardTurn, TurnResult

TEXT, CLIP = "куда платить за свет", "ab" * 16


@dataclass
class Folder:
    """Clips that only note what is asked of them."""

    kept: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def keep(self, clip: str) -> object:
        self.kept.append(clip)
        return None

    def drop(self, clip: str) -> None:
        self.dropped.append(clip)


class BrokenFolder(Folder):
    def keep(self, clip: str) -> object:
        raise OSError("the disk is full")


def heard(result: TurnResult = TurnResult.NO_MATCH, text: str = TEXT) -> HeardTurn:
    return HeardTurn(
        flow="reception@1", state="ask", kind="speech", result=result, voice=True, text=text, clip=CLIP
    )


async def kept_of(
    settings: ReviewSettings, turn: HeardTurn, profile: str | None = "bryansk"
) -> tuple[HeardTurn, Folder]:
    folder = Folder()
    keeper = TurnKeeper(settings, folder)
    kept = keeper.keep(turn, profile)
    await keeper.close()
    return kept, folder


async def test_what_was_not_understood_is_kept_with_its_sound() -> None:
    kept, folder = await kept_of(ReviewSettings(), heard())
    assert (kept.text, kept.clip, folder.kept, folder.dropped) == (TEXT, CLIP, [CLIP], [])


@pytest.mark.parametrize("result", [result for result in TurnResult if result != TurnResult.NO_MATCH])
async def test_of_other_turns_neither_text_nor_sound_is_kept(result: TurnResult) -> None:
    kept, folder = await kept_of(ReviewSettings(), heard(result))
    assert (kept.text, kept.clip, folder.kept, folder.dropped) == ("", None, [], [CLIP])
    assert (kept.result, kept.state) == (result, "ask")


@pytest.mark.parametrize(
    ("settings", "profile", "allowed"),
    [
        (ReviewSettings(keep=False), "bryansk", False),
        (ReviewSettings(keep=False, profiles={"bryansk": True}), "bryansk", True),
        (ReviewSettings(profiles={"bryansk": False}), "bryansk", False),
        (ReviewSettings(profiles={"bryansk": False}), "oren", True),
        (ReviewSettings(keep=False), None, False),
    ],
)
async def test_the_profile_decides(settings: ReviewSettings, profile: str | None, allowed: bool) -> None:
    kept, folder = await kept_of(settings, heard(), profile)
    assert (kept.text == TEXT, kept.clip == CLIP, folder.dropped == []) == (allowed, allowed, allowed)


async def test_numbers_go_and_with_them_the_sound_that_has_them() -> None:
    said = heard(text="лицевой три два ноль один четыре пять")
    kept, folder = await kept_of(ReviewSettings(), said)
    assert (kept.text, kept.clip, folder.dropped) == (f"лицевой {MASK}", None, [CLIP])
    kept, folder = await kept_of(ReviewSettings(keep_numbers=True), said)
    assert (kept.text, kept.clip, folder.kept) == (said.text, CLIP, [CLIP])


async def test_without_a_folder_no_sound_is_named() -> None:
    keeper = TurnKeeper(ReviewSettings(), None)
    kept = keeper.keep(heard(), "bryansk")
    await keeper.close()
    assert (kept.text, kept.clip) == (TEXT, None)


async def test_sound_that_can_not_be_kept_costs_only_a_warning() -> None:
    keeper = TurnKeeper(ReviewSettings(), BrokenFolder())
    with capture_logs() as logs:
        kept = keeper.keep(heard(), "bryansk")
        await keeper.close()
        await asyncio.sleep(0)
    assert kept.text == TEXT
    assert [line["event"] for line in logs] == ["review.clip-not-moved"]
    assert TEXT not in str(logs)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("хочу три квитанции", "хочу три квитанции"),
        ("номер 320145678 вот", f"номер {MASK} вот"),
        ("тридцать два ну ноль сто сорок пять", f"{MASK} ну {MASK}"),
        ("двенадцать тысяч триста сорок пять", MASK),
        ("", ""),
    ],
)
def test_long_numbers_are_masked_written_or_spoken(said: str, kept: str) -> None:
    assert without_numbers(said) == kept


@given(st.text("0123456789", min_size=5, max_size=20), st.sampled_from(["мой счет {}", "{} это номер", "{}"]))
def test_no_digit_of_a_long_number_stays(number: str, frame: str) -> None:
    masked = without_numbers(frame.format(number))
    assert not any(letter.isdecimal() for letter in masked)
    assert MASK in masked

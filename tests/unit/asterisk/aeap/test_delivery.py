"""Results reach a running SpeechBackground, whatever falls between two of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.aeap.delivery import FLOWING_FRAMES, Delivery

BEGUN = [{"grammar": "1:barge-in"}]
END = [{"grammar": "1:end"}]


def flowing() -> Delivery:
    delivery = Delivery()
    for _ in range(FLOWING_FRAMES):
        assert delivery.frame() is None
    return delivery


def test_a_result_is_pushed_at_once_while_sound_flows() -> None:
    assert flowing().offer(END, last=True) == END


def test_before_sound_flows_a_result_waits() -> None:
    delivery = Delivery()
    assert delivery.offer(END, last=True) is None
    assert [delivery.frame() for _ in range(FLOWING_FRAMES)] == [None] * (FLOWING_FRAMES - 1) + [END]


def test_the_end_waits_until_asterisk_listens_again_after_a_barge_in() -> None:
    delivery = flowing()
    assert delivery.offer(BEGUN, last=False) == BEGUN
    assert delivery.offer(END, last=True) is None
    assert delivery.frame() is None  # was on its way
    delivery.taken()
    assert [delivery.frame() for _ in range(FLOWING_FRAMES)][-1] == END


def test_the_end_is_pushed_again_when_sound_still_flows() -> None:
    delivery = flowing()
    delivery.offer(END, last=True)
    delivery.taken()
    assert [delivery.frame() for _ in range(FLOWING_FRAMES)][-1] == END


def test_without_sound_a_result_is_pushed_once() -> None:
    delivery = Delivery()
    delivery.offer(END, last=True)
    assert [delivery.frame(filled=True) for _ in range(FLOWING_FRAMES)][-1] == END
    delivery.taken()
    assert [delivery.frame(filled=True) for _ in range(9)] == [None] * 9


def test_a_barge_in_is_pushed_once() -> None:
    delivery = flowing()
    delivery.offer(BEGUN, last=False)
    delivery.taken()
    assert [delivery.frame() for _ in range(9)] == [None] * 9


def test_an_end_overtakes_a_barge_in_that_still_waits() -> None:
    delivery = Delivery()
    delivery.offer(BEGUN, last=False)
    delivery.offer(END, last=True)
    assert [delivery.frame() for _ in range(FLOWING_FRAMES)][-1] == END


def test_after_the_end_nothing_counts() -> None:
    delivery = flowing()
    delivery.offer(END, last=True)
    assert delivery.offer(BEGUN, last=False) is None


class Channel:
    """Asterisk: `SpeechBackground` runs for a while, then does not; a result ends it, or is thrown away."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.runs = False
        self.heard: list[str] = []
        self.answers = 0

    def step(self, what: str) -> None:
        match what:
            case "start" if "end" not in self.heard:
                self.runs = True
            case "time over":
                self.runs = False
            case "frame" if self.runs:
                self.push(self.delivery.frame())
            case "answer" if self.answers:
                self.answers -= 1
                self.delivery.taken()
            case "begun":
                self.push(self.delivery.offer(BEGUN, last=False))
            case "end":
                self.push(self.delivery.offer(END, last=True))

    def push(self, results: list[dict[str, str]] | None) -> None:
        if results is None:
            return
        self.answers += 1
        if self.runs:
            self.heard.append(results[0]["grammar"].partition(":")[2])
            self.runs = False


STEPS = st.sampled_from(["start", "time over", "frame", "frame", "frame", "answer", "begun", "end"])


@given(steps=st.lists(STEPS, max_size=60))
def test_the_end_is_always_heard_when_the_channel_listens_long_enough(steps: list[str]) -> None:
    channel = Channel(Delivery())
    for step in [*steps, "end"]:
        channel.step(step)
    for _ in range(3):
        for step in ("answer", "start", "answer", *["frame"] * (FLOWING_FRAMES + 1), "answer"):
            channel.step(step)
    assert channel.heard.count("end") == 1
    assert channel.heard[-1] == "end"

"""What may answer a call, as sound: persons, machines and announcements of the network.

Human voices are the Russian sounds of Asterisk (by Maxim Topal, www.ivrvoice.ru, CC BY 3.0), which come with
its package; all else is said by Festival, faster or slower, louder or softer, on clean and noisy lines.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np

from ivr.campaigns.model import Who
from ivr.speech.voices.festival import FestivalVoice
from tests.real.instances import ROOT
from tests.real.voice import sounds
from tests.real.voice.sounds import Samples

HUMAN = ROOT / "usr/share/asterisk/sounds/ru"
PERSON, MACHINE, ANNOUNCEMENT = Who.PERSON, Who.MACHINE, Who.ANNOUNCEMENT


@dataclass(frozen=True, slots=True)
class Answer:
    """One sound.

    Attributes:
        who: Who it is.
        says: A text, or names of Asterisk's sounds.
        speed: Of the voice.
        snr_db: Of speech to the noise of the line.
        around: What is heard beside it: `line`, `street` or `people`.
        beeps: Hertz of the tone after it; 0 for none.
    """

    who: Who
    says: str | tuple[str, ...]
    speed: float = 1.0
    snr_db: float = 35
    around: str = "line"
    beeps: int = 0

    @property
    def title(self) -> str:
        """For people."""
        return self.says if isinstance(self.says, str) else " + ".join(self.says)


LEAVE, VOICE_MAIL, NOT_NOW = (
    "Оставьте сообщение после сигнала.",
    "Вас приветствует голосовая почта. Пожалуйста, оставьте сообщение после звукового сигнала.",
    "Здравствуйте! Сейчас я не могу ответить на Ваш звонок.",
)
AWAY = "Абонент временно недоступен. Перезвоните, пожалуйста, позднее."
OFF = "Аппарат абонента выключен или находится вне зоны действия сети."
NO_NUMBER = "Набранный Вами номер не существует. Проверьте правильность набора номера."
ANSWERS = (
    # persons
    Answer(PERSON, "Алло."),
    Answer(PERSON, "Да.", snr_db=15),
    Answer(PERSON, ("hello",)),
    Answer(PERSON, "Слушаю Вас.", 1.1, 12, "street"),
    Answer(PERSON, "Алло, да, я Вас слушаю, говорите.", 0.95),
    Answer(PERSON, "Компания Ромашка, Марина, здравствуйте."),
    Answer(PERSON, "Добрый день, магазин Светлячок, чем могу помочь?", 1.0, 15, "people"),
    Answer(PERSON, "Алло. Алло. Кто это? Вас плохо слышно.", 1.0, 10, "street"),
    Answer(PERSON, "Да, подождите минутку, я сейчас выключу чайник.", 1.0, 8, "street"),
    Answer(PERSON, "Алло, я сейчас занята, перезвоните, пожалуйста, позже."),
    Answer(PERSON, "Я за рулём, позвоните позднее.", 1.1, 10, "street"),
    Answer(PERSON, "Квартира Петровых, здравствуйте, кто говорит?", 1.0, 12, "people"),
    Answer(PERSON, "Бабушка, тебя к телефону! Алло, сейчас она подойдёт, не вешайте трубку.", 1.05),
    Answer(PERSON, "Ну что там ещё, я слушаю, только быстро, у меня совещание идёт."),
    # answering machines and assistants
    Answer(MACHINE, ("vm-intro",), beeps=440),
    Answer(MACHINE, ("vm-theperson", "vm-isunavail", "vm-intro"), snr_db=15, beeps=440),
    Answer(MACHINE, ("vm-nobodyavail", "vm-leavemsg"), beeps=850),
    Answer(MACHINE, f"{NOT_NOW} {LEAVE}", beeps=1000),
    Answer(MACHINE, VOICE_MAIL, 1.1, beeps=1400),
    Answer(MACHINE, "Вы позвонили Ивану, меня нет дома. Говорите после гудка.", 0.95, 20, "street", 660),
    Answer(MACHINE, "Это автоответчик. Оставьте Ваше имя и номер, и мы Вам перезвоним.", 1.0, 15, beeps=1000),
    Answer(MACHINE, "Здравствуйте, я голосовой помощник абонента. Что ему передать?"),
    Answer(MACHINE, f"Абонент не может ответить. {LEAVE}", 1.1, 20, beeps=1000),
    Answer(MACHINE, f"Вы позвонили в компанию Ромашка. Рабочий день окончен. {LEAVE}", 0.9, beeps=440),
    Answer(MACHINE, "Сейчас меня нет. Запишите сообщение после сигнала.", 1.0, 12, "people", 900),
    # announcements of the network
    Answer(ANNOUNCEMENT, ("number-not-answering", "pls-try-call-later")),
    Answer(ANNOUNCEMENT, ("ss-noservice",)),
    Answer(ANNOUNCEMENT, ("im-sorry", "cannot-complete-as-dialed", "check-number-dial-again"), snr_db=15),
    Answer(ANNOUNCEMENT, ("all-circuits-busy-now", "pls-try-call-later")),
    Answer(ANNOUNCEMENT, AWAY),
    Answer(ANNOUNCEMENT, AWAY, 1.15, 15),
    Answer(ANNOUNCEMENT, OFF),
    Answer(ANNOUNCEMENT, OFF, 0.9, 12),
    Answer(ANNOUNCEMENT, NO_NUMBER),
    Answer(ANNOUNCEMENT, "Номер не обслуживается."),
    Answer(ANNOUNCEMENT, "Абонент занят. Пожалуйста, перезвоните позже.", 1.1),
    Answer(ANNOUNCEMENT, "Телефон абонента временно заблокирован.", 1.0, 20),
)
_BEEP_SECONDS, _BEFORE_BEEP_SECONDS = 0.35, 0.8


async def sound_of(answer: Answer, voice: FestivalVoice, seed: int) -> Samples:
    """Its sound up to its last word, with what is around it; levels differ by the seed."""
    if isinstance(answer.says, str):
        spoken = sounds.faster(sounds.load(await voice.synthesise(answer.says)), answer.speed)
    else:
        parts = [sounds.trimmed(sounds.load(HUMAN / f"{name}.wav")) for name in answer.says]
        spoken = np.concatenate([each for part in parts for each in (part, sounds.silence(0.25))])
    spoken = sounds.levelled(sounds.trimmed(spoken), -18 - seed % 8)
    return sounds.mixed(spoken, await _around(answer, voice, spoken.size / sounds.RATE, seed), answer.snr_db)


async def _around(answer: Answer, voice: FestivalVoice, seconds: float, seed: int) -> Samples:
    if answer.around != "people":
        return (sounds.pink if answer.around == "street" else sounds.white)(seconds, seed)
    said = ("Передайте хлеб, пожалуйста.", "А вчера по телевизору показывали.", "Сколько это стоит?")
    return sounds.babble([sounds.load(await voice.synthesise(text)) for text in said], seconds)


def with_tone(answer: Answer, spoken: Samples) -> Samples:
    """With the tone that follows, if one does."""
    if not answer.beeps:
        return spoken
    at = np.arange(int(_BEEP_SECONDS * sounds.RATE)) / sounds.RATE
    tone = 0.2 * np.sin(2 * np.pi * answer.beeps * at)
    return np.concatenate((spoken, sounds.silence(_BEFORE_BEEP_SECONDS), tone))


def samples(sound: Samples) -> array[int]:
    """As a telephone sends it."""
    return array("h", (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())

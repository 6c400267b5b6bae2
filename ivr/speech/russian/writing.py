"""Written Russian → what a voice can read aloud: letters, stress marks and punctuation only.

Abbreviations, symbols, numbers with units and Latin letters are written out. Stress is marked by `+` before
the vowel; a combining acute accent after the vowel (дого́вор) means the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import time
from decimal import Decimal
from functools import lru_cache

from ivr.speech.russian import quantities
from ivr.speech.russian.dates import spoken_time
from ivr.speech.russian.digits import one_by_one
from ivr.speech.russian.numerals import Noun, cardinal

_UNITS: Mapping[str, Noun] = {
    "квт·ч": quantities.KILOWATT_HOUR,
    "₽": quantities.ROUBLE,
    "руб": quantities.ROUBLE,
    "коп": quantities.KOPECK,
    "%": quantities.PERCENT,
    "мин": quantities.MINUTE,
    "сек": quantities.SECOND,
}
_ABBREVIATIONS: Mapping[str, str] = {
    "квт·ч": "киловатт-часов",
    "квт": "киловатт",
    "руб.": "рублей",
    "коп.": "копеек",
    "мин.": "минут",
    "тел.": "телефон",
    "ул.": "улица",
    "пр-т": "проспект",
    "пр-кт": "проспект",
    "просп.": "проспект",
    "пер.": "переулок",
    "пр-д": "проезд",
    "пл.": "площадь",
    "ш.": "шоссе",
    "б-р": "бульвар",
    "наб.": "набережная",
    "мкр.": "микрорайон",
    "мкр": "микрорайон",
    "д.": "дом",
    "корп.": "корпус",
    "стр.": "строение",
    "кв.": "квартира",
    "г.": "город",
    "пос.": "посёлок",
    "п.": "посёлок",
    "пгт": "посёлок",
    "с.": "село",
    "дер.": "деревня",
    "обл.": "область",
    "р-н": "район",
    "им.": "имени",
    "т.е.": "то есть",
    "т. е.": "то есть",
    "и т.д.": "и так далее",
    "и т. д.": "и так далее",
    "№": "номер ",
    "₽": " рублей",
    "%": " процентов",
    "&": " и ",
    "@": " собака ",
    "/": " дробь ",
    "*": " звёздочка ",
    "#": " решётка ",
}
_INITIALS: Mapping[str, str] = {
    "АО": "а +о",
    "ООО": "о о +о",
    "ПАО": "п +ао",
    "УК": "у к+а",
    "ИП": "и п+э",
    "ЕДДС": "е дэ дэ +эс",
}
_LETTER_NAMES: Mapping[str, str] = {
    "Б": "бэ", "В": "вэ", "Г": "гэ", "Д": "дэ", "Ж": "жэ", "З": "зэ", "К": "ка",
    "Л": "эл", "М": "эм", "Н": "эн", "П": "пэ", "Р": "эр", "С": "эс", "Т": "тэ",
    "Ф": "эф", "Х": "ха", "Ц": "цэ", "Ч": "че", "Ш": "ша", "Щ": "ща",
}  # fmt: skip
_LATIN: Mapping[str, str] = {
    "shch": "щ", "sch": "щ", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "ts": "ц",
    "ya": "я", "yu": "ю", "ph": "ф", "th": "т", "ee": "и", "oo": "у", "ck": "к",
    "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г",
    "h": "х", "i": "и", "j": "дж", "k": "к", "l": "л", "m": "м", "n": "н",
    "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у",
    "v": "в", "w": "в", "x": "кс", "y": "й", "z": "з",
}  # fmt: skip
_MARKS = str.maketrans({
    "«": "", "»": "", "“": "", "”": "", "„": "", '"': "", "(": ", ", ")": ", ", "[": ", ", "]": ", ",
    "—": ", ", "–": "-", "‑": "-", "−": "-", "…": ".", "\u00a0": " ", "\u202f": " ", "\u00ad": "", "’": "'",
})  # fmt: skip

_KILOWATT_HOUR = re.compile(r"квт\s*[·*⋅∙.хx-]?\s*ч(?:ас)?\b", re.IGNORECASE)
_MEASURED = re.compile(
    rf"(?<![\w,.])(\d{{1,12}}(?:[.,]\d{{1,3}})?)\s*({'|'.join(map(re.escape, _UNITS))})(?!\w)(\.?)",
    re.IGNORECASE,
)
_SENTENCE_STARTS = re.compile(r"\s*(?:[А-ЯЁA-Z]|$)")
_CLOCK = re.compile(r"(?<![\w:])([01]?\d|2[0-3]):([0-5]\d)(?![\w:])")
_HOUSE_LETTER = re.compile(r"(?<=\d)-?([а-ежзик-юА-ЕЖЗИК-Ю])(?!\w)")
_ABBREVIATION = re.compile(
    "|".join(
        (r"(?<!\w)" if key[0].isalpha() else "")
        + re.escape(key).replace(r"\.\ ", r"\.\s*")
        + (r"(?!\w)" if key[-1].isalpha() else "")
        for key in sorted(_ABBREVIATIONS, key=len, reverse=True)
    ),
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"\b[А-ЯЁ]{2,5}\b")
_LATIN_RUN = re.compile("|".join(sorted(_LATIN, key=len, reverse=True)), re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_FOREIGN = re.compile(r"[^А-Яа-яЁё+\-'?!.,;: ]")
_STRESS = re.compile("([аеёиоуыэюяАЕЁИОУЫЭЮЯ])\u0301")
_STRAY_PLUS = re.compile(r"\+(?![аеёиоуыэюя])", re.IGNORECASE)
_STRAY_HYPHEN = re.compile(r"(?<!\w)-(?!\w)|(?<=[^\W\d])-(?!\w)")
_NOTHING_BEFORE_MARK = re.compile(r"[ ,]+(?=[.])")
_TIDY: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<![А-Яа-яЁё])-|-(?![А-Яа-яЁё+])"), " "),
    (re.compile(r"\s+"), " "),
    (re.compile(r" (?=[,.!?;:])"), ""),
    (re.compile(r",+(?=[,.!?;:])"), ""),
)


@lru_cache(maxsize=2048)
def read_aloud(text: str) -> str:
    """The text as a voice reads it; characters that mean nothing aloud become spaces."""
    return _tidy(_FOREIGN.sub(" ", _written_out(_without_stray_hyphens(text))))


def _without_stray_hyphens(text: str) -> str:
    """Hyphens between nothing go first, and commas before a point: «г-.» and «г,.» are «г.»."""
    return _NOTHING_BEFORE_MARK.sub("", _STRAY_HYPHEN.sub(" ", text))


def unspeakable(text: str) -> str:
    """The characters of a text that no voice can say, each once, sorted."""
    return "".join(sorted(set(_FOREIGN.findall(_written_out(text)))))


def _written_out(text: str) -> str:
    plain = _STRESS.sub(r"+\1", unicodedata.normalize("NFC", text).translate(_MARKS))
    for step in _STEPS:
        plain = step(plain)
    return " ".join(plain.split())


def _tidy(text: str) -> str:
    for pattern, replacement in _TIDY:
        text = pattern.sub(replacement, text)
    return text.strip()


def _measured(match: re.Match[str]) -> str:
    value, noun = Decimal(match[1].replace(",", ".")), _UNITS[match[2].lower()]
    money = noun is quantities.ROUBLE and value != int(value)
    pieces = quantities.amount(value) if money else quantities.measured(value, noun)
    ends = match[3] and _SENTENCE_STARTS.match(match.string, match.end())
    return " ".join(pieces) + ("." if ends else "")


def _clock(match: re.Match[str]) -> str:
    return " ".join(spoken_time(time(int(match[1]), int(match[2]))))


def _house_letter(match: re.Match[str]) -> str:
    letter = match[1].upper()
    return f" {_LETTER_NAMES.get(letter, match[1])}"


def _initials(match: re.Match[str]) -> str:
    letters = match[0]
    if letters in _INITIALS:
        return _INITIALS[letters]
    if all(letter in _LETTER_NAMES for letter in letters):
        return " ".join(_LETTER_NAMES[letter] for letter in letters)
    return letters


def _integer(match: re.Match[str]) -> str:
    digits = match[0]
    spelled = len(digits) > 9 or (digits[0] == "0" and len(digits) > 1)
    return f" {' '.join(one_by_one(digits)) if spelled else cardinal(int(digits))} "


_STEPS: tuple[Callable[[str], str], ...] = (
    lambda text: _KILOWATT_HOUR.sub("кВт·ч", text),
    lambda text: _MEASURED.sub(_measured, text),
    lambda text: _CLOCK.sub(_clock, text),
    lambda text: _HOUSE_LETTER.sub(_house_letter, text),
    lambda text: _ABBREVIATION.sub(lambda match: _ABBREVIATIONS[match[0].lower()], text),
    lambda text: _STRAY_PLUS.sub(" плюс ", text),
    lambda text: _CAPITALS.sub(_initials, text),
    lambda text: _DIGITS.sub(_integer, text),
    lambda text: _LATIN_RUN.sub(lambda match: _LATIN[match[0].lower()], text),
)

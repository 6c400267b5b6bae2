"""Numbers → Russian words as people say them, written without a look at what understands them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

UNITS = ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")
TEENS = (
    "десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать",
    "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать",
)  # fmt: skip
TENS = ("двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто")
HUNDREDS = (
    "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот",
)  # fmt: skip
COLLOQUIAL = {
    "пятьдесят": "пейсят",
    "шестьдесят": "шейсят",
    "семьдесят": "семсят",
    "восемьдесят": "восемсят",
    "тысяча": "тыща",
    "тысячи": "тыщи",
    "тысяч": "тыщ",
    "ноль": "нуль",
    "двадцать": "двацать",
    "тридцать": "трицать",
    "двенадцать": "двенацать",
}
SCALES = ((1_000_000, ("миллион", "миллиона", "миллионов")), (1_000, ("тысяча", "тысячи", "тысяч")))


def cardinal(number: int) -> list[str]:
    """The words of 0 to 999 999 999."""
    if number == 0:
        return [UNITS[0]]
    said: list[str] = []
    for scale, forms in SCALES:
        count, number = divmod(number, scale)
        if count:
            counted = _below_thousand(count)
            said += [_feminine(word) for word in counted] if scale == 1_000 else counted
            said.append(_form(count, forms))
    return said + _below_thousand(number)


def group(digits: str) -> list[str]:
    """A group of up to three digits: noughts one by one, then the number."""
    significant = digits.lstrip("0")
    noughts = [UNITS[0]] * (len(digits) - len(significant))
    return noughts + (_below_thousand(int(significant)) if significant else [])


def merges(before: str, after: str) -> bool:
    """Whether two groups said one after another sound like one number: «двадцать», «пять»."""
    number, following = int(before), int(after)
    if not following or after[0] == "0" or not number:
        return False
    hundreds = number % 100 == 0 and following < 100
    tens = number % 100 >= 20 and number % 10 == 0 and following < 10
    return hundreds or tens


def groups(digits: str, lengths: Sequence[int]) -> list[str]:
    """Digits cut into groups of those lengths, the rest one by one."""
    cut: list[str] = []
    for length in lengths:
        if digits:
            cut.append(digits[:length])
            digits = digits[length:]
    return [*cut, *digits]


def disguised(words: Sequence[str], pick: Callable[[int], bool]) -> list[str]:
    """The words with those in their colloquial form that `pick` chooses by place."""
    return [COLLOQUIAL.get(word, word) if pick(place) else word for place, word in enumerate(words)]


def _below_thousand(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    said = [HUNDREDS[hundreds - 1]] if hundreds else []
    if 10 <= rest < 20:
        return [*said, TEENS[rest - 10]]
    tens, units = divmod(rest, 10)
    said += [TENS[tens - 2]] if tens else []
    return said + ([UNITS[units]] if units else [])


def _feminine(word: str) -> str:
    return {"один": "одна", "два": "две"}.get(word, word)


def _form(count: int, forms: tuple[str, str, str]) -> str:
    if count % 100 in range(11, 15):
        return forms[2]
    return forms[{1: 0, 2: 1, 3: 1, 4: 1}.get(count % 10, 2)]

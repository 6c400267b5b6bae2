"""Russian numerals → integers, written without a look at what makes them: the other half of round trips."""

from __future__ import annotations

_UNITS = {
    0: "ноль", 1: "один одна одно", 2: "два две", 3: "три", 4: "четыре", 5: "пять", 6: "шесть", 7: "семь",
    8: "восемь", 9: "девять", 10: "десять", 11: "одиннадцать", 12: "двенадцать", 13: "тринадцать",
    14: "четырнадцать", 15: "пятнадцать", 16: "шестнадцать", 17: "семнадцать", 18: "восемнадцать",
    19: "девятнадцать", 20: "двадцать", 30: "тридцать", 40: "сорок", 50: "пятьдесят", 60: "шестьдесят",
    70: "семьдесят", 80: "восемьдесят", 90: "девяносто", 100: "сто", 200: "двести", 300: "триста",
    400: "четыреста", 500: "пятьсот", 600: "шестьсот", 700: "семьсот", 800: "восемьсот", 900: "девятьсот",
}  # fmt: skip
_SCALES = {
    1000: ("тысяча", "тысячи", "тысяч"),
    10**6: ("миллион", "миллиона", "миллионов"),
    10**9: ("миллиард", "миллиарда", "миллиардов"),
}
_VALUE = {word: value for value, words in _UNITS.items() for word in words.split()}
_SCALE = {word: scale for scale, words in _SCALES.items() for word in words}


def parse(words: str) -> int:
    """The number; refuses wrong order, wrong forms of the scales and wrong gender before them."""
    tokens = words.split()
    negative = tokens[0] == "минус"
    total, last_scale = 0, 10**12
    group: list[str] = []
    for token in tokens[negative:]:
        if token in _SCALE:
            scale = _SCALE[token]
            assert scale < last_scale, f"order of scales in {words}"
            total += _group(group, token, scale) * scale
            group, last_scale = [], scale
        else:
            group.append(token)
    total += _small(group) if group else 0
    return -total if negative else total


def _group(tokens: list[str], scale_word: str, scale: int) -> int:
    count = _small(tokens)
    assert scale_word == _SCALES[scale][_form(count)], f"{count} {scale_word}"
    if scale == 1000:
        assert tokens[-1] not in ("один", "два"), "a thousand is feminine"
    else:
        assert tokens[-1] not in ("одна", "две"), "a million is masculine"
    return count


def _form(count: int) -> int:
    if count % 100 in range(11, 15):
        return 2
    return 0 if count % 10 == 1 else 1 if count % 10 in (2, 3, 4) else 2


def _small(tokens: list[str]) -> int:
    values = [_VALUE[token] for token in tokens]
    sizes = [len(str(value)) for value in values]
    assert sizes == sorted(set(sizes), reverse=True), f"order within {tokens}"
    if len(values) > 1:
        assert 0 not in values, "nothing stands beside a zero"
        assert values[-2] not in range(10, 20), f"{tokens}"
    return sum(values)

"""How a person is asked for: by name and patronymic, however the full name is written. Pure."""

from __future__ import annotations

_PATRONYMIC = ("ич", "вна", "чна", "оглы", "кызы")


def asked_for(name: str) -> str:
    """«Берестова Анна Юрьевна», «БЕРЕСТОВА АННА ЮРЬЕВНА» → «Анна Юрьевна»; what is no full name stays."""
    words = name.split()
    if len(words) == 3 and words[1].lower().endswith(_PATRONYMIC):
        words = words[:2]
    elif len(words) >= 3 and words[-1].lower().endswith(_PATRONYMIC):
        words = words[1:]
    if all(word.isupper() for word in words) and len(words) > 1:
        words = [word.capitalize() for word in words]
    return " ".join(words)

"""Which outside numbers may be dialled (ITU-T E.164; types of numbers as `phonenumbers` knows them)."""

from __future__ import annotations

from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from ivr.desk.settings_talks import OutsideRule

_DEAR: Final = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})


def dialable(text: str, rule: OutsideRule) -> str | None:
    """The number as it is dialled.

    Args:
        text: As it was typed or found.
        rule: What the company allows.

    Returns:
        E.164 with +, or a short number of the rule as it is; None: it may not be dialled, or is none.
    """
    if text.strip() in rule.local:
        return text.strip()
    try:
        number = phonenumbers.parse(text, rule.region)
    except phonenumbers.NumberParseException:
        return None
    own = phonenumbers.country_code_for_region(rule.region)
    if number.country_code != own and str(number.country_code) not in rule.abroad:
        return None
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) in _DEAR:
        return None
    dialled: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None if dialled.removeprefix("+").startswith(rule.refused) else dialled

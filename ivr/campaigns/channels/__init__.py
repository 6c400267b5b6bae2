"""Messages before, after or instead of a call: SMS, e-mail, push and the personal account."""

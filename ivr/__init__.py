"""Open contact-centre telephony and IVR engine for electricity retailers, on Asterisk."""

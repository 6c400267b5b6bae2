"""AEAP: the endpoint through which Asterisk lets the recogniser hear its callers.

`server.AeapServer` is imported from its module: the engine only gives
orders.
"""

from ivr.asterisk.aeap.observer import ListeningObserver, Unobserved
from ivr.asterisk.aeap.settings import AeapSettings

__all__ = ["AeapSettings", "ListeningObserver", "Unobserved"]

"""The session that acts."""

import random

from ivr.asterisk.ami.observer import AmiObserver
from ivr.asterisk.ami.session import Session, Sleep
from ivr.asterisk.ami.settings import AmiSettings


class ActionSession(Session):
    """Sends actions (`action`, `list_action`) and hears no events. Arguments as of `Session`."""

    def __init__(
        self, settings: AmiSettings, *, observer: AmiObserver, sleep: Sleep, rng: random.Random
    ) -> None:
        super().__init__(
            "actions", settings.actions, "off", settings, observer=observer, sleep=sleep, rng=rng
        )

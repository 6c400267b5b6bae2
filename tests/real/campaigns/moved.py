"""`python -m tests.real.campaigns.moved …` is `ivr …` with a clock that a test moves.

The file that IVR_CLOCK_FILE names holds by how many seconds it is wrong.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import ivr.clock

FILE = "IVR_CLOCK_FILE"


class MovedClock(ivr.clock.SystemClock):
    """As the machine's, but wrong by what stands in the file."""

    def now(self) -> datetime:
        """As `Clock.now`."""
        wrong = 0.0
        with suppress(OSError, ValueError):  # it is being written
            wrong = float(Path(os.environ[FILE]).read_text())
        return super().now() + timedelta(seconds=wrong)


if __name__ == "__main__":
    ivr.clock.SystemClock = MovedClock  # type: ignore[misc]
    from ivr.cli import main

    main()

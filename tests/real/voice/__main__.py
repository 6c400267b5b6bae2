"""`python -m tests.real.voice N`: N calls of people who speak, how many were completed, and why not."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.real.sipp import operator
from tests.real.voice.company import SpeakingCompany
from tests.real.voice.drawing import draw_calls, report
from tests.real.voice.people import TASKS


async def run(calls: int, at_once: int, folder: Path) -> str:
    """Place the calls; the tasks take turns."""
    company = SpeakingCompany(folder)
    await asyncio.to_thread(company.prepare)
    await company.stack.up()
    try:
        await company.stack.hears()
        tasks = [TASKS[place % len(TASKS)] for place in range(calls)]
        async with operator(company.operator(), company.operator_folder()):
            drawn = await draw_calls(company, tasks, folder / "said", at_once=at_once, what="calls")
        return report(drawn)
    finally:
        await company.stack.down()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", type=int, nargs="?", default=20, help="number of calls")
    parser.add_argument("--at-once", type=int, default=2, help="calls at the same moment")
    options = parser.parse_args()
    os.environ.setdefault("VOICE_SEED", str(random.SystemRandom().randrange(10**6)))
    with TemporaryDirectory(prefix="ivr-voice-") as folder:
        sys.stdout.write(asyncio.run(run(options.calls, options.at_once, Path(folder))) + "\n")


if __name__ == "__main__":
    main()

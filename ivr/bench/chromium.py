"""Debian's Chromium without a window, as the demonstration, the benches and the tests start it.

The package chromium-headless-shell has no more than the pages need: a test of one costs half the CPU.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

CHROMIUM: Final = Path(os.environ.get("IVR_CHROMIUM", "/usr/bin/chromium-headless-shell"))
"""The program; IVR_CHROMIUM names another one."""
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
)
"""For a machine without sound, graphics and network: the microphone is the browser's own invented one."""

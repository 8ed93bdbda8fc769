"""Jobs that somebody else ended: their own limit, or the node that was taken away."""

from __future__ import annotations

from tests.doctor.program import cell, script

_BAR = """\
import time
from tqdm import tqdm

for epoch in tqdm(range(100_000), desc="epochs"):
    time.sleep(0.05)
"""
_SAVES = """\
import signal
import sys
import time

def save(*_):
    print("got SIGTERM, saving checkpoint", flush=True)
    sys.exit(0)

signal.signal(signal.SIGTERM, save)
print("running", flush=True)
time.sleep(600)
"""
_RAISES = """\
import signal
import time

def leave(number, frame):
    raise KeyboardInterrupt("signal %d" % number)

signal.signal(signal.SIGTERM, leave)
print("running", flush=True)
try:
    time.sleep(600)
finally:
    open("checkpoints/last.bin", "wb")
"""

PROGRAMS = (
    script("i-timeout-under-a-bar", "timeout", _BAR, timeout=3.0),
    script("i-timeout-that-saves", "timeout", _SAVES, timeout=3.0),
    script(
        "i-timeout-in-a-child",
        "timeout",
        "import subprocess\n\nsubprocess.run(['sleep', '600'], check=True)\n",
        timeout=3.0,
    ),
    cell(
        "i-cell-timeout-in-a-loop",
        "timeout",
        "n = 0\nwhile True:\n    n += 1\n",
        timeout=3.0,
    ),
    script("i-evicted-saves", "evicted", _SAVES, compute="spot", evict=True),
    script("i-evicted-then-fails-in-finally", "evicted", _RAISES, compute="spot", evict=True),
    cell(
        "i-cell-evicted-under-a-bar",
        "evicted",
        """\
        import time
        from tqdm import tqdm
        print("running")
        for step in tqdm(range(100000)):
            time.sleep(0.05)
        """,
        compute="spot",
        evict=True,
    ),
)

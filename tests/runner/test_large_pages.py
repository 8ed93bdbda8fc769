"""Large pages change how memory lies, and nothing that is in it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, json, mmap, sys
from jupyter_aml.runner import large_pages

large_pages.make_room()
things = [str(number) + "x" * 60 for number in range(60_000)]

def large():
    with open("/proc/self/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("AnonHugePages:"))

def gives():
    "Whether this kernel gives a large page to one who asks for it alone."
    room = mmap.mmap(-1, 4 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    room.write(b"x" * (4 << 20))
    place = ctypes.addressof(ctypes.c_char.from_buffer(room))
    start = -(-place // (2 << 20)) * (2 << 20)
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return madvise(start, 2 << 20, 25) == 0

before = large() if sys.platform == "linux" else 0
large_pages.collapse()
after = large() if sys.platform == "linux" else 0
print(json.dumps({
    "whole": things == [str(number) + "x" * 60 for number in range(60_000)],
    "gained": after - before,
    "gives": sys.platform == "linux" and gives(),
}))
"""


def _outcome() -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_what_was_there_before_is_there_after() -> None:
    outcome = _outcome()
    assert outcome["whole"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")
def test_small_objects_come_to_lie_in_large_pages() -> None:
    # `collapse` ends early where the kernel itself has a page in its hands at that moment.
    outcomes = [_outcome() for _ in range(3)]
    if not all(outcome["gives"] for outcome in outcomes):
        pytest.skip("this kernel gives no large pages")
    most = max(outcome["gained"] for outcome in outcomes)
    assert most >= 4096  # kilobytes, of some six thousand of text

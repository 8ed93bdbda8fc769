"""Serving with fresh seeds, for as long as you let it: ``python -m bench.serving_soak``.

Each round is the storm of tests/serving: load, kills, a switch from blue to green. A seed that
fails is printed with its defects, its files are kept, and it belongs into the test.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.serving.processes import Processes
from tests.serving.storm import storm


def main(arguments: Sequence[str] | None = None) -> int:
    """1 if a seed failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.serving_soak", description=__doc__)
    parser.add_argument("seeds", nargs="*", type=int, help="these seeds instead of fresh ones")
    parser.add_argument("--minutes", type=float, default=10.0, help="start no round after them")
    options = parser.parse_args(arguments)
    end = time.monotonic() + 60 * options.minutes
    failing: list[int] = []
    seeds = list(options.seeds)
    while seeds or (not options.seeds and time.monotonic() < end):
        seed = seeds.pop(0) if seeds else secrets.randbelow(2**31)
        if not _round(seed):
            failing.append(seed)
    print(f"failed: {failing}")
    return 1 if failing else 0


def _round(seed: int) -> bool:
    folder = Path(tempfile.mkdtemp(prefix="jaml-"))
    processes = Processes(folder)
    started = time.monotonic()
    try:
        defects = storm(processes, seed)
    except AssertionError as error:  # something never happened: as much a defect as the others
        defects = [str(error)]
    finally:
        processes.stop()
    print(f"seed {seed}: {defects or 'ok'}, {time.monotonic() - started:.1f} s", flush=True)
    if defects:
        print(f"    files: {folder}")
    else:
        shutil.rmtree(folder)
    return not defects


if __name__ == "__main__":
    sys.exit(main())

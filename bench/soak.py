"""Chaos with fresh seeds, for as long as you let it: ``python -m bench.soak [--minutes 10]``.

It shares its rounds with tests/chaos, where 100 seeds are fixed. A seed that fails is printed
with its defects, its evidence is kept under build/bench/soak, and it belongs into tests/chaos.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.chaos import drive
from tests.chaos.scenario import Scenario

KEPT = Path("build/bench/soak")


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 1 if a seed failed."""
    options = _options().parse_args(arguments)
    seeds = options.seeds or _fresh(options.rounds, options.minutes)
    failing: list[int] = []
    rounds = 0
    for seed in seeds:
        rounds += 1
        started = time.monotonic()
        scenario = Scenario(seed)
        defects = _round(scenario)
        verdict = f"{len(defects)} defects" if defects else "ok"
        print(f"seed {seed}: {verdict}, {time.monotonic() - started:.1f} s", flush=True)
        if defects:
            failing.append(seed)
            print(f"    {drive.describe(scenario)}", *defects, sep="\n    ", flush=True)
    print(f"{rounds} rounds, {len(failing)} failed: {failing}")
    return 1 if failing else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("seeds", nargs="*", type=int, help="these seeds instead of fresh ones")
    parser.add_argument("--minutes", type=float, default=10.0, help="start no round after them")
    parser.add_argument("--rounds", type=int, default=None, help="at most so many")
    return parser


def _fresh(rounds: int | None, minutes: float) -> Iterator[int]:
    end = time.monotonic() + 60 * minutes
    number = 0
    while time.monotonic() < end and number != rounds:
        number += 1
        yield secrets.randbelow(2**31)


def _round(scenario: Scenario) -> list[str]:
    """The defects of one round; the evidence of a round without any is deleted."""
    folder = Path(tempfile.mkdtemp(prefix="jaml-soak-"))
    defects = drive.run(scenario, folder / "round", folder / "home")
    if defects:
        kept = KEPT / str(scenario.seed)
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(folder, kept, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
        print(f"evidence: {kept}")
    shutil.rmtree(folder, ignore_errors=True)
    return defects


if __name__ == "__main__":
    sys.exit(main())

"""``python -m bench [--rows NAMES] [--rounds N] [--quick] [--without PEERS]``: measure, print."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence

from bench import machine, report, rows
from bench.engines import PEERS
from bench.rounds import Outcome, measure

_QUICK_ROUNDS = 2
_QUICK_WITHOUT = frozenset(PEERS) - {"dask"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Always 0: a benchmark says what it found, it asserts nothing."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # engines are ended all the same
    groups = {group.name: group for group in rows.GROUPS}
    options = _options(list(groups)).parse_args(arguments)
    without = set(options.without) | (_QUICK_WITHOUT if options.quick else set())
    rounds = options.rounds or (_QUICK_ROUNDS if options.quick else 5)
    described = machine.describe()
    outcomes: list[Outcome] = []
    # Engines leave their files until everything is measured: for minutes after files were deleted,
    # ext4 takes a hundred times longer to make one, in whatever folder and for whomever.
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        os.environ["TMPDIR"] = folder
        for name in options.rows or groups:
            outcome = measure(groups[name], rounds, without)
            outcomes.append(outcome)
            print(report.group_text(outcome), flush=True)
            report.write(outcomes, described)  # what is measured stays, whatever comes
        del os.environ["TMPDIR"]
    print(report.write(outcomes, described))
    return 0


def _options(groups: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", nargs="+", metavar="ROWS", choices=groups, help=", ".join(groups))
    parser.add_argument("--rounds", type=int, help="5 unless told")
    parser.add_argument("--quick", action="store_true", help="2 rounds, of the peers only dask")
    parser.add_argument(
        "--without", nargs="+", default=[], choices=PEERS, help="leave these peers out"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""What the jobs of a round run: programs that count, in Python, as a cell, and in plain shell.

Each writes a line with one write(2), then notes in the ledger that the write has returned, so
that a line which the ledger knows must be in the output whatever was killed meanwhile. A line is
``<attempt> <writer> <stream> <number> <mark>``; the ledger has ``start <attempt> <pid>``,
``line <attempt> <writer> <stream> <number>`` and ``end <attempt>``.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

_STEP, _MODULUS = 7919, 10_007


def mark(number: int, salt: int) -> int:
    """The last word of line `number`."""
    return (number * _STEP + salt) % _MODULUS


@dataclass(frozen=True)
class Settings:
    """`holds`: lines after which the program waits until ``<gates>.<line>`` is there."""

    lines: int
    salt: int
    ledger: str
    gates: str
    holds: Sequence[int]


# Each program is a few assignments, then one of these texts as it stands.
_COMMON = """
import os, sys, time
attempt = os.environ["JUPYTER_AML_ATTEMPT"]
notes = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

def note(*words):
    os.write(notes, (" ".join(map(str, words)) + "\\n").encode())

def mark(number):
    return (number * 7919 + offset) % 10007

def write(out, stream, number):
    out(f"{attempt} main {stream} {number} {mark(number)}")
    note("line", attempt, "main", stream, number)

def hold(number):
    while number in holds and not os.path.exists(f"{gates}.{number}"):
        time.sleep(0.005)
    time.sleep(0.005)

note("start", attempt, os.getpid())
"""

_PYTHON = """
for number in range(1, lines + 1):
    write(lambda text: os.write(1, f"{text}\\n".encode()), "out", number)
    if number % 3 == 0:
        write(lambda text: os.write(2, f"{text}\\n".encode()), "err", number)
    hold(number)
note("end", attempt)
"""

_CELL = """
from IPython.display import display

total = 0
for number in range(1, lines + 1):
    write(lambda text: print(text, flush=True), "out", number)
    if number % 3 == 0:
        write(lambda text: print(text, file=sys.stderr, flush=True), "err", number)
    if number % 4 == 0:
        write(lambda text: display({"text/plain": text}, raw=True), "rich", number)
    total += mark(number)
    hold(number)
note("end", attempt)
"""

# The last child leaves the job's process group and hears no SIGTERM; the job does not wait for
# it, so it is there to be ended by whoever ends the job.
_SHELL = """
a=$JUPYTER_AML_ATTEMPT
note() { echo "$*" >> "$ledger"; }
count() {
  n=0
  while [ $n -lt $2 ]; do
    n=$((n + 1)); m=$(( (n * 7919 + offset) % 10007 ))
    echo "$a $1 out $n $m"
    note line $a $1 out $n
    if [ $((n % 3)) -eq 0 ]; then
      echo "$a $1 err $n $m" >&2
      note line $a $1 err $n
    fi
    case "$1 $holds " in "main "*" $n "*)
      while [ ! -e "$gates.$n" ]; do sleep 0.005; done;;
    esac
    sleep 0.005
  done
}
note start $a $$
(trap '' TERM; setsid sleep 86400 &)
for child in $children; do count ${child%:*} ${child#*:} & done
count main $lines
wait
note end $a
"""


def python(settings: Settings) -> str:
    """A program for ``python -c``."""
    return f"offset = {settings.salt}\n{_assignments(settings)}{_COMMON}{_PYTHON}"


def cell(settings: Settings) -> str:
    """A cell that reads the variable ``offset``, which is the salt, and leaves ``total``."""
    return f"{_assignments(settings)}{_COMMON}{_CELL}"


def shell(settings: Settings, children: Sequence[int]) -> str:
    """A command of /bin/sh; `children` says how many lines each further writer writes."""
    values = {
        "ledger": settings.ledger,
        "gates": settings.gates,
        "lines": settings.lines,
        "offset": settings.salt,
        "holds": " ".join(["", *map(str, settings.holds)]),
        "children": " ".join(f"c{number}:{lines}" for number, lines in enumerate(children, 1)),
    }
    assignments = "\n".join(f"{name}={shlex.quote(str(v))}" for name, v in values.items())
    return f"{assignments}{_SHELL}".strip()


def _assignments(settings: Settings) -> str:
    return (
        f"lines = {settings.lines}\nledger = {settings.ledger!r}\n"
        f"gates = {settings.gates!r}\nholds = {list(settings.holds)}\n"
    )

"""Reading tracebacks: Python's own, with the prefixes that launchers add, and IPython's.

What counts is the *last* exception of a text, and only when nothing of weight follows it: one that
was handled, or logged on the way, is no reason for the end of a job.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from jupyter_aml.service.doctor.asides import goes_on, is_frame, is_noise

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_RANK = re.compile(r"^\[rank\d+\]: ?")
_TIMED = re.compile(r"^\d{4}-\d\d-\d\d[ T][\d:.,]+Z? ")
_TRACEBACK = re.compile(r"^\s*Traceback \(most recent call last\):")
_FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line (?P<line>\d+)(?:,? in (?P<name>.+))?$')
_RAISED = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(?:: ?(?P<text>.*))?$")
_CELL = re.compile(r"^Cell In\[\d+\], line (?P<line>\d+)")
_FILE = re.compile(r"^File (?P<file>.+?):(?P<line>\d+)(?:, in (?P<name>[\w.<>]+))?")
_CAUSED = "The above exception was the direct cause of the following exception:"
_MEANWHILE = "During handling of the above exception, another exception occurred:"

WRAPPERS = ("ChildFailedError", "CalledProcessError", "RayTaskError", "ProcessRaisedException")
"""Exceptions that only say that another process failed; its own traceback comes before."""

CELL = "<cell>"
"""The file of a frame that lies in the notebook's own cell."""

Lines = Sequence[str]


@dataclass(frozen=True)
class Frame:
    """One step of a traceback. ``file`` is `CELL` for the cell itself."""

    file: str
    line: int
    name: str = ""


@dataclass(frozen=True)
class Raised:
    """An exception. ``name`` is without its module; frames are outermost first."""

    name: str
    text: str
    frames: tuple[Frame, ...] = ()
    evidence: str = ""
    """The line that named it."""
    caused_by: Raised | None = None
    """The one that it says it was made from (``raise … from``)."""
    during: Raised | None = None
    """The one that was being handled when this one came."""


@dataclass
class _Block:
    first: int
    last: int
    raised: Raised


@dataclass
class Reading:
    """A text as far as the doctor cares: the exception that ended it, and its last lines.

    Lines of tracebacks are not among those: an exception that was handled is no reason.
    """

    raised: Raised | None = None
    last_lines: list[str] = field(default_factory=list[str])


def clean(text: str) -> list[str]:
    """Lines without colours and without the rank that a launcher put before them."""
    plain = _ANSI.sub("", text).replace("\r\n", "\n")
    # of a line that was drawn over again and again (a progress bar) only the last is left
    return [_RANK.sub("", line.rpartition("\r")[2]) for line in plain.split("\n")]


def read(text: str, *, last: int = 6) -> Reading:
    """What `text`, the end of an output stream, tells."""
    lines = clean(text)
    blocks = _blocks(lines)
    in_traceback = {n for block in blocks for n in range(block.first, block.last + 1)}
    told = [
        line
        for number, line in enumerate(lines)
        if number not in in_traceback and line.strip() and not is_frame(line)
    ]
    return Reading(_final(lines, blocks), told[-last:])


def of_ipython(name: str, text: str, traceback: Lines) -> Raised:
    """The exception of a cell, whose traceback IPython drew."""
    lines = clean("\n".join(traceback))
    pieces: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        if line.strip() in (_CAUSED, _MEANWHILE):
            pieces.append((line.strip(), []))
        else:
            pieces[-1][1].append(line)
    before: Raised | None = None
    for number, (relation, piece) in enumerate(pieces):
        is_last = number == len(pieces) - 1
        own = (name, text) if is_last else _named_at_end(piece)
        before = Raised(
            name=own[0].rpartition(".")[2],
            text=own[1],
            frames=tuple(_ipython_frames(piece)),
            evidence=": ".join(filter(None, own)),
            caused_by=before if relation == _CAUSED else None,
            during=before if relation == _MEANWHILE else None,
        )
    assert before is not None
    return before


def _named_at_end(lines: Lines) -> tuple[str, str]:
    for line in reversed(lines):
        found = _RAISED.match(line)
        if found and found["text"] is not None:
            return found["name"], found["text"]
    return "", ""


def _ipython_frames(lines: Lines) -> list[Frame]:
    frames: list[Frame] = []
    for line in lines:
        if found := _CELL.match(line):
            frames.append(Frame(CELL, int(found["line"])))
        elif (found := _FILE.match(line)) or (found := _FRAME.match(line)):
            frames.append(Frame(found["file"], int(found["line"]), found["name"] or ""))
    return frames


def _final(lines: Lines, blocks: Sequence[_Block]) -> Raised | None:
    """The exception that the text ends with; None if it ends with something else."""
    if not blocks:
        return _crash(lines) or _of_node(lines)
    last = blocks[-1]
    if any(line.strip() and not is_noise(line) for line in lines[last.last + 1 :]):
        wrapped = last.raised.name in WRAPPERS  # it explains itself at length
        if not wrapped:
            return None
    if last.raised.name in WRAPPERS and len(blocks) > 1:
        return blocks[-2].raised
    return last.raised


_FATAL = re.compile(r"^Fatal Python error: (?P<text>.+)")
_STACK = re.compile(r"^Current thread 0x[0-9a-f]+(?: \[[^\]]*\])? \(most recent call first\):")
_STEP = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<name>.+)$')

FATAL = "FatalPythonError"
"""The name given to what faulthandler reports."""


def _crash(lines: Lines) -> Raised | None:
    """What Python's faulthandler tells of a crash in compiled code."""
    fatal = next((found for line in lines if (found := _FATAL.match(line))), None)
    if fatal is None:
        return None
    steps: list[Frame] = []
    inside = False
    for line in lines:
        inside = bool(_STACK.match(line)) or (inside and line.startswith("  File"))
        if inside and (found := _STEP.match(line)):
            steps.append(Frame(found["file"], int(found["line"]), found["name"]))
    return Raised(FATAL, fatal["text"], tuple(reversed(steps)), fatal[0])


_STACK_OF_CELL = re.compile(r"^<ipython-input-|^Cell In\[")


def of_stack(text: str) -> tuple[Frame, ...]:
    """The frames of a stack that faulthandler wrote, outermost first."""
    steps = filter(None, (_STEP.match(line) for line in text.splitlines()))
    frames = [
        Frame(
            CELL if _STACK_OF_CELL.match(step["file"]) else step["file"],
            int(step["line"]),
            step["name"],
        )
        for step in steps
    ]
    return tuple(reversed(frames))


_NODE_ERROR = re.compile(r"^(?:Uncaught )?(?P<name>\w*Error)(?: \[\w+\])?: (?P<text>.+)")
_NODE_END = re.compile(r"^Node\.js v\d")


def _of_node(lines: Lines) -> Raised | None:
    """What Node.js was ended by: it names its own version last, after the error."""
    told = [line for line in lines if line.strip()]
    if not told or _NODE_END.match(told[-1]) is None:
        return None
    error = next((found for line in reversed(told) if (found := _NODE_ERROR.match(line))), None)
    return error and Raised(error["name"], error["text"], evidence=error[0])


def _blocks(lines: Lines) -> list[_Block]:
    blocks: list[_Block] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if _TRACEBACK.match(line) or "Traceback (most recent call last):" in line:
            block = _block(lines, number)
            if block is not None:
                blocks.append(_joined(lines, blocks[-1] if blocks else None, block))
                number = block.last
        number += 1
    return blocks


def _block(lines: Lines, first: int) -> _Block | None:
    """The traceback that begins at `first`, up to the exception's own text."""
    frames: list[Frame] = []
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if found := _FRAME.match(line):
            frames.append(Frame(found["file"], int(found["line"]), found["name"] or ""))
            continue
        if not line.strip() or line[0].isspace():
            continue
        found = _RAISED.match(_TIMED.sub("", line))
        if found is None:
            return None
        name = found["name"].rpartition(".")[2]
        last = _end_of_text(lines, number, name)
        text = "\n".join([found["text"] or "", *lines[number + 1 : last + 1]]).strip()
        return _Block(first, last, Raised(name, text, tuple(frames), line.strip()))
    return None


def _end_of_text(lines: Lines, number: int, name: str) -> int:
    """The last line of an exception's text; further lines of it are indented, or known.

    Anything else may as well be what the program printed next, and then it had gone on.
    """
    last = number
    for ahead in range(number + 1, len(lines)):
        line = lines[ahead]
        is_known = is_noise(line) or goes_on(name, line)
        if not line.strip():
            continue  # only a line that is known belongs to the text across a gap
        if not is_known and (last + 1 < ahead or not line[0].isspace()):
            break
        last = ahead
    return last


def _joined(lines: Lines, before: _Block | None, block: _Block) -> _Block:
    """The block, knowing the exception before it if it says how they belong together."""
    if before is None:
        return block
    between = " ".join(lines[before.last + 1 : block.first + 1])
    raised = block.raised
    if _CAUSED in between:
        raised = Raised(raised.name, raised.text, raised.frames, raised.evidence, before.raised)
    elif _MEANWHILE in between:
        raised = Raised(
            raised.name, raised.text, raised.frames, raised.evidence, during=before.raised
        )
    return _Block(block.first, block.last, raised)

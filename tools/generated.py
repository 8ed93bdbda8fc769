"""Write generated files, or say which of them are out of step (``--check``).

Used by the generators beside it, `openapi`, `typescript` and `reference`.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def differences(files: Mapping[Path, str]) -> str:
    """A diff from what is on disk to what `files` says; empty if they are the same."""
    found: list[str] = []
    for path, wanted in files.items():
        name = path.relative_to(ROOT).as_posix()
        present = path.read_text("utf-8") if path.exists() else ""
        if present != wanted:
            lines = (present.splitlines(), wanted.splitlines())
            found += difflib.unified_diff(*lines, f"{name} (on disk)", name, lineterm="", n=1)
    return "\n".join(found)


def write(files: Mapping[Path, str]) -> None:
    """Write each file whose text is another; mtimes of the others stay, for make's sake."""
    for path, text in files.items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
            print(f"wrote {path.relative_to(ROOT).as_posix()}")


def main(files: Mapping[Path, str]) -> None:
    """What each generator does when it is run."""
    if "--check" not in sys.argv[1:]:
        write(files)
    elif different := differences(files):
        print(different, file=sys.stderr)
        sys.exit("Generated files are out of step with their sources. Run: make types")

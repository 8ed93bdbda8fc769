"""Which files of a folder travel: the patterns of ``.amlignore`` and ``.gitignore``.

Pure matching over relative POSIX paths, shared by the service (which takes the snapshot) and the
kernel (which says before what would not travel). An ``.amlignore`` in the top folder replaces
every ``.gitignore``, as in Azure ML. Source of the pattern rules: gitignore(5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

ALWAYS = (
    ".git/",
    ".hg/",
    ".svn/",
    "__pycache__/",
    ".ipynb_checkpoints/",
    "node_modules/",
    ".DS_Store",
)
"""Left out whatever the ignore files say."""


class Ignore:
    """Patterns of one ignore file, relative to the folder (``base``) it lies in."""

    def __init__(self, lines: Iterable[str], base: str = "") -> None:
        self._rules: list[tuple[re.Pattern[str], bool, bool]] = []
        self._base = base
        for line in lines:
            self._add(line)

    def _add(self, line: str) -> None:
        pattern = line.rstrip("\n\r")
        pattern = pattern[:-1] + " " if pattern.endswith("\\ ") else pattern.rstrip()
        if not pattern or pattern.startswith("#"):
            return
        negated = pattern.startswith("!")
        pattern = pattern[1:] if negated or pattern.startswith("\\") else pattern
        folder_only = pattern.endswith("/")
        self._rules.append((_regex(pattern.rstrip("/")), negated, folder_only))

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """True: left out; False: kept by a ``!`` rule; None: no rule speaks of it."""
        if self._base:
            if not path.startswith(self._base + "/"):
                return None
            path = path[len(self._base) + 1 :]
        for regex, negated, folder_only in reversed(self._rules):
            if (is_folder or not folder_only) and regex.fullmatch(path):
                return not negated
        return None


def ignored(stack: Sequence[Ignore], path: str, *, is_folder: bool) -> bool:
    """The last ignore file that speaks of `path` decides; deeper files come later in `stack`."""
    for ignore in reversed(stack):
        verdict = ignore.verdict(path, is_folder=is_folder)
        if verdict is not None:
            return verdict
    return False


def _regex(pattern: str) -> re.Pattern[str]:
    anchored = "/" in pattern
    pattern = pattern.lstrip("/")
    out = "" if anchored else "(?:.*/)?"
    position = 0
    while position < len(pattern):
        piece, position = _piece(pattern, position)
        out += piece
    return re.compile(out)


def _piece(pattern: str, at: int) -> tuple[str, int]:
    """The regular expression of the token at `at`, and where the next begins."""
    if pattern.startswith("**/", at):
        return "(?:.*/)?", at + 3
    if pattern.startswith("/**", at) and at + 3 == len(pattern):
        return "/.*", at + 3
    char = pattern[at]
    if char == "*":
        return "[^/]*", at + 1
    if char == "?":
        return "[^/]", at + 1
    if char == "\\" and at + 1 < len(pattern):
        return re.escape(pattern[at + 1]), at + 2
    if char == "[" and (end := pattern.find("]", at + 2)) > 0:
        inside = pattern[at + 1 : end].replace("\\", "\\\\")
        return f"[{'^' + inside[1:] if inside[0] in '!^' else inside}]", end + 1
    return re.escape(char), at + 1

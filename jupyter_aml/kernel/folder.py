"""The folder rule: which files a cell finds where it runs.

On ``local`` a cell runs in the notebook's folder, as a plain cell does. Anywhere else it runs in a
snapshot of that folder. What it will need and what does not travel is said before it is sent:
modules of the person's own are refused, file names in strings (which the cell may be about to
write) are warned about.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from jupyter_aml.kernel.modules import LocalModule
from jupyter_aml.kernel.travel import Obstacle, cannot_travel
from jupyter_aml.model.ignore import ALWAYS, Ignore, ignored
from jupyter_aml.model.names import LOCAL

_LONGEST_NAME = 1024
_MOST_WARNINGS = 5
# Files of the system are there too, and nobody means them as data.
_SYSTEM = ("/bin/", "/dev/", "/etc/", "/lib", "/opt/", "/proc/", "/sbin/", "/sys/", "/usr/")


def where(compute: str, folder: str) -> tuple[str, str | None]:
    """``cwd`` and ``code`` of a job: the folder itself on ``local``, a snapshot of it elsewhere."""
    return (folder, None) if compute == LOCAL else ("", folder)


class Folder:
    """A notebook's folder, as a snapshot would see it."""

    def __init__(self, root: str) -> None:
        self._root = Path(os.path.realpath(root))
        self._only_aml = (self._root / ".amlignore").is_file()

    def why_left_out(self, path: str) -> str:
        """Why the file does not travel, in words; "" if it does."""
        absolute = Path(os.path.realpath(self._root / path))
        try:
            relative = absolute.relative_to(self._root)
        except ValueError:
            return "it lies outside the notebook's folder"
        stack = [Ignore(ALWAYS)]
        if self._only_aml:
            stack += self._rules(".amlignore", Path())
        here = Path()
        for number, part in enumerate(relative.parts):
            if not self._only_aml:
                stack += self._rules(".gitignore", here)
            here /= part
            is_folder = number < len(relative.parts) - 1
            if ignored(stack, here.as_posix(), is_folder=is_folder):
                name = ".amlignore" if self._only_aml else ".gitignore"
                return f"{name} leaves out {here.as_posix()}{'/' * is_folder}"
            if is_folder and (self._root / here / "pyvenv.cfg").exists():
                return f"{here.as_posix()}/ is a virtual environment"
        return ""

    def _rules(self, name: str, folder: Path) -> list[Ignore]:
        path = self._root / folder / name
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        return [Ignore(lines, folder.as_posix() if folder.parts else "")]


def warnings(strings: Iterable[str], root: str) -> list[str]:
    """What to say about string literals that are existing files and do not travel."""
    folder = Folder(root)
    found: list[str] = []
    for text in strings:
        if _may_be_file(text, root):
            why = folder.why_left_out(os.path.expanduser(text))
            if why:
                found.append(f'"{text}" does not travel with this cell: {why}.')
    if len(found) > _MOST_WARNINGS:
        rest = len(found) - _MOST_WARNINGS
        found[_MOST_WARNINGS:] = [f"{rest} more files do not travel with this cell."]
    return found


def check_modules(local: Sequence[LocalModule], root: str) -> None:
    """Raise `CannotTravel` naming every module of the person's own that the snapshot lacks."""
    folder = Folder(root)
    obstacles: list[Obstacle] = []
    for module in local:
        why = folder.why_left_out(module.file)
        if why:
            obstacles.append(
                Obstacle(
                    module.name,
                    f"a module of yours ({module.file}), and {why}",
                    "Put it beside the notebook, install it, or send it by value: "
                    f"cloudpickle.register_pickle_by_value({module.name}).",
                )
            )
    if obstacles:
        raise cannot_travel("module", obstacles, "")


def path_statements(local: Sequence[LocalModule], root: str, *, is_local: bool) -> list[str]:
    """Statements that put the folders of those modules on the job's path, where it lacks them.

    The notebook's folder (or its snapshot) is there already.
    """
    if not local:
        return []
    real = os.path.realpath(root)
    folders = {module.root for module in local if module.root != real}
    if not folders:
        return []
    if not is_local:
        folders = {os.path.relpath(folder, real) for folder in folders}
    listed = ", ".join(repr(folder) for folder in sorted(folders))
    return [f"import os, sys; sys.path += [os.path.abspath(f) for f in ({listed},)]"]


def _may_be_file(text: str, root: str) -> bool:
    if not text or len(text) > _LONGEST_NAME or "\n" in text or "\0" in text:
        return False
    # A bare word that happens to be a file's name is more often a column or a key.
    if "." not in text and "/" not in text and os.sep not in text:
        return False
    if text.startswith(_SYSTEM):
        return False
    try:
        return os.path.isfile(os.path.join(root, os.path.expanduser(text)))
    except (OSError, ValueError):
        return False

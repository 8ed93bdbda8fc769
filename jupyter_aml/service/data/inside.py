"""Paths below a folder: what leads out of it is refused, whether by ``..`` or by a link."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from jupyter_aml.model.errors import Invalid, NotFound


def parts_of(path: str) -> tuple[str, ...]:
    """The parts of a relative path with ``/``; empty for the folder itself. Raises `Invalid`."""
    parts = PurePosixPath(path).parts
    windows = PureWindowsPath(path)
    if path.startswith("/") or ".." in parts or "\0" in path or windows.drive or "\\" in path:
        raise Invalid(
            f"The path {path!r} leads out of its folder.",
            target="path",
            hint="Write it relative to the asset or the datastore, with / and without ..",
        )
    return parts


def inside(root: Path, path: str) -> Path:
    """`path` below `root`, links followed. It need not be there. Raises `Invalid`."""
    whole = root.resolve()
    found = _resolved(whole.joinpath(*parts_of(path)))
    if found is None or not found.is_relative_to(whole):
        raise Invalid(
            f"The path {path!r} is a link that leads out of its folder.",
            target="path",
            hint="Register the folder that it leads to as a datastore of its own.",
        )
    return found


def _resolved(path: Path) -> Path | None:
    """None for links in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # RuntimeError: before Python 3.13
        return None


def existing(root: Path, path: str, *, of: str) -> Path:
    """`inside`, and it has to be there. `of` names the asset or the datastore in the refusal."""
    found = inside(root, path)
    if not found.exists():
        raise NotFound(
            f"There is no {path!r} in {of}." if path else f"The files of {of} are not there.",
            target="path",
            hint=f"See what there is: `%aml {of.partition(' ')[0]} browse {of.rpartition(' ')[2]}`."
            if path
            else "They were moved or deleted.",
        )
    return found

"""Lines of a requirements file: read with care, and refused where they could not be repeated.

Pure. What stays is what pip and uv read alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jupyter_aml.model.errors import Invalid, TooLarge

MOST_LINES = 1000

_NAME = re.compile(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(\[[^\]]*\])?\s*(.*)", re.DOTALL
)
_COMMENT = re.compile(r"(^|\s)#.*$")
_PASSWORD = re.compile(r"//[^/\s:@]+:[^/\s@]+@")
_OPTIONS = (
    "-i --index-url --extra-index-url -f --find-links --no-index --pre --no-binary --only-binary "
    "--prefer-binary --trusted-host"
).split()
"""Options that a line may be; they say where from, not what."""


def read(lines: Iterable[str]) -> list[str]:
    """The requirements in `lines`, comments and continuations resolved.

    Raises `Invalid` naming the line that cannot be read, or that would not mean the same later.
    """
    found: list[str] = []
    for number, line in enumerate(_joined(lines), start=1):
        text = " ".join(_COMMENT.sub("", line).split())
        if text:
            _check(text, number)
            found.append(text)
    if len(found) > MOST_LINES:
        raise TooLarge(f"{len(found)} requirements are more than {MOST_LINES}.")
    return list(dict.fromkeys(found))


def name_of(requirement: str) -> str:
    """The package that a requirement is about, in its canonical form; "" for options and paths."""
    if requirement.startswith("-") or _is_path(requirement):
        return ""
    match = _NAME.match(requirement)
    return canonical(match[1]) if match else ""


def names_of(requirements: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for text in requirements if (name := name_of(text))))


def canonical(name: str) -> str:
    """As the package index compares names: ``Scikit_Learn`` is ``scikit-learn``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def condition_of(requirement: str) -> str:
    """What a requirement says of the version: ``>=1.4``; "" if nothing."""
    match = _NAME.match(requirement)
    return match[3].partition(";")[0].strip() if match else ""


def with_runner(requirements: Sequence[str], needed: Sequence[str]) -> list[str]:
    """`requirements` and what the runner needs that they do not name themselves."""
    named = set(names_of(requirements))
    return [*requirements, *(text for text in needed if name_of(text) not in named)]


def redacted(text: str) -> str:
    """`text` without the passwords of addresses, which pip and uv may repeat."""
    return re.sub(r"//[^/\s@]+@", "//***@", text)


def _joined(lines: Iterable[str]) -> list[str]:
    """Lines that end with a backslash go on in the next one."""
    whole: list[str] = []
    open_line = ""
    for line in (part for text in lines for part in text.splitlines()):
        if line.rstrip().endswith("\\"):
            open_line += line.rstrip()[:-1] + " "
            continue
        whole.append(open_line + line)
        open_line = ""
    return [*whole, open_line] if open_line else whole


def _check(text: str, number: int) -> None:
    where = f"requirement {number}"
    if _PASSWORD.search(text):
        raise Invalid(
            f"{redacted(text)} holds a password, which would be stored and shown.",
            target=where,
            hint="Keep it in a .netrc file, or in the service's own settings of pip or uv.",
        )
    if text.startswith("-"):
        _check_option(text, where)
        return
    if _is_path(text):
        if not text.startswith(("file:", "/")) and not re.match(r"[A-Za-z]:[\\/]", text):
            raise Invalid(
                f"{text} is a relative path.", target=where, hint="Write the whole path of a wheel."
            )
        return
    match = _NAME.fullmatch(text)
    if match is None or (match[3] and not match[3].startswith(tuple("=<>!~@;("))):
        name, version = ([*text.split(), ""])[:2]
        raise Invalid(
            f"{text!r} is not a requirement.",
            target=where,
            hint=f"A version follows an operator: {name}=={version}"
            if re.match(r"\d", version)
            else "Write one package a line, as in  scikit-learn>=1.4",
        )


def _check_option(text: str, where: str) -> None:
    option = re.split(r"[ =]", text)[0]
    if option in ("-r", "--requirement", "-c", "--constraint"):
        raise Invalid(
            f"{text} names another file.",
            target=where,
            hint="Name that file to the command line, which reads it, or copy its lines here.",
        )
    if option in ("-e", "--editable"):
        raise Invalid(
            f"{text} is a folder that changes, so the environment could not be repeated.",
            target=where,
            hint="Send the folder as the job's code, or build a wheel and name its path.",
        )
    if option not in _OPTIONS:
        raise Invalid(
            f"The option {option} is not understood in requirements.",
            target=where,
            hint=f"These are: {', '.join(o for o in _OPTIONS if o.startswith('--'))}.",
        )


def _is_path(text: str) -> bool:
    return text.startswith(("file:", "/", "./", "../", "~", "git+", "http:", "https:")) or bool(
        re.match(r"[A-Za-z]:[\\/]", text)
        or re.search(r"\.(whl|tar\.gz|zip)$", text.split(" @ ")[0])
    )

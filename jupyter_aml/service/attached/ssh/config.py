"""What is told of an SSH machine, and the command line that reaches it."""

from __future__ import annotations

import os
import re
import shlex
from typing import Annotated

import msgspec
from msgspec import Meta

from jupyter_aml.model.errors import Invalid

_HOST = re.compile(r"[A-Za-z0-9_\[:][A-Za-z0-9_.:%\[\]-]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\+-]*")
_PYTHON = re.compile(r"[A-Za-z0-9_./~][A-Za-z0-9_./ +-]*")
_OPTIONS = (
    "BatchMode=yes",  # nobody is there to type a password
    "StrictHostKeyChecking=yes",  # a machine that is not known is never trusted on the way
    "LogLevel=ERROR",
    "ConnectTimeout=10",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=3",
    "ClearAllForwardings=yes",
    "RequestTTY=no",
)
ROOT = "~/.cache/jupyter-aml"


class SshConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A machine as the ``ssh`` program is told of it; its own configuration is honoured too."""

    host: str
    """A name, an address, or an alias of ``~/.ssh/config``."""
    user: str = ""
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    identity_file: str = ""
    """A private key on this machine; its content is read by ``ssh`` alone."""
    python: str = "python3"
    root: str = ROOT
    """The folder on the machine that jobs lie in."""
    max_jobs: Annotated[int, Meta(ge=1, le=1000)] | None = None
    """Jobs at once; by default as many as it has cores."""

    def __post_init__(self) -> None:
        _check("host", self.host, _HOST)
        if self.user:
            _check("user", self.user, _USER)
        _check("python", self.python, _PYTHON)
        inside = self.root.removeprefix("~/")
        if not self.root.startswith(("/", "~/")) or not inside.strip("/") or _odd(self.root):
            raise Invalid(
                f"The folder {self.root!r} cannot hold jobs.",
                target="root",
                hint="Give an absolute path of the machine, or one that begins with ~/.",
            )
        if self.identity_file and _odd(self.identity_file):
            raise Invalid("The path of the key holds a control character.", target="identity_file")

    @property
    def address(self) -> str:
        user = f"{self.user}@" if self.user else ""
        return f"{user}{self.host}" + (f":{self.port}" if self.port else "")

    def by_hand(self) -> str:
        """The command by which a person would log in."""
        return shlex.join(["ssh", *self._where(), self.host])

    def command(self, script: str) -> list[str]:
        """The argument list that runs `script` there; no secret is in it."""
        options = [part for option in _OPTIONS for part in ("-o", option)]
        remote = f"exec /bin/sh -c {shlex.quote(script)}"
        return ["ssh", "-T", *options, *self._where(), "--", self.host, remote]

    def _where(self) -> list[str]:
        where: list[str] = []
        if self.user:
            where += ["-l", self.user]
        if self.port:
            where += ["-p", str(self.port)]
        if self.identity_file:
            key = os.path.expanduser(self.identity_file)
            where += ["-i", key, "-o", "IdentitiesOnly=yes"]
        return where


def of_machine(path: str) -> str:
    """`path` of the machine for its shell: quoted, but for a home folder at its beginning."""
    return '"$HOME"/' + shlex.quote(path[2:]) if path.startswith("~/") else shlex.quote(path)


def _check(field: str, value: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(value):
        raise Invalid(
            f"{value!r} cannot be the {field} of an SSH machine.",
            target=field,
            hint="Letters, digits and . - _ only, first a letter or digit."
            if field != "python"
            else "Give the name or the path of an interpreter on the machine.",
        )


def _odd(text: str) -> bool:
    return any(ord(letter) < 32 for letter in text)

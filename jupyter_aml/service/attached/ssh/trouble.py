"""Why an SSH machine does not answer: what ``ssh`` says, in words and with the command to type.

``ssh`` ends with 255 for everything, and so may a program on the machine: only what it writes to
stderr tells. It is not translated into other languages.
"""

from __future__ import annotations

from jupyter_aml.model.errors import Unavailable
from jupyter_aml.service.attached.ssh.config import SshConfig


def of_connection(config: SshConfig, said: str) -> Unavailable:
    """The error for a connection that ended, from what came on stderr."""
    last = said.strip().splitlines()[-1:] or ["the connection was closed"]
    why = last[0].strip().rstrip(".")
    details = [line for line in said.strip().splitlines() if line.strip()][-20:]
    for needle, make in _KNOWN:
        if needle in said:
            error = make(config)
            error.details = details
            return error
    return Unavailable(
        f"{config.address} does not answer: {why}.",
        target="host",
        hint=f"Try it by hand: {config.by_hand()}",
        details=details,
    )


def without_ssh() -> Unavailable:
    return Unavailable(
        "The program ssh is not there.",
        target="host",
        hint="Install the OpenSSH client (Debian: apt install openssh-client), then attach again.",
    )


def _changed_key(config: SshConfig) -> Unavailable:
    name = f"[{config.host}]:{config.port}" if config.port not in (None, 22) else config.host
    return Unavailable(
        f"{config.address} shows another host key than before: it is another machine, or somebody "
        "stands between.",
        target="host",
        hint="Ask its owner. If the machine was made anew, forget the old key: "
        f"ssh-keygen -R '{name}', then log in once by hand: {config.by_hand()}",
    )


def _unknown_key(config: SshConfig) -> Unavailable:
    return Unavailable(
        f"{config.address} is not known yet: its host key was never confirmed.",
        target="host",
        hint=f"Log in once by hand and compare the fingerprint with its owner's: "
        f"{config.by_hand()}. On the machine: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    )


def _refused_login(config: SshConfig) -> Unavailable:
    return Unavailable(
        f"{config.address} did not accept the login.",
        target="user",
        hint="A key has to open it without a question: give --identity-file, or load it with "
        f"ssh-add. Try it by hand: {config.by_hand()}",
    )


def _no_python(config: SshConfig) -> Unavailable:
    return Unavailable(
        f"There is no {config.python} on {config.address}.",
        target="python",
        hint="Install Python 3.8 or newer there, or name it: --python /usr/bin/python3.11",
    )


def _no_root(config: SshConfig) -> Unavailable:
    return Unavailable(
        f"The folder {config.root} on {config.address} cannot be written.",
        target="root",
        hint="Name another with --root.",
    )


def _bad_key_file(config: SshConfig) -> Unavailable:
    return Unavailable(
        f"The key {config.identity_file or 'of this login'} is readable by others, so ssh refuses "
        "it.",
        target="identity_file",
        hint=f"chmod 600 {config.identity_file or 'KEYFILE'}",
    )


NO_PYTHON = "jupyter-aml: no python"
NO_ROOT = "jupyter-aml: no root"
"""Written by the shell of the machine before the agent runs."""

_KNOWN = (
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", _changed_key),
    ("host key is known", _unknown_key),
    ("Host key verification failed", _unknown_key),
    ("UNPROTECTED PRIVATE KEY FILE", _bad_key_file),
    ("Permission denied (", _refused_login),
    ("Too many authentication failures", _refused_login),
    (NO_PYTHON, _no_python),
    (NO_ROOT, _no_root),
)

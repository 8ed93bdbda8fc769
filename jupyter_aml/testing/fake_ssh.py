"""A program `ssh` that goes nowhere: it runs the remote command here, in a home of its own.

Everything after it is real: the shell lines, the agent, its supervisors and the jobs. What real
connections do wrong is played for hosts of certain names, and for all while `Machine.cut`.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """\
#!/bin/sh
echo "$@" >>{log}
for word in "$@"; do [ "$word" = -- ] && break; shift; done
host=$2; shift 2
[ -e {down} ] && host=down
fail() {{ printf '%s\\n' "$@" >&2; exit 255; }}
case $host in
down) fail "ssh: connect to host $host port 22: Connection refused" ;;
unknown) fail "No ED25519 host key is known for $host and you have requested strict checking." \\
    "Host key verification failed." ;;
changed) fail "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @" \\
    "Host key verification failed." ;;
closed) fail "me@$host: Permission denied (publickey,password)." ;;
nowhere) fail "ssh: Could not resolve hostname $host: Name or service not known" ;;
chatty) echo "Welcome to $host"; echo "jupyter is fun" ;;
esac
HOME={home}
PATH={path}:$PATH
export HOME PATH
unset XDG_CACHE_HOME
exec sh -c "$*"
"""


@dataclass(frozen=True)
class Machine:
    """What `install` made. ``home`` is the home folder on the machine."""

    folder: Path
    home: Path

    @property
    def path(self) -> str:
        """A PATH on which this `ssh` comes first."""
        return os.pathsep.join([str(self.folder), os.environ.get("PATH", os.defpath)])

    @property
    def root(self) -> Path:
        """Where the agent keeps jobs."""
        return self.home / ".cache" / "jupyter-aml"

    @property
    def commands(self) -> list[str]:
        """The argument lists it was called with, a line each, the remote scripts among them."""
        log = self.folder / "ssh.log"
        return log.read_text().splitlines() if log.exists() else []

    def cut(self, *, is_down: bool = True) -> None:
        """From now on nothing connects; what is connected stays."""
        down = self.folder / "down"
        down.touch() if is_down else down.unlink(missing_ok=True)


def install(folder: Path) -> Machine:
    """Make the program in `folder`/bin and the machine's home beside it."""
    machine = Machine(folder / "bin", folder / "machine")
    machine.folder.mkdir(parents=True)
    machine.home.mkdir()
    (machine.folder / "python3").symlink_to(sys.executable)
    script = _SCRIPT.format(
        log=machine.folder / "ssh.log",
        down=machine.folder / "down",
        home=machine.home,
        path=machine.folder,
    )
    program = machine.folder / "ssh"
    program.write_text(script)
    program.chmod(0o755)
    return machine

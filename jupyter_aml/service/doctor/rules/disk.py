"""A disk that is full, or a quota that is used up."""

from __future__ import annotations

from jupyter_aml.service.doctor.rule import Rule, Sign, Way

DISK = (
    Rule(
        name="disk-full",
        summary="the disk is full",
        signs=(
            Sign(
                exception="OSError",
                says=r"\[Errno 28\] No space left on device(?:: '(?P<path>[^']+)')?",
                also_handled=True,
            ),
            Sign(
                exception="OSError",
                says=r"\[Errno 122\] Disk quota exceeded(?:: '(?P<path>[^']+)')?",
                also_handled=True,
            ),
            Sign(exception="OperationalError", says="database or disk is full"),
            Sign(
                exception="ArrowException|OSError|ArrowInvalid|RuntimeError|Py4JJavaError",
                says="No space left on device",
            ),
            Sign(exception="Error", says=r"\[Errno 28\] No space left on device"),  # of shutil
            Sign(exception="OSError", says=r"^\d+ requested and \d+ written$"),  # of numpy
            Sign(
                exception="RuntimeError",
                says="PytorchStreamWriter failed writing file .*: file write failed",
                also_handled=True,
            ),
            Sign(exception="Error", says="^ENOSPC: no space left on device"),
            Sign(message="disk (?:that holds .* )?is full"),
            Sign(line=r"No space left on device(?: \((?:os error )?28\))?\.?$", final=True),
            Sign(
                line=r"\[Errno 28\] No space left on device: '[^']+' -> '(?P<path>[^']+)'",
                final=True,
            ),
            Sign(line=r"Disk quota exceeded$"),
        ),
        causes=(
            "The disk is full: {path} could not be written",
            "The disk is full, or your quota of it is used up",
        ),
        ways=(
            Way("Show how full the disks are", "command", "!df -h . /tmp", where="cell"),
            Way("Show how full the disks are", "command", "df -h . /tmp", where="command"),
            Way("Remove what old jobs left…", "command", "jupyter aml service prune"),
        ),
    ),
)

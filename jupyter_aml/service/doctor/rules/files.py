"""Paths: what is not there, is of another kind, or may not be touched; unknown commands."""

from __future__ import annotations

from jupyter_aml.service.doctor.rule import Rule, Sign, Way

_GO = Way("Go to line {line}", "open", "cell:{line}")

FILES = (
    Rule(
        name="permission-denied",
        summary="no permission",
        signs=(
            Sign(
                exception="PermissionError",
                says=r"\[(?:Errno|WinError) (?:13|1|5)\] .*?: '(?P<path>[^']+)'",
            ),
            Sign(exception="PermissionError", says=r"\[(?:Errno|WinError) (?:13|1|5)\]"),
            Sign(line=r": (?P<path>[^\s:]+): Permission denied$"),
            Sign(line=r"['‘](?P<path>[^'’]+)['’]: Permission denied$"),
        ),
        causes=(
            "The job may not use {path}: permission denied",
            "The job may not do that: permission denied",
        ),
        ways=(
            Way(
                "Make {path} executable",
                "command",
                "!chmod +x {script}",
                where="cell",
            ),
            _GO,
            Way("Show who may", "command", "!ls -ld {path}", where="cell"),
            Way("Show who may", "command", "ls -ld {path}", where="command"),
        ),
    ),
    Rule(
        name="command-not-found",
        summary="{command} is not installed",
        signs=(
            Sign(
                line=r"^(?:\S*sh: (?:line )?(?:\d+: )?|.*: line \d+: )(?P<command>[\w.+-]+): "
                r"(?:command )?not found$",
                exit_codes=(127,),
            ),
            Sign(
                exception="FileNotFoundError",
                says=r"\[Errno 2\] No such file or directory: '(?P<command>[^']+)'",
                within=r"subprocess\.py:.*_execute_child",
            ),
        ),
        causes=("The program {command} is not installed there",),
        ways=(_GO, Way("Use another environment…", "open", "environments")),
    ),
    Rule(
        name="wrong-path",
        summary="wrong path {path}",
        signs=(
            Sign(
                exception="FileNotFoundError|OSError|IOError|LibsndfileError",
                says=r"\[(?:Errno|WinError) [23]\] .*?: b?'(?P<path>[^']+)'",
            ),
            Sign(
                exception="FileNotFoundError",
                says=r"File b?'(?P<path>[^']+)' does not exist",
            ),
            Sign(exception="FileNotFoundError", says=r"^(?P<path>[\w./~-]+)$"),
            Sign(exception="FileNotFoundError", says=r"^(?P<path>[\w./~-]+) not found\.$"),
            Sign(exception="FileNotFoundError", says=r"^Unable to find '(?P<path>[^']+)'"),
            Sign(
                exception="AnalysisException",  # of Spark
                says=r"Path does not exist: (?:file:)?(?P<path>\S+?)\.?(?:\s|$)",
            ),
            Sign(
                exception="NotFoundError",  # of TensorFlow
                says=r"(?:^|[\s}])(?P<path>[^\s;}]+); No such file or directory",
            ),
            Sign(
                exception="error",  # of OpenCV, which reads nothing from a file that is not there
                says=r"\(-215:Assertion failed\) !\w*\.?empty\(\)",
                told=r"imread_\('(?P<path>[^']+)'\): can't open/read file",
            ),
            Sign(
                exception="FileNotFoundError",  # of h5py
                says=r"unable to open file: name = '(?P<path>[^']+)', errno = 2\b",
            ),
            Sign(
                exception="Error",
                says=r"^ENOENT: no such file or directory, \w+ '(?P<path>[^']+)'",
            ),
            Sign(
                exception="NotADirectoryError",
                says=r"\[Errno 20\] .*?: '(?P<path>[^']+)'",
                cause="{path} is a file, and a folder was expected",
            ),
            Sign(
                exception="IsADirectoryError",
                says=r"\[Errno 21\] .*?: '(?P<path>[^']+)'",
                cause="{path} is a folder, and a file was expected",
            ),
            Sign(
                line=r"can't open file '(?P<path>[^']+)': \[Errno 2\]",
                exit_codes=(1, 2),
            ),
            Sign(
                line=r"error: argument .+: can't open '(?P<path>[^']+)': \[Errno 2\]",
                exit_codes=(2,),
            ),
            Sign(
                line=r"^Error: Invalid value for .+: \w+ '(?P<path>[^']+)' does not exist\.$",
                exit_codes=(2,),
            ),
            Sign(
                line=r"Could not open requirements file: \[Errno 2\] .*: '(?P<path>[^']+)'$",
            ),
            Sign(line=r"^tar(?: \(child\))?: (?P<path>\S+): Cannot open: No such file"),
            Sign(line=r"^unzip: +cannot find or open (?P<path>[^\s,]+)"),
            Sign(
                line=r"^ +cannot open file '(?P<path>[^']+)': No such file or directory$",
                final=True,  # R's, before "Execution halted"
            ),
            Sign(
                line=r"^(?:\S*sh: (?:line )?(?:\d+: )?)(?P<path>\S*/\S+): "
                r"(?:not found|No such file)"
            ),
            Sign(line=r"^\S*sh: \d+: cannot open (?P<path>[^:]+): No such file$"),
            Sign(
                line=r"^(?:cp|cat|ls|mv|tar|head|tail|wc|unzip|cd|find): "
                r".*?['‘]?(?P<path>[^\s'‘’:]+)['’]?: No such file or directory$",
                final=True,
            ),
            Sign(
                line=r"cd: (?:can't cd to )?(?P<path>[^\s:]+)(?:: No such file or directory)?$",
                exit_codes=(1, 2),
            ),
        ),
        causes=(
            "{path} is not there, {nearest} is: a relative path starts from {start}",
            "{path} is not there, {nearest} is",
            "{path} is not there: a relative path starts from {start}",
            "{absolute} is not there",
            "{path} is not there",
        ),
        ways=(
            Way(
                "Use {nearest} and run again",
                "replace",
                "{typed}\n{nearest}",
                restarts_at="queued",
                where="cell",
            ),
            Way("Go to line {line}", "open", "cell:{line}"),
            Way(
                "Run again here, in the notebook's own folder",
                "edit",
                "compute=local",
                restarts_at="queued",
                where="elsewhere",
            ),
            Way("Show the files that the job had", "open", "job:{job}:files"),
        ),
    ),
)

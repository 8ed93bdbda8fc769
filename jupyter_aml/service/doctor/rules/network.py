"""A port that somebody else listens on."""

from __future__ import annotations

from jupyter_aml.service.doctor.rule import Rule, Sign, Way

NETWORK = (
    Rule(
        name="port-taken",
        summary="a port is taken",
        signs=(
            Sign(
                exception="OSError|RuntimeError|DistNetworkError|error",
                says=r"(?:bind to|listen on) \[::\]:(?P<port>\d+) \(errno: 98",
            ),
            Sign(
                exception="DistNetworkError|RuntimeError",
                says=r"port: (?P<port>\d+),.*(?:EADDRINUSE|address already in use)",
            ),
            Sign(
                exception="OSError|RuntimeError|error",
                says=r"bind on address \('[^']*', (?P<port>\d+).*\): address already in use",
            ),
            Sign(
                exception="OSError",
                says=r"Address already in use \(while attempting to bind on address "
                r"\('[^']*', (?P<port>\d+)",
            ),
            Sign(
                exception="ZMQError",
                says=r"^Address already in use(?: \(addr='\S*:(?P<port>\d+)'\))?",
            ),
            Sign(
                exception="OSError",
                says=r"[Cc]annot find empty port in range: (?P<port>\d+)",
            ),
            Sign(
                exception="OSError|RuntimeError|DistNetworkError|error",
                says=r"\[(?:Errno|WinError) (?:48|98|10048)\]|[Aa]ddress already in use",
            ),
            Sign(exception="Error", says=r"EADDRINUSE: address already in use \S*:(?P<port>\d+)$"),
            Sign(
                # "… is in use, trying 3001 instead" is no failure
                line=r"^Port (?P<port>\d+) is (?:already )?(?:in use|allocated)"
                r"(?!.*\b(?:try|trying|using)\b)"
            ),
            Sign(line=r"bind on address \('[^']*', (?P<port>\d+)\): address already in use$"),
            Sign(
                line=r"bind\(\)? .*(?::|port )(?P<port>\d+) failed \(98: Address already in use\)"
            ),
            Sign(
                line=r"connection to \('[^']*', (?P<port>\d+)\) failed: \[Errno \d+\] "
                r"Address already in use"
            ),
            Sign(line=r"Bind for \S*:(?P<port>\d+) failed: port is already allocated"),
            Sign(line=r"could not bind IPv[46] address \S+: Address already in use$"),
            Sign(line=r"Failed listening on port (?P<port>\d+) \(\w+\), aborting"),
            Sign(line=r"java\.net\.BindException: Address already in use"),
            Sign(line=r"could not be started because port (?P<port>\d+) is not available"),
            Sign(line=r"could not bind to port (?P<port>\d+), it was already in use"),
            Sign(line=r"EADDRINUSE: address already in use \S*:(?P<port>\d+)"),
        ),
        causes=(
            "Port {port} is taken: another program, perhaps an earlier run, listens on it",
            "The port is taken: another program, perhaps an earlier run, listens on it",
        ),
        ways=(
            Way("Go to line {line}: port 0 takes any that is free", "open", "cell:{line}"),
            Way("Show what runs", "command", "%aml", where="cell"),
            Way(
                "Show what runs", "command", "jupyter aml job list --status active", where="command"
            ),
        ),
    ),
)

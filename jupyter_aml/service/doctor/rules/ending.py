"""Ends that came from outside, and crashes: told by the service itself or by a signal."""

from __future__ import annotations

from jupyter_aml.service.doctor.rule import Rule, Sign, Way
from jupyter_aml.service.doctor.symptoms import FROM_OUTSIDE

_AGAIN = Way(
    "Run again, and by itself if it happens again", "edit", "retries=3", restarts_at="queued"
)

ENDING = (
    Rule(
        name="timeout",
        summary="timed out after {timeout}",
        signs=(
            Sign(reason="Timeout"),
            Sign(
                line=r"CANCELLED AT \S+ DUE TO TIME LIMIT",
                cause="Slurm's own time limit was reached, and it ended the step",
            ),
        ),
        causes=(
            "It ran into its timeout of {timeout} and was ended",
            "It ran into its timeout and was ended",
        ),
        ways=(
            Way(
                "Run again with {longer}",
                "edit",
                "timeout={longer_seconds}",
                restarts_at="process",
            ),
        ),
    ),
    Rule(
        name="evicted",
        summary="evicted",
        signs=(
            Sign(reason="Evicted"),
            Sign(
                line=r"CANCELLED AT \S+ DUE TO PREEMPTION",
                cause="Slurm took the node back for a job that goes before",
            ),
        ),
        causes=("The low-priority node was taken back, and no retries were left",),
        ways=(
            _AGAIN,
            Way(
                "Run again on {dedicated}, {dedicated_memory}",
                "edit",
                "compute={dedicated}",
                restarts_at="queued",
                price="dedicated_price",
            ),
        ),
    ),
    Rule(
        name="node-lost",
        summary="its node was lost",
        signs=(Sign(reason="NodeLost"),),
        causes=("The node that ran it ended before the job did",),
        ways=(_AGAIN,),
    ),
    Rule(
        name="start-failed",
        summary="it could not start",
        signs=(Sign(reason="StartFailed", message=r"could not be started: (?P<why>.+?)\.?$"),),
        causes=("It could not be started: {why}",),
        ways=(Way("Look at this installation", "command", "jupyter aml doctor"),),
        stage="process",
    ),
    Rule(
        name="crash",
        summary="it crashed",
        signs=(
            Sign(
                exception="FatalPythonError",
                says="Segmentation fault|Aborted|Bus error|Illegal instruction|Floating",
            ),
            Sign(signals=(11,)),
            Sign(signals=(7,)),
            Sign(signals=(4,)),
            Sign(signals=(8,)),
            Sign(signals=(6,)),
        ),
        causes=(
            "Compiled code crashed there ({signal_name}): {explained}",
            "Compiled code crashed there",
        ),
        ways=(
            Way("Go to line {line}", "open", "cell:{line}"),
            Way(
                "Run again, showing where it crashes",
                "edit",
                "env=PYTHONFAULTHANDLER=1",
                restarts_at="process",
            ),
        ),
    ),
    Rule(
        name="killed",
        summary="killed from outside",
        signs=(Sign(signals=FROM_OUTSIDE),),
        causes=(
            "Something outside of the job ended its process ({signal_name}): a person, a program, "
            "or the system because memory ran out",
        ),
        ways=(Way("Run again", "edit", "retries=1", restarts_at="process"),),
    ),
)

"""Lines after an exception that say nothing new: who reads a traceback may pass over them.

What a program prints after a traceback otherwise means that it had gone on, so the exception was
handled and is no reason for its end.
"""

from __future__ import annotations

import re

_ANYBODY = (
    r"Try: `pip install .*",
    r"CUDA kernel errors might be asynchronously reported .*",
    r"For debugging consider passing CUDA_LAUNCH_BLOCKING=1.*",
    r"Compile with `TORCH_USE_CUDA_DSA` .*",
    r"Set the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace\.",
    r"make(\[\d+\])?: \*\*\* .*",
    r"srun: .*",
    r"slurmstepd: .*",
    r"wandb: .*",
    r"Exception ignored (in|on) .*",
    r".*resource_tracker: There appear to be .*",
    r"\s*warnings\.warn\(.*",
    r"ERROR conda\.cli\.main_run:execute\(\d+\): .*",
    r"Execution halted",  # R's, and where it was
    r"Calls: .+ -> .+",
    r"tar(?: \(child\))?: (?:Error is not recoverable|Child returned status \d).*",
    r"tar: Exiting with failure status due to previous errors",
    r"rsync error: .*|rsync: \[sender\] write error: .*",
    r"\d+\+\d+ records (?:in|out)|\d+ bytes .* copied, .*",  # dd's
    # Open MPI's word on a program that failed
    r"-{20,}",
    r"Primary job +terminated normally, but \d+ process(?:es)? returned",
    r"a non-zero exit code\. .*has been aborted\.",
    r"mpirun detected that one or more processes exited with non-zero status.*",
    r"the job to be terminated\. The first process to do so was:",
    r"(?:Process name|Exit code): +\S+",
    # DeepSpeed's and gunicorn's on a worker that did
    r"\[[\d :,-]+\] \[\w+\] \[launch\.py:\d+:sigkill_handler\] .*",
    r"\[[\d :+-]+\] \[\d+\] \[\w+\] (?:Worker (?:exiting|\(pid:\d+\) exited with)"
    r"|Shutting down: Master|Reason: Worker failed to boot).*",
    # PyTorch, when it could not even close the file
    r"terminate called after throwing an instance of 'c10::Error'",
    r"what\(\): +\[enforce fail at .*",
    r"Aborted!?( \(core dumped\))?",
    r"Sentry is attempting to send .*",
    r"(ERROR|E\d{4} .*)[: ].*torch\.distributed\.elastic.*failed \(exitcode: .*",
    r"INFO: +(Waiting for application shutdown|Application shutdown complete|Finished server).*",
    # a bar that is closed half way, as tqdm does when an exception leaves its loop
    r"(.*: +)?[1-9]?\d%\|.*\| [\d.]+\w?/[\d.]+\w? \[.*\]",
)
"""Said by launchers, loggers and libraries, whatever it was that was raised."""

_BY_EXCEPTION = {
    "ResourceExhaustedError": (
        r"Detected at node .*",
        r"OOM when allocating tensor .*",
        r"Hint: If you want to see a list of allocated tensors .*",
        r"\[\[\{\{node .*",
        r"\[Op:.*",
    ),
    "Py4JJavaError": (r": .*", r"Driver stacktrace:", r"Caused by: .*"),
    "XGBoostError": (r"- (?:Free|Requested) memory: .*",),
    "OSError": (r", (?:filename|file descriptor) = .*",),  # h5py's, whose date ends the line
    "ValueError": (r"- (?:expected|got +): .*",),  # scikit-learn's of a pickled tree
    "Pydantic\\w+": (r"For further information visit .*",),
    # SQLAlchemy's
    "(?:Operational|Programming|Integrity|Interface|Database|Data|Internal)Error": (
        r"\[SQL: .*",
        r"\[parameters: .*",
        r"\(Background on this error at: .*\)",
    ),
    "XlaRuntimeError|JaxRuntimeError": (
        r"BufferAssignment .*",
        r"[\w ]+ allocation: +[\d.]+\w+",
        r"-{10,}",
        r"For simplicity, JAX has removed its internal frames .*",
    ),
    "TypeError": (
        # protobuf's advice
        r"If this call came from a _pb2\.py file.*",
        r"If you cannot immediately regenerate your protos.*",
        r"\d\. (Downgrade the protobuf|Set PROTOCOL_BUFFERS)_?.*",
        r"More information: \S*protocol-buffers\S*",
        # Ray's
        r"={10,}",
        r"Checking Serializability of .*",
        r"!!! FAIL serialization: .*",
    ),
}
"""Further lines of an exception's own text, which are not indented."""


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in patterns))


_FRAMES = (
    r"\s+at .+",
    r"\s*(?:\.\.\. \d+ more|\d+: 0x[0-9a-f]+ .*|\[\d+\] .+|@ .+)",
    r"-+ Native stack trace -+|Stacktrace:",
    r"frame #\d+: .*",
)
"""Steps of stacks that other languages print after an error: Java, Node.js, Julia, C++."""

_NOISE = _any_of((*_ANYBODY, *_FRAMES[3:]))
_FRAME = _any_of(_FRAMES)
_TEXTS = [(re.compile(name), _any_of(lines)) for name, lines in _BY_EXCEPTION.items()]


def is_noise(line: str) -> bool:
    """Whether the line says nothing about why a program ended."""
    return _NOISE.fullmatch(line.strip()) is not None


def is_frame(line: str) -> bool:
    """Whether the line is a step of another language's stack."""
    return _FRAME.fullmatch(line) is not None


def goes_on(name: str, line: str) -> bool:
    """Whether `line` still belongs to the text of an exception of this name."""
    return any(
        named.fullmatch(name) is not None and lines.fullmatch(line.strip()) is not None
        for named, lines in _TEXTS
    )

"""``service env``: what leads the stock Azure SDK to this machine."""

from __future__ import annotations

from jupyter_aml.grammar.kinds import Kind
from jupyter_aml.grammar.language import Call, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.shells import SHELLS, lines

_NOTEBOOK = "%"
"""What begins a command in a notebook: there the kernel itself is what scripts run in."""


def _env(call: Call) -> Result:
    machine = call.surface.machine
    if call.surface.prefix.startswith(_NOTEBOOK):
        found = machine.sdk_environment(apply=True)
        note = f"Set in this kernel: {', '.join(found.set)}. Azure's SDK now works on this machine."
        return Result(document={"set": sorted(found.set), "unset": found.unset}, notes=[note])
    found = machine.sdk_environment(apply=False)
    text = "\n".join(lines(call["shell"], found.set, found.unset))
    call.surface.stdout(text + "\n")
    return Result(document={"set": found.set, "unset": found.unset})


ENV = Verb(
    name="env",
    summary="Print the variables with which scripts of Azure's SDK run against this machine.",
    details='In a terminal: eval "$(jupyter aml service env)". Starts the service and opens its '
    "Azure-compatible API. In a notebook the variables are set in the kernel and not shown.",
    examples=("service env", "service env --shell fish"),
    run=_env,
    options=(
        Option(
            flags=("--shell",),
            kind=Kind.choice(*SHELLS),
            default="bash",
            help="Whose language: bash (and every shell like it), fish or powershell.",
        ),
    ),
)

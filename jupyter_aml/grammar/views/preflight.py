"""The pre-flight strip as text: problems first, each with its fix, then the facts."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Record, Result
from jupyter_aml.grammar.views import diagnosis, waits
from jupyter_aml.model.preflight import (
    EnvironmentCheck,
    KernelPreflight,
    Preflight,
    Problem,
    QuotaLeft,
    Ships,
)

_MOST_NAMES = 8


def shown(found: Preflight, kernel: KernelPreflight | None = None, *, title: str = "") -> Result:
    """`kernel` is what only the notebook's kernel knows; a job file has none.

    Ends with 1 when something would be refused or fail.
    """
    problems = merged(found.problems, kernel.problems if kernel else ())
    errors = [one for one in problems if one.severity == "error"]
    fields = [
        ("Problems" if errors else "Look at", "\n".join(map(problem, problems))),
        ("Compute", _compute(found)),
        ("Price", _price(found)),
        ("Quota", _quota(found.quota)),
        ("Start", waits.start(found.start)),
        ("Ships", "\n".join(filter(None, [_variables(kernel), _folder(found.ships)]))),
        ("Environment", _environment(found.environment)),
        ("Environments", ", ".join(map(_environment, found.environments))),
    ]
    verdict = f"{phrases.plural(len(errors), 'thing')} to fix before it can run."
    return Result(
        value=found,
        document={**document(found), **({"kernel": document(kernel)} if kernel else {})},
        parts=[Record(fields=fields, title=title or "Before you run")],
        notes=[verdict if errors else "Nothing stands in its way. Nothing was started."],
        exit_code=1 if errors else 0,
    )


def merged(*lists: Iterable[Problem]) -> list[Problem]:
    """Errors first; what service and kernel both found is told once."""
    seen: dict[tuple[str, str], Problem] = {}
    for one in (one for many in lists for one in many):
        seen.setdefault((one.code, one.where), one)
    return sorted(seen.values(), key=lambda one: one.severity != "error")


def problem(one: Problem) -> str:
    where = f" ({one.where})" if one.where.startswith("line ") else ""
    fix = f"\n  {diagnosis.fix(one.fix)}" if one.fix is not None else ""
    return f"{one.cause}{where}{fix}"


def _compute(found: Preflight) -> str:
    if not found.state:
        return found.compute
    facts = [f"{found.vcpus} cores", f"{found.memory_gb:g} GB"]
    if found.gpus:
        facts.append(f"{found.gpus:g} x {found.gpu_model or 'GPU'}")
    if found.low_priority:
        facts.append("low priority, can be evicted")
    size = found.size.removeprefix("Standard_") or "this machine"
    nodes = f"{phrases.plural(found.nodes, 'node')} of " if found.nodes > 1 else ""
    return f"{found.compute}: {nodes}{size}, {', '.join(facts)}"


def _price(found: Preflight) -> str:
    if not found.state:
        return ""
    if not found.price_per_hour:
        return "costs nothing"
    price = phrases.rate(found.price_per_hour)
    words = f"would be {price} in Azure" if found.rehearsal else price
    return f"{words} (est.)" if found.low_priority else words


def _quota(quota: QuotaLeft | None) -> str:
    return f"{quota.left} of {quota.limit} cores left ({quota.name})" if quota else ""


def _variables(kernel: KernelPreflight | None) -> str:
    if kernel is None:
        return ""
    if not kernel.names:
        return "no variables"
    told = [f"{one.name} {phrases.size(one.bytes)}" for one in kernel.names[:_MOST_NAMES]]
    rest = len(kernel.names) - len(told)
    more = f" and {phrases.plural(rest, 'more name')}" if rest > 0 else ""
    return f"{', '.join(told)}{more}; about {phrases.size(kernel.bytes)} in all"


def _folder(ships: Ships | None) -> str:
    if ships is None:
        return ""
    least = "" if ships.complete else "at least "
    files = f"{phrases.plural(ships.files, 'file')} of the folder"
    return f"{least}{files}, {phrases.size(ships.bytes)} of {phrases.size(ships.limit_bytes)}"


def _environment(check: EnvironmentCheck | None) -> str:
    if check is None:
        return ""
    if check.missing:
        return f"{check.name} lacks {', '.join(check.missing)}"
    return check.name

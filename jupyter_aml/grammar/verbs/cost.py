"""``cost``: what costs now, what was spent, and what the budget's guard does about it."""

from __future__ import annotations

from jupyter_aml.grammar import options, phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import Kind
from jupyter_aml.grammar.language import Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.money import CostSummary, Guard, Ledger, LedgerEntry, LedgerGroup

GROUPS = ("day", "compute", "notebook", "job", "kind")
_IDLE = {
    "idle": "a node without a job",
    "instance": "an instance without a job",
    "endpoint": "a deployment",
}


def _show(call: Call) -> Result:
    found = call.client.costs.summary()
    parts = [_header(found), _computes(found), _notebooks(found)]
    notes = [found.note] if found.note else []
    if found.guard.state == "off":
        notes.append(f"No budget is set: {call.command('preferences set budget_per_day=20')}")
    return Result(value=found, document=document(found), parts=parts, notes=notes)


def _header(found: CostSummary) -> Record:
    would = "would be " if found.rehearsal else ""
    spent = phrases.money(found.spent_today)
    if found.budget_per_day is not None:
        spent += f" of {phrases.money(found.budget_per_day)}"
    return Record(
        fields=[
            ("Now", f"{would}{phrases.money(found.rate_per_hour)} per hour"),
            ("Today", f"{would}{spent}"),
            ("Lasts until", phrases.local_time(found.lasts_until)),
            ("Guard", _guard(found.guard)),
        ]
    )


def _guard(guard: Guard) -> str:
    return f"{guard.state}: {guard.message}" if guard.message else guard.state


def _computes(found: CostSummary) -> Table:
    columns = [
        Column(title="Compute"),
        Column(title="Size"),
        Column(title="Nodes", right=True),
        Column(title="Now", right=True),
        Column(title="Today", right=True),
        Column(title="Since"),
    ]
    rows = [
        [
            one.compute,
            one.size,
            str(one.nodes),
            phrases.rate(one.rate_per_hour),
            phrases.money(one.spent_today),
            phrases.local_time(one.since),
        ]
        for one in found.per_compute
    ]
    return Table(columns=columns, rows=rows, empty="Nothing costs money now.")


def _notebooks(found: CostSummary) -> Table:
    columns = [
        Column(title="Notebook", flexible=True),
        Column(title="Today", right=True),
        Column(title="Budget", right=True),
        Column(title="Guard", state=True),
    ]
    rows = [
        [
            one.notebook,
            phrases.money(one.spent_today),
            phrases.money(one.budget),
            "" if one.state == "off" else one.state,
        ]
        for one in found.per_notebook
    ]
    return Table(columns=columns, rows=rows)


def _ledger(call: Call) -> Result:
    by = call["by"] or ""
    found = call.client.costs.ledger(call["since"] or "", by, max_results=call["max_results"])
    table = _groups(found, by) if by else _entries(found)
    return Result(
        value=found, document=document(found), parts=[table], notes=[_total(found), *_more(found)]
    )


def _total(found: Ledger) -> str:
    total, jobs = phrases.money(found.amount), phrases.money(found.job_amount)
    idle = phrases.money(found.amount - found.job_amount)
    verb = "Would be" if found.rehearsal else "Spent:"
    return f"{verb} {total}: {jobs} for jobs (the sum of their receipts), {idle} while idle."


def _more(found: Ledger) -> list[str]:
    shown = sum(entry.amount for entry in found.entries)
    if not found.entries or found.amount - shown < 1e-6:
        return []
    return ["Older entries are left out; the sums count them. Show more with --max-results."]


def _entries(found: Ledger) -> Table:
    columns = [
        Column(title="Began"),
        Column(title="Compute"),
        Column(title="For", flexible=True),
        Column(title="Notebook", flexible=True),
        Column(title="Node time", right=True),
        Column(title="Would be" if found.rehearsal else "Amount", right=True),
    ]
    return Table(
        columns=columns,
        rows=[_entry(entry) for entry in found.entries],
        empty="Nothing that costs was up in this time.",
    )


def _entry(entry: LedgerEntry) -> list[str]:
    return [
        phrases.local_time(entry.started_at),
        entry.compute,
        entry.job or _IDLE.get(entry.kind, entry.kind),
        entry.notebook,
        phrases.duration(entry.seconds),
        phrases.money(entry.amount),
    ]


def _groups(found: Ledger, by: str) -> Table:
    columns = [
        Column(title=by.capitalize(), flexible=True),
        Column(title="Node time", right=True),
        Column(title="For jobs", right=True),
        Column(title="Would be" if found.rehearsal else "Amount", right=True),
    ]
    return Table(
        columns=columns,
        rows=[_group(group, by) for group in found.groups],
        empty="Nothing that costs was up in this time.",
    )


def _group(group: LedgerGroup, by: str) -> list[str]:
    name = group.name or ("(idle)" if by == "job" else "(none)")
    return [
        name,
        phrases.duration(group.seconds),
        phrases.money(group.job_amount),
        phrases.money(group.amount),
    ]


COST = Noun(
    name="cost",
    summary="What compute costs now, what was spent, and the budget's guard.",
    alone="show",
    verbs=(
        Verb(
            name="show",
            summary="Rate, spent today, budget and its guard.",
            details="On a local workspace nothing is charged: amounts are what the same time would "
            "list at in Azure. local and local.* sizes cost nothing.",
            run=_show,
        ),
        Verb(
            name="ledger",
            summary="What was spent on what; it sums to the receipts of jobs and idle time.",
            run=_ledger,
            options=(
                Option(
                    flags=("--since",),
                    kind=Kind("DAY", str),
                    help="A day (2026-11-21) or a moment; today unless told.",
                ),
                Option(
                    flags=("--by",),
                    kind=Kind.choice(*GROUPS),
                    help="Sums instead of entries.",
                ),
                options.max_results(100, "Most entries to show", most=10_000),
            ),
            examples=("cost ledger --since 2026-11-01 --by day", "cost ledger --by notebook"),
        ),
    ),
)

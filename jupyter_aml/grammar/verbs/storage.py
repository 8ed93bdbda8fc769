"""``service storage`` and ``service prune``: what lies on the disk, and making room."""

from __future__ import annotations

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import TIMEOUT, Kind
from jupyter_aml.grammar.language import YES, Call, Option, Verb
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.grammar.sizes import SIZE
from jupyter_aml.model.storage import PruneReport, PruneStorage

DAY = 86_400
MOST_ROWS = 50


def _storage(call: Call) -> Result:
    found = call.client.storage.usage()
    columns = [
        Column(title="Kind"),
        Column(title="Items", right=True),
        Column(title="Size", right=True),
    ]
    rows = [[one.kind, str(one.items or ""), phrases.size(one.bytes)] for one in found.kinds]
    fields = [
        ("Folder", found.home),
        ("Total", phrases.size(found.total_bytes)),
        ("Free on its disk", phrases.size(found.free_bytes)),
    ]
    return Result(
        value=found,
        document=document(found),
        parts=[Table(columns=columns, rows=rows), Record(fields=fields)],
        notes=[f"Make room: {call.command('service prune --older-than 30d --dry-run')}"],
    )


def _prune(call: Call) -> Result:
    body = PruneStorage(
        older_than_days=None if call["older_than"] is None else call["older_than"] / DAY,
        max_bytes=call["max_size"],
        dry_run=True,
    )
    would = call.client.service.prune(body)
    if call["dry_run"] or not would.removed:
        return _shown(would)
    if not call["yes"]:
        question = f"Remove {_counts(would)}?"
        loses = (
            f"{phrases.size(would.removed_bytes)} are lost: with a job its outputs, logs and "
            "variables. Receipts stay in the ledger."
        )
        if not call.surface.confirm(question, loses=loses):
            return Result(value=would, notes=["Nothing was removed."], exit_code=1)
    done = PruneStorage(older_than_days=body.older_than_days, max_bytes=body.max_bytes)
    return _shown(call.client.service.prune(done))


def _shown(report: PruneReport) -> Result:
    columns = [
        Column(title="Kind"),
        Column(title="Name", flexible=True),
        Column(title="Size", right=True),
        Column(title="Why", flexible=True),
    ]
    gone = [[r.kind, r.name, phrases.size(r.bytes), r.reason] for r in report.removed[:MOST_ROWS]]
    kept = [[k.kind, k.name, phrases.size(k.bytes), k.reason] for k in report.kept[:MOST_ROWS]]
    title = "Would be removed" if report.dry_run else "Removed"
    return Result(
        value=report,
        document=document(report),
        parts=[
            Table(columns=columns, rows=gone, title=title, empty="Nothing is to be removed."),
            Table(columns=columns, rows=kept, title="Kept"),
        ],
        notes=_notes(report),
    )


def _notes(report: PruneReport) -> list[str]:
    hidden = max(0, len(report.removed) - MOST_ROWS)
    notes = [f"... and {phrases.plural(hidden, 'thing')} more."] if hidden else []
    if report.removed:
        verb = "would be freed" if report.dry_run else "freed"
        notes.append(
            f"{_counts(report)}: {phrases.size(report.removed_bytes)} {verb}, "
            f"{phrases.size(report.left_bytes)} left."
        )
    return notes


def _counts(report: PruneReport) -> str:
    """``3 jobs and 1 snapshot``"""
    counts: dict[str, int] = {}
    for one in report.removed:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    parts = [phrases.plural(count, kind.removesuffix("s")) for kind, count in counts.items()]
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


STORAGE = Verb(
    name="storage",
    summary="How much disk jobs, outputs, logs, environments and the rest take.",
    run=_storage,
    aliases=("du",),
)

PRUNE = Verb(
    name="prune",
    summary="Remove what is old, or the oldest until the rest fits.",
    details="Never removes what has not ended, what a kept process uses, or jobs tagged "
    "pinned=true. Archived jobs go first. Without a limit only leftovers go, which nothing uses "
    "any more. Asks before it removes anything.",
    run=_prune,
    options=(
        Option(
            flags=("--older-than",),
            kind=Kind("DURATION", TIMEOUT.read),
            help="Remove what was last of use longer ago: 30d.",
        ),
        Option(
            flags=("--max-size",),
            kind=SIZE,
            help="Then remove the oldest until everything together takes less: 10gb.",
        ),
        Option(flags=("--dry-run",), kind=None, help="Only say what would be removed."),
        YES,
    ),
    examples=(
        "service prune --older-than 30d --dry-run",
        "service prune --max-size 10gb --yes",
    ),
)

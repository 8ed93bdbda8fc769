"""``schedule``: jobs that are made by the clock."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import FILE
from jupyter_aml.grammar.language import YES, Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs.from_file import check_described, of_file
from jupyter_aml.grammar.views import job as job_view
from jupyter_aml.grammar.views import schedule as view
from jupyter_aml.model.errors import Invalid

_NAME = options.name_of("schedule")
_LIVES = (
    "Its jobs are made only while the service lives. It does not end by itself while a schedule "
    "is enabled; what passes while the machine is off or asleep is made up for once."
)


def _list(call: Call) -> Result:
    found = call.client.schedules.list().value
    empty = f"No schedules. Make one: {call.command('schedule create -f schedule.yml')}"
    table = view.table(found, call.surface.now(), empty=empty)
    return Result(value=found, document=document(found), parts=[table])


def _create(call: Call) -> Result:
    machine = call.surface.machine
    described = call.given("cron", "job", "time_zone")
    if call["file"]:
        wanted = of_file(call, machine.read_schedule, described, example="trigger.interval=2")
    else:
        check_described(call, "schedule", "schedule create NAME --cron '0 6 * * *' --job job.yml")
        if not call["cron"] or not call["job"]:
            raise Invalid(
                "A schedule needs to know when, and which job.",
                target="--cron" if not call["cron"] else "--job",
                hint=call.command("schedule create NAME --cron '0 6 * * 1-5' --job job.yml"),
            )
        zone = call["time_zone"] or ""
        wanted = machine.schedule_job(call["name"], call["cron"], call["job"], zone)
    made = call.client.schedules.create(wanted)
    for warning in made.warnings:
        call.surface.note(f"Note: {warning}")
    return view.shown(made, call.surface.now(), *([_LIVES] if made.enabled else []))


def _delete(call: Call) -> Result:
    found = call.client.schedules.get(call["name"])
    now = call.surface.now()
    loses = "It makes no more jobs." if found.next_run_at else ""
    if not call["yes"] and not call.surface.confirm(f"Delete {found.name}?", loses=loses):
        return view.shown(found, now, f"{found.name} was not deleted.")
    gone = call.client.schedules.delete(found.name)
    return view.shown(gone, now, f"Deleted {gone.name}. The jobs that it made stay.")


def _trigger(call: Call) -> Result:
    job = call.client.schedules.trigger(call["name"], call["time"] or "")
    return job_view.shown(job, call.surface.now())


SCHEDULE = Noun(
    name="schedule",
    summary="Jobs that are made by the clock.",
    verbs=(
        Verb(name="list", summary="List them, with their next and last runs.", run=_list),
        Verb(
            name="show",
            summary="Show one, with its runs.",
            run=lambda call: view.shown(
                call.client.schedules.get(call["name"]), call.surface.now()
            ),
            options=(_NAME,),
        ),
        Verb(
            name="create",
            summary="Have a job made by the clock, from an az ml schedule file or a cron line.",
            details=f"{_LIVES} The same name again replaces what there was.",
            run=_create,
            options=(
                options.new_name(),
                options.file("An az ml schedule file (YAML)."),
                Option(
                    flags=("--cron",),
                    help="Minutes, hours, days, months, days of the week: '0 6 * * 1-5'.",
                ),
                Option(flags=("--job", "-j"), kind=FILE, help="The job file that it runs."),
                Option(
                    flags=("--time-zone", "-z"),
                    help="Of the cron line, as Europe/Berlin; UTC unless told.",
                ),
                options.field_of_file("trigger.interval=2"),
            ),
            examples=(
                "schedule create -f schedule.yml",
                "schedule create nightly --cron '0 2 * * *' --job job.yml -z Europe/Berlin",
            ),
        ),
        Verb(
            name="enable",
            summary="Go on from now; times that have passed are not made up for.",
            run=lambda call: view.shown(
                call.client.schedules.enable(call["name"]), call.surface.now(), _LIVES
            ),
            options=(_NAME,),
        ),
        Verb(
            name="disable",
            summary="Make no more jobs until it is enabled.",
            run=lambda call: view.shown(
                call.client.schedules.disable(call["name"]), call.surface.now()
            ),
            options=(_NAME,),
        ),
        Verb(
            name="delete",
            summary="Delete it; the jobs that it made stay.",
            run=_delete,
            options=(_NAME, YES),
        ),
        Verb(
            name="trigger",
            summary="Make its job now, also while it is disabled.",
            run=_trigger,
            options=(
                _NAME,
                Option(
                    flags=("--time", "-t"),
                    help="The moment that the run is for (ISO 8601), instead of now.",
                ),
            ),
        ),
    ),
)

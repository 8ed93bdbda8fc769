"""``environment``: what a job's Python is."""

from __future__ import annotations

import platform
import sys

import msgspec

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import FILE, NAME
from jupyter_aml.grammar.language import NO_WAIT, Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Record, Result
from jupyter_aml.grammar.verbs import asset
from jupyter_aml.grammar.verbs import environment_changes as changes
from jupyter_aml.grammar.views import environment as view
from jupyter_aml.model.environment import KERNEL, DiffEnvironment, Environment

_ONE = asset.one_of("environment")


def _list(call: Call) -> Result:
    found = call.client.environments.list(
        call["name"] or "", include_archived=call["include_archived"]
    ).value
    return Result(value=found, document=document(found), parts=[view.table(found)])


def _show(call: Call) -> Result:
    found = call.client.environments.get(*asset.named(call))
    return _kernel(found) if found.name == KERNEL else view.shown(found)


def _kernel(found: Environment) -> Result:
    """This interpreter, which the service does not know: each notebook has its own."""
    here = msgspec.structs.replace(found, python=platform.python_version())
    fields = [
        ("Description", here.description),
        ("Python", here.python),
        ("Interpreter", sys.executable),
    ]
    told = {**document(here), "interpreter": sys.executable}
    return Result(value=here, document=told, parts=[Record(fields=fields, title=KERNEL)])


def _diff(call: Call) -> Result:
    name, version = asset.named(call)
    body = DiffEnvironment(
        packages=call.surface.machine.packages(), python=platform.python_version()
    )
    found = call.client.environments.diff(name, body, version)
    shown = None if call["all"] else call.surface.machine.used_packages()
    return view.difference(found, used=shown)


ENVIRONMENT = Noun(
    name="environment",
    summary="What a job's Python is.",
    verbs=(
        Verb(
            name="list",
            summary="List the newest version of each environment, or all versions of one.",
            run=_list,
            options=(
                asset.all_of("environment"),
                asset.include_archived("environments"),
            ),
        ),
        Verb(name="show", summary="Show one.", run=_show, options=_ONE),
        Verb(
            name="create",
            summary="Name an environment: from packages, a conda file or an az ml file.",
            details=(
                "Nothing is built yet: the first job that uses it builds it, or --build does. The "
                "same content under the same name is the same version, another the next one."
            ),
            run=changes.create,
            options=(
                asset.NEW_NAME,
                asset.NEW_VERSION,
                Option(
                    flags=("--pip",),
                    kind=NAME,
                    repeat=True,
                    help='A package, or several: --pip "pandas>=2 tqdm".',
                ),
                Option(flags=("--requirements", "-r"), kind=FILE, help="A requirements file."),
                Option(flags=("--conda-file", "-c"), kind=FILE, help="A conda file (YAML)."),
                Option(flags=("--python",), help="A version or a range: 3.11, >=3.10,<3.13."),
                Option(
                    flags=("--image", "-i"),
                    help="A container image. It is not run on this machine, which is said.",
                ),
                Option(flags=("--description", "-d"), help="What it is for."),
                options.TAGS,
                Option(
                    flags=("--strict",),
                    kind=None,
                    help="Refuse what cannot be given exactly, instead of storing a warning.",
                ),
                options.file("An az ml environment file (YAML)."),
                options.field_of_file("image=python:3.12"),
                Option(flags=("--build",), kind=None, help="Build it now, showing the log."),
            ),
            examples=(
                'environment create trees --pip "scikit-learn>=1.4 pandas"',
                "environment create trees --conda-file conda.yml --build",
                "environment create --file environment.yml --set version=2",
            ),
        ),
        Verb(
            name="build",
            summary="Build it now, showing the log.",
            details="What is built already is not built again.",
            run=changes.build,
            options=(*_ONE, NO_WAIT),
        ),
        Verb(name="cancel", summary="End its build.", run=changes.cancel, options=_ONE),
        Verb(
            name="log",
            summary="Show the log of its newest build; one under way is followed to its end.",
            run=changes.log,
            options=_ONE,
        ),
        Verb(
            name="diff",
            summary="What this notebook has against what the environment has.",
            run=_diff,
            options=(
                *_ONE,
                Option(
                    flags=("--all",),
                    kind=None,
                    help="Every package, and not only what differs or is missing and in use here.",
                ),
            ),
        ),
        *asset.hide_and_show("environment", changes.archive, changes.restore),
    ),
)

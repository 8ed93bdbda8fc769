"""``compute``: clusters, instances and attached machines."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import Kind
from jupyter_aml.grammar.language import NO_WAIT, YES, Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs import compute_changes as changes
from jupyter_aml.grammar.verbs.catalogue import SIZES, USAGE
from jupyter_aml.grammar.views import compute as view

_NAME = options.name_of("compute")


def _list(call: Call) -> Result:
    found = call.client.compute.list().value
    return Result(value=found, document=document(found), parts=[view.table(found)])


def _show(call: Call) -> Result:
    return view.shown(call.client.compute.get(call["name"]))


def _nodes(call: Call) -> Result:
    found = call.client.compute.nodes(call["name"]).nodes
    rows = view.nodes(found, empty=f"{call['name']} has no node now.")
    return Result(value=found, document=document(found), parts=[rows])


COMPUTE = Noun(
    name="compute",
    summary="Clusters, instances and attached machines.",
    verbs=(
        Verb(name="list", summary="List every compute.", run=_list),
        Verb(name="show", summary="Show one compute.", run=_show, options=(_NAME,)),
        Verb(
            name="create",
            summary="Create a cluster or an instance.",
            details="The same name with the same settings is no error.",
            run=changes.create,
            options=(
                options.new_name(),
                Option(
                    flags=("--type", "-t"),
                    kind=options.COMPUTE_TYPES,
                    help="A cluster (the default) or an instance.",
                ),
                Option(
                    flags=("--size", "-s"),
                    help="The size of a node; by default the recommended part of this machine.",
                    completes="size",
                ),
                Option(
                    flags=("--tier",),
                    kind=Kind.choice("dedicated", "low_priority"),
                    help="Low priority is cheaper and may be taken back at any time.",
                ),
                *changes.SCALE,
                options.file("An az ml compute file (YAML)."),
                options.field_of_file("max_instances=2"),
                NO_WAIT,
            ),
            examples=(
                "compute create cpu-cluster --max-instances 2",
                "compute create box --type computeinstance --size local.2cpu-4gb",
                "compute create cheap --size Standard_D4s_v3 --tier low_priority",
            ),
        ),
        Verb(
            name="attach",
            summary="Join a machine of your own, which SSH reaches.",
            details="It has to open to a key without a question, and its host key has to be known: "
            "if `ssh HOST` works in a terminal, this does. Nothing is installed there but a file.",
            run=changes.attach,
            options=(options.new_name(), *changes.MACHINE),
            examples=(
                "compute attach my-vm --type virtualmachine --host vm1.example.com --user ubuntu",
                "compute attach lab --host lab --python /opt/torch/bin/python",
            ),
        ),
        Verb(
            name="detach",
            summary="Let go of an attached machine; its jobs are canceled, itself it stays.",
            run=changes.detach,
            options=(_NAME, YES, NO_WAIT),
        ),
        Verb(
            name="start",
            summary="Start an instance.",
            run=changes.moved(lambda call: call.client.compute.start(call["name"])),
            options=(_NAME, NO_WAIT),
        ),
        Verb(
            name="stop",
            summary="Stop an instance.",
            run=changes.stop,
            options=(_NAME, YES, NO_WAIT),
        ),
        Verb(
            name="restart",
            summary="Restart an instance.",
            run=changes.moved(lambda call: call.client.compute.restart(call["name"])),
            options=(_NAME, NO_WAIT),
        ),
        Verb(
            name="update",
            summary="Change the scale or the idle time.",
            run=changes.update,
            options=(_NAME, *changes.SCALE),
            examples=("compute update cpu-cluster --max-instances 4",),
        ),
        Verb(
            name="delete",
            summary="Delete it; its jobs are canceled.",
            run=changes.delete,
            options=(_NAME, YES, NO_WAIT),
        ),
        SIZES,
        USAGE,
        Verb(
            name="nodes",
            summary="Its nodes, measured live.",
            run=_nodes,
            options=(_NAME,),
            aliases=("list-nodes",),
        ),
        Verb(
            name="evict",
            summary="Take back low-priority nodes, as Azure may at any time.",
            run=changes.evict,
            options=(
                _NAME,
                Option(flags=("--node",), help="One node; by default all.", completes="node"),
            ),
        ),
    ),
)

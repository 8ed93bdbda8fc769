"""Batch endpoints and their deployments as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.parts import Column, Record, Table
from jupyter_aml.grammar.result import Result
from jupyter_aml.model.batch import BatchDeployment, BatchEndpoint, BatchSettings


def table(endpoints: Sequence[BatchEndpoint], *, empty: str) -> Table:
    columns = [
        Column(title="Batch endpoint", flexible=True),
        Column(title="State", state=True),
        Column(title="Default", flexible=True),
        Column(title="Deployments", flexible=True),
        Column(title="Description", flexible=True),
    ]
    rows = [
        [one.name, one.state, one.default_deployment, ", ".join(one.deployments), one.description]
        for one in endpoints
    ]
    return Table(columns=columns, rows=rows, empty=empty)


def shown(one: BatchEndpoint, *notes: str) -> Result:
    fields = [
        ("State", one.state),
        ("Description", one.description),
        ("Default", one.default_deployment),
        ("Deployments", ", ".join(one.deployments)),
        ("Tags", ", ".join(f"{key}={value}" for key, value in one.tags.items())),
        ("Created", phrases.local_time(one.created_at)),
    ]
    parts = [Record(fields=fields, title=one.name)]
    return Result(value=one, document=document(one), parts=parts, notes=notes)


def deployments(found: Sequence[BatchDeployment], *, empty: str) -> Table:
    columns = [
        Column(title="Batch deployment", flexible=True),
        Column(title="State", state=True),
        Column(title="Model", flexible=True),
        Column(title="Compute"),
        Column(title="Nodes", right=True),
        Column(title="Script", flexible=True),
    ]
    rows = [
        [
            f"{one.endpoint_name}/{one.name}",
            one.state,
            one.model.removeprefix("azureml:"),
            one.spec.compute,
            str(one.spec.instance_count),
            one.spec.scoring_script,
        ]
        for one in found
    ]
    return Table(columns=columns, rows=rows, empty=empty)


def deployment(one: BatchDeployment, *notes: str) -> Result:
    spec = one.spec
    fields = [
        ("State", one.state),
        ("Description", spec.description),
        ("Model", one.model),
        ("Script", spec.scoring_script or "none: it reads CSV and parquet by itself"),
        ("Code", spec.code),
        ("Environment", one.environment),
        ("Compute", f"{spec.compute}, {phrases.plural(spec.instance_count, 'node')}"),
        *_settings(spec.settings),
        ("Tags", ", ".join(f"{key}={value}" for key, value in spec.tags.items())),
        ("Warnings", "\n".join(one.warnings)),
        ("Created", phrases.local_time(one.created_at)),
    ]
    parts = [Record(fields=fields, title=f"{one.endpoint_name}/{one.name}")]
    return Result(value=one, document=document(one), parts=parts, notes=notes)


def _settings(settings: BatchSettings) -> list[tuple[str, str]]:
    most = settings.error_threshold
    allowed = "any number" if most < 0 else phrases.plural(most, "file")
    rows = settings.output_action == "append_row"
    return [
        ("Mini-batch", phrases.plural(settings.mini_batch_size, "file")),
        ("At once", f"{settings.max_concurrency_per_instance} on each node"),
        ("Retries", f"{settings.max_retries}, each {phrases.duration(settings.timeout)} at most"),
        ("May fail", allowed),
        ("Output", settings.output_file_name if rows else "what the script writes"),
    ]

"""Online endpoints, their deployments and answers as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.endpoint import (
    Answer,
    EndpointTraffic,
    Instance,
    OnlineDeployment,
    OnlineEndpoint,
    Rollout,
)

_ANSWER = 2000
"""Characters of an answer that are shown."""


def endpoints(found: Sequence[OnlineEndpoint], *, empty: str) -> Table:
    columns = [
        Column(title="Endpoint", flexible=True),
        Column(title="State", state=True),
        Column(title="Traffic", flexible=True),
        Column(title="URL", flexible=True),
        Column(title="Reason", flexible=True),
    ]
    rows = [
        [one.name, one.state, traffic_of(one), one.scoring_uri, one.reason or rollout_of(one)]
        for one in found
    ]
    return Table(columns=columns, rows=rows, empty=empty)


def traffic_of(one: OnlineEndpoint) -> str:
    """``blue 90 %, green 10 %``; and who gets copies."""
    parts = [f"{name} {percent} %" for name, percent in one.traffic.items() if percent]
    parts += [f"{name} mirrors {percent} %" for name, percent in one.mirror_traffic.items()]
    return ", ".join(parts) or ("none" if one.deployments else "")


def rollout_of(one: OnlineEndpoint) -> str:
    """How a rollout goes, or why the last one was taken back."""
    rollout = one.rollout
    if rollout is None or rollout.state == "Succeeded":
        return ""
    if rollout.state == "Running":
        return f"rolling out {rollout.deployment}: {_step(rollout, rollout.step)}"
    return f"{_ENDED[rollout.state]} {rollout.deployment}: {rollout.reason}"


_ENDED = {"RolledBack": "rolled back", "Canceled": "canceled the rollout of"}


def shown(one: OnlineEndpoint, *notes: str, exit_code: int = 0) -> Result:
    """One endpoint, field by field."""
    fields = [
        ("State", one.state),
        ("Reason", one.reason),
        ("URL", one.scoring_uri),
        ("Authentication", "keys" if one.auth_mode == "key" else "tokens"),
        ("Traffic", traffic_of(one)),
        ("Rollout", _rollout(one.rollout)),
        ("Deployments", ", ".join(one.deployments)),
        ("Description", one.description),
        ("Tags", ", ".join(f"{key}={value}" for key, value in one.tags.items())),
        ("Fix", one.error.hint if one.error else ""),
        ("Created", phrases.local_time(one.created_at)),
    ]
    return Result(
        value=one,
        document=document(one),
        parts=[Record(fields=fields, title=one.name)],
        notes=notes,
        exit_code=exit_code,
    )


def _rollout(rollout: Rollout | None) -> str:
    if rollout is None:
        return ""
    first = -1 if rollout.mirror else 0
    steps = ", ".join(_step(rollout, step) for step in range(first, len(rollout.steps)))
    text = f"{rollout.state}: {rollout.deployment} in steps: {steps}"
    if rollout.state == "Running":
        text += f"; now {_step(rollout, rollout.step)}"
    return f"{text}; {rollout.reason}" if rollout.reason else text


def _step(rollout: Rollout, step: int) -> str:
    if step < 0:
        return f"copies of {rollout.mirror} %"
    return f"{rollout.steps[step]} %"


def deployments(found: Sequence[OnlineDeployment], *, title: str = "", empty: str = "") -> Table:
    columns = [
        Column(title="Deployment", flexible=True),
        Column(title="State", state=True),
        Column(title="Model", flexible=True),
        Column(title="Instances", right=True),
        Column(title="Size", flexible=True),
        Column(title="Each", right=True),
        Column(title="Reason", flexible=True),
    ]
    rows = [
        [
            f"{one.endpoint_name}/{one.name}",
            one.state,
            one.model.removeprefix("azureml:"),
            _instances(one),
            one.spec.instance_type,
            _price(one),
            doing(one),
        ]
        for one in found
    ]
    return Table(columns=columns, rows=rows, title=title, empty=empty)


def doing(one: OnlineDeployment) -> str:
    """Why it is as it is; of one that comes up also how long that usually takes here."""
    stage = one.stage
    usual = phrases.usual(stage.usual_low, stage.usual_high) if stage else ""
    return ", ".join(part for part in (one.reason, usual) if part)


def _instances(one: OnlineDeployment) -> str:
    ready = sum(instance.state == "Ready" for instance in one.instances)
    scale = one.spec.scale_settings
    return f"{ready} of {scale.min_instances}..{scale.max_instances}"


def _price(one: OnlineDeployment) -> str:
    text = phrases.rate(one.list_price_per_hour)
    return f"would be {text}" if text else ""


def deployment(one: OnlineDeployment, *notes: str, exit_code: int = 0) -> Result:
    """One deployment, field by field, with its instances."""
    fields = [
        ("State", one.state),
        ("Reason", doing(one)),
        ("Where", one.error.target if one.error else ""),
        ("Fix", one.error.hint if one.error else ""),
        ("Traceback", "\n".join(one.error.details) if one.error else ""),
        ("Model", one.model.removeprefix("azureml:")),
        ("Script", one.spec.scoring_script or "generated"),
        ("Environment", one.environment),
        ("Interpreter", one.python),
        ("Size", one.spec.instance_type),
        ("Each", _price(one)),
        ("Instances", _instances(one)),
        ("Warnings", "\n".join(one.warnings)),
        ("Description", one.spec.description),
        ("Tags", ", ".join(f"{key}={value}" for key, value in one.spec.tags.items())),
        ("Created", phrases.local_time(one.created_at)),
    ]
    parts: list[Table | Record] = [Record(fields=fields, title=f"{one.endpoint_name}/{one.name}")]
    if one.instances:
        parts.append(instances(one.instances))
    return Result(value=one, document=document(one), parts=parts, notes=notes, exit_code=exit_code)


def instances(found: Sequence[Instance]) -> Table:
    columns = [
        Column(title="Instance", flexible=True),
        Column(title="State", state=True),
        Column(title="Ready in", right=True),
        Column(title="Requests", right=True),
        Column(title="CPU", right=True),
        Column(title="Memory", right=True),
        Column(title="Reason", flexible=True),
    ]
    rows = [
        [
            one.name,
            one.state,
            phrases.duration(one.ready_seconds) if one.ready_seconds is not None else "",
            str(one.requests),
            f"{one.cpu_percent:.0f} %",
            phrases.size(one.memory_bytes) if one.memory_bytes else "",
            one.reason,
        ]
        for one in found
    ]
    return Table(columns=columns, rows=rows)


def answer(found: Answer, endpoint: str) -> Result:
    """What was answered; a refusal is said to be one."""
    value = found.value
    text = value if isinstance(value, str) else _short(document(value))
    told = {
        "status": found.status,
        "body": value,
        "deployment": found.deployment,
        "request_id": found.request_id,
        "seconds": found.seconds,
    }
    is_good = 200 <= found.status < 300
    where = f"{endpoint}/{found.deployment}" if found.deployment else endpoint
    fields = [
        ("Answer", text[:_ANSWER] + " …" * (len(text) > _ANSWER)),
        ("Status", "" if is_good else str(found.status)),
        ("From", where),
        ("Took", phrases.duration(found.seconds)),
    ]
    return Result(
        value=found,
        document=told,
        parts=[Record(fields=fields)],
        exit_code=0 if is_good else 1,
    )


def _short(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def traffic(found: EndpointTraffic, seconds: int) -> Result:
    """Sums of the time that was asked for, a row per deployment."""
    columns = [
        Column(title="Deployment", flexible=True),
        Column(title="Requests", right=True),
        Column(title="Each second", right=True),
        Column(title="Failed", right=True),
        Column(title="Refused", right=True),
        Column(title="p50", right=True),
        Column(title="p95", right=True),
        Column(title="Instances", right=True),
    ]
    rows: list[list[str]] = []
    for one in found.value:
        samples = one.samples
        requests = sum(sample.requests for sample in samples)
        busiest = max(samples, key=lambda sample: sample.requests, default=None)
        newest = samples[-1] if samples else None
        rows.append(
            [
                one.deployment,
                str(requests),
                f"{requests / seconds:.1f}",
                str(sum(sample.errors for sample in samples)),
                str(sum(sample.refused for sample in samples)),
                _latency(busiest.p50 if busiest else None),
                _latency(busiest.p95 if busiest else None),
                str(newest.instances) if newest else "",
            ]
        )
    title = f"Over the last {phrases.duration(seconds)}; latencies of the busiest second"
    table = Table(columns=columns, rows=rows, title=title, empty="No deployments.")
    return Result(value=found, document=document(found.value), parts=[table])


def _latency(seconds: float | None) -> str:
    return "" if seconds is None else phrases.duration(seconds)


def curl(one: OnlineEndpoint, prefix: str, sample: str = "") -> str:
    """A line that any shell understands; the key is asked for, not shown."""
    how = "keys" if one.auth_mode == "key" else "get-credentials"
    body = sample if sample and len(sample) <= _SHORT and "'" not in sample else '{"input_data": …}'
    return (
        f"curl {one.scoring_uri} -H 'Content-Type: application/json' "
        f"-H 'Authorization: Bearer KEY' -d '{body}'\n"
        f"KEY is shown by: {prefix} online-endpoint {how} {one.name}"
    )


_SHORT = 300


def credentials(fields: Mapping[str, str], value: Any, endpoint: str) -> Result:
    """Keys, or a token: what was asked for by name."""
    return Result(
        value=value,
        document=document(value),
        parts=[Record(fields=list(fields.items()), title=endpoint)],
    )


def deployed(endpoint: OnlineEndpoint, found: OnlineDeployment, seconds: float) -> Record:
    """What `deploy` ends with."""
    loaded = next((i.ready_seconds for i in found.instances if i.ready_seconds is not None), None)
    took = phrases.duration(seconds)
    if loaded is not None:
        took += f", {phrases.duration(loaded)} of it to load the model"
    fields = [
        ("URL", endpoint.scoring_uri),
        ("State", found.state),
        ("Model", found.model.removeprefix("azureml:")),
        ("Traffic", traffic_of(endpoint)),
        ("Instances", _instances(found)),
        ("Each", _price(found)),
        ("Took", took),
        ("Not given", "\n".join(found.warnings)),
    ]
    return Record(fields=fields, title=f"{endpoint.name}/{found.name}")

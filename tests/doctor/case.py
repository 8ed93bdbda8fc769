"""One log of the corpus: what the service knew of a job, and the end of what it wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.job import Job
from jupyter_aml.service.doctor.symptoms import Offer, Symptoms

CORPUS = Path(__file__).parent / "corpus"
ROOTS = ("/tmp/job/work",)
OFFERS = (Offer("gpu-big", 56, gpus=1, price_per_hour=0.9), Offer("cpu-big", 64))


@dataclass
class Case:
    """``rule`` is the rule that should speak; "" is silence."""

    name: str
    rule: str
    head: dict[str, Any] = field(default_factory=dict)
    log: str = ""

    def symptoms(self) -> Symptoms:
        head = self.head
        spec = {"type": head["type"], **head.get("spec", {})}
        status, code = head["status"], head.get("exitCode")
        job = msgspec.convert(
            {
                "name": "job_1",
                "spec": spec,
                "status": status,
                "statusReason": head["reason"],
                "createdAt": "2026-11-21T12:00:00Z",
                "exitCode": code,
                "attempt": 1,
            },
            Job,
        )
        error = None if status == "Completed" else _error(head)
        return Symptoms(
            job=msgspec.structs.replace(job, error=error),
            stderr=self.log if head.get("stream") == "stderr" else "",
            stdout=self.log if head.get("stream") == "stdout" else "",
            memory_limit_bytes=head.get("memoryLimit", 4_000_000_000),
            size=head.get("size", ""),
            roots=tuple(head.get("roots", ROOTS)),
            offers=OFFERS,
        )


def _error(head: dict[str, Any]) -> ErrorBody:
    if "error" in head:
        return msgspec.convert(head["error"], ErrorBody)
    signal = head.get("signal")
    words = f"The command ended with exit code {head.get('exitCode')}."
    if signal:
        words = f"The process was ended by signal {signal}."
    return ErrorBody(code="JobFailed", message=head.get("message") or words)


def load(folder: str) -> list[Case]:
    """Every log of one folder of the corpus, by name."""
    found: list[Case] = []
    for path in sorted((CORPUS / folder).glob("*.log")):
        head, _, log = path.read_text(encoding="utf-8").partition("\n")
        known = json.loads(head)
        found.append(Case(path.stem, known["rule"], known, log))
    return found

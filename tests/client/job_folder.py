"""A folder as people have it, and job files in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.client.jobfile import load
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import CommandJob


def job_of(folder: Path, text: str, **changes: Any) -> CommandJob:
    path = folder / "job.yml"
    path.write_text(text, encoding="utf-8")
    return load(str(path), changes)[0]


def refusal(folder: Path, text: str, **changes: Any) -> AmlError:
    with pytest.raises(AmlError) as caught:
        job_of(folder, text, **changes)
    return caught.value

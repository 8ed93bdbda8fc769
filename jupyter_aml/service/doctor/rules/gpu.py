"""A GPU is asked for where there is none."""

from __future__ import annotations

from jupyter_aml.service.doctor.rule import Rule, Sign, Way

GPU = (
    Rule(
        name="gpu-absent",
        summary="no GPU there",
        signs=(
            Sign(exception="RuntimeError", says="Found no NVIDIA driver on your system"),
            Sign(exception="AssertionError", says="Torch not compiled with CUDA enabled"),
            Sign(exception="RuntimeError", says="No CUDA GPUs are available"),
            Sign(exception="RuntimeError", says="no CUDA-capable device is detected"),
            Sign(exception="RuntimeError", says=r"torch\.cuda\.is_available\(\) is False"),
            Sign(exception="XGBoostError|RuntimeError", says="No visible GPU is found"),
            Sign(exception="NVMLError_\\w+|NVMLError"),
            Sign(line=r"nvidia-smi: (?:command )?not found"),
            Sign(line=r"NVIDIA-SMI has failed because it couldn't communicate"),
        ),
        causes=(
            "The code asks for a GPU, and {place} has none",
            "The code asks for a GPU, and there is none",
        ),
        ways=(
            Way(
                "Run again on {with_gpu}, {with_gpu_memory}",
                "edit",
                "compute={with_gpu}",
                restarts_at="queued",
                price="with_gpu_price",
            ),
            Way("Go to line {line}: use the CPU where there is no GPU", "open", "cell:{line}"),
            Way("Choose a size with a GPU…", "open", "sizes:gpu"),
        ),
    ),
)

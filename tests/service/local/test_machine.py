"""What this machine has, in words."""

from __future__ import annotations

from jupyter_aml.service.backends.local.machine.probe import GB, Machine


def test_summary_counts_in_words() -> None:
    one = Machine(cpus=(0,), memory_bytes=int(1.6 * GB))
    big = Machine(cpus=tuple(range(8)), memory_bytes=64 * GB, gpus={"0": "A100", "1": "A100"})
    assert one.summary == "1 core, 2 GB, no GPU"
    assert big.summary == "8 cores, 64 GB, 2 GPUs"

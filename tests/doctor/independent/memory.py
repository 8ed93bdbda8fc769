"""Memory that ran out: in libraries, in other languages' runtimes, by the node's limit."""

from __future__ import annotations

from tests.doctor.independent.interpreters import WITH_TORCH
from tests.doctor.program import Program, cell, script

OOM = "out-of-memory"

PROGRAMS = (
    script(
        "i-pandas-cross-join",
        OOM,
        """\
        import pandas as pd

        def pairs(orders, people):
            return orders.merge(people, how="cross")

        orders = pd.DataFrame({"order": range(2_000_000)})
        people = pd.DataFrame({"person": range(900_000)})
        print(orders.shape, people.shape)
        print(pairs(orders, people).shape)
        """,
    ),
    script(
        "i-sklearn-kernel-matrix",
        OOM,
        """\
        import numpy as np
        from sklearn.metrics.pairwise import rbf_kernel

        x = np.random.default_rng(0).normal(size=(700_000, 4)).astype("float32")
        print("kernel of", x.shape, flush=True)
        k = rbf_kernel(x)
        """,
        line=6,
    ),
    script(
        "i-scipy-todense",
        OOM,
        """\
        from scipy import sparse

        bags = sparse.random(3_000_000, 200_000, density=1e-8, format="csr", random_state=0)
        table = bags.toarray()
        """,
        line=3,
    ),
    script(
        "i-arrow-buffer",
        OOM,
        """\
        import pyarrow as pa

        print("columns: 12")
        buffer = pa.allocate_buffer(1 << 40)
        """,
        command="ulimit -v 8000000 && python main.py",
        line=4,
    ),
    script(
        "i-python-list-under-ulimit",
        OOM,
        """\
        rows = []
        for i in range(10**9):
            rows.append({"id": i, "text": "x" * 100})
        """,
        command="ulimit -v 600000 && python main.py",
    ),
    script(
        "i-shell-says-killed",
        OOM,
        """\
        import time
        held = []
        for part in range(4000):
            held.append(bytearray(16_000_000))
            print("part", part, flush=True)
            time.sleep(0.01)
        """,
        files={"train.sh": "set -e\necho preparing\npython3 main.py\necho finished\n"},
        command="bash train.sh",
        compute="small",
    ),
    script(
        "i-polars-aborts",
        OOM,
        """\
        import polars as pl

        print("features: 40", flush=True)
        print(pl.zeros(2_000_000_000, eager=True).sum())
        """,
        command="ulimit -v 6000000 && python main.py",
        needs="polars",
    ),
    Program(
        "i-node-heap",
        OOM,
        command="node --max-old-space-size=40 build.js",
        files={
            "build.js": """\
            const held = [];
            console.log("bundling");
            for (;;) held.push({ text: "chunk ".repeat(50) + held.length });
            """
        },
    ),
    Program(
        "i-java-heap",
        OOM,
        command="java -Xmx24m Score.java",
        files={
            "Score.java": """\
            import java.util.*;

            class Score {
                static List<long[]> rows = new ArrayList<>();

                public static void main(String[] args) {
                    System.out.println("scoring");
                    for (;;) rows.add(new long[100_000]);
                }
            }
            """
        },
    ),
    Program(
        "i-cpp-vector",
        OOM,
        command="g++ -o solve solve.cpp && ulimit -v 500000 && ./solve",
        files={
            "solve.cpp": """\
            #include <iostream>
            #include <vector>

            int main() {
                std::cout << "cells: 90000000000" << std::endl;
                std::vector<double> grid(90000000000ULL);
                return grid.size() == 0;
            }
            """
        },
    ),
    script(
        "i-torch-cpu-allocator",
        OOM,
        """\
        import torch

        net = torch.nn.Linear(4_000_000, 4_000_000)
        """,
        line=3,
        python=WITH_TORCH,
    ),
    cell(
        "i-cell-numpy-in-function",
        OOM,
        """\
        import numpy as np

        def one_hot(labels, classes):
            return np.eye(classes)[labels]

        labels = np.arange(10)
        encoded = one_hot(labels, 5_000_000)
        """,
        line=5,
    ),
    cell(
        "i-cell-grows-past-the-node",
        OOM,
        """\
        import time
        print('reading', flush=True)
        parts = []
        while True:
            parts.append(bytearray(20_000_000))
            time.sleep(0.01)
        """,
        compute="small",
    ),
)

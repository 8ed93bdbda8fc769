"""A full disk: a file system of 300 KiB, mounted for the job alone (which root may do)."""

from __future__ import annotations

from tests.doctor.independent.interpreters import WITH_TORCH
from tests.doctor.program import Program, cell, script

FULL = "disk-full"


def _small(command: str, size: str = "300k") -> str:
    """``command`` with a folder ``out`` that holds no more than ``size``."""
    inner = f"mkdir -p out && mount -t tmpfs -o size={size} tmpfs out && {command}"
    return f"unshare -m sh -c '{inner}'"


MAIN = _small("exec python main.py")

PROGRAMS = (
    script(
        "i-numpy-save",
        FULL,
        """\
        import numpy as np

        features = np.ones((1000, 1000))
        np.save("out/features.npy", features)
        """,
        command=MAIN,
    ),
    script(
        "i-pandas-to-csv",
        FULL,
        """\
        import pandas as pd

        frame = pd.DataFrame({"a": range(200_000)})
        frame.to_csv("out/frame.csv")
        """,
        command=MAIN,
        line=4,
    ),
    script(
        "i-parquet",
        FULL,
        """\
        import numpy as np
        import pandas as pd

        frame = pd.DataFrame({"a": np.random.default_rng(0).normal(size=300_000)})
        frame.to_parquet("out/frame.parquet")
        """,
        command=MAIN,
        line=5,
    ),
    script(
        "i-joblib-dump",
        FULL,
        """\
        import joblib
        import numpy as np

        joblib.dump({"weights": np.ones(1_000_000)}, "out/model.joblib")
        """,
        command=MAIN,
        line=4,
    ),
    script(
        "i-matplotlib-savefig",
        FULL,
        """\
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        import numpy as np

        plt.imshow(np.random.default_rng(0).normal(size=(600, 600)))
        plt.savefig("out/figure.png", dpi=400)
        """,
        command=MAIN,
        line=7,
    ),
    script(
        "i-sqlite-table",
        FULL,
        """\
        import sqlite3

        db = sqlite3.connect("out/runs.db")
        db.execute("create table runs (name text)")
        for n in range(100_000):
            db.execute("insert into runs values (?)", (f"run {n} " * 10,))
        db.commit()
        """,
        command=MAIN,
    ),
    script(
        "i-sqlalchemy-sqlite",
        FULL,
        """\
        import pandas as pd
        from sqlalchemy import create_engine

        engine = create_engine("sqlite:///out/frame.db")
        pd.DataFrame({"a": range(200_000)}).to_sql("frame", engine)
        """,
        command=MAIN,
        line=5,
    ),
    script(
        "i-zip-archive",
        FULL,
        """\
        import os
        import shutil

        os.makedirs("runs")
        with open("runs/noise.bin", "wb") as stream:
            stream.write(os.urandom(2_000_000))
        shutil.make_archive("out/runs", "zip", "runs")
        """,
        command=MAIN,
        line=7,
    ),
    script(
        "i-torch-save",
        FULL,
        """\
        import torch

        net = torch.nn.Linear(1000, 1000)
        print("epoch 1 loss 0.41", flush=True)
        torch.save(net.state_dict(), "out/last.ckpt")
        """,
        command=MAIN,
        line=5,
        python=WITH_TORCH,
    ),
    script(
        "i-h5py",
        FULL,
        """\
        import h5py
        import numpy as np

        with h5py.File("out/data.h5", "w") as file:
            file["x"] = np.ones(1_000_000)
        """,
        command=MAIN,
        needs="h5py numpy",
    ),
    script(
        "i-mlflow-artifact",
        FULL,
        """\
        import os

        os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
        os.environ.pop("MLFLOW_RUN_ID", None)
        import mlflow

        mlflow.set_tracking_uri("file:out/mlruns")
        with mlflow.start_run():
            mlflow.log_metric("loss", 0.5)
            mlflow.log_text("x" * 1_000_000, "notes.txt")
        """,
        command=MAIN,
    ),
    script(
        "i-pip-target",
        FULL,
        "",
        command=_small("python -m pip install --no-cache-dir --target out pytz"),
    ),
    Program("i-dd", FULL, command=_small("dd if=/dev/zero of=out/scratch bs=64k count=100")),
    Program(
        "i-git-clone",
        FULL,
        command="git init -q repo && cd repo && head -c 3000000 /dev/urandom > data.bin"
        " && git add . && git -c user.name=a -c user.email=a@example.org commit -qm data && cd .."
        " && " + _small("git clone -q ./repo out/copy"),
    ),
    cell(
        "i-cell-json-dump",
        FULL,
        """\
        import json
        rows = [{"n": n} for n in range(200_000)]
        with open("/dev/full", "w") as stream:
            json.dump(rows, stream)
        """,
        line=5,
    ),
)

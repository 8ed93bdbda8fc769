"""Files and folders that are not where the program looks, as each library says it."""

from __future__ import annotations

from tests.doctor.independent.interpreters import WITH_TORCH
from tests.doctor.program import Program, cell, script

PATH = "wrong-path"


def _reads(name: str, imports: str, line: str) -> Program:
    return script(name, PATH, f"{imports}\n\nfound = {line}\n", line=imports.count("\n") + 3)


PROGRAMS = (
    _reads("i-read-csv-nested", "import pandas as pd", 'pd.read_csv("data/2026/train.csv")'),
    _reads("i-read-parquet", "import pandas as pd", 'pd.read_parquet("features/part-0.parquet")'),
    _reads("i-loadtxt", "import numpy as np", 'np.loadtxt("data/points.txt")'),
    _reads("i-np-load", "import numpy as np", 'np.load("/mnt/data/train.npy")'),
    _reads("i-listdir", "import os", 'sorted(os.listdir("images"))'),
    _reads("i-pil-open", "from PIL import Image", 'Image.open("images/cat.jpg")'),
    _reads("i-joblib-load", "import joblib", 'joblib.load("outputs/model.joblib")'),
    _reads("i-arrow-dataset", "import pyarrow.dataset as ds", 'ds.dataset("/data/events")'),
    _reads("i-iterdir", "from pathlib import Path", 'list(Path("~/data").iterdir())'),
    _reads("i-copytree", "import shutil", 'shutil.copytree("config", "run/config")'),
    script(
        "i-torch-load",
        PATH,
        'import torch\n\nstate = torch.load("checkpoints/epoch_9.pt")\n',
        line=3,
        python=WITH_TORCH,
    ),
    script(
        "i-torch-loader-worker-reads",
        PATH,
        """\
        from torch.utils.data import DataLoader, Dataset

        class Images(Dataset):
            def __len__(self):
                return 4

            def __getitem__(self, n):
                with open(f"images/{n:05d}.bin", "rb") as stream:
                    return len(stream.read())

        for batch in DataLoader(Images(), num_workers=1):
            print(batch)
        """,
        python=WITH_TORCH,
    ),
    script(
        "i-yaml-in-own-helper",
        PATH,
        "from settings import load\n\nprint(load('conf/run.yaml'))\n",
        files={
            "settings.py": "import yaml\n\n\ndef load(path):\n    with open(path) as stream:\n"
            "        return yaml.safe_load(stream)\n"
        },
        line=5,
        file="settings.py",
    ),
    script(
        "i-pool-worker-reads",
        PATH,
        """\
        from multiprocessing import Pool

        def size(name):
            with open(f"shards/{name}.bin", "rb") as stream:
                return len(stream.read())

        if __name__ == "__main__":
            with Pool(2) as pool:
                print(pool.map(size, ["a", "b"]))
        """,
    ),
    script(
        "i-argparse-file",
        PATH,
        """\
        import argparse

        parser = argparse.ArgumentParser()
        parser.add_argument("--config", type=argparse.FileType())
        print(parser.parse_args().config.read())
        """,
        command="python main.py --config conf/base.yaml",
    ),
    script(
        "i-click-path",
        PATH,
        """\
        import click

        @click.command()
        @click.option("--data", type=click.Path(exists=True))
        def main(data):
            print(data)

        main()
        """,
        command="python main.py --data data/raw",
    ),
    script(
        "i-opencv-cannot-read",
        PATH,
        """\
        import cv2

        image = cv2.imread("images/cat.png")
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        """,
        needs="opencv-python-headless",
    ),
    Program("i-shell-cd", PATH, command="cd data/raw && ls"),
    Program("i-tar", PATH, command="tar -xzf data/images.tar.gz"),
    Program("i-unzip", PATH, command="unzip -q archive/data.zip"),
    Program("i-papermill", PATH, command="python -m papermill notebooks/report.ipynb out.ipynb"),
    Program("i-requirements-file", PATH, command="python -m pip install -r conf/requirements.txt"),
    cell(
        "i-cell-read-json",
        PATH,
        """\
        import pandas as pd

        def tickets(year):
            return pd.read_json(f"tickets/{year}.json", lines=True)

        frame = tickets(2026)
        """,
        line=5,
    ),
    cell("i-cell-chdir", PATH, "import os\n\nos.chdir('projects/vision')\n", line=4),
)

"""Modules that are not there: a package of another name, a submodule, one's own."""

from __future__ import annotations

from tests.doctor.program import Program, cell, script

MISSING = "missing-module"

PROGRAMS = (
    script(
        "i-cv2-in-own-package",
        MISSING,
        "from shapes.io import read\n\nprint(read('a.png'))\n",
        files={
            "shapes/__init__.py": "",
            "shapes/io.py": "import os\n\nimport cv2\n\n\n"
            "def read(path):\n    return cv2.imread(path)\n",
        },
        offers="opencv-python",
    ),
    script(
        "i-skimage",
        MISSING,
        "import numpy as np\nfrom skimage.filters import sobel\n\nprint(sobel(np.eye(9)))\n",
        line=2,
        offers="scikit-image",
    ),
    script(
        "i-fitz-in-function",
        MISSING,
        """\
        def pages(path):
            import fitz

            return [page.get_text() for page in fitz.open(path)]

        print(len(pages("paper.pdf")))
        """,
        line=2,
        offers="pymupdf",
    ),
    script(
        "i-sqlalchemy-wants-driver",
        MISSING,
        """\
        from sqlalchemy import create_engine, text

        engine = create_engine("postgresql://reader@db.example.org/sales")
        with engine.connect() as connection:
            print(connection.execute(text("select 1")).scalar())
        """,
        offers="psycopg",
    ),
    script(
        "i-pandas-excel",
        MISSING,
        """\
        import pandas as pd

        pd.DataFrame({"a": [1]}).to_excel("a.xlsx")
        """,
        line=3,
        offers="openpyxl",
    ),
    script(
        "i-pandas-hdf-optional",
        MISSING,
        """\
        import pandas as pd

        pd.DataFrame({"a": [1]}).to_hdf("a.h5", key="a")
        """,
        line=3,
        offers="tables",
        never="pytables",
    ),
    script(
        "i-joblib-model-without-sklearn",
        MISSING,
        """\
        import joblib

        model = joblib.load("model.joblib")
        print(model.predict([[1.0]]))
        """,
        line=3,
        needs="joblib numpy",
        before=(
            "joblib numpy scikit-learn",
            "import joblib\nfrom sklearn.linear_model import LinearRegression\n"
            "joblib.dump(LinearRegression().fit([[1], [2]], [1, 2]), 'model.joblib')\n",
        ),
        offers="scikit-learn",
    ),
    script(
        "i-own-src-package",
        MISSING,
        "",
        files={
            "src/__init__.py": "",
            "src/data.py": "def load():\n    return []\n",
            "scripts/train.py": "import sys\n\nfrom src.data import load\n\nprint(load())\n",
        },
        command="python scripts/train.py",
        never="install src",
        needs="six",
    ),
    script(
        "i-python-2-module",
        MISSING,
        "import json\nimport urllib2\n\nprint(json.load(urllib2.urlopen('http://example.org')))\n",
        line=2,
        never="install urllib2",
    ),
    script(
        "i-pytest-collects",
        MISSING,
        "",
        files={
            "test_fit.py": "import lightgbm as lgb\n\n\n"
            "def test_fit():\n    assert lgb.Dataset([[1]])\n"
        },
        command="python -m pytest -q -p no:cacheprovider test_fit.py",
        needs="pytest",
        offers="lightgbm",
    ),
    script(
        "i-gunicorn-worker-fails-to-boot",
        MISSING,
        "",
        files={
            "score.py": "from fastapi import FastAPI\nimport torchvision\n\napp = FastAPI()\n",
        },
        command="python -m gunicorn --workers 1 --bind 127.0.0.1:0 score:app",
        offers="torchvision",
    ),
    script(
        "i-import-by-name-from-config",
        MISSING,
        """\
        import importlib
        import json

        steps = json.loads('["json", "imblearn.over_sampling"]')
        for step in steps:
            print("loading", step)
            importlib.import_module(step)
        """,
        line=7,
        offers="imbalanced-learn",
    ),
    script(
        "i-dash-c",
        MISSING,
        "",
        command='python -c "import serial.tools.list_ports as p; print(p)"',
        offers="pyserial",
    ),
    Program(
        "i-node-module",
        MISSING,
        command="node server.js",
        files={"server.js": 'const express = require("express");\nexpress().listen(0);\n'},
    ),
    cell(
        "i-cell-google-cloud",
        MISSING,
        """\
        import os

        from google.cloud import bigquery

        client = bigquery.Client()
        """,
        line=4,
        offers="google-cloud-bigquery",
    ),
    cell(
        "i-cell-sentence-transformers",
        MISSING,
        """\
        def embed(texts):
            from sentence_transformers import SentenceTransformer
            return SentenceTransformer("small").encode(texts)

        vectors = embed(["a", "b"])
        """,
        line=3,
        offers="sentence-transformers",
    ),
)

"""Imports that fail before any work began, though the module was found."""

from __future__ import annotations

from tests.doctor.program import Program, cell, script

START = "import-at-start"

PROGRAMS = (
    script(
        "i-own-file-hides-pandas",
        START,
        "import pandas as pd\n\nprint(pd.DataFrame())\n",
        files={"pandas.py": "import pandas as pd\n\nframe = pd.read_csv('a.csv')\n"},
    ),
    script(
        "i-own-random",
        START,
        "import tempfile\n\nprint(tempfile.mkdtemp())\n",
        files={"random.py": "import random\n\nSEED = random.randint(0, 9)\n"},
    ),
    script(
        "i-name-not-in-own-module",
        START,
        "from helpers import load, save\n\nsave(load())\n",
        files={"helpers.py": "def load():\n    return 1\n"},
        line=1,
    ),
    script(
        "i-beyond-top-level",
        START,
        "from steps.fit import fit\n\nfit()\n",
        files={
            "steps/__init__.py": "",
            "steps/fit.py": "from ..common import seed\n\n\ndef fit():\n    seed()\n",
        },
        line=1,
        file="steps/fit.py",
    ),
    script(
        "i-extension-of-another-name",
        START,
        "import fastdist\n\nprint(fastdist.distance(1, 2))\n",
        command="gcc -shared -fPIC -o fastdist.so fastdist.c && python main.py",
        files={"fastdist.c": "int distance(int a, int b) { return a - b; }\n"},
        line=1,
    ),
    script(
        "i-extension-damaged",
        START,
        "import fastdist\n\nprint(fastdist.distance(1, 2))\n",
        files={"fastdist.so": "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"},
        line=1,
    ),
    script(
        "i-extension-lacks-library",
        START,
        "import fastdist\n\nprint(fastdist)\n",
        command="gcc -shared -fPIC -o libblas_own.so own.c && gcc -shared -fPIC -o fastdist.so"
        " fastdist.c -L. -lblas_own && rm libblas_own.so && python main.py",
        files={
            "own.c": "int own(void) { return 1; }\n",
            "fastdist.c": "int own(void);\nint distance(void) { return own(); }\n",
        },
        line=1,
    ),
    script(
        "i-flask-cannot-import-the-app",
        START,
        "",
        files={
            "app.py": "from flask import Flask\nfrom models import Score\n\n"
            "app = Flask(__name__)\n",
            "models.py": "from app import app\n\n\nclass Score:\n    pass\n",
        },
        command="python -m flask --app app run --port 0",
    ),
    Program(
        "i-extension-undefined-symbol",
        "version-mismatch",
        command='gcc -shared -fPIC -o fastdist.so fastdist.c && python -c "import fastdist"',
        files={
            "fastdist.c": "int own(void);\nint (*held)(void) = own;\nint distance(void)"
            " { return own(); }\n"
        },
    ),
    cell(
        "i-cell-name-not-in-own-module",
        START,
        """\
        import sys, pathlib
        pathlib.Path("steps_mine.py").write_text("def fit():\\n    return 1\\n")
        sys.path.insert(0, ".")
        from steps_mine import fit, predict
        """,
        line=5,
    ),
)

"""Serve the model in this folder: python serve.py [HOST:PORT], by default 127.0.0.1:5001.

It needs Python and what requirements.txt names. The answer to a request:

    curl -d @sample.json http://127.0.0.1:5001/score

It asks nobody for a key: whoever reaches the port may ask the model.
"""

import json
import os
import runpy
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:5001"
    with open(os.path.join(HERE, "package.json"), encoding="utf-8") as file:
        config = json.load(file)["serve"]
    for name in ("model_dir", "code_dir"):
        config[name] = os.path.join(HERE, *config[name].split("/"))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "config.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        boot = os.path.join(HERE, "server", "boot.py")
        sys.argv = [boot, "serve", path, address]
        sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != HERE]
        runpy.run_path(boot, run_name="__main__")


if __name__ == "__main__":
    main()

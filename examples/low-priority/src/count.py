"""Counts slowly. What it has done is in its output, so a second attempt does not begin anew."""

import argparse
import os
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--to", type=int, required=True)
parser.add_argument("--state", type=Path, required=True)
parser.add_argument("--seconds", type=float, default=0.5, help="how long one number takes")
options = parser.parse_args()

options.state.mkdir(parents=True, exist_ok=True)
place = options.state / "done"
done = int(place.read_text(encoding="utf-8")) if place.exists() else 0
print(f"attempt {os.environ['JUPYTER_AML_ATTEMPT']}: {done} of {options.to} are done", flush=True)

for number in range(done + 1, options.to + 1):
    time.sleep(options.seconds)
    print(number, flush=True)  # evicted after this, it says the same number again: none is lost
    unfinished = place.with_suffix(".new")
    unfinished.write_text(str(number), encoding="utf-8")
    unfinished.replace(place)  # never half a number

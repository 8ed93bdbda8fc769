"""Greets, and says where it runs."""

import argparse
import os
import platform
import time

parser = argparse.ArgumentParser()
parser.add_argument("--who", default="world")
parser.add_argument("--times", type=int, default=1)
options = parser.parse_args()

print(f"Job {os.environ['AZUREML_RUN_ID']} on Python {platform.python_version()}")
for number in range(1, options.times + 1):
    print(f"{number}: hello, {options.who}", flush=True)
    time.sleep(0.3)

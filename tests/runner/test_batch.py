"""A batch run as a program: workers, retries, time limits, thresholds, what is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

from jupyter_aml.runner.batch_parts import Parts
from jupyter_aml.runner.start import BOOT

SETTINGS = {
    "mini_batch_size": 2,
    "max_concurrency_per_instance": 1,
    "error_threshold": -1,
    "max_retries": 3,
    "timeout": 60.0,
    "output_action": "append_row",
    "output_file_name": "predictions.csv",
    "logging_level": "info",
    "scoring_script": "score.py",
}
UPPER = "def init(): pass\ndef run(batch): return [open(path).read().upper() for path in batch]\n"


class Place:
    """A folder with a model, files and a script. Each run is a job's attempt of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        (folder / "files").mkdir()
        (folder / "models" / "m").mkdir(parents=True)
        (folder / "models" / "m" / "weights").write_text("7")
        self.frames = folder / "job" / "1" / "frames.0"
        self.frames.parent.mkdir(parents=True)

    def files(self, *texts: str) -> None:
        for number, text in enumerate(texts):
            (self.folder / "files" / f"{number}.txt").write_text(text)

    def run(self, script: str = UPPER, rank: int = 0, **settings: Any) -> Any:
        return self.start(script, rank, **settings).communicate_and_code()

    def start(self, script: str = UPPER, rank: int = 0, nodes: int = 1, **settings: Any) -> Started:
        (self.folder / "score.py").write_text(script)
        environment = {
            **os.environ,
            "JUPYTER_AML_BATCH": json.dumps(SETTINGS | settings),
            "JUPYTER_AML_FRAMES": str(self.frames.with_name(f"frames.{rank}")),
            "NODE_RANK": str(rank),
            "WORLD_SIZE": str(nodes),
        }
        words = [self.folder / "files", self.folder / "models" / "m", self.out]
        return Started(
            [sys.executable, BOOT, "batch", *map(str, words)],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rows(self) -> list[str]:
        return (self.out / "predictions.csv").read_text().splitlines()

    def progress(self) -> list[tuple[float, float]]:
        lines = [json.loads(line) for line in self.frames.read_text().splitlines()]
        return [(one["value"], one["total"]) for one in lines if one["k"] == "progress"]


class Started(subprocess.Popen[str]):
    def communicate_and_code(self) -> tuple[int, str, str]:
        out, err = self.communicate(timeout=60)
        return self.returncode, out, err


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_every_file_is_scored_once_in_order(place: Place) -> None:
    place.files("a", "b", "c", "d", "e")
    code, out, _ = place.run()
    assert code == 0
    assert place.rows() == ["A", "B", "C", "D", "E"]
    assert "Scored 5 of 5 files; 0 failed." in out
    assert (place.progress()[0], place.progress()[-1]) == ((0, 3), (3, 3))
    assert not (place.folder / "job" / "batch").exists()


def test_init_is_called_once_and_finds_the_model(place: Place) -> None:
    place.files("a", "b", "c")
    script = (
        "import os, logging\n"
        "def init():\n    global weight\n    print('init here')\n"
        "    logging.getLogger('mine').info('told')\n"
        "    weight = open(os.environ['AZUREML_MODEL_DIR'] + '/m/weights').read()\n"
        "def run(mini_batch):\n    return [(open(p).read(), weight, 'x, y') for p in mini_batch]\n"
    )
    code, out, err = place.run(script)
    assert code == 0
    assert place.rows() == ['a,7,"x, y"', 'b,7,"x, y"', 'c,7,"x, y"']
    assert out.count("init here") == 1
    assert "told" in err


def test_several_workers_share_the_work(place: Place) -> None:
    place.files(*"abcdefgh")
    script = (
        "import os, time\n"
        "def init():\n    open(f'worker-{os.getpid()}', 'w')\n"
        "    deadline = time.monotonic() + 30\n"
        "    while len([n for n in os.listdir() if n.startswith('worker-')]) < 3:\n"
        "        assert time.monotonic() < deadline\n        time.sleep(0.01)\n"
    )
    code, _, err = place.run(script + UPPER.partition("\n")[2], max_concurrency_per_instance=3)
    assert code == 0, err
    assert place.rows() == list("ABCDEFGH")


def test_a_mini_batch_that_fails_is_tried_again(place: Place) -> None:
    place.files("a", "b", "c", "d")
    script = (
        "import os\ndef init(): pass\ndef run(batch):\n"
        "    if batch[0].endswith('2.txt') and not os.path.exists('tried'):\n"
        "        open('tried', 'w')\n        {action}\n"
        "    return [open(path).read() for path in batch]\n"
    )
    for action in ("raise ValueError('no luck')", "os._exit(3)", "import sys; sys.exit(1)"):
        (place.folder / "tried").unlink(missing_ok=True)
        code, out, err = place.run(script.format(action=action))
        assert code == 0
        assert place.rows() == ["a", "b", "c", "d"]
        assert "trying again" in err
        assert "0 failed" in out


def test_one_that_always_fails_costs_its_own_files(place: Place) -> None:
    place.files("a", "b", "c", "d", "e")
    script = (
        "def init(): pass\ndef run(batch):\n"
        "    if batch[0].endswith('2.txt'):\n        raise ValueError('line of mine')\n"
        "    return [open(path).read() for path in batch]\n"
    )
    code, out, err = place.run(script, max_retries=1)
    assert code == 0
    assert place.rows() == ["a", "b", "e"]
    assert "Scored 3 of 5 files; 2 failed." in out
    assert err.count("ValueError: line of mine") >= 2
    assert "score.py" in err
    assert "batch_worker.py" not in err


def test_a_call_that_takes_too_long_is_ended(place: Place) -> None:
    place.files("a", "b", "c")
    script = (
        "import time\ndef init(): pass\ndef run(batch):\n"
        "    if batch[0].endswith('0.txt'):\n        time.sleep(600)\n"
        "    return [open(path).read() for path in batch]\n"
    )
    code, out, err = place.run(script, timeout=1.5, max_retries=0)
    assert code == 0
    assert place.rows() == ["c"]
    assert "took longer than 1.5 s" in err
    assert "2 failed" in out


def test_elements_that_are_missing_count_as_failed_files(place: Place) -> None:
    place.files("a", "b", "c", "d")
    script = "def init(): pass\ndef run(batch): return [open(batch[0]).read()]\n"
    code, out, _ = place.run(script)
    assert code == 0
    assert place.rows() == ["a", "c"]
    assert "Scored 2 of 4 files; 2 failed." in out


@pytest.mark.parametrize(("threshold", "expected"), [(-1, 0), (4, 0), (3, 1), (0, 1)])
def test_the_threshold_counts_files_of_the_whole_input(
    place: Place, threshold: int, expected: int
) -> None:
    place.files("a", "b", "c", "d")
    script = "def init(): pass\ndef run(batch): raise ValueError('never')\n"
    code, _, err = place.run(script, error_threshold=threshold, max_retries=0)
    assert code == expected
    if expected:
        assert f"error_threshold allows {threshold}" in err


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("def init(): raise RuntimeError('no model')\ndef run(b): return b\n", "no model"),
        ("import no_such_module\n", "no_such_module"),
        ("def run(b): return b\n", "no function init()"),
        ("def init(): pass\n", "no function run()"),
    ],
)
def test_a_script_that_cannot_begin_fails_the_run_at_once(
    place: Place, script: str, words: str
) -> None:
    place.files("a", "b", "c")
    code, _, err = place.run(script)
    assert code == 1
    assert words in err


def test_what_run_returns_has_to_be_a_list(place: Place) -> None:
    place.files("a")
    code, _, err = place.run("def init(): pass\ndef run(b): return 7\n", max_retries=0)
    assert code == 0
    assert "returned int" in err


def test_summary_only_leaves_writing_to_the_script(place: Place) -> None:
    place.files("a", "b")
    script = (
        "import os\ndef init(): pass\ndef run(batch):\n"
        "    with open(os.environ['AZUREML_BI_OUTPUT_PATH'] + '/mine.txt', 'a') as f:\n"
        "        f.write(str(len(batch)))\n    return batch\n"
    )
    code, _, _ = place.run(script, output_action="summary_only")
    assert code == 0
    assert [path.name for path in place.out.iterdir()] == ["mine.txt"]


def test_another_attempt_does_only_what_is_not_done(place: Place) -> None:
    place.files("a", "b", "c", "d")
    script = (
        "import os\ndef init(): pass\ndef run(batch):\n"
        "    open('calls', 'a').write(str(len(batch)))\n"
        "    if batch[0].endswith('2.txt') and not os.path.exists('again'):\n"
        "        open('again', 'w')\n        os.kill(os.getppid(), 9)\n        os._exit(9)\n"
        "    return [open(path).read() for path in batch]\n"
    )
    code, _, _ = place.run(script)
    assert code == -9
    code, out, _ = place.run(script)
    assert code == 0
    assert "1 of them are done already." in out
    assert place.rows() == ["a", "b", "c", "d"]
    assert (place.folder / "calls").read_text() == "222"


def test_nodes_share_the_mini_batches_and_the_first_puts_them_together(place: Place) -> None:
    place.files(*"abcdefg")
    second = place.start(rank=1, nodes=2)
    first = place.start(rank=0, nodes=2)
    assert second.communicate_and_code()[0] == 0
    code, out, _ = first.communicate_and_code()
    assert code == 0
    assert place.rows() == list("ABCDEFG")
    assert "Scored 7 of 7 files" in out


def test_a_folder_without_files_fails(place: Place) -> None:
    code, _, err = place.run()
    assert code == 1
    assert "no files" in err


def test_rows_of_an_answer_that_came_too_late_are_not_kept(tmp_path: Path) -> None:
    parts = Parts(str(tmp_path / "parts"))
    for index, scored in ((0, 2), (1, 0)):
        Path(parts.rows(index)).write_text(f"{index}\n")
        parts.finish(index, scored=scored, failed=2 - scored)
    parts.merge(2, str(tmp_path / "all"))
    assert (tmp_path / "all").read_text() == "0\n"
    assert parts.totals(2) == (2, 2)
    assert (parts.done(2), parts.is_done(1), parts.is_done(2)) == (2, True, False)


def test_an_object_from_a_notebook_needs_no_script(place: Place) -> None:
    pytest.importorskip("pandas")

    class Doubles:
        def predict(self, table: Any) -> list[float]:
            return [value * 2 for value in table["x"]]

    model = place.folder / "models" / "m" / "model.pkl"
    model.write_bytes(cloudpickle.dumps(Doubles()))
    (place.folder / "files" / "a.csv").write_text("x,y\n1,2\n3,4\n")
    (place.folder / "files" / "b.csv").write_text("z\n1\n")
    code, out, err = place.run(scoring_script="")
    assert code == 0
    assert place.rows() == ["0,2,a.csv", "1,6,a.csv"]
    assert "Scored 1 of 2 files; 1 failed." in out
    assert "b.csv was not scored" in err

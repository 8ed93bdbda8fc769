"""Variables as lines of a shell: whatever a value holds comes out as it was."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from jupyter_aml.grammar.shells import lines

NASTY = 'it\'s "all" $HOME `id` \\ one\ttwo; three & four'


def test_bash_takes_a_value_as_it_is_and_forgets_what_is_unwanted() -> None:
    text = "\n".join(lines("bash", {"AML_A": NASTY}, ["AML_B"]))

    script = 'export AML_B=there\neval "$0"\nprintf %s "$AML_A|${AML_B-gone}"'
    ran = subprocess.run(
        [shutil.which("sh") or "sh", "-c", script, text], capture_output=True, check=True
    )

    assert ran.stdout.decode() == f"{NASTY}|gone"


@pytest.mark.parametrize(
    ("shell", "set_line", "unset_line"),
    [
        ("fish", r"set -gx A 'it\'s \\ $x'", "set -e B"),
        ("powershell", r"$env:A = 'it''s \ $x'", "Remove-Item -ErrorAction Ignore Env:B"),
    ],
)
def test_other_shells_have_their_own_quotes(shell: str, set_line: str, unset_line: str) -> None:
    assert lines(shell, {"A": r"it's \ $x"}, ["B"]) == [set_line, unset_line]

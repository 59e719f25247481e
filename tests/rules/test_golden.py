"""What `check` says of faulty rule files, word for word: section 6 of the design, and every code there is.

`UPDATE_GOLDEN=1 pytest tests/rules/test_golden.py` writes the files anew, to be read before they are committed.
"""

import os
import re
from pathlib import Path

import pytest

from mailgateway.rules.codes import MEANINGS
from tests.rules.faulty_files import CASES

GOLDEN = Path(__file__).parent / "golden"
PACKAGE = Path(__file__).parents[2] / "mailgateway"
CODE = re.compile(r'"([EW]\d{3})"')
WITH_MORE = {"E401-other-file": {"W012"}, "two-typos": {"E110", "E201"}, "E110": {"E110"}}


def codes_of_the_loader() -> set[str]:
    modules = [*PACKAGE.glob("rules/**/*.py"), PACKAGE / "diagnostics/toml.py", PACKAGE / "diagnostics/faults.py"]
    return {code for module in modules for code in CODE.findall(module.read_text("utf-8"))}


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_faulty_files_stands_word_for_word(name: str) -> None:
    found = CASES[name].found() + "\n"

    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / f"{name}.txt").write_text(found, "utf-8")
    assert found == (GOLDEN / f"{name}.txt").read_text("utf-8")


def test_every_code_has_a_golden_output_that_shows_it() -> None:
    shown = {path.stem for path in GOLDEN.glob("*.txt") if f"[{path.stem[:4]}]" in path.read_text("utf-8")}

    assert {name[:4] for name in shown} - {"two-"} == codes_of_the_loader() == MEANINGS.keys()


def test_no_golden_output_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == CASES.keys()


@pytest.mark.parametrize("name", [name for name in CASES if name not in WITH_MORE])
def test_one_fault_is_told_once_and_draws_no_others_with_it(name: str) -> None:
    codes = re.findall(r"^(?:error|warning)\[(\w+)\]", CASES[name].found(), re.MULTILINE)

    assert set(codes) == {name[:4]}

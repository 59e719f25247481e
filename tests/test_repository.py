import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
# Nothing else may stand in a lock file: no option, address or path.
LOCK_LINE = re.compile(
    r"""    [ ]{4}--hash=sha256:[0-9a-f]{64}(\ \\)?
    |   [a-z0-9-]+ == [0-9a-z.+]+ (\ ;\ [a-z_]+\ [<>=!]+\ '[\w.*]+' (\ (and|or)\ [a-z_]+\ [<>=!]+\ '[\w.*]+')* )? \ \\
    |   \#.*uv\ via.* | \#\ +make\ lock
    """,
    re.VERBOSE,
)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_have_versions_and_hashes_and_nothing_else(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()

    assert [line for line in lines if not LOCK_LINE.fullmatch(line)] == []


def test_what_make_demo_installs_is_what_the_tests_saw() -> None:
    demo, dev = ({line for line in (ROOT / name).read_text().splitlines() if "==" in line} for name in LOCKS)

    assert {line.split("==")[0] for line in demo} >= {"aiosmtpd", "editables", "hatchling", "imapclient", "pymap"}
    assert demo <= dev


def test_every_dependency_is_locked_at_a_version_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]

    for lock, wanted in zip(LOCKS, (extras["build"] + extras["demo"], extras["dev"]), strict=True):
        requirements = [Requirement(text) for text in project["dependencies"] + wanted]
        locked = dict(re.findall(r"^(\S+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))
        others = [r for r in requirements if r.name != "mailgateway"]
        assert [str(r) for r in others if not r.specifier.contains(locked.get(r.name, "0"), prereleases=True)] == []
        assert {r.name for r in others} <= set(locked)


@pytest.mark.parametrize("name", ["Makefile", ".ci/run", ".ci/apt-install", "pyproject.toml"])
def test_no_package_index_is_named(name: str) -> None:
    assert (
        re.findall(r"\S*(?:://|(?<!no-emit-)index-url|(?<!no-emit-)find-links|pypi)\S*", (ROOT / name).read_text())
        == []
    )


def test_ci_calls_make_test_and_passes_its_end_on(tmp_path: Path) -> None:
    make = tmp_path / "make"
    make.write_text(f'#!/bin/bash\necho "$PWD: $*" >> {tmp_path}/calls\nexit 7\n')
    make.chmod(0o755)

    # With nothing else on PATH, any other program that it calls ends it.
    ended = subprocess.run(["/bin/bash", ROOT / ".ci/run"], cwd=tmp_path, env={"PATH": str(tmp_path)}, check=False)

    assert ended.returncode == 7
    assert (tmp_path / "calls").read_text() == f"{ROOT}: test\n"


def test_the_wheel_has_every_template_inside_the_package(tmp_path: Path) -> None:
    templates = {str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*") if path.is_file()}

    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "templates/en/acknowledgement.txt" in templates
    assert names >= {f"mailgateway/{template}" for template in templates}
    assert {name.split("/")[0] for name in names} == {"mailgateway", "mailgateway-0.1.0.dist-info"}

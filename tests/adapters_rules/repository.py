"""Git repositories made with the git program."""

import os
import subprocess
from pathlib import Path

AUTHOR = "Ada Admin <ada@example.test>"


def git(folder: Path, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in PERSON.items()},
    }
    command = ("git", "-C", str(folder), "-c", "init.defaultBranch=main", *arguments)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


PERSON = {"NAME": "Ada Admin", "EMAIL": "ada@example.test", "DATE": "2026-11-07T11:20:00+03:00"}


def commit(folder: Path) -> str:
    """Commit all that lies in a folder and return the commit's id."""
    git(folder, "add", "--all", ".")
    git(folder, "commit", "--quiet", "--message", "Change the rules")
    return git(folder, "rev-parse", "HEAD")

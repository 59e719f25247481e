"""A throw-away PostgreSQL cluster on a unix socket, run by a user who is not root, with a database for each test."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from tests.servers.parts import ServerError, run

OWNER = "gateway"
PROGRAMS = Path("/usr/lib/postgresql")
SETTINGS = """
listen_addresses = ''
max_connections = 200
fsync = off
full_page_writes = off
"""


class Postgres:
    """The cluster that lives in a folder; two objects on one folder are the same cluster."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._data = folder / "data"
        self._log = folder / "postgres.log"
        self._user = "postgres" if os.geteuid() == 0 else None

    @staticmethod
    def missing() -> str:
        """Return one line that says how to get it to run; "" where it can."""
        if _programs():
            return ""
        return "no PostgreSQL here; get it with: apt-get install postgresql (or: make setup-servers)"

    def start(self) -> None:
        """Start it, on data made at the first start; return once it answers.

        Raises:
            ServerError: It does not come up; the text has the end of its log.
        """
        if not self._data.exists():
            self._make_data()
        self._run("pg_ctl", "start", "--wait", "--pgdata", str(self._data), "--log", str(self._log))

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop it and cut every connection; return once it is gone. Nothing happens where it does not run.

        `immediate` is a crash: no checkpoint, so that the next start recovers.
        """
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "--wait", "--mode", mode, "--pgdata", str(self._data))

    def create_database(self) -> str:
        """Return the SQLAlchemy URL of a new, empty database."""
        name = f"test_{secrets.token_hex(8)}"
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.folder}"

    def _make_data(self) -> None:
        self.folder.chmod(0o755)
        if self._user:
            shutil.chown(self.folder, self._user)
        options = ["--auth", "trust", "--username", OWNER, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
        self._run("initdb", "--pgdata", str(self._data), *options)
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(f"{SETTINGS}unix_socket_directories = '{self.folder}'\n")

    def _run(self, name: str, *arguments: str) -> None:
        folder = _programs()
        if folder is None:
            raise ServerError(self.missing())
        run([str(folder / name), *arguments], self._log, user=self._user)


def _programs() -> Path | None:
    # Debian keeps the programs of each version in a folder of its own and puts none of them on PATH.
    return max(PROGRAMS.glob("[0-9]*/bin"), key=lambda folder: float(folder.parent.name), default=None)

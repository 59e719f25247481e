"""The commands `mailgateway db`."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from mailgateway import migrations
from mailgateway.adapters.store import open_store
from mailgateway.adapters.store.engine import engine_for
from mailgateway.cli import app
from mailgateway.model.ledger import FetchedMail, Location
from tests.factories import NOW

CONFIG = """\
[smtp]
host = "localhost"
[[mailbox]]
name = "a"
address = "a@x.example"
imap = { host = "imap", user = "a" }
"""
STEPS = sorted(path.name[1:5] for path in (Path(migrations.__path__[0]) / "versions").glob("v0*.py"))
HEAD = STEPS[-1]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configured(tmp_path / "site")


def configured(folder: Path) -> Path:
    folder.mkdir()
    path = folder / "config.toml"
    path.write_text(CONFIG)
    return path


def run(config: Path, *arguments: str | Path) -> Result:
    everything = ["-c", str(config), "db", *map(str, arguments)]
    return CliRunner().invoke(app, everything, env={"COLUMNS": "200"})


def test_status_of_a_database_that_is_not_there(config: Path) -> None:
    result = run(config, "status", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "current": "",
        "head": HEAD,
        "pending": STEPS,
        "known": True,
    }
    assert not (config.parent / "state").exists()


def test_upgrade_makes_the_database_and_says_what_it_did(config: Path) -> None:
    first, second = run(config, "upgrade"), run(config, "upgrade")

    assert (first.exit_code, first.stderr) == (0, f"the database went from step empty to {HEAD}\n")
    assert (second.exit_code, second.stderr) == (0, f"the database is at step {HEAD} already\n")
    assert json.loads(run(config, "status", "--json").stdout)["pending"] == []
    assert HEAD in run(config, "status").stdout


def test_a_database_from_the_future_is_told_in_one_sentence(config: Path) -> None:
    run(config, "upgrade")
    engine = engine_for(f"sqlite:///{config.parent}/state/gateway.db")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    result = run(config, "upgrade")

    assert result.exit_code == 1
    assert "a newer mailgateway was here" in result.stderr
    assert "Traceback" not in result.stderr
    assert json.loads(run(config, "status", "--json").stdout)["known"] is False


def test_a_backup_is_restored_elsewhere(config: Path, tmp_path: Path) -> None:
    run(config, "upgrade")
    (config.parent / "state" / "keyring").write_bytes(b"keys")
    target = tmp_path / "saved.tar"
    other = configured(tmp_path / "other")

    made = run(config, "backup", target, "--json")
    restored = run(other, "restore", target, "--json")

    assert (made.exit_code, made.stderr) == (0, "")
    assert json.loads(made.stdout)["database"] == "database.sqlite"
    assert (restored.exit_code, json.loads(restored.stdout)["database"]) == (0, True)
    state = other.parent / "state"
    assert {path.name for path in state.iterdir()} == {"gateway.db", "keyring"}
    assert (state / "keyring").read_bytes() == b"keys"


def test_a_backup_without_a_keyring_warns(config: Path, tmp_path: Path) -> None:
    run(config, "upgrade")

    made = run(config, "backup", tmp_path / "saved")
    restored = run(configured(tmp_path / "other"), "restore", tmp_path / "saved")

    assert (made.exit_code, restored.exit_code) == (0, 0)
    assert "the backup has no keyring" in made.stderr
    assert "the backup has no keyring" in restored.stderr


def test_restoring_over_a_database_fails_with_one_message(config: Path, tmp_path: Path) -> None:
    run(config, "upgrade")
    run(config, "backup", tmp_path / "saved")

    result = run(config, "restore", tmp_path / "saved")

    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_backup_with_a_missing_blob_is_made_and_fails(config: Path, tmp_path: Path) -> None:
    run(config, "upgrade")
    store = open_store(f"sqlite:///{config.parent}/state/gateway.db")
    lease = store.acquire("a", "test", NOW, 60)
    assert lease is not None
    store.receive(lease, [FetchedMail(Location("a", "INBOX", 1, 1), NOW, 9, b"", blob="abc")])
    store.close()

    result = run(config, "backup", tmp_path / "saved")

    assert result.exit_code == 1
    assert "blob abc is missing" in result.stderr
    assert (tmp_path / "saved" / "MANIFEST.json").exists()

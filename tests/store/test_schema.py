import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from mailgateway.adapters.store import open_store
from mailgateway.adapters.store.engine import engine_for
from mailgateway.adapters.store.schema import SchemaStatus, status, upgrade
from mailgateway.adapters.store.tables import SEQUENCES, metadata, sqlite_metadata
from mailgateway.errors import PermanentError

STEPS = ("0001", "0002", "0003", "0004")
HEAD = STEPS[-1]


def test_the_migrations_make_what_the_tables_say(new_url: str) -> None:
    upgrade(new_url)
    engine = engine_for(new_url)
    wanted = [metadata, sqlite_metadata] if engine.dialect.name == "sqlite" else [metadata]

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, wanted)  # type: ignore[arg-type] # takes several, says one

    engine.dispose()
    assert differences == []


def test_the_migrations_make_the_numbers(new_url: str) -> None:
    upgrade(new_url)
    engine = engine_for(new_url)

    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            names = [row[0] for row in connection.execute(sa.select(sqlite_metadata.tables["counter"].c.name))]
        else:
            names = [name for name in sa.inspect(connection).get_sequence_names() if name.endswith("_number")]

    engine.dispose()
    assert sorted(names) == sorted(SEQUENCES)


def test_asking_makes_no_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/missing/new.sqlite"

    found = status(url)
    with pytest.raises(PermanentError, match="is at schema step empty"):
        open_store(url)

    assert found == SchemaStatus("", HEAD, STEPS, known=True)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_is_refused_until_it_is_upgraded(new_url: str) -> None:
    with pytest.raises(PermanentError, match="run `mailgateway db upgrade`"):
        open_store(new_url)

    before = upgrade(new_url)
    again = upgrade(new_url)

    assert before == SchemaStatus("", HEAD, STEPS, known=True)
    assert again == status(new_url) == SchemaStatus(HEAD, HEAD, (), known=True)
    open_store(new_url).close()


def test_a_database_from_the_future_is_refused(new_url: str) -> None:
    upgrade(new_url)
    engine = engine_for(new_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    for refused in (upgrade, open_store):
        with pytest.raises(PermanentError, match=r"schema step 9999.*a newer mailgateway was here"):
            refused(new_url)
    assert status(new_url) == SchemaStatus("9999", HEAD, (), known=False)


def test_an_upgrade_that_fails_changes_nothing(new_url: str) -> None:
    engine = engine_for(new_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE message (id INTEGER)"))  # in the way of a later step

    with pytest.raises(sa.exc.DBAPIError):
        upgrade(new_url)

    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
    engine.dispose()
    assert tables == ["message"]


def test_two_processes_may_upgrade_at_once(new_url: str) -> None:
    code = "import sys; from mailgateway.adapters.store.schema import upgrade; print(len(upgrade(sys.argv[1]).pending))"

    processes = [
        subprocess.Popen([sys.executable, "-c", code, new_url], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    outputs = [process.communicate()[0].strip() for process in processes]

    assert sorted(outputs) == ["0", str(len(STEPS))]


def test_every_table_is_explained() -> None:
    assert [table.name for table in metadata.sorted_tables if not table.comment] == []

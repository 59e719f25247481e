import json
import tarfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import pytest
import sqlalchemy as sa

from mailgateway.adapters.blobs import FolderBlobs
from mailgateway.adapters.store import SqlStore, open_store
from mailgateway.adapters.store.backup import BackupReport, Place, backup
from mailgateway.adapters.store.engine import engine_for
from mailgateway.adapters.store.restore import RestoreReport, restore
from mailgateway.app.ports import Lease
from mailgateway.errors import PermanentError, TemporaryError
from mailgateway.model.message import Attachment
from mailgateway.model.quota import QuotaEntry, QuotaEntryKind, QuotaKey
from tests.servers import PATIENCE_S, Postgres
from tests.store.cut_mails import cut_mail
from tests.store.steps import ticket_of
from tests.store.values import MAILBOX, NOW, fetched, message

LARGE = b"large mail " * 100
KEY = QuotaKey("q", "acme", "2026-03-01")
SQLITE_ONLY = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def place(url: str, tmp_path: Path) -> Place:
    keyring = tmp_path / "keyring"
    keyring.write_text("secret keys")
    return Place(url, FolderBlobs(tmp_path / "blobs"), keyring)


@pytest.fixture
def elsewhere(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """Return an empty place of the same kind of database."""
    folder = tmp_path / "elsewhere"
    if url.startswith("sqlite"):
        empty = f"sqlite:///{folder}/deep/mailgateway.sqlite"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        empty = postgres.create_database()
    return Place(empty, FolderBlobs(folder / "blobs"), folder / "keyring")


@pytest.fixture
def digest(store: SqlStore, lease: Lease, place: Place) -> str:
    """Return the digest of a large mail; there is a ticket, too."""
    attached = place.blobs.put([b"attached"])[0]
    files = (Attachment("a", "text/plain", 8, inline=False, content_id="", digest=attached),)
    with store.batch(lease) as batch:
        batch.usage([KEY])
    taken = QuotaEntry(KEY, 1, 1, QuotaEntryKind.TAKEN, "rule:q", "the first")
    ticket_of(store, lease, 1, message(attachments=files), quota=(taken,))
    digest, size_bytes = place.blobs.put([LARGE])
    store.receive(lease, [replace(fetched(2), raw=b"", blob=digest, size_bytes=size_bytes)])
    cut_mail(store, lease, 9, 2)
    place.blobs.put([b"named by no row"])
    return digest


@dataclass(frozen=True, slots=True)
class Scene:
    """A place with a ticket and a large mail, and an empty place of the same kind."""

    store: SqlStore
    lease: Lease
    place: Place
    elsewhere: Place
    digest: str


@pytest.fixture
def scene(store: SqlStore, lease: Lease, place: Place, elsewhere: Place, digest: str) -> Scene:
    return Scene(store, lease, place, elsewhere, digest)


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_a_backup_brings_everything_back(scene: Scene, tmp_path: Path, name: str) -> None:
    target = tmp_path / "new" / name

    made = backup(scene.place, target, NOW)
    brought_back = restore(scene.elsewhere, target)

    assert (made.target, made.blobs, made.missing, made.damaged, made.has_keyring) == (str(target), 2, (), (), True)
    assert brought_back == RestoreReport(database=True, blobs=2, damaged=(), has_keyring=True)
    restored = open_store(scene.elsewhere.url)
    assert restored.tickets() == scene.store.tickets()
    assert [one.entry.key for one in restored.quota(1)] == [KEY]
    assert restored.cuts(3) == scene.store.cuts(2) != ()
    assert [restored.raw(entry.id) for entry in restored.entries()] == [
        scene.store.raw(e.id) for e in scene.store.entries()
    ]
    restored.close()
    with scene.elsewhere.blobs.open(scene.digest) as file:
        assert file.read() == LARGE
    assert scene.elsewhere.keyring.read_text() == "secret keys"
    assert scene.elsewhere.keyring.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in target.parent.iterdir()) == [name]


def test_numbers_given_out_after_the_backup_are_not_given_out_again(scene: Scene, tmp_path: Path) -> None:
    backup(scene.place, tmp_path / "backup", NOW)
    with scene.store.batch(scene.lease) as batch:
        lost = batch.reserve(5, 5)

    restore(scene.elsewhere, tmp_path / "backup")

    restored = open_store(scene.elsewhere.url)
    with restored.batch(scene.lease) as batch:
        fresh = batch.reserve(1, 1)
    restored.close()
    assert fresh.tickets[0] > max(lost.tickets)
    assert fresh.outbox[0] > max(lost.outbox)


@SQLITE_ONLY
def test_a_backup_is_whole_while_a_daemon_writes(
    store: SqlStore, lease: Lease, place: Place, elsewhere: Place, tmp_path: Path
) -> None:
    stop = threading.Event()
    started = threading.Event()

    def work() -> None:
        uid = 0
        while not stop.is_set():
            uid += 1
            digest, size_bytes = place.blobs.put([b"mail %d" % uid])
            store.receive(lease, [replace(fetched(uid), raw=b"", blob=digest, size_bytes=size_bytes)])
            started.set()

    daemon = threading.Thread(target=work)
    daemon.start()
    assert started.wait(PATIENCE_S)
    made = [backup(place, tmp_path / f"backup-{number}", NOW) for number in range(3)]
    stop.set()
    daemon.join()

    assert [report.missing for report in made] == [(), (), ()]
    restore(elsewhere, tmp_path / "backup-2")
    restored = open_store(elsewhere.url)
    entries = restored.entries(limit=10**6)
    assert [entry.location.uid for entry in entries] == list(range(len(entries), 0, -1))
    assert all(elsewhere.blobs.exists(restored.raw(entry.id).blob) for entry in entries)
    restored.close()


@SQLITE_ONLY
def test_missing_and_damaged_blobs_are_told_and_the_rest_is_saved(scene: Scene, tmp_path: Path) -> None:
    scene.store.receive(scene.lease, [replace(fetched(3), raw=b"", blob="0" * 64)])
    (tmp_path / "blobs" / scene.digest[:2] / scene.digest[2:]).write_bytes(b"rotten")

    made = backup(scene.place, tmp_path / "backup", NOW)
    brought_back = restore(scene.elsewhere, tmp_path / "backup")

    assert (made.missing, made.damaged) == (("0" * 64,), (scene.digest,))
    assert (brought_back.blobs, brought_back.damaged) == (1, (scene.digest,))
    assert not scene.elsewhere.blobs.exists(scene.digest)


def test_nothing_is_overwritten(place: Place, elsewhere: Place, digest: str, tmp_path: Path) -> None:
    backup(place, tmp_path / "backup", NOW)

    with pytest.raises(PermanentError, match="exists already"):
        backup(place, tmp_path / "backup", NOW)
    with pytest.raises(PermanentError, match="already"):
        restore(place, tmp_path / "backup")
    elsewhere.keyring.parent.mkdir(exist_ok=True)
    elsewhere.keyring.write_text("other keys")
    with pytest.raises(PermanentError, match="has other keys"):
        restore(elsewhere, tmp_path / "backup")

    assert elsewhere.keyring.read_text() == "other keys"
    assert not elsewhere.blobs.exists(digest)


@SQLITE_ONLY
def test_a_damaged_backup_restores_nothing(place: Place, elsewhere: Place, digest: str, tmp_path: Path) -> None:
    backup(place, tmp_path / "backup", NOW)
    (tmp_path / "backup" / "database.sqlite").write_bytes(b"rotten")
    (tmp_path / "backup" / "blobs" / digest).unlink()

    with pytest.raises(PermanentError, match=rf"database\.sqlite is damaged, blobs/{digest} is missing"):
        restore(elsewhere, tmp_path / "backup")

    assert not (tmp_path / "elsewhere").exists()


@SQLITE_ONLY
def test_what_is_no_backup_is_refused(place: Place, elsewhere: Place, digest: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("x")
    with tarfile.open(tmp_path / "empty.tar", "w"):
        pass
    for source in (tmp_path / "nothing", tmp_path / "text", tmp_path / "empty.tar", tmp_path / "blobs"):
        with pytest.raises(PermanentError, match="no backup"):
            restore(elsewhere, source)
    backup(place, tmp_path / "backup", NOW)
    manifest = tmp_path / "backup" / "MANIFEST.json"
    plain = json.loads(manifest.read_text())
    for changes, words in (
        ({"format": 99}, "format"),
        ({"database": "database.pgdump"}, "cannot become"),
        ({"files": 1}, "read"),
    ):
        manifest.write_text(json.dumps(plain | changes))
        with pytest.raises(PermanentError, match=words):
            restore(elsewhere, tmp_path / "backup")
    assert digest


@SQLITE_ONLY
def test_only_a_database_of_ours_is_backed_up(place: Place, tmp_path: Path) -> None:
    missing = replace(place, url=f"sqlite:///{tmp_path}/missing.sqlite")
    with pytest.raises(PermanentError, match="there is no database"):
        backup(missing, tmp_path / "backup", NOW)
    engine = engine_for(f"sqlite:///{tmp_path}/other.sqlite")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE other (id INTEGER)"))
    engine.dispose()
    with pytest.raises(PermanentError, match="nothing to back up"):
        backup(replace(place, url=f"sqlite:///{tmp_path}/other.sqlite"), tmp_path / "backup", NOW)

    assert not (tmp_path / "missing.sqlite").exists()
    assert not (tmp_path / "backup").exists()


@SQLITE_ONLY
def test_a_backup_that_fails_leaves_nothing_behind(place: Place, digest: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(TemporaryError, match="cannot write"):
        backup(place, tmp_path / "file" / "backup", NOW)
    with pytest.raises(ZeroDivisionError):
        backup(replace(place, blobs=BrokenBlobs(tmp_path / "blobs")), tmp_path / "new" / "backup", NOW)

    assert list((tmp_path / "new").iterdir()) == []
    assert digest


class BrokenBlobs(FolderBlobs):
    def open(self, digest: str) -> BinaryIO:
        raise ZeroDivisionError(digest)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_without_pg_dump_blobs_and_keyring_are_saved(
    place: Place, elsewhere: Place, digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    made = backup(place, tmp_path / "backup", NOW)
    brought_back = restore(elsewhere, tmp_path / "backup")

    assert made == BackupReport(
        target=str(tmp_path / "backup"),
        database="",
        blobs=2,
        size_bytes=len(LARGE) + len(b"attached") + len("secret keys"),
        missing=(),
        damaged=(),
        has_keyring=True,
    )
    assert brought_back == RestoreReport(database=False, blobs=2, damaged=(), has_keyring=True)
    assert elsewhere.blobs.exists(digest)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_pg_dump_that_fails_is_told(
    place: Place, digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "pg_dump"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'server version mismatch' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")

    with pytest.raises(TemporaryError, match="pg_dump: server version mismatch"):
        backup(place, tmp_path / "backup", NOW)

    assert not (tmp_path / "backup").exists()
    assert digest


def test_mailboxes_are_free_again_after_a_restore(
    store: SqlStore, lease: Lease, place: Place, elsewhere: Place, tmp_path: Path
) -> None:
    backup(place, tmp_path / "backup", NOW)
    restore(elsewhere, tmp_path / "backup")

    restored = open_store(elsewhere.url)
    taken = restored.acquire(MAILBOX, "another", NOW, 60)
    restored.close()

    assert taken is not None
    assert taken.fence > lease.fence
    assert store

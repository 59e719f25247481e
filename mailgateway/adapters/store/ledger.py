"""Mails as they are fetched and begun: the states RECEIVED and ACKNOWLEDGED, and the attempts.

What a person does with mails is in `queue`, what becomes of them in `batch`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.batch import SqlBatch
from mailgateway.adapters.store.columns import printable
from mailgateway.adapters.store.engine import Database
from mailgateway.adapters.store.lease import check_fence
from mailgateway.adapters.store.rows import Found
from mailgateway.adapters.store.tables import folder_seen, mail, raw_mail
from mailgateway.app.ports import Batch, Lease
from mailgateway.model.ledger import FetchedMail, Location, MailState, PendingMail

MANY = 500
"""Values in one IN list at most."""
_LOOK_EVERY = timedelta(minutes=1)

_bind = sa.bindparam
_RECEIVED = mail.c.state == sa.literal_column("'received'")
_ACKNOWLEDGED = mail.c.state == sa.literal_column("'acknowledged'")
_FOLDER = sa.and_(
    mail.c.mailbox == _bind("of_mailbox"),
    mail.c.folder == _bind("of_folder"),
    mail.c.uidvalidity == _bind("of_uidvalidity"),
)
_KNOWN_UIDS = sa.select(mail.c.uid).where(_FOLDER, mail.c.uid.in_(_bind("uids", expanding=True)))
_FIRST_RECEIVED = sa.select(sa.func.min(mail.c.uid)).where(_FOLDER, _RECEIVED)
_LAST_BELOW = sa.select(sa.func.max(mail.c.uid)).where(_FOLDER, mail.c.uid < _bind("below"))
_LAST = sa.select(sa.func.max(mail.c.uid)).where(_FOLDER)
_ACKNOWLEDGE = (
    mail.update()
    .where(_FOLDER, mail.c.uid == _bind("of_uid"), mail.c.state == MailState.RECEIVED.value)
    .values(
        state=MailState.ACKNOWLEDGED.value,
        now_folder=_bind("to_folder"),
        now_uidvalidity=_bind("to_uidvalidity"),
        now_uid=_bind("to_uid"),
    )
)
_ASIDE_IN = (
    sa.select(mail.c.id, mail.c.mailbox, mail.c.now_folder, mail.c.now_uidvalidity, mail.c.now_uid)
    .where(
        mail.c.state == sa.literal_column("'aside'"),
        mail.c.mailbox == _bind("of_mailbox"),
        mail.c.now_folder == _bind("of_folder"),
    )
    .order_by(mail.c.id)
)
_RELOCATE = (
    mail.update()
    .where(mail.c.id == _bind("of_mail"))
    .values(now_folder=_bind("to_folder"), now_uidvalidity=_bind("to_uidvalidity"), now_uid=_bind("to_uid"))
)
_UNACKNOWLEDGED = (
    sa.select(mail.c.mailbox, mail.c.folder, mail.c.uidvalidity, mail.c.uid)
    .where(mail.c.mailbox == _bind("of_mailbox"), _RECEIVED)
    .order_by(mail.c.folder, mail.c.uidvalidity, mail.c.uid)
)
_SEEN = sa.select(folder_seen.c.last_at).where(
    folder_seen.c.mailbox == _bind("of_mailbox"), folder_seen.c.folder == _bind("of_folder")
)
_FETCHED = sa.select(
    mail.c.id,
    mail.c.mailbox,
    mail.c.folder,
    mail.c.uidvalidity,
    mail.c.uid,
    mail.c.received_at,
    mail.c.size_bytes,
    mail.c.blob,
    mail.c.partial,
    mail.c.answerable,
    mail.c.as_person,
    mail.c.attempts,
    raw_mail.c.raw,
).join_from(mail, raw_mail, isouter=True)
_OF_MAILBOX = (mail.c.mailbox == _bind("of_mailbox"), _ACKNOWLEDGED)
_SUSPECT = _FETCHED.where(*_OF_MAILBOX, mail.c.running == sa.true()).order_by(mail.c.id).limit(1)
_WAITING = (
    _FETCHED.where(
        *_OF_MAILBOX,
        mail.c.running == sa.false(),
        sa.or_(mail.c.due_at.is_(None), mail.c.due_at <= _bind("now")),
    )
    .order_by(mail.c.id)
    .limit(_bind("at_most"))
)
_RAW = _FETCHED.where(mail.c.id == _bind("of_mail"))
_BEGIN = mail.update().where(mail.c.id == _bind("of_mail")).values(attempts=mail.c.attempts + 1, running=True)
_STILL_WAITS = sa.and_(mail.c.id == _bind("of_mail"), mail.c.state == MailState.ACKNOWLEDGED.value)
_GIVE_BACK = (
    mail.update().where(_STILL_WAITS).values(running=False, due_at=_bind("again_at"), traceback=_bind("failure"))
)
_PUT_BACK = (
    mail.update()
    .where(_STILL_WAITS, mail.c.running == sa.true())
    .values(running=False, due_at=_bind("again_at"), attempts=mail.c.attempts - 1)
)


class Intake:
    """The part of the store that takes mails in and begins them."""

    _database: Database

    def resume_after(self, mailbox: str, folder: str, uidvalidity: int) -> int:
        """Return the highest UID below which every mail of the folder is in the ledger and acknowledged, else 0."""
        place = _place(mailbox, folder, uidvalidity)
        with self._database.read() as connection:
            first_received = connection.execute(_FIRST_RECEIVED, place).scalar()
            if first_received is None:
                last = connection.execute(_LAST, place).scalar()
            else:
                last = connection.execute(_LAST_BELOW, {**place, "below": first_received}).scalar()
        return last or 0

    def known_uids(self, mailbox: str, folder: str, uidvalidity: int, uids: Sequence[int]) -> frozenset[int]:
        """Return those of the UIDs that the ledger has."""
        with self._database.read() as connection:
            return _known_uids(connection, _place(mailbox, folder, uidvalidity), uids)

    def receive(self, lease: Lease, mails: Sequence[FetchedMail]) -> int:
        """Write mails down, in order, in one durable commit; those already known by location are passed over.

        Returns:
            How many were new.

        Raises:
            FencedError: The lease was lost.
        """
        with self._database.write() as transaction:
            connection = transaction.connection
            check_fence(connection, lease)
            new = _unknown(connection, mails)
            numbers = transaction.numbers.take("mail_number", len(new))
            if new:
                connection.execute(mail.insert(), [_mail_row(*pair) for pair in zip(numbers, new, strict=True)])
            raws = [{"mail": n, "raw": f.raw} for n, f in zip(numbers, new, strict=True) if not f.blob]
            if raws:
                connection.execute(raw_mail.insert(), raws)
        return len(new)

    def acknowledge(self, lease: Lease, folder: str, uidvalidity: int, moved: Mapping[int, Location | None]) -> None:
        """Note that the server was told, and where mails lie now: RECEIVED becomes ACKNOWLEDGED.

        Raises:
            FencedError: The lease was lost.
        """
        place = _place(lease.mailbox, folder, uidvalidity)
        with self._database.write() as transaction:
            check_fence(transaction.connection, lease)
            if moved:
                told = [{**place, "of_uid": uid, **_whereabouts(to)} for uid, to in moved.items()]
                transaction.connection.execute(_ACKNOWLEDGE, told)

    def aside_in(self, mailbox: str, folder: str) -> tuple[tuple[int, Location], ...]:
        """Return the mails that were set aside and lie in a folder on the server, with their places there."""
        with self._database.read() as connection:
            rows = connection.execute(_ASIDE_IN, {"of_mailbox": mailbox, "of_folder": folder}).all()
        return tuple((row[0], Location(*row[1:])) for row in rows)

    def relocate(self, moved: Mapping[int, Location | None]) -> None:
        """Note where mails lie on the server now, by ledger id; None for unknown."""
        if moved:
            with self._database.write() as transaction:
                places = [{"of_mail": one, **_whereabouts(to)} for one, to in moved.items()]
                transaction.connection.execute(_RELOCATE, places)

    def unacknowledged(self, mailbox: str) -> tuple[Location, ...]:
        """Return where mails lie that are RECEIVED and not yet ACKNOWLEDGED, by folder and UID."""
        with self._database.read() as connection:
            rows = connection.execute(_UNACKNOWLEDGED, {"of_mailbox": mailbox}).all()
        return tuple(Location(*row) for row in rows)

    def saw_folder(self, mailbox: str, folder: str, now: datetime) -> bool:
        """Note a good look at a folder (to the minute); return whether it was the first ever."""
        with self._database.read() as connection:
            last_at = connection.execute(_SEEN, {"of_mailbox": mailbox, "of_folder": folder}).scalar()
        if last_at is not None and now - last_at < _LOOK_EVERY:
            return False
        look = {"mailbox": mailbox, "folder": folder, "first_at": now, "last_at": now}
        with self._database.write() as transaction:
            insert = postgresql.insert if transaction.is_postgres else sqlite.insert
            again = insert(folder_seen).on_conflict_do_update(
                index_elements=["mailbox", "folder"], set_={"last_at": now}
            )
            transaction.connection.execute(again, look)
        return last_at is None

    def begin(self, lease: Lease, now: datetime, limit: int) -> tuple[PendingMail, ...]:
        """Count and commit an attempt on the oldest acknowledged mails of a mailbox that are due.

        A suspect (its last attempt never came back) is returned alone and first: whatever it does, it does it to
        no other mail. It is due at once.

        Raises:
            FencedError: The lease was lost.
        """
        of = {"of_mailbox": lease.mailbox}
        with self._database.write() as transaction:
            connection = transaction.connection
            check_fence(connection, lease)
            rows = connection.execute(_SUSPECT, of).all()
            if not rows:
                rows = connection.execute(_WAITING, {**of, "now": now, "at_most": limit}).all()
            if rows:
                connection.execute(_BEGIN, [{"of_mail": row.id} for row in rows])
        return tuple(PendingMail(row.id, fetched_mail(row), row.attempts + 1, row.as_person) for row in rows)

    @contextmanager
    def batch(self, lease: Lease) -> Iterator[Batch]:
        """Open the transaction in which begun mails are processed.

        Raises:
            FencedError: The lease was lost. It cannot be lost later: whoever takes it waits for the commit.
        """
        with self._database.write() as transaction:
            check_fence(transaction.connection, lease)
            opened = SqlBatch(transaction)
            yield opened
            opened.finish()

    def give_back(self, mail: int, traceback: str, due_at: datetime) -> None:
        """Note that an attempt came back with a failure; the mail is due again at `due_at`."""
        failure = {"of_mail": mail, "again_at": due_at, "failure": printable(traceback)}
        with self._database.write() as transaction:
            transaction.connection.execute(_GIVE_BACK, failure)

    def put_back(self, mails: Sequence[int], due_at: datetime) -> None:
        """Take back the count of attempts that ended for a reason that was not the mails' own.

        They are no suspects, and due again at `due_at`. What has reached its end since is left alone.
        """
        if mails:
            with self._database.write() as transaction:
                transaction.connection.execute(_PUT_BACK, [{"of_mail": one, "again_at": due_at} for one in mails])


def _whereabouts(location: Location | None) -> dict[str, str | int]:
    if location is None:
        return {"to_folder": "", "to_uidvalidity": 0, "to_uid": 0}
    return {"to_folder": location.folder, "to_uidvalidity": location.uidvalidity, "to_uid": location.uid}


def fetched_mail(row: Found) -> FetchedMail:
    """Return a mail as it was fetched, from a row of `fetched_query`."""
    return FetchedMail(
        location=Location(row.mailbox, row.folder, row.uidvalidity, row.uid),
        received_at=row.received_at,
        size_bytes=row.size_bytes,
        raw=bytes(row.raw or b""),
        blob=row.blob,
        partial=row.partial,
        answerable=row.answerable,
    )


def raw_of(connection: Connection, number: int) -> FetchedMail | None:
    """Return a mail as it was fetched, None where there is none."""
    row = connection.execute(_RAW, {"of_mail": number}).one_or_none()
    return fetched_mail(row) if row else None


def _place(mailbox: str, folder: str, uidvalidity: int) -> dict[str, str | int]:
    return {"of_mailbox": mailbox, "of_folder": folder, "of_uidvalidity": uidvalidity}


def _known_uids(connection: Connection, place: dict[str, str | int], uids: Sequence[int]) -> frozenset[int]:
    known: set[int] = set()
    for start in range(0, len(uids), MANY):
        some = {**place, "uids": uids[start : start + MANY]}
        known.update(connection.execute(_KNOWN_UIDS, some).scalars())
    return frozenset(known)


def _unknown(connection: Connection, mails: Sequence[FetchedMail]) -> list[FetchedMail]:
    """Return the mails whose location is new, each location once, in their order."""
    by_location = {fetched.location: fetched for fetched in mails}
    by_folder: dict[Location, list[int]] = {}
    for location in by_location:
        by_folder.setdefault(replace(location, uid=0), []).append(location.uid)
    for folder, uids in by_folder.items():
        place = _place(folder.mailbox, folder.folder, folder.uidvalidity)
        for uid in _known_uids(connection, place, uids):
            del by_location[replace(folder, uid=uid)]
    return list(by_location.values())


def _mail_row(number: int, fetched: FetchedMail) -> dict[str, object]:
    return {
        "id": number,
        "mailbox": fetched.location.mailbox,
        "folder": fetched.location.folder,
        "uidvalidity": fetched.location.uidvalidity,
        "uid": fetched.location.uid,
        "received_at": fetched.received_at,
        "size_bytes": fetched.size_bytes,
        "blob": fetched.blob,
        "partial": fetched.partial,
        "answerable": fetched.answerable,
        "as_person": False,
        "state": MailState.RECEIVED.value,
        "attempts": 0,
        "running": False,
        "due_at": None,
        "reason": "",
        "traceback": "",
        "duplicate_of": None,
        "ended_at": None,
        "now_folder": "",
        "now_uidvalidity": 0,
        "now_uid": 0,
    }

"""From the mail server to the ledger: a mail is durable here before the server is told anything.

One look at one folder is `poll_folder`. A crash between any two of its steps loses nothing: a mail that is not in
the ledger is still in the folder, one that is in the ledger and still in the folder is known by its UID, and one
that left the folder before the ledger learned of it is acknowledged at the next look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from mailgateway.app.ports import Blobs, Clock, Folder, Lease, Ledger, Listed, MailServer, PutAway
from mailgateway.config import FolderConfig, LimitsConfig, MailboxConfig
from mailgateway.errors import NotFoundError
from mailgateway.model.ledger import FetchedMail, Location

RANGE_BYTES = 1024 * 1024
"""How much of a large mail is fetched at once."""
SMALL_FOLDER = 1000
"""So many mails are looked at each time; in a folder with more, where mails are kept, mostly those behind the last."""
WHOLE_LOOK_EVERY = timedelta(minutes=15)
"""So often a folder with more is looked at as a whole all the same: a UID may appear late, below others."""
ASKED_AGAIN = 2
"""So often a server is asked again that ends a mail before the size it said."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Intake:
    """What a look at a mailbox works with.

    Attributes:
        mailbox: Its configuration.
        limits: How much is taken in at once.
        ledger: The database.
        blobs: Where large mails go.
        clock: The time.
        whole_looks: When each folder was last looked at as a whole and gave all it listed; none at the beginning.
    """

    mailbox: MailboxConfig
    limits: LimitsConfig
    ledger: Ledger
    blobs: Blobs
    clock: Clock
    whole_looks: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Round:
    """One look at one selected folder."""

    intake: Intake
    server: MailServer
    lease: Lease
    config: FolderConfig
    folder: Folder


def poll_folder(intake: Intake, server: MailServer, lease: Lease, config: FolderConfig) -> int:
    """Take over every new mail of a folder.

    Returns:
        How many mails were new.

    Raises:
        TemporaryError: Server, database or disk; what was committed before stays so.
        NotFoundError: The folder does not exist.
        FencedError: Another daemon holds the mailbox now.
    """
    try:
        folder = server.select(config.name)
    except NotFoundError:
        _let_go(intake, lease, config.name)
        raise
    name, now = intake.mailbox.name, intake.clock.now()
    after = _resume_after(intake, folder, now)
    present = server.uids(after)
    look = _Round(intake, server, lease, config, folder)
    _acknowledge_known(look, present)
    known = intake.ledger.known_uids(name, folder.name, folder.uidvalidity, present)
    listed = server.listed([uid for uid in present if uid not in known])
    if intake.ledger.saw_folder(name, folder.name, intake.clock.now()):
        _say_first_contact(look, listed)
    if not after:
        intake.whole_looks[folder.name] = now
    return sum(_take(look, batch) for batch in batches(listed, intake.limits))


def _resume_after(intake: Intake, folder: Folder, now: datetime) -> int:
    """Return the UID behind which to look, 0 for the whole folder."""
    looked_at = intake.whole_looks.get(folder.name)
    if folder.exists <= SMALL_FOLDER or looked_at is None or not now - WHOLE_LOOK_EVERY < looked_at <= now:
        return 0
    return intake.ledger.resume_after(intake.mailbox.name, folder.name, folder.uidvalidity)


def batches(listed: Sequence[Listed], limits: LimitsConfig) -> Iterator[tuple[Listed, ...]]:
    """Yield the mails in their order, in groups bounded by count and bytes; a large mail stands alone."""
    group: list[Listed] = []
    size_bytes = 0
    for mail in listed:
        full = len(group) == limits.batch_mails or size_bytes + mail.size_bytes > limits.batch_bytes
        if group and (full or mail.size_bytes > limits.row_bytes):
            yield tuple(group)
            group, size_bytes = [], 0
        group.append(mail)
        size_bytes += mail.size_bytes
        if mail.size_bytes > limits.row_bytes:
            yield tuple(group)
            group, size_bytes = [], 0
    if group:
        yield tuple(group)


def _say_first_contact(look: _Round, listed: Sequence[Listed]) -> None:
    """Quiet start: what waits is shown before anything is done with it."""
    quiet_before = look.intake.mailbox.quiet_before
    log.warning(
        "mailbox.first_contact",
        mailbox=look.intake.mailbox.name,
        folder=look.folder.name,
        waiting=len(listed),
        oldest=min((mail.internaldate for mail in listed), default=None),
        answered_from=quiet_before or "the first mail",
        without_answer=sum(quiet_before is not None and mail.internaldate < quiet_before for mail in listed),
    )


def _acknowledge_known(look: _Round, present: Sequence[int]) -> None:
    """Finish what an earlier run began: in the ledger, but the server was not told, or the ledger not that it was.

    A mail whose folder changed its UIDVALIDITY, or is no longer polled, cannot be told any more: its next copy is
    known by its digest.
    """
    polled = {folder.name for folder in look.intake.mailbox.folders}
    here = frozenset(present)
    still_there, gone = [], []
    for location in look.intake.ledger.unacknowledged(look.intake.mailbox.name):
        if _is_in(location, look.folder) and location.uid in here:
            still_there.append(location.uid)
        elif location.folder == look.folder.name or location.folder not in polled:
            gone.append(location)
    _go_on_without(look.intake, look.lease, gone)
    sizes = look.server.listed(still_there)
    _acknowledge(look, [mail.uid for mail in sizes if not _is_oversize(look, mail)], oversize=False)
    _acknowledge(look, [mail.uid for mail in sizes if _is_oversize(look, mail)], oversize=True)


def _let_go(intake: Intake, lease: Lease, folder: str) -> None:
    """Note that mails of a folder that is gone can go on: their bytes are here, and there is nobody to tell."""
    waiting = intake.ledger.unacknowledged(intake.mailbox.name)
    _go_on_without(intake, lease, [location for location in waiting if location.folder == folder])


def _go_on_without(intake: Intake, lease: Lease, gone: Sequence[Location]) -> None:
    """Acknowledge mails of which the server cannot be told, folder by folder."""
    told: dict[tuple[str, int], list[int]] = {}
    for location in gone:
        told.setdefault((location.folder, location.uidvalidity), []).append(location.uid)
    for (folder, uidvalidity), uids in told.items():
        intake.ledger.acknowledge(lease, folder, uidvalidity, dict.fromkeys(uids))


def _is_in(location: Location, folder: Folder) -> bool:
    return (location.folder, location.uidvalidity) == (folder.name, folder.uidvalidity)


def _is_oversize(look: _Round, mail: Listed) -> bool:
    return mail.size_bytes > look.intake.limits.mail_bytes


def _take(look: _Round, batch: Sequence[Listed]) -> int:
    """Write one batch down in one commit, then tell the server, then note that it was told."""
    mails = _fetched(look, batch)
    new = look.intake.ledger.receive(look.lease, mails) if mails else 0
    arrived = {mail.location.uid for mail in mails}
    _say_not_given(look, [mail.uid for mail in batch if mail.uid not in arrived])
    uids = [mail.uid for mail in batch if mail.uid in arrived and not _is_oversize(look, mail)]
    oversize = [mail.uid for mail in batch if mail.uid in arrived and _is_oversize(look, mail)]
    _acknowledge(look, uids, oversize=False)
    _acknowledge(look, oversize, oversize=True)
    log.info("mail.received", mailbox=look.intake.mailbox.name, folder=look.folder.name, mails=new)
    return new


def _say_not_given(look: _Round, uids: Sequence[int]) -> None:
    """Name the mails that are there and were not handed out: they stay, and are asked for again at the next look."""
    still_there = look.server.listed(uids) if uids else ()
    if still_there:
        # The end of the ledger says nothing of them: behind it they would never be seen.
        look.intake.whole_looks.pop(look.folder.name, None)
        log.warning(
            "mail.not_given",
            mailbox=look.intake.mailbox.name,
            folder=look.folder.name,
            uids=[mail.uid for mail in still_there],
        )


def _acknowledge(look: _Round, uids: Sequence[int], *, oversize: bool) -> None:
    if not uids:
        return
    mailbox = look.intake.mailbox
    away = look.server.put_away(uids, mailbox.oversize_folder if oversize else mailbox.processed_folder)
    moved = {uid: _place(mailbox.name, away, uid) for uid in uids}
    look.intake.ledger.acknowledge(look.lease, look.folder.name, look.folder.uidvalidity, moved)


def _place(mailbox: str, away: PutAway, uid: int) -> Location | None:
    """Return where a mail lies after it was put away, None where the server did not say."""
    return Location(mailbox, away.folder, away.uidvalidity, away.uids[uid]) if uid in away.uids else None


def move_set_aside(intake: Intake, server: MailServer) -> None:
    """Move the mails that were set aside since to their folder on the server, where a person looks for them.

    Only those whose place there is known. One that somebody took away is let go: the bytes are here.

    Raises:
        TemporaryError: The server or the database is gone.
    """
    mailbox = intake.mailbox
    waiting = intake.ledger.aside_in(mailbox.name, mailbox.processed_folder)
    if not waiting:
        return
    try:
        uidvalidity = server.select(mailbox.processed_folder).uidvalidity
    except NotFoundError:
        uidvalidity = 0  # RFC 3501 section 9: never a folder's
    places = {mail: place for mail, place in waiting if place.uidvalidity == uidvalidity}
    there = [listed.uid for listed in server.listed([place.uid for place in places.values()])] if places else []
    away = server.put_away(there, mailbox.set_aside_folder) if there else PutAway("kept")
    intake.ledger.relocate(
        {mail: _place(mailbox.name, away, places[mail].uid) if mail in places else None for mail, _ in waiting}
    )


def _fetched(look: _Round, batch: Sequence[Listed]) -> list[FetchedMail]:
    """Return what could be fetched; a mail that vanished meanwhile is left out."""
    limits = look.intake.limits
    small = [mail.uid for mail in batch if mail.size_bytes <= limits.row_bytes]
    raws = look.server.fetch(small) if small else {}
    now = look.intake.clock.now()
    mails = []
    for listed in batch:
        if listed.uid in raws:
            raw, blob = raws[listed.uid], ""
        elif listed.size_bytes > limits.mail_bytes:
            raw, blob = look.server.fetch_range(listed.uid, 0, limits.row_bytes), ""
        elif listed.size_bytes > limits.row_bytes:
            raw, blob = b"", _fetch_to_blob(look, listed)
        else:
            continue
        # A mail in `raws` may be empty, and is taken all the same; one of the others came as nothing: it vanished.
        if raw or blob or listed.uid in raws:
            mails.append(_fetched_mail(look, listed, now, (raw, blob)))
    return mails


def _fetch_to_blob(look: _Round, listed: Listed) -> str:
    """Fetch a large mail in ranges straight into a blob; return its digest, "" where the mail vanished.

    Some servers only estimate the size, so a mail may end before it. What was cut off shows when it is read.
    """

    def ranges() -> Iterator[bytes]:
        start = 0
        while chunk := _range(look, listed, start):
            yield chunk
            start += len(chunk)

    digest, size_bytes = look.intake.blobs.put(ranges())
    is_there = size_bytes >= listed.size_bytes or look.server.listed([listed.uid])
    return digest if size_bytes and is_there else ""


def _range(look: _Round, listed: Listed, start: int) -> bytes:
    """Return the next octets of a mail, b"" at its end; an end before the size that was said is asked for again."""
    chunk = look.server.fetch_range(listed.uid, start, RANGE_BYTES)
    tries = ASKED_AGAIN if start < listed.size_bytes else 0
    while not chunk and tries:
        chunk = look.server.fetch_range(listed.uid, start, RANGE_BYTES)
        tries -= 1
    return chunk


def _fetched_mail(look: _Round, listed: Listed, now: datetime, content: tuple[bytes, str]) -> FetchedMail:
    quiet_before = look.intake.mailbox.quiet_before
    received_at = min(listed.internaldate, now)
    raw, blob = content
    return FetchedMail(
        location=Location(look.intake.mailbox.name, look.folder.name, look.folder.uidvalidity, listed.uid),
        received_at=received_at,
        size_bytes=listed.size_bytes,
        raw=raw,
        blob=blob,
        partial=_is_oversize(look, listed),
        answerable=look.config.acknowledge and (quiet_before is None or received_at >= quiet_before),
    )

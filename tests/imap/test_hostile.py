"""Servers that break off, send nonsense, or say what nobody asked for."""

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mailgateway.adapters.imap import ImapServer, connect, server
from mailgateway.app.ports import Listed, PutAway
from mailgateway.config import ImapAccess
from mailgateway.errors import NotFoundError, PermanentError, TemporaryError
from tests.imap.conftest import Account, Connect, never
from tests.servers import PATIENCE_S, Dovecot
from tests.servers.proxy import Proxy
from tests.servers.scripted import Answers, Scripted, imap_script

SELECTED = (
    b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] ok\r\n%t OK [READ-WRITE] done\r\n"
)
MOVE = b"* CAPABILITY IMAP4rev1 MOVE\r\n%t OK done\r\n"
IDLE = b"* CAPABILITY IMAP4rev1 IDLE\r\n%t OK done\r\n"
LISTED = b'* LIST () "/" Processed\r\n%t OK done\r\n'
JUNE = datetime(2024, 6, 1, 12, tzinfo=UTC)

Scene = Callable[[Answers], ImapServer]


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Return a maker of connections, INBOX selected, to a server with such answers; it lives as long as the test."""
    scripted: list[Scripted] = []
    made: list[ImapServer] = []

    def make(answers: Answers) -> ImapServer:
        scripted.append(Scripted(imap_script({"SELECT": SELECTED, **answers})).__enter__())
        access = ImapAccess(
            host="127.0.0.1", port=scripted[-1].port, security="none", user="gateway", timeout_s=PATIENCE_S
        )
        made.append(connect(access, "secret"))
        made[-1].select("INBOX")
        return made[-1]

    yield make
    for connection in made:
        connection.close()
    for one in scripted:
        one.__exit__(None, None, None)


def body(uid: int, raw: bytes, size: int | None = None) -> bytes:
    size = len(raw) if size is None else size
    return b"* %d FETCH (UID %d RFC822.SIZE %d BODY[] {%d}\r\n%b)\r\n" % (uid, uid, size, len(raw), raw)


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 1 BODY[] {100}\r\nonly this",
        b"* 1 FETCH (UID 1 BODY[] {4}\r\nmail",
        b"* 1 FETCH (UID 1 BODY[] {99999999999999}\r\n",
        b"* 1 FETCH (UID 1 BODY[] {" + b"9" * 6000 + b"}\r\n",
        b"* 1 FETCH (UID 1 BODY[] {4}\r\nmail))))\r\n%t OK done\r\n",
        b"* 1 FETCH " + b"(" * 50_000 + b"\r\n%t OK done\r\n",
        b"* 1 FETCH (UID one)\r\n%t OK done\r\n",
        b"* 1 FETCH\r\n%t OK done\r\n",
        b"* FETCH (UID 1)\r\n%t OK done\r\n",
        b'* 1 FETCH (UID 1 BODY[] "mail)\r\n%t OK done\r\n',
        b"%t NO not now\r\n",
        b"%t BAD what\r\n",
        b"* BYE going down\r\n",
        b"X77 OK another's tag\r\n",
        b"\x00\xff\xfe\r\n",
        b"* 1 FETCH (" + b"x" * 17_000_000,
    ],
    ids=lambda answer: repr(answer[:40]),
)
def test_nonsense_in_a_fetch_is_temporary_and_ends_the_connection(scene: Scene, answer: bytes) -> None:
    connection = scene({"UID FETCH": answer})

    with pytest.raises(TemporaryError, match=r"IMAP 127.0.0.1:\d+: [^\n]+$"):
        connection.fetch((1,))

    with pytest.raises(TemporaryError, match="closed"):
        connection.uids()


def test_what_was_not_asked_for_is_passed_over(scene: Scene) -> None:
    unsolicited = b"* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 2 FLAGS ())\r\n* 9 EXISTS\r\n" + body(77, b"other")
    connection = scene({"UID FETCH": unsolicited + body(1, b"mail") + b"* 1 FETCH (UID 1 FLAGS ())\r\n%t OK done\r\n"})

    assert connection.fetch((1, 2)) == {1: b"mail"}


def test_a_mail_removed_in_this_moment_is_left_out(scene: Scene) -> None:
    answers = b"* 1 FETCH (UID 1 RFC822.SIZE 44 BODY[] NIL)\r\n" + body(2, b"", 44) + body(3, b"mail")
    connection = scene({"UID FETCH": answers + b"%t OK done\r\n"})

    assert connection.fetch((1, 2, 3)) == {3: b"mail"}


def test_a_mail_that_comes_short_is_never_taken_for_whole(scene: Scene) -> None:
    rest = b"* 1 FETCH (UID 1 BODY[]<4> {1}\r\ns)\r\n%t OK done\r\n"
    connection = scene({"UID FETCH": [body(1, b"mail", 5) + b"%t OK done\r\n", rest]})

    with pytest.raises(TemporaryError, match="UID 1 came without its end"):
        connection.fetch((1,))


def test_a_server_that_only_estimates_sizes_is_believed_the_mail(scene: Scene) -> None:
    rest = b"* 1 FETCH (UID 1 BODY[]<4> {0}\r\n)\r\n%t OK done\r\n"
    connection = scene({"UID FETCH": [body(1, b"mail", 5) + b"%t OK done\r\n", rest]})

    assert connection.fetch((1,)) == {1: b"mail"}


def test_a_range_longer_than_asked_for_is_temporary(scene: Scene) -> None:
    connection = scene({"UID FETCH": b"* 1 FETCH (UID 1 BODY[]<0> {4}\r\nmail)\r\n%t OK done\r\n"})

    with pytest.raises(TemporaryError, match="asked for 3 bytes of UID 1, got 4"):
        connection.fetch_range(1, 0, 3)


def test_a_date_that_is_none_is_now(scene: Scene) -> None:
    dates = (b'"01-Jun-2024 14:00:00 +0200"', b'"someday"', b"NIL", b'"31-Dec-9999 23:00:00 -1200"')
    lines = [
        b"* %d FETCH (UID %d RFC822.SIZE 5 INTERNALDATE %b)\r\n" % (uid, uid, date)
        for uid, date in enumerate(dates, start=1)
    ]
    connection = scene({"UID FETCH": b"".join(lines) + b"%t OK done\r\n"})

    first, *others = connection.listed((1, 2, 3, 4))

    assert first == Listed(1, 5, JUNE)
    assert [item.uid for item in others] == [2, 3, 4]
    now = datetime.now(UTC)  # noqa: TID251  # the adapter reads the clock
    assert all(abs(item.internaldate - now) < timedelta(minutes=5) for item in others)


@pytest.mark.parametrize(
    ("answer", "uids"),
    [
        (b"* SEARCH 5 3 3 4\r\n%t OK done\r\n", (3, 4, 5)),
        (b"* SEARCH\r\n%t OK done\r\n", ()),
        (b"%t OK nothing\r\n", ()),
        (b"* SEARCH 2\r\n%t OK done\r\n", ()),
        (
            b"* SEARCH " + b" ".join(b"%d" % uid for uid in range(3, 300_000)) + b"\r\n%t OK done\r\n",
            tuple(range(3, 300_000)),
        ),
    ],
    ids=["unsorted", "empty", "no answer", "the last mail", "many"],
)
def test_uids_are_sorted_and_above_the_given_one(scene: Scene, answer: bytes, uids: tuple[int, ...]) -> None:
    assert scene({"UID SEARCH": answer}).uids(2) == uids


@pytest.mark.parametrize(
    "answer", [b"* SEARCH one two\r\n%t OK done\r\n", b"* SEARCH 1\r\n* SEARCH 2\r\n%t OK done\r\n"]
)
def test_nonsense_in_a_search_is_temporary(scene: Scene, answer: bytes) -> None:
    with pytest.raises(TemporaryError):
        scene({"UID SEARCH": answer}).uids()


def test_a_folder_that_is_read_only_needs_a_person(scene: Scene) -> None:
    connection = scene({"SELECT": [SELECTED, SELECTED.replace(b"READ-WRITE", b"READ-ONLY")]})

    with pytest.raises(PermanentError, match="read-only"):
        connection.select("INBOX")


def test_a_folder_without_uidvalidity_is_not_used(scene: Scene) -> None:
    connection = scene({"SELECT": [SELECTED, b"* 3 EXISTS\r\n%t OK [READ-WRITE] done\r\n"]})

    with pytest.raises(TemporaryError, match="UIDVALIDITY"):
        connection.select("INBOX")


def test_a_folder_that_is_there_and_cannot_be_selected_now_is_temporary(scene: Scene) -> None:
    connection = scene(
        {"SELECT": [SELECTED, b"%t NO [INUSE] later\r\n"], "LIST": b'* LIST () "/" Junk\r\n%t OK done\r\n'}
    )

    with pytest.raises(TemporaryError, match="INUSE"):
        connection.select("Junk")


def test_a_folder_that_only_holds_folders_is_not_found(scene: Scene) -> None:
    listed = b'* LIST (\\Noselect) "/" Junk\r\n%t OK done\r\n'
    connection = scene({"SELECT": [SELECTED, b"%t NO what\r\n"], "LIST": listed})

    with pytest.raises(NotFoundError, match="Junk"):
        connection.select("Junk")


def test_mails_that_the_server_does_not_move_stay_and_the_next_ones_do_not_wait(scene: Scene) -> None:
    connection = scene({"CAPABILITY": MOVE, "LIST": LISTED, "UID MOVE": b"%t NO [OVERQUOTA] full\r\n"})

    away = connection.put_away((1,), "Processed")

    assert away == PutAway("kept")


@pytest.mark.parametrize(
    "told",
    [
        b"7 1 2:3",
        b"seven 1 2",
        b"7 1",
        b"7 1:99999999999 1:99999999999",
        b"7 * 1",
        b"7 1 \xff",
    ],
)
def test_nonsense_about_new_places_is_not_believed_and_stops_nothing(scene: Scene, told: bytes) -> None:
    answers = {"CAPABILITY": MOVE, "LIST": LISTED, "UID MOVE": b"* OK [COPYUID " + told + b"] ok\r\n%t OK done\r\n"}

    done = scene(answers).put_away((1,), "Processed")

    assert done == PutAway("moved", "Processed")


def test_mails_for_a_folder_that_cannot_be_made_stay(scene: Scene) -> None:
    connection = scene({"CAPABILITY": MOVE, "CREATE": b"%t NO [CANNOT] no\r\n"})

    away = connection.put_away((1,), "Processed")

    assert away == PutAway("kept")


def test_without_move_and_uidplus_mails_are_kept_and_flagged() -> None:
    with Scripted(imap_script({"SELECT": SELECTED})) as scripted:
        access = ImapAccess(host="127.0.0.1", port=scripted.port, security="none", user="gateway", timeout_s=PATIENCE_S)
        connection = connect(access, "secret")
        connection.select("INBOX")
        away = connection.put_away((1, 2), "Processed")
        connection.close()

    assert away.how == "kept"
    assert b"UID STORE 1,2 +FLAGS.SILENT ($MailgatewayDone)\r\n" in scripted.received
    assert b"EXPUNGE" not in scripted.received
    assert b"Processed" not in scripted.received


def test_where_no_keyword_is_taken_mails_are_just_kept() -> None:
    answers = {"SELECT": SELECTED.replace(b" \\*", b"")}
    with Scripted(imap_script(answers)) as scripted:
        access = ImapAccess(host="127.0.0.1", port=scripted.port, security="none", user="gateway", timeout_s=PATIENCE_S)
        connection = connect(access, "secret")
        connection.select("INBOX")
        away = connection.put_away((1, 2), "Processed")
        connection.close()

    assert away.how == "kept"
    assert b"STORE" not in scripted.received


@pytest.mark.parametrize(
    ("said", "news"),
    [
        (b"+ idling\r\n* 4 EXISTS\r\n", True),
        (b"* 4 EXISTS\r\n+ idling\r\n", True),
        (b"+ idling\r\n* OK still here\r\n* 2 FETCH (FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n", False),
    ],
)
def test_only_new_mail_ends_a_wait(scene: Scene, said: bytes, *, news: bool) -> None:
    connection = scene({"CAPABILITY": IDLE, "IDLE": said, "DONE": b"%t OK done\r\n"})

    assert connection.wait(PATIENCE_S if news else 0.2, never) is news


@pytest.mark.parametrize(
    "said",
    [
        b"+ idling\r\n* BYE idle for too long\r\n",
        b"+ idling\r\n%t OK enough\r\n",
        b"%t NO not now\r\n",
        b"+ idling\r\n\x00",
    ],
)
def test_an_idle_that_the_server_ends_is_temporary(scene: Scene, said: bytes) -> None:
    connection = scene({"CAPABILITY": IDLE, "IDLE": said, "DONE": b"* BYE\r\n"})

    with pytest.raises(TemporaryError):
        connection.wait(0.5, never)


def test_idle_is_issued_again_before_the_server_loses_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_REISSUE_IDLE_S", 0.05)
    answers = {"CAPABILITY": IDLE, "SELECT": SELECTED, "IDLE": b"+ idling\r\n", "DONE": b"%t OK done\r\n"}

    with Scripted(imap_script(answers)) as scripted:
        access = ImapAccess(host="127.0.0.1", port=scripted.port, security="none", user="gateway", timeout_s=PATIENCE_S)
        connection = connect(access, "secret")
        connection.select("INBOX")
        news = connection.wait(PATIENCE_S, lambda: scripted.received.count(b" IDLE\r\n") > 2)
        connection.close()

    issued, done = scripted.received.count(b" IDLE\r\n"), scripted.received.count(b"DONE\r\n")
    assert not news
    assert issued == done == 3


def test_a_connection_cut_while_idling_is_temporary(dovecot: Dovecot, on_dovecot: Account, connected: Connect) -> None:
    connection = connected(on_dovecot)
    connection.select("INBOX")
    asked: list[int] = []

    def cut_once() -> bool:
        asked.append(1)
        if len(asked) == 3:
            dovecot.cut(on_dovecot.user)
        return False

    with pytest.raises(TemporaryError):
        connection.wait(PATIENCE_S, cut_once)


def test_a_fetch_cut_anywhere_gives_nothing_or_everything(
    dovecot: Dovecot, on_dovecot: Account, connected: Connect
) -> None:
    raw = b"Subject: one\r\n\r\n" + b"x" * 3000 + b"\r\n"
    with on_dovecot.client() as client:
        client.append("INBOX", raw)
        client.append("INBOX", raw)
    outcomes: set[object] = set()

    for size_bytes in (1, 20, 45, 100, 1000, 3010, 3060, 3100, 6090, 6140, 9000):
        with Proxy(dovecot.imap_port) as proxy:
            connection = connected(on_dovecot, port=proxy.port)
            connection.select("INBOX")
            proxy.cut_after(size_bytes)
            try:
                outcomes.add(tuple(sorted(connection.fetch((1, 2)).items())))
            except TemporaryError:
                outcomes.add("temporary")

    assert outcomes == {"temporary", ((1, raw), (2, raw))}


def test_a_server_that_falls_silent_in_a_fetch_does_not_hold_us(
    dovecot: Dovecot, on_dovecot: Account, connected: Connect
) -> None:
    dovecot.deliver(on_dovecot.user, b"Subject: one\r\n\r\n" + b"x" * 3000)
    with Proxy(dovecot.imap_port) as proxy:
        connection = connected(on_dovecot, port=proxy.port)
        connection.select("INBOX")
        connection._session.wire.sock.settimeout(0.3)
        proxy.stall_after(1000)

        with pytest.raises(TemporaryError, match="timed out"):
            connection.fetch((1,))


def test_a_failed_connection_leaves_no_socket_behind(scene: Scene) -> None:
    connection = scene({"UID FETCH": b"* BYE\r\n"})
    with pytest.raises(TemporaryError):
        connection.fetch((1,))

    connection.close()
    del connection

    gc.collect()  # an open socket would warn now, and a warning is an error

"""`MailServer` on a real Dovecot."""

from datetime import UTC, datetime, timedelta

import pytest

from mailgateway.adapters.imap.server import DONE_KEYWORD
from mailgateway.app.ports import Folder
from mailgateway.errors import NotFoundError
from tests.imap.conftest import Connect, never
from tests.servers import Dovecot


def mail(subject: str, body: bytes = b"words\r\n") -> bytes:
    return b"From: a@example.test\r\nSubject: " + subject.encode() + b"\r\n\r\n" + body


def append(dovecot: Dovecot, user: str, *raws: bytes, folder: str = "INBOX") -> None:
    with dovecot.imap(user) as connection:
        for raw in raws:
            connection.append(folder, raw)


def test_select_tells_what_the_folder_holds(dovecot: Dovecot, unique_user: str, connected: Connect) -> None:
    append(dovecot, unique_user, mail("one"), mail("two"))

    folder = connected().select("INBOX")

    assert folder == Folder("INBOX", folder.uidvalidity, 2)
    assert folder.uidvalidity > 0


def test_a_missing_folder_is_not_found_and_the_connection_stays(connected: Connect) -> None:
    server = connected()

    with pytest.raises(NotFoundError, match="Nowhere"):
        server.select("Nowhere")

    assert server.select("INBOX").exists == 0


def test_uids_are_those_above_the_given_one_only(dovecot: Dovecot, unique_user: str, connected: Connect) -> None:
    append(dovecot, unique_user, mail("one"), mail("two"), mail("three"))
    server = connected()
    server.select("INBOX")

    found = server.uids(), server.uids(1), server.uids(3), server.uids(77)

    assert found == ((1, 2, 3), (2, 3), (), ())


def test_an_empty_folder_has_no_uids(connected: Connect) -> None:
    server = connected()
    server.select("INBOX")

    assert server.uids() == ()


def test_listed_tells_size_and_arrival_in_utc(dovecot: Dovecot, unique_user: str, connected: Connect) -> None:
    arrived = datetime(2024, 2, 29, 23, 30, 5, tzinfo=UTC)
    with dovecot.imap(unique_user) as connection:
        connection.append("INBOX", mail("one"), msg_time=arrived)
    server = connected()
    server.select("INBOX")

    (listed,) = server.listed((1, 2, 99))

    assert (listed.uid, listed.size_bytes, listed.internaldate) == (1, len(mail("one")), arrived)
    assert listed.internaldate.utcoffset() == timedelta(0)


def test_fetch_returns_the_bytes_and_leaves_flags_alone(dovecot: Dovecot, unique_user: str, connected: Connect) -> None:
    raws = mail("one", b"a\x80\xff)\r\n{5}\r\nA1 OK\r\n"), mail("two", b"")
    append(dovecot, unique_user, *raws)
    server = connected()
    server.select("INBOX")

    fetched = server.fetch((1, 2, 9))

    assert fetched == {1: raws[0], 2: raws[1]}
    with dovecot.imap(unique_user) as connection:
        connection.select_folder("INBOX", readonly=True)
        assert b"\\Seen" not in connection.get_flags([1])[1]


def test_ranges_reassemble_a_large_mail_byte_for_byte(dovecot: Dovecot, unique_user: str, connected: Connect) -> None:
    raw = mail("large", bytes(range(14, 256)) * 12_500)
    append(dovecot, unique_user, raw)
    server = connected()
    server.select("INBOX")
    (listed,) = server.listed((1,))

    parts = [server.fetch_range(1, start, 300_000) for start in range(0, listed.size_bytes, 300_000)]

    assert b"".join(parts) == raw
    assert server.fetch_range(1, listed.size_bytes, 10) == b""
    assert server.fetch_range(1, listed.size_bytes + 5, 10) == b""
    assert server.fetch_range(99, 0, 10) == b""


def test_a_mail_expunged_after_it_was_listed_is_left_out(
    dovecot: Dovecot, unique_user: str, connected: Connect
) -> None:
    append(dovecot, unique_user, mail("one"), mail("two"))
    server = connected()
    server.select("INBOX")
    listed = server.listed(server.uids())
    with dovecot.imap(unique_user) as connection:
        connection.select_folder("INBOX")
        connection.delete_messages([1])
        connection.expunge([1])

    fetched = server.fetch([item.uid for item in listed])

    assert set(fetched) <= {1, 2}
    assert fetched[2] == mail("two")
    assert server.fetch((1,)) == {}


@pytest.mark.parametrize("name", ["Processed", "Set aside", 'Größe & "Maß" 100%', "日本語 ✉", "100% *"])
def test_put_away_makes_the_folder_and_moves(dovecot: Dovecot, unique_user: str, connected: Connect, name: str) -> None:
    append(dovecot, unique_user, mail("one"), mail("two"), mail("three"))
    server = connected()
    server.select("INBOX")

    how = server.put_away((1, 3), name)

    assert how == "moved"
    assert dovecot.mails(unique_user) == (mail("two"),)
    assert dovecot.mails(unique_user, name) == (mail("one"), mail("three"))
    with dovecot.imap(unique_user) as connection:
        assert name in [found for _, _, found in connection.list_sub_folders()]


def test_a_slash_is_the_servers_own_delimiter(dovecot: Dovecot, unique_user: str, connected: Connect) -> None:
    append(dovecot, unique_user, mail("one"))
    server = connected()
    server.select("INBOX")

    server.put_away((1,), "Done/2024")

    assert dovecot.mails(unique_user, "Done.2024") == (mail("one"),)
    assert server.select("Done/2024").exists == 1


def test_put_away_makes_a_folder_anew_that_was_deleted_meanwhile(
    dovecot: Dovecot, unique_user: str, connected: Connect
) -> None:
    append(dovecot, unique_user, mail("one"), mail("two"))
    server = connected()
    server.select("INBOX")
    server.put_away((1,), "Processed")
    with dovecot.imap(unique_user) as connection:
        connection.delete_folder("Processed")

    how = server.put_away((2,), "Processed")

    assert how == "moved"
    assert dovecot.mails(unique_user, "Processed") == (mail("two"),)


def test_putting_away_twice_is_harmless(dovecot: Dovecot, unique_user: str, connected: Connect) -> None:
    append(dovecot, unique_user, mail("one"))
    server = connected()
    server.select("INBOX")
    server.put_away((1,), "Processed")

    how = server.put_away((1,), "Processed")

    assert how == "moved"
    assert dovecot.mails(unique_user, "Processed") == (mail("one"),)


def test_idle_reports_a_new_mail(dovecot: Dovecot, unique_user: str, connected: Connect) -> None:
    server = connected()
    server.select("INBOX")
    before = server.uids()
    asked: list[int] = []

    def deliver_once() -> bool:
        asked.append(1)
        if len(asked) == 3:  # we idle by now
            dovecot.deliver(unique_user, mail("one"))
        return False

    news = server.wait(20, deliver_once)

    assert (before, news, server.uids()) == ((), True, (1,))


def test_what_arrived_between_the_look_and_the_wait_is_reported(
    dovecot: Dovecot, unique_user: str, connected: Connect
) -> None:
    server = connected()
    server.select("INBOX")
    server.uids()
    append(dovecot, unique_user, mail("one"))
    server.listed((5,))  # here the server says EXISTS, in passing

    news = server.wait(20, never)

    assert news
    server.uids()
    assert not server.wait(0.2, never)


def test_a_wait_ends_in_time_and_when_interrupted(connected: Connect) -> None:
    server = connected()
    server.select("INBOX")

    outcomes = server.wait(0.3, never), server.wait(3600, lambda: True)

    assert outcomes == (False, False)
    assert server.uids() == ()


def test_idle_can_be_turned_off(connected: Connect) -> None:
    server = connected(idle=False)
    server.select("INBOX")

    assert (server.can_idle, server.wait(3600, never)) == (False, False)


def test_a_closed_connection_may_be_closed_again(connected: Connect) -> None:
    server = connected()
    server.close()
    server.close()


def test_dovecot_takes_the_keyword(connected: Connect) -> None:
    server = connected()
    server.select("INBOX")

    assert server.keeps_keywords
    assert DONE_KEYWORD.startswith("$")

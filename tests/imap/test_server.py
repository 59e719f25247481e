"""`MailServer` on a real Dovecot and on pymap: the same rules for both."""

from datetime import UTC, datetime, timedelta

import pytest

from mailgateway.app.ports import Folder, Listed, PutAway
from mailgateway.errors import NotFoundError, TemporaryError
from tests.imap.conftest import Account, Connect, never
from tests.servers import PATIENCE_S

MISSING = 900_000


def mail(subject: str, body: bytes = b"words\r\n") -> bytes:
    return b"From: a@example.test\r\nSubject: " + subject.encode() + b"\r\n\r\n" + body


def test_select_tells_what_the_folder_holds(account: Account, connected: Connect) -> None:
    account.append(mail("one"), mail("two"))

    folder = connected(account).select("INBOX")

    assert folder == Folder("INBOX", folder.uidvalidity, 2)
    assert folder.uidvalidity > 0


def test_a_missing_folder_is_not_found_and_the_connection_stays(account: Account, connected: Connect) -> None:
    server = connected(account)

    with pytest.raises(NotFoundError, match="Nowhere"):
        server.select("Nowhere")

    assert server.select("INBOX").exists == 0


def test_uids_are_those_above_the_given_one_only(account: Account, connected: Connect) -> None:
    account.append(mail("one"), mail("two"), mail("three"))
    server = connected(account)
    server.select("INBOX")
    one, two, three = server.uids()

    found = server.uids(one - 1), server.uids(one), server.uids(three), server.uids(three + 77)

    assert found == ((one, two, three), (two, three), (), ())
    assert one < two < three


def test_an_empty_folder_has_no_uids(account: Account, connected: Connect) -> None:
    server = connected(account)
    server.select("INBOX")

    assert server.uids() == ()


def test_listed_tells_size_and_arrival_in_utc(account: Account, connected: Connect) -> None:
    arrived = datetime(2024, 2, 29, 23, 30, 5, tzinfo=UTC)
    with account.client() as connection:
        connection.append("INBOX", mail("one"), msg_time=arrived)
    server = connected(account)
    server.select("INBOX")
    (uid,) = server.uids()

    (listed,) = server.listed((uid, MISSING))

    assert listed == Listed(uid, len(mail("one")), arrived)
    assert listed.internaldate.utcoffset() == timedelta(0)


def test_fetch_returns_the_bytes_and_leaves_flags_alone(account: Account, connected: Connect) -> None:
    raws = mail("one", b"a\x80\xff)\r\n{5}\r\nA1 OK\r\n"), mail("two", b"")
    account.append(*raws)
    server = connected(account)
    server.select("INBOX")
    one, two = server.uids()

    fetched = server.fetch((one, two, MISSING))

    assert fetched == {one: raws[0], two: raws[1]}
    with account.client() as connection:
        connection.select_folder("INBOX", readonly=True)
        assert b"\\Seen" not in connection.get_flags([one])[one]


def test_ranges_reassemble_a_large_mail_byte_for_byte(account: Account, connected: Connect) -> None:
    raw = mail("large", bytes(range(14, 256)) * 12_500)
    account.append(raw)
    server = connected(account)
    server.select("INBOX")
    ((uid, size),) = [(listed.uid, listed.size_bytes) for listed in server.listed(server.uids())]

    parts = [server.fetch_range(uid, start, 300_000) for start in range(0, size, 300_000)]

    assert size == len(raw) > 3_000_000
    assert b"".join(parts) == raw
    assert (server.fetch_range(uid, size, 10), server.fetch_range(uid, size + 5, 10)) == (b"", b"")
    assert server.fetch_range(MISSING, 0, 10) == b""


def test_a_mail_expunged_after_it_was_listed_is_left_out(account: Account, connected: Connect) -> None:
    account.append(mail("one"), mail("two"))
    server = connected(account)
    server.select("INBOX")
    one, two = (listed.uid for listed in server.listed(server.uids()))
    with account.client() as connection:
        connection.select_folder("INBOX")
        connection.delete_messages([one])
        connection.expunge([one])

    fetched = server.fetch((one, two))

    # a server may show a mail to the end to those who knew of it (RFC 2180 section 4.1)
    assert fetched in ({two: mail("two")}, {one: mail("one"), two: mail("two")})
    assert server.fetch((one,)) == {}


@pytest.mark.parametrize("name", ["Processed", "Set aside", 'Größe & "Maß" 100%', "日本語 ✉", "100% *"])
def test_put_away_makes_the_folder_and_moves(account: Account, connected: Connect, name: str) -> None:
    account.append(mail("one"), mail("two"), mail("three"))
    server = connected(account)
    server.select("INBOX")
    one, _, three = server.uids()

    done = server.put_away((one, three), name)

    place = server.select(name)
    assert (done.how, done.folder, done.uidvalidity) == ("moved", name, place.uidvalidity)
    assert server.fetch([done.uids[one], done.uids[three]]) == {
        done.uids[one]: mail("one"),
        done.uids[three]: mail("three"),
    }
    assert account.mails() == (mail("two"),)
    assert account.mails(name) == (mail("one"), mail("three"))
    with account.client() as connection:
        assert name in [found for _, _, found in connection.list_sub_folders()]


def test_a_slash_is_the_servers_own_delimiter(account: Account, connected: Connect) -> None:
    account.append(mail("one"))
    server = connected(account)
    server.select("INBOX")

    server.put_away(server.uids(), "Done/2024")

    with account.client() as connection:
        (_, delimiter, _), *_ = connection.list_folders()
    assert account.mails(f"Done{delimiter.decode()}2024") == (mail("one"),)
    assert server.select("Done/2024").exists == 1


def test_put_away_makes_a_folder_anew_that_was_deleted_meanwhile(account: Account, connected: Connect) -> None:
    account.append(mail("one"), mail("two"))
    server = connected(account)
    server.select("INBOX")
    one, two = server.uids()
    server.put_away((one,), "Processed")
    with account.client() as connection:
        connection.delete_folder("Processed")

    done = server.put_away((two,), "Processed")

    assert done.how == "moved"
    assert account.mails("Processed") == (mail("two"),)


def test_putting_away_twice_is_harmless(account: Account, connected: Connect) -> None:
    account.append(mail("one"))
    server = connected(account)
    server.select("INBOX")
    uids = server.uids()
    server.put_away(uids, "Processed")

    done = server.put_away(uids, "Processed")

    assert done == PutAway("moved", "Processed")
    assert account.mails("Processed") == (mail("one"),)


def test_many_mails_are_put_away_and_listed_in_portions(account: Account, connected: Connect) -> None:
    account.append(*[mail(str(number)) for number in range(7)])
    server = connected(account)
    server.select("INBOX")
    uids = server.uids()
    many = (*uids, *range(MISSING, MISSING + 1200))

    listed = server.listed(many)
    server.put_away(many, "Processed")

    assert [item.uid for item in listed] == list(uids)
    assert len(account.mails("Processed")) == 7


def test_idle_reports_a_new_mail(account: Account, connected: Connect) -> None:
    server = connected(account)
    server.select("INBOX")
    before = server.uids()
    asked: list[int] = []

    def deliver_once() -> bool:
        asked.append(1)
        if len(asked) == 3:  # we idle by now
            account.append(mail("one"))
        return False

    news = server.wait(PATIENCE_S, deliver_once)

    assert (before, news, len(server.uids())) == ((), True, 1)


def test_what_arrived_between_the_look_and_the_wait_is_reported(account: Account, connected: Connect) -> None:
    server = connected(account)
    server.select("INBOX")
    server.uids()
    account.append(mail("one"))
    server.listed((MISSING,))  # here the server may say EXISTS, in passing

    news = server.wait(PATIENCE_S, never)

    assert news
    server.uids()
    assert not server.wait(0.2, never)


def test_a_wait_ends_in_time_and_when_interrupted(account: Account, connected: Connect) -> None:
    server = connected(account)
    server.select("INBOX")

    outcomes = server.wait(0.3, never), server.wait(3600, lambda: True)

    assert outcomes == (False, False)
    assert server.uids() == ()


def test_idle_can_be_turned_off(account: Account, connected: Connect) -> None:
    server = connected(account, idle=False)
    server.select("INBOX")

    assert (server.can_idle, server.wait(3600, never)) == (False, False)


def test_a_closed_connection_may_be_closed_again(account: Account, connected: Connect) -> None:
    server = connected(account)
    server.close()
    server.close()

    with pytest.raises(TemporaryError, match="closed"):
        server.uids()

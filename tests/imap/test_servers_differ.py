"""Servers without MOVE, without UIDPLUS, and with a prefix of their own before every folder: Dovecot set up so."""

import pytest

from mailgateway.adapters.imap import connect
from mailgateway.config import ImapAccess
from tests.servers import Dovecot

RAW = b"Subject: one\r\n\r\nwords\r\n"
BASIC = "IMAP4rev1 LITERAL+ ENABLE IDLE NAMESPACE"


def reconfigured(dovecot: Dovecot, lines: str) -> None:
    with dovecot._config.open("a") as config:
        config.write("\n" + lines + "\n")
    dovecot._doveadm("reload")


@pytest.mark.parametrize(
    ("capabilities", "how", "left"),
    [(f"{BASIC} MOVE", "moved", ()), (f"{BASIC} UIDPLUS", "copied", ()), (BASIC, "kept", (RAW,))],
)
def test_each_way_to_put_away(
    own_dovecot: Dovecot, unique_user: str, capabilities: str, how: str, left: tuple[bytes, ...]
) -> None:
    reconfigured(own_dovecot, f"imap_capability = {capabilities}")
    with own_dovecot.imap(unique_user) as client:
        client.append("INBOX", RAW)
        client.append("INBOX", RAW, flags=("\\Deleted",))  # somebody else's: it stays in any case
    access = ImapAccess(host="127.0.0.1", port=own_dovecot.imap_port, security="none", user=unique_user)
    server = connect(access, "secret")
    server.select("INBOX")

    done = server.put_away((1,), "Set aside")

    server.close()
    assert done.how == how
    assert own_dovecot.mails(unique_user) == (*left, RAW)
    assert own_dovecot.mails(unique_user, "Set aside") == (() if left else (RAW,))
    with own_dovecot.imap(unique_user) as client:
        client.select_folder("INBOX", readonly=True)
        assert [uid for uid, flags in client.get_flags(client.search()).items() if b"$MailgatewayDone" in flags] == (
            [1] if left else []
        )


def test_folders_below_a_prefix_are_found_and_made_there(own_dovecot: Dovecot, unique_user: str) -> None:
    reconfigured(own_dovecot, "namespace inbox {\n  inbox = yes\n  prefix = INBOX.\n  separator = .\n}")
    with own_dovecot.imap(unique_user) as client:
        client.create_folder("INBOX.Junk")
        client.append("INBOX.Junk", RAW)
    access = ImapAccess(host="127.0.0.1", port=own_dovecot.imap_port, security="none", user=unique_user)
    server = connect(access, "secret")

    junk = server.select("Junk")
    away = server.put_away(server.uids(), "Processed")
    again = server.select("INBOX.Junk")

    server.close()
    assert (junk.name, junk.exists, away.how) == ("Junk", 1, "moved")
    assert (again.exists, again.uidvalidity) == (0, junk.uidvalidity)
    assert own_dovecot.mails(unique_user, "INBOX.Processed") == (RAW,)

"""The mail servers of the demo, in the process of whoever uses them."""

import threading

from mailgateway.demo.servers import mail_servers


def test_mail_servers_have_one_thread_and_leave_none() -> None:
    before = set(threading.enumerate())

    with mail_servers() as servers:
        servers.deliver(b"Subject: one\r\n\r\nwords\r\n")
        meanwhile = {thread.name for thread in set(threading.enumerate()) - before}

    assert meanwhile == {"mail-servers"}
    assert set(threading.enumerate()) <= before

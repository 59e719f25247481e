"""One mail with three issues on real servers: three tickets, one acknowledgement, three conversations, one undone."""

import re
from email import policy
from email.message import EmailMessage

import pytest

from mailgateway.model.ticket import Status
from tests.e2e.clients import new_mail, read, thunderbird, ticket_id
from tests.e2e.test_circle import Circle, MakeCircle, circle, make_circle  # noqa: F401 -- fixtures
from tests.invariant import assert_cuts_hold

TEXT = """\
Hello,

we have three separate issues:

1. The nightly backup of the archive fails since Monday, see backup.log.
2. Please add a licence for two more administrators to our contract.
3. How do we change the colours of the invoice template?

All of this is version 4.2.

Regards, Carla
"""
LISTED = re.compile(r"^\[(SUP-\d+-[A-Z]{2})\] (.+)$", re.MULTILINE)


def mail_with_three_issues(sender: str, to: str) -> bytes:
    mail = read(new_mail(sender, to, "Several things", TEXT))
    for name in ("backup.log", "overview.txt"):
        mail.add_attachment(f"the words of {name}\n".encode(), "text", "plain", filename=name)
    return mail.as_bytes(policy=policy.SMTP)


def plain(mail: bytes) -> str:
    """Return what stands in the plain part of a mail."""
    body = read(mail).get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


def below(acknowledgement: bytes, ref: str, text: str) -> str:
    """Return the quoted acknowledgement with some words below the line of one ticket."""
    lines = [f"> {line}" for line in plain(acknowledgement).splitlines()]
    at = next(number for number, line in enumerate(lines) if line.startswith(f"> [{ref}]"))
    return "\n".join(("On 11/21/26 10:00, Acme Support wrote:", *lines[: at + 1], "", text, "", *lines[at + 1 :]))


def inline(acknowledgement: bytes, sender: str, ref: str, text: str) -> bytes:
    """Return an answer that stands below the line of one ticket."""
    mail = read(thunderbird(acknowledgement, sender, ""))
    mail.set_content(below(acknowledgement, ref, text))
    return mail.as_bytes(policy=policy.SMTP)


def test_three_issues_become_three_conversations_and_one_is_taken_back(circle: Circle) -> None:  # noqa: F811 -- fixture
    store = circle.gateway.store
    circle.send(mail_with_three_issues(circle.customer, circle.support))

    (acknowledgement,) = circle.customer_has(1)
    listed = LISTED.findall(plain(acknowledgement))
    refs = [ref for ref, _ in listed]
    assert [title.split()[0] for _, title in listed] == ["The", "Please", "How"]
    assert ticket_id(acknowledgement) == refs[0]
    assert sorted(ticket.ref for ticket in store.tickets()) == sorted(refs)
    notices = [plain(notice) for notice in circle.notices(3)]
    shown = [sorted(name for name in ("backup.log", "overview.txt") if f"File:    {name}" in one) for one in notices]
    assert sorted(shown) == [["backup.log", "overview.txt"], ["overview.txt"], ["overview.txt"]]
    assert all("version 4.2" in one for one in notices)
    assert assert_cuts_hold(store)

    circle.send(thunderbird(acknowledgement, circle.customer, f"[{refs[1]}] until the end of the year"))
    circle.gateway.wait_until_done(2)
    circle.send(inline(acknowledgement, circle.customer, refs[2], "the blue ones"))
    circle.gateway.wait_until_done(3)
    circle.send(thunderbird(acknowledgement, circle.customer, "thank you"))
    circle.gateway.wait_until_done(4)
    lines = [[line for _, line, _, _ in circle.words(ref)[1:]] for ref in refs]
    assert lines == [["thank you"], [f"[{refs[1]}] until the end of the year"], ["the blue ones"]]

    circle.send(thunderbird(acknowledgement, circle.customer, "#unsplit"))
    circle.gateway.wait_until_done(5)
    told = [read(mail) for mail in circle.customer_has(2)][1]
    assert refs[0] in str(told["Subject"])
    assert store.ticket(refs[0]).title == "Several things"
    numbers = [store.ticket(str(int(ref.split("-")[1]))) for ref in refs]
    assert [(one.status is Status.MERGED, one.merged_into) for one in numbers[1:]] == [(True, numbers[0].number)] * 2

    circle.send(thunderbird(acknowledgement, circle.customer, f"[{refs[2]}] still blue"))
    circle.gateway.wait_until_done(6)
    assert circle.words(refs[0])[-1][1] == f"[{refs[2]}] still blue"


def test_a_mail_with_one_issue_is_never_cut_on_the_way(make_circle: MakeCircle) -> None:  # noqa: F811 -- fixture
    circle = make_circle()
    steps = "The export fails. Steps:\n\n1. Open the report page.\n2. Click on Export.\n3. See the error.\n"

    circle.send(new_mail(circle.customer, circle.support, "Export fails", steps))

    circle.customer_has(1)
    assert len(circle.gateway.store.tickets()) == 1

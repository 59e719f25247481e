"""One mail with three issues on real servers: three tickets, one acknowledgement, three conversations, one undone."""

import re
from email import policy
from email.message import EmailMessage

from mailgateway.model.ticket import Status
from tests.e2e.circle import Circle, MakeCircle
from tests.e2e.clients import new_mail, read, thunderbird, ticket_id
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


def cut(circle: Circle) -> tuple[bytes, list[str]]:
    """Send the mail; return its acknowledgement and the ticket IDs that it lists."""
    circle.send(mail_with_three_issues(circle.customer, circle.support))
    (acknowledgement,) = circle.customer_has(1)
    return acknowledgement, [ref for ref, _ in LISTED.findall(plain(acknowledgement))]


def answer(circle: Circle, raw: bytes, mails: int) -> None:
    """Send an answer, and wait until so many mails of the customer are processed."""
    circle.send(raw)
    circle.gateway.wait_until_done(mails)


def test_three_issues_become_three_tickets_with_one_acknowledgement(circle: Circle) -> None:
    acknowledgement, refs = cut(circle)

    assert [title.split()[0] for _, title in LISTED.findall(plain(acknowledgement))] == ["The", "Please", "How"]
    assert ticket_id(acknowledgement) == refs[0]
    assert sorted(ticket.ref for ticket in circle.gateway.store.tickets()) == sorted(refs)
    notices = [plain(notice) for notice in circle.notices(3)]
    shown = [[name for name in ("backup.log", "overview.txt") if f"File:    {name}" in one] for one in notices]
    assert sorted(shown) == [["backup.log", "overview.txt"], ["overview.txt"], ["overview.txt"]]
    assert all("version 4.2" in one for one in notices)
    assert assert_cuts_hold(circle.gateway.store)


def test_answers_go_where_they_say_and_the_customer_takes_the_cut_back(circle: Circle) -> None:
    acknowledgement, refs = cut(circle)
    named = f"[{refs[1]}] until the end of the year"

    answer(circle, thunderbird(acknowledgement, circle.customer, named), 2)
    answer(circle, inline(acknowledgement, circle.customer, refs[2], "the blue ones"), 3)
    answer(circle, thunderbird(acknowledgement, circle.customer, "thank you"), 4)
    lines = [[line for _, line, _, _ in circle.words(ref)[1:]] for ref in refs]
    assert lines == [["thank you"], [named], ["the blue ones"]]

    answer(circle, thunderbird(acknowledgement, circle.customer, "#unsplit"), 5)
    told = [read(mail) for mail in circle.customer_has(2)][1]
    assert refs[0] in str(told["Subject"])
    first, *others = [circle.gateway.store.ticket(ref.split("-")[1]) for ref in refs]
    assert first.title == "Several things"
    assert [(one.status, one.merged_into) for one in others] == [(Status.MERGED, first.number)] * 2

    late = f"[{refs[2]}] still blue"
    answer(circle, thunderbird(acknowledgement, circle.customer, late), 6)
    assert circle.words(refs[0])[-1][1] == late


def test_a_mail_with_one_issue_is_never_cut_on_the_way(make_circle: MakeCircle) -> None:
    circle = make_circle()
    steps = "The export fails. Steps:\n\n1. Open the report page.\n2. Click on Export.\n3. See the error.\n"

    circle.send(new_mail(circle.customer, circle.support, "Export fails", steps))

    circle.customer_has(1)
    assert len(circle.gateway.store.tickets()) == 1

"""Bounces as mail servers write them: RFC 3464 reports."""

from collections.abc import Iterator

from tests.corpus.sealing import mime
from tests.corpus.sealing.machine import (
    Made,
    bounced,
    delivery_status,
    digits,
    head,
    made,
    plain,
    report,
    returned,
    sent,
)

Reason = tuple[str, str, str]
REASONS: tuple[Reason, ...] = (
    ("5.1.1", "550 5.1.1 <{0}>: Recipient address rejected: User unknown in virtual mailbox table", "failed"),
    ("5.2.2", "552 5.2.2 The email account that you tried to reach is over quota", "failed"),
    ("5.7.1", "554 5.7.1 Message rejected as spam by Content Filtering", "failed"),
    ("4.4.1", "connect to mx.{1}[203.0.113.4]:25: Connection timed out", "delayed"),
    ("5.4.4", "Host or domain name not found. Name service error for name={1} type=AAAA: Host not found", "failed"),
    ("4.2.2", "452 4.2.2 Mailbox full", "delayed"),
)


def standard_bounces() -> Iterator[Made]:
    """Yield the bounces that carry a delivery report."""
    yield from (_postfix(at, reason) for at, reason in enumerate(REASONS))
    yield from (_office(at, *words) for at, words in enumerate(OFFICE))
    yield from (_gmail(at, reason) for at, reason in enumerate(REASONS[:4]))
    yield from (_ses(at, reason) for at, reason in enumerate(REASONS[:3]))
    yield from (_domino(at) for at in range(3))
    yield from (_sendmail(at, reason) for at, reason in enumerate(REASONS[1:4]))
    yield from (_exim_report(at, reason) for at, reason in enumerate(REASONS[:2]))
    yield _two_recipients()


def _reason(reason: Reason, recipient: str) -> tuple[str, str, str]:
    return reason[0], reason[1].format(recipient, recipient.split("@")[1]), reason[2]


def _group(recipient: str, reason: Reason, **more: str) -> dict[str, str]:
    status, words, action = _reason(reason, recipient)
    return (
        {"Final-Recipient": f"rfc822; {recipient}", "Action": action, "Status": status}
        | {"Diagnostic-Code": f"smtp; {words}"}
        | more
    )


def _postfix(at: int, reason: Reason) -> Made:
    key = f"bounce-postfix-{at + 1}"
    mail = sent(key)
    status, words, action = _reason(reason, mail.recipient)
    late = action == "delayed"
    text = (
        "This is the mail system at host mx7.mailhub.example.\n\n"
        + (
            "####################################################################\n# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n"
            "####################################################################\n\nYour message could not be delivered for more than 4 hour(s).\n"
            "It will be retried until it is 5 day(s) old.\n"
            if late
            else "I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It's attached below.\n"
        )
        + f"\nFor further assistance, please send mail to postmaster.\n\n                   The mail system\n\n<{mail.recipient}>: host\n"
        + f"    mx.{mail.recipient.split('@')[1]}[203.0.113.4] said: {words} (in reply to RCPT TO command)\n"
    )
    fields = head(
        key, ("From", "MAILER-DAEMON@mx7.mailhub.example (Mail Delivery System)"),
        ("Subject", "Delayed Mail (still being retried)" if late else "Undelivered Mail Returned to Sender"),
        ("Auto-Submitted", "auto-replied"),
    )  # fmt: skip
    body = report(
        key, "delivery-status", plain(text), delivery_status("mx7.mailhub.example", _group(mail.recipient, reason)), returned(mail, headers_only=late),
        preamble="This is a MIME-encapsulated message.\r\n\r\n",
    )  # fmt: skip
    return made(key, fields, body, bounced(mail, status, permanent=not late, shape="postfix"))


OFFICE = (
    ("en", "Undeliverable: {0}", "Delivery has failed to these recipients or groups:", "The email address you entered couldn't be found. Please check the recipient's email address and try to resend the message.", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {1} not found by SMTP address lookup"),
    ("de", "Unzustellbar: {0}", "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:", "Die eingegebene E-Mail-Adresse konnte nicht gefunden werden. Überprüfen Sie die Adresse und senden Sie die Nachricht erneut.", "5.1.1", "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found"),
    ("fr", "Non remis : {0}", "Échec de la remise aux destinataires ou groupes suivants :", "La boîte aux lettres du destinataire est pleine et ne peut plus accepter de messages.", "5.2.2", "554 5.2.2 mailbox full; STOREDRV.Deliver; quota exceeded"),
    ("es", "No se puede entregar: {0}", "Error de entrega a estos destinatarios o grupos:", "Su mensaje no se ha entregado porque el proveedor de correo del destinatario lo ha rechazado.", "5.7.133", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required"),
    ("sv", "Kunde inte levereras: {0}", "Leveransen misslyckades till följande mottagare eller grupper:", "E-postadressen som du angav hittades inte.", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {1} not found"),
    ("nl", "Onbestelbaar: {0}", "De bezorging is mislukt bij de volgende geadresseerden of groepen:", "Het e-mailadres dat u hebt ingevoerd is niet gevonden.", "5.4.1", "550 5.4.1 Recipient address rejected: Access denied"),
)  # fmt: skip


def _office(at: int, tongue: str, subject: str, failed: str, why: str, status: str, diagnostic: str) -> Made:  # noqa: PLR0913, PLR0917 -- a row of the table
    key = f"bounce-office365-{tongue}"
    mail = sent(key)
    html = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body><p><b><font color="#000066" size="3" face="Arial">{failed}'
        f'</font></b></p>\n<p><a href="mailto:{mail.recipient}">{mail.recipient}</a><br>\n{why}</p>\n<p><font size="2" face="Tahoma">Diagnostic information '
        f"for administrators:</font></p>\n<p>Generating server: DB9PR07MB.prod.outlook.example</p>\n<p>{mail.recipient}<br>\nRemote Server returned '{diagnostic.format(0, mail.recipient)}'</p></body></html>"
    )
    text = f"{failed}\n\n{mail.recipient}<mailto:{mail.recipient}>\n{why}\n\nRemote Server returned '{diagnostic.format(0, mail.recipient)}'\n"
    alternative = mime.multipart(
        "alternative",
        digits(key, "alt", 30),
        (mime.text_part(text, cte="quoted-printable"), mime.text_part(html, kind="html", cte="quoted-printable")),
    )
    reason = (status, diagnostic.format(0, mail.recipient).replace("{", "(").replace("}", ")"), "failed")
    fields = head(
        key, ("From", "<postmaster@outlook.example>" if at % 2 else '"Microsoft Outlook" <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@kessler-bau.example>'),
        ("Subject", mime.word(subject.format(mail.subject))), ("In-Reply-To", f"<{mail.message_id}>"), ("References", f"<{mail.message_id}>"),
        ("Content-Language", tongue), ("X-MS-Exchange-Message-Is-Ndr", ""), ("Auto-Submitted", "auto-replied"),
    )  # fmt: skip
    body = report(
        key,
        "delivery-status",
        alternative,
        delivery_status("DB9PR07MB.prod.outlook.example", _group(mail.recipient, reason)),
        returned(mail, headers_only=False),
    )
    return made(key, fields, body, bounced(mail, status, shape="office365"))


def _gmail(at: int, reason: Reason) -> Made:
    key = f"bounce-gmail-{at + 1}"
    mail = sent(key)
    status, words, action = _reason(reason, mail.recipient)
    late = action == "delayed"
    text = (
        f"\n** {'Delivery incomplete' if late else 'Address not found'} **\n\n"
        + (f"There was a temporary problem delivering your message to {mail.recipient}. Gmail will retry for 44 more hours. You'll be notified if the delivery fails permanently.\n"
           if late else f"Your message wasn't delivered to {mail.recipient} because the address couldn't be found, or is unable to receive mail.\n")
        + f"\nThe response was:\n\n{words}\n"
    )  # fmt: skip
    html = f"<html><head></head><body><table><tr><td><h2>{'Delivery incomplete' if late else 'Address not found'}</h2>{text.replace('**', '')}</td></tr></table></body></html>"
    related = mime.multipart(
        "related",
        digits(key, "rel", 20),
        (
            mime.multipart(
                "alternative", digits(key, "alt", 20), (mime.text_part(text), mime.text_part(html, kind="html"))
            ),
        ),
    )
    fields = head(
        key, ("From", "Mail Delivery Subsystem <mailer-daemon@googlemail.example>"), ("X-Failed-Recipients", mail.recipient),
        ("Subject", f"Delivery Status Notification ({'Delay' if late else 'Failure'})"), ("Auto-Submitted", "auto-replied"),
        ("In-Reply-To", f"<{mail.message_id}>"), ("References", f"<{mail.message_id}>"),
    )  # fmt: skip
    body = report(
        key,
        "delivery-status",
        related,
        delivery_status("googlemail.example", _group(mail.recipient, reason)),
        returned(mail, headers_only=False),
    )
    return made(key, fields, body, bounced(mail, status, permanent=not late, shape="gmail"))


def _ses(at: int, reason: Reason) -> Made:
    key = f"bounce-ses-{at + 1}"
    mail = sent(key)
    status, words, _ = _reason(reason, mail.recipient)
    text = f"An error occurred while trying to deliver the mail to the following recipients:\n{mail.recipient}\n"
    fields = head(
        key, ("From", "MAILER-DAEMON@eu-west-1.amazonses.example"), ("Subject", "Delivery Status Notification (Failure)"),
        ("Feedback-ID", "1.eu-west-1.abc:AmazonSES"), ("X-SES-Outgoing", "2026.11.02-54.240.7.1"),
    )  # fmt: skip
    group = {
        "Action": "failed",
        "Final-Recipient": f"rfc822; {mail.recipient}",
        "Diagnostic-Code": f"smtp; {words}",
        "Status": status,
    }
    body = report(
        key,
        "delivery-status",
        plain(text),
        delivery_status("a7-30.smtp-out.eu-west-1.amazonses.example", group),
        returned(mail, headers_only=False),
    )
    return made(key, fields, body, bounced(mail, status, shape="ses"))


def _domino(at: int) -> Made:
    key = f"bounce-lotus-{at + 1}"
    mail = sent(key)
    user = mail.recipient.split("@")[0]
    why = (
        f"User {user} ({mail.recipient}) not listed in Domino Directory",
        f"Mail file for {user} is over its quota",
        "550 Relay access denied",
    )[at]
    status = ("5.1.1", "5.2.2", "5.7.1")[at]
    text = f"Your message\n\n  Subject: {mail.subject}\n\nwas not delivered to:\n\n  {mail.recipient}\n\nbecause:\n\n  {why}\n\n"
    fields = head(
        key, ("From", "Postmaster@kessler-bau.example"), ("Subject", f"DELIVERY FAILURE: {why}"),
        ("X-MIMETrack", "Itemize by SMTP Server on MAIL01/Kessler(Release 9.0.1FP10) at 02.11.2026 11:04:10"),
    )  # fmt: skip
    group = {
        "Final-Recipient": f"rfc822;{mail.recipient}",
        "Action": "failed",
        "Status": status,
        "Diagnostic-Code": f"X-Notes; {why}",
    }
    body = report(
        key,
        "delivery-status",
        plain(text),
        delivery_status("mail01.kessler-bau.example", group),
        returned(mail, headers_only=False),
    )
    return made(key, fields, body, bounced(mail, status, shape="lotus"))


def _sendmail(at: int, reason: Reason) -> Made:
    key = f"bounce-sendmail-{at + 1}"
    mail = sent(key)
    status, words, action = _reason(reason, mail.recipient)
    late = action == "delayed"
    title = (
        "The following addresses had transient non-fatal errors"
        if late
        else "The following addresses had permanent fatal errors"
    )
    warning = (
        "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\n"
        if late
        else ""
    )
    text = f"{warning}The original message was received at Mon, 2 Nov 2026 09:00:02 GMT\nfrom desk.acme.example [192.0.2.9]\n\n   ----- {title} -----\n<{mail.recipient}>\n    (reason: {words})\n\n   ----- Transcript of session follows -----\n... while talking to mx.{mail.recipient.split('@')[1]}.:\n>>> DATA\n<<< {words}\n"
    fields = head(
        key, ("From", "Mail Delivery Subsystem <MAILER-DAEMON@mx7.mailhub.example>"),
        ("Subject", "Warning: could not send message for past 4 hours" if late else "Returned mail: see transcript for details"),
        ("Auto-Submitted", "auto-generated (warning-timeout)" if late else "auto-generated (failure)"),
    )  # fmt: skip
    body = report(
        key,
        "delivery-status",
        plain(text),
        delivery_status("mx7.mailhub.example", _group(mail.recipient, reason)),
        returned(mail, headers_only=late),
    )
    return made(key, fields, body, bounced(mail, status, permanent=not late, shape="sendmail"))


def _exim_report(at: int, reason: Reason) -> Made:
    key = f"bounce-eximreport-{at + 1}"
    mail = sent(key)
    status, words, _ = _reason(reason, mail.recipient)
    text = f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {mail.recipient}\n    host mx.{mail.recipient.split('@')[1]} [203.0.113.4]\n    SMTP error from remote mail server after RCPT TO:<{mail.recipient}>:\n    {words}\n"
    fields = head(
        key, ("X-Failed-Recipients", mail.recipient), ("Auto-Submitted", "auto-replied"),
        ("From", "Mail Delivery System <Mailer-Daemon@mx7.mailhub.example>"), ("Subject", "Mail delivery failed: returning message to sender"),
    )  # fmt: skip
    group = {
        "Action": "failed",
        "Final-Recipient": f"rfc822;{mail.recipient}",
        "Status": "5.0.0",
        "Remote-MTA": "dns; mx.remote.example",
        "Diagnostic-Code": f"smtp; {words}",
    }
    body = report(
        key,
        "delivery-status",
        plain(text),
        delivery_status("mx7.mailhub.example", group),
        returned(mail, headers_only=False),
    )
    return made(key, fields, body, bounced(mail, "", shape="exim report") | {"note": status})


def _two_recipients() -> Made:
    key = "bounce-postfix-two"
    mail, other = sent(key), "second.reader@northwind.example"
    text = f"This is the mail system at host mx7.mailhub.example.\n\n<{mail.recipient}>: unknown user\n\n<{other}>: unknown user\n"
    groups = [_group(address, REASONS[0]) for address in (mail.recipient, other)]
    fields = head(
        key,
        ("From", "MAILER-DAEMON@mx7.mailhub.example"),
        ("Subject", "Undelivered Mail Returned to Sender"),
        ("Auto-Submitted", "auto-replied"),
    )
    body = report(key, "delivery-status", plain(text), delivery_status("mx7.mailhub.example", *groups), returned(mail))
    return made(key, fields, body, bounced(mail, "5.1.1", shape="postfix", more=(other,)))

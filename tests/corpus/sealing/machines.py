"""Machine mail that is no bounce: absences, auto-replies, receipts, lists, challenges, complaints."""

import tomllib
from collections.abc import Iterator
from typing import Any

from tests.corpus.sealing import mime
from tests.corpus.sealing.machine import Made, Sent, digits, head, made, plain, report, returned, sent
from tests.corpus.sealing.voices import HERE, LANGUAGES

ABSENCES: list[dict[str, Any]] = tomllib.loads((HERE / "absences.toml").read_text("utf-8"))["absence"]


def machines() -> Iterator[Made]:
    """Yield the machine mails."""
    yield from (_absence(at, each) for at, each in enumerate(ABSENCES))
    yield from (_auto_reply(*row) for row in AUTO_REPLIES)
    yield from (_receipt(*row) for row in RECEIPTS)
    yield _delivered()
    yield _plain_receipt()
    yield from (_list(*row) for row in LISTS)
    yield from (_challenge(*row) for row in CHALLENGES)
    yield from (_complaint(at) for at in range(3))


def _marks(how: str, mail: Sent) -> tuple[tuple[str, str], ...]:
    return {
        "exchange": (
            ("X-Auto-Response-Suppress", "All"),
            ("Auto-Submitted", "auto-generated"),
            ("X-MS-Exchange-Inbox-Rules-Loop", "user@x.example"),
        ),
        "gmail": (("Auto-Submitted", "auto-replied"), ("Precedence", "bulk"), ("X-Autoreply", "yes")),
        "lotus": (
            ("Auto-Submitted", "auto-generated"),
            ("X-Mailer", "HCL Notes Release 12.0.2"),
            ("X-Lotus-FromDomain", "HARBOUR"),
        ),
        "hoster": (("Precedence", "auto_reply"), ("X-Autorespond", mail.subject), ("X-Loop", "user@x.example")),
        "bare": (),
    }[how]


def _absence(at: int, each: dict[str, Any]) -> Made:
    tongue, how = each["tongue"], each["how"]
    key = f"machine-absence-{tongue}-{sum(other['tongue'] == tongue for other in ABSENCES[:at]) + 1}"
    mail = sent(key)
    name, local, domain = LANGUAGES[tongue]["people"][at % 3].split("|")[:3]
    text = each["text"].format(a=each.get("a", ""), b=each.get("b", ""), s=mail.subject)
    subject = each["subject"].format(s=mail.subject)
    fields = head(
        key, ("From", mime.mailbox(name, f"{local}@{domain}")), ("Subject", mime.word(subject)),
        ("In-Reply-To", f"<{mail.message_id}>"), ("References", f"<{mail.message_id}>"), *_marks(how, mail),
        return_path=f"<{local}@{domain}>" if how == "bare" else "<>",
    )  # fmt: skip
    html = mime.text_part("<html><body>" + text.replace("\n", "<br>\n") + "</body></html>", kind="html")
    both = mime.multipart("alternative", f"_000_{digits(key, 'b', 20)}_", (mime.text_part(text), html))
    found: dict[str, object] = {
        "kind": "out_of_office", "shape": f"absence {how}", "tongue": tongue, "subject": subject,
        "from": {"name": name, "address": f"{local}@{domain}"},
    }  # fmt: skip
    if "b" in each or "until" in each:
        found["absent"] = ({"from": "2026-11-02"} if "a" in each else {}) | {"until": each.get("until", "2026-11-13")}
    return made(key, fields, both if how == "exchange" else mime.text_part(text), found)


AUTO_REPLIES = (
    ("desk-en", "Northwind Helpdesk <help@northwind.example>", "[Northwind #88213] We have received your request", "Thank you for contacting Northwind. Your request 88213 has been received and is being reviewed by our staff. Please keep the number in the subject.", (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"))),
    ("desk-de", "Kundendienst <service@kessler-bau.example>", "Eingangsbestätigung: Ihre Anfrage [Ticket#2026110210000042]", "Sehr geehrte Damen und Herren, Ihre Anfrage ist bei uns eingegangen und wird so bald wie möglich bearbeitet.", (("Precedence", "bulk"), ("X-OTRS-Loop", "yes"), ("X-Powered-By", "OTRS"))),
    ("desk-fr", "Service clients <service@transports-garnier.example>", "Accusé de réception de votre demande n° 5521", "Votre demande a bien été enregistrée. Un conseiller vous répondra sous 48 heures. Ceci est un message automatique, merci de ne pas y répondre.", (("Auto-Submitted", "auto-generated"),)),
    ("desk-es", "Atención al cliente <no-responder@tiendas-luz.example>", "Hemos recibido su consulta", "Gracias por escribirnos. Este es un mensaje automático, por favor no responda a este correo.", ()),
    ("desk-ru", "Служба поддержки <noreply@volga-trans.example>", "Ваше обращение №4471 зарегистрировано", "Ваше обращение зарегистрировано. Это письмо создано автоматически, отвечать на него не нужно.", ()),
    ("desk-sv", "Kundtjänst <kundtjanst@skargardsvarvet.example>", "Vi har tagit emot ditt ärende", "Tack för att du hör av dig. Detta är ett automatiskt svar som inte går att besvara.", (("X-Autoreply", "yes"),)),
    ("desk-ja", "受付窓口 <noreply@minato-unyu.example>", "【自動返信】お問い合わせを受け付けました", "このメールは自動送信です。三営業日以内に担当者よりご連絡いたします。", ()),
    ("jira", "Tom Oduya (Jira) <jira@oduya-design.example>", "[JIRA] (WEB-214) Order form shows the wrong tax", "Tom Oduya created WEB-214. Order form shows the wrong tax. This message was sent by Atlassian Jira.", (("Auto-Submitted", "auto-generated"), ("Precedence", "bulk"), ("X-JIRA-FingerPrint", "9f8e7d6c"))),
    ("monitor", "Nagios <nagios@monitor.harbour-freight.example>", "** PROBLEM Service Alert: db1/Disk space is CRITICAL **", "Notification Type: PROBLEM\nService: Disk space\nHost: db1\nState: CRITICAL", (("Auto-Submitted", "auto-generated"), ("Precedence", "bulk"))),
    ("cron", "Cron Daemon <root@web4.clinic-west.example>", "Cron <root@web4> /usr/local/bin/backup --nightly", "backup: 3 files skipped\nbackup: finished in 412 s", (("Auto-Submitted", "auto-generated"), ("X-Cron-Env", "<SHELL=/bin/sh>"))),
    ("vacant", "Former Employee <f.meyer@kessler-bau.example>", "Re: [SUP-1042-QX] Your request", "Frau Meyer ist nicht mehr für unser Unternehmen tätig. Bitte wenden Sie sich an info@kessler-bau.example. Ihre Nachricht wurde nicht weitergeleitet.", (("Auto-Submitted", "auto-replied"),)),
    ("freshdesk", "Clinic West IT <it@clinic-west.example>", "Ticket Received - Scanner offline", "We would like to acknowledge that we have received your request and a ticket has been created with Ticket ID - 3301.", (("X-FD-Notification", "true"), ("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "DR, RN, OOF, AutoReply"))),
)  # fmt: skip


def _auto_reply(name: str, sender: str, subject: str, text: str, marks: tuple[tuple[str, str], ...]) -> Made:
    key = f"machine-auto-{name}"
    who, address = sender.rstrip(">").split(" <")
    null = dict(marks).get("Auto-Submitted") == "auto-replied"
    fields = head(
        key,
        ("From", mime.mailbox(who, address)),
        ("Subject", mime.word(subject)),
        *marks,
        return_path="<>" if null else f"<{address}>",
    )
    return made(key, fields, mime.text_part(text), {
        "kind": "auto_reply", "kind_also": {"vacant": ["out_of_office"], "jira": ["list"]}.get(name, []), "shape": "auto-reply",
        "subject": subject, "from": {"name": who, "address": address},
    })  # fmt: skip


RECEIPTS = (
    ("outlook-en", "Read: {s}", "Your message \n\n   To: Acme Support\n   Subject: {s}\n   Sent: 02 November 2026 10:00\n\n was read on 02 November 2026 10:31.", "displayed"),
    ("outlook-de", "Gelesen: {s}", "Ihre Nachricht\n\n   An: Acme Support\n   Betreff: {s}\n\nwurde am Montag, 2. November 2026 um 10:31 gelesen.", "displayed"),
    ("outlook-fr", "Lu : {s}", "Votre message a été lu le lundi 2 novembre 2026 à 10:31.", "displayed"),
    ("deleted", "Not read: {s}", "Your message was deleted without being read on 03 November 2026.", "deleted"),
    ("thunderbird-ru", "Прочитано: {s}", "Это уведомление о том, что ваше сообщение было показано на экране получателя.", "displayed"),
)  # fmt: skip


def _receipt(name: str, subject: str, text: str, what: str) -> Made:
    key = f"machine-receipt-{name}"
    mail = sent(key)
    told = f"Reporting-UA: client.northwind.example; Mailer 16.0\r\nFinal-Recipient: rfc822;{mail.recipient}\r\nOriginal-Message-ID: <{mail.message_id}>\r\nDisposition: manual-action/MDN-sent-manually; {what}\r\n"
    body = report(
        key,
        "disposition-notification",
        mime.text_part(text.format(s=mail.subject)),
        mime.Part((("Content-Type", "message/disposition-notification"),), told.encode()),
    )
    fields = head(
        key,
        ("From", f"<{mail.recipient}>"),
        ("Subject", mime.word(subject.format(s=mail.subject))),
        ("In-Reply-To", f"<{mail.message_id}>"),
    )
    return made(key, fields, body, {"kind": "receipt", "shape": "receipt"})


def _delivered() -> Made:
    key = "machine-receipt-delivered"
    mail = sent(key)
    status = f"Reporting-MTA: dns; mx7.mailhub.example\r\n\r\nFinal-Recipient: rfc822; {mail.recipient}\r\nAction: delivered\r\nStatus: 2.0.0\r\n"
    text = "This is the mail system at host mx7.mailhub.example.\n\nYour message was successfully delivered to the destination(s)\nlisted below. If the message was delivered to mailbox you will\nreceive no further notifications.\n"
    body = report(
        key,
        "delivery-status",
        plain(text),
        mime.Part((("Content-Type", "message/delivery-status"),), status.encode()),
        returned(mail),
    )
    fields = head(
        key,
        ("From", "MAILER-DAEMON@mx7.mailhub.example (Mail Delivery System)"),
        ("Subject", "Successful Mail Delivery Report"),
        ("Auto-Submitted", "auto-replied"),
    )
    return made(key, fields, body, {"kind": "receipt", "shape": "receipt"})


def _plain_receipt() -> Made:
    key = "machine-receipt-plain"
    mail = sent(key)
    text = f"This is a Return Receipt for the mail that you sent to {mail.recipient}.\n\nNote: This Return Receipt only acknowledges that the message was displayed on the recipient's computer. There is no guarantee that the recipient has read or understood the message contents.\n"
    told = f"Reporting-UA: HCL Notes\r\nFinal-Recipient: rfc822;{mail.recipient}\r\nOriginal-Message-ID: <{mail.message_id}>\r\nDisposition: automatic-action/MDN-sent-automatically; displayed\r\n"
    body = report(
        key,
        "disposition-notification",
        plain(text),
        mime.Part((("Content-Type", "message/disposition-notification"),), told.encode()),
    )
    return made(
        key,
        head(
            key,
            ("From", f"<{mail.recipient}>"),
            ("Subject", f"Return Receipt ({mail.subject})"),
            return_path=f"<{mail.recipient}>",
        ),
        body,
        {"kind": "receipt", "shape": "receipt"},
    )


LISTS = (
    ("mailman", "Priya Nair via Users <users@lists.northwind.example>", "[Users] Release candidate breaks the tray icon", (("List-Id", "Users of Northwind <users.lists.northwind.example>"), ("List-Post", "<mailto:users@lists.northwind.example>"), ("Precedence", "list"), ("X-Mailman-Version", "3.3.9"), ("Reply-To", "Priya Nair <priya.nair@clinic-west.example>"))),
    ("newsletter", "Tiendas Luz <boletin@tiendas-luz.example>", "Novedades de noviembre", (("List-Unsubscribe", "<https://tiendas-luz.example/baja?u=81>, <mailto:baja@tiendas-luz.example>"), ("List-Id", "boletin.tiendas-luz.example"), ("Precedence", "bulk"), ("X-Mailer", "Acumbamail"))),
    ("sympa", "Benoît Lefèvre <benoit@lefevre-archi.example>", "[plans] réunion de jeudi", (("List-Id", "<plans.listes.lefevre-archi.example>"), ("Precedence", "list"), ("X-Loop", "plans@listes.lefevre-archi.example"))),
    ("google", "Uwe Brandt <uwe@brandt-holz.example>", "Fehler im Beispiel aus Kapitel 4", (("List-ID", "<holz-forum.groups.example>"), ("Mailing-list", "list holz-forum@groups.example; contact holz-forum+owners@groups.example"), ("Precedence", "list"), ("List-Post", "<https://groups.example/group/holz-forum/post>"))),
    ("github", "Oguz <notifications@codehub.example>", "Re: [sahin/dispatch] Timeout while saving a route (Issue #391)", (("List-ID", "sahin/dispatch <dispatch.sahin.codehub.example>"), ("Precedence", "list"), ("X-GitHub-Reason", "mention"))),
)  # fmt: skip


def _list(name: str, sender: str, subject: str, marks: tuple[tuple[str, str], ...]) -> Made:
    key = f"machine-list-{name}"
    who, address = sender.rstrip(">").split(" <")
    text = "Hello all,\n\nsee the subject. Has anybody else met this?\n\n_______________________________________________\nMembers write to the list address, see the header for leaving.\n"
    fields = head(
        key,
        ("From", mime.mailbox(who, address)),
        ("Subject", mime.word(subject)),
        *marks,
        return_path=f"<bounces-{digits(key, 'v', 6)}@lists.example>",
        to="members@lists.example",
    )
    return made(key, fields, mime.text_part(text), {"kind": "list", "shape": "list", "subject": subject})


CHALLENGES = (
    ("tmda", "Please confirm your message", "This message was created automatically by mail delivery software (TMDA).\n\nYour message attached below is being held because the address <support@acme.example> has not been verified.\n\nTo release your message for delivery, please send an empty message to the following address, or use your mailer's \"Reply\" feature.\n\n   tom-confirm-1793610000.4711.a1b2c3@oduya-design.example\n", (("Auto-Submitted", "auto-replied"), ("Precedence", "bulk"), ("X-Delivery-Agent", "TMDA/1.1.12"), ("Reply-To", "tom-confirm-1793610000.4711.a1b2c3@oduya-design.example"))),
    ("spamarrest", "Re: Your request (verification required)", "I'm protecting myself from receiving junk mail. Just this once, click the link below so I can receive your emails. You won't have to do this again.\n\nhttps://verify.arrestmail.example/?m=55ab\n", (("X-Spam-Arrest", "challenge"),)),
    ("boxbe", "Action required: please verify your message to Oduya Design", "Your message to tom@oduya-design.example has been placed on his waiting list because you are not yet on his guest list. Click here to be removed from the waiting list: https://wait.boxmail.example/v/17\n", (("Auto-Submitted", "auto-replied"),)),
    ("german", "Bitte bestätigen Sie Ihre Nachricht", "Der Empfänger Ihrer E-Mail schützt sich vor unerwünschten Nachrichten. Bitte bestätigen Sie einmalig über den folgenden Link, dass Sie ein Mensch sind, damit Ihre Nachricht zugestellt wird:\n\nhttps://bestaetigung.schutzmail.example/k/991\n", (("Auto-Submitted", "auto-replied"),)),
)  # fmt: skip


def _challenge(name: str, subject: str, text: str, marks: tuple[tuple[str, str], ...]) -> Made:
    key = f"machine-challenge-{name}"
    fields = head(key, ("From", "Tom Oduya <tom@oduya-design.example>"), ("Subject", mime.word(subject)), *marks)
    return made(key, fields, mime.text_part(text), {"kind": "challenge", "shape": "challenge"})


def _complaint(at: int) -> Made:
    key = f"machine-complaint-{at + 1}"
    mail = sent(key)
    told = f"Feedback-Type: {('abuse', 'abuse', 'not-spam')[at]}\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\nOriginal-Mail-From: <support+b1.x@acme.example>\r\nOriginal-Rcpt-To: <{mail.recipient}>\r\nSource-IP: 192.0.2.9\r\n"
    text = "This is an email abuse report for an email message received from IP 192.0.2.9 on Mon, 2 Nov 2026 09:00:02 +0000.\n"
    body = report(
        key,
        "feedback-report",
        plain(text),
        mime.Part((("Content-Type", "message/feedback-report"),), told.encode()),
        returned(mail, headers_only=False),
    )
    sender = ("staff@hotbox.example", "complaints@fbl.yahoomail.example", "feedbackloop@comcable.example")[at]
    fields = head(
        key,
        ("From", sender),
        ("Subject", f"FW: {mail.subject}" if at else "Email Feedback Report for IP 192.0.2.9"),
        return_path=f"<{sender}>",
    )
    return made(key, fields, body, {"kind": "feedback", "shape": "feedback report"})

"""Bounces in plain words, as servers without RFC 3464 write them."""

from collections.abc import Iterator

from tests.corpus.sealing import mime
from tests.corpus.sealing.machine import Made, Sent, bare, bounced, head, made, plain, sent

COPY = "------ This is a copy of the message, including all the headers. ------"
SAYS = (
    ("550 5.1.1 User unknown", True), ("552 Mailbox full, quota exceeded", True), ("550 Administrative prohibition", True),
    ("451 4.7.1 Greylisted, please try again later", False),
)  # fmt: skip


def old_bounces() -> Iterator[Made]:
    """Yield the bounces without a delivery report."""
    for at in range(4):
        yield _exim(at)
        yield _qmail(at)
    for at in range(3):
        yield _exchange(at)
        yield _yahoo(at)
    for at in range(2):
        yield _sendmail(at)
        yield _old_gmail(at)
        yield _courier_words(at)
    yield _exim_delay()
    yield _delayed_qmail()
    yield from (_other(*row) for row in OTHERS)


def _exim(at: int) -> Made:
    key = f"bounce-exim-{at + 1}"
    mail, (says, permanent) = sent(key), SAYS[at % 3]
    text = (
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\n"
        f"recipients. This is a permanent error. The following address(es) failed:\n\n  {mail.recipient}\n    "
        + ("(generated from kontakt@alias.example)\n    " if at == 3 else "")
        + f"SMTP error from remote mail server after RCPT TO:<{mail.recipient}>:\n    host mx.remote.example [203.0.113.4]: {says}\n\n{COPY}\n\n{mail.head}\nWe have news on your request.\n"
    )
    fields = head(
        key, *((("X-Failed-Recipients", mail.recipient),) if at % 2 else ()), ("Auto-Submitted", "auto-replied"),
        ("From", "Mail Delivery System <Mailer-Daemon@mx7.mailhub.example>"), ("Subject", "Mail delivery failed: returning message to sender"),
    )  # fmt: skip
    return made(key, fields, bare(text), bounced(mail, "", permanent=permanent, shape="exim"))


def _exim_delay() -> Made:
    key = "bounce-exim-delay"
    mail = sent(key)
    text = (
        "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\n"
        "recipients after more than 24 hours on the queue on mx7.mailhub.example.\n\nThe message identifier is:     1t7abc-0004Xy-2Q\n"
        f"The subject of the message is: {mail.subject}\nThe date of the message is:    Mon, 02 Nov 2026 09:00:00 +0000\n\nThe address to which the message has not yet been delivered is:\n\n"
        f"  {mail.recipient}\n    Delay reason: Connection timed out\n\nNo action is required on your part. Delivery attempts will continue for\nsome time, and this warning may be repeated at intervals if the message\nremains undelivered.\n"
    )
    fields = head(
        key, ("Auto-Submitted", "auto-replied"), ("From", "Mail Delivery System <Mailer-Daemon@mx7.mailhub.example>"),
        ("Subject", "Warning: message 1t7abc-0004Xy-2Q delayed 24 hours"),
    )  # fmt: skip
    found = bounced(mail, "", permanent=False, shape="exim")
    return made(
        key, fields, bare(text), found | {"bounce": {"recipients": [{"recipient": mail.recipient, "permanent": False}]}}
    )


def _qmail(at: int) -> Made:
    key = f"bounce-qmail-{at + 1}"
    mail, (says, permanent) = sent(key), SAYS[at % 3]
    reason = (
        "Sorry, no mailbox here by that name. (#5.1.1)"
        if at == 3
        else f"203.0.113.4 does not like recipient.\nRemote host said: {says}\nGiving up on 203.0.113.4."
    )
    text = f"Hi. This is the qmail-send program at mx7.mailhub.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<{mail.recipient}>:\n{reason}\n\n--- Below this line is a copy of the message.\n\n{mail.head}\nWe have news on your request.\n"
    fields = head(key, ("From", "MAILER-DAEMON@mx7.mailhub.example"), ("Subject", "failure notice"))
    return made(key, fields, bare(text), bounced(mail, "", permanent=permanent, shape="qmail"))


def _delayed_qmail() -> Made:
    key = "bounce-qmail-delay"
    mail = sent(key)
    text = f"Hi. This is the qmail-send program at mx7.mailhub.example.\nI haven't yet been able to deliver your message to the following addresses.\nThis is a temporary error, I will keep trying.\n\n<{mail.recipient}>:\nCNAME lookup failed temporarily. (#4.4.3)\n\n--- Below this line is a copy of the message.\n\n{mail.head}\nWords\n"
    fields = head(key, ("From", "MAILER-DAEMON@mx7.mailhub.example"), ("Subject", "deferral notice"))
    return made(key, fields, bare(text), bounced(mail, "", permanent=False, shape="qmail"))


def _exchange(at: int) -> Made:
    key = f"bounce-exchange2003-{at + 1}"
    mail = sent(key)
    texts = (
        ("Undeliverable: {s}", "Your message did not reach some or all of the intended recipients.\n\n      Subject:\t{s}\n      Sent:\t11/2/2026 10:00 AM\n\nThe following recipient(s) could not be reached:\n\n      {r} on 11/2/2026 10:01 AM\n            The e-mail account does not exist at the organization this message was sent to.  Check the e-mail address, or contact the recipient directly to find out the correct address.\n            <mx7.mailhub.example #5.1.1>\n"),
        ("Unzustellbar: {s}", "Ihre Nachricht hat einige oder alle Empfänger nicht erreicht.\n\n      Betreff:\t{s}\n      Gesendet am:\t02.11.2026 10:00\n\nFolgende(r) Empfänger konnte(n) nicht erreicht werden:\n\n      {r} am 02.11.2026 10:01\n            Das E-Mail-Konto ist nicht in der Organisation vorhanden, an die die Nachricht gesendet wurde.\n            <mx7.mailhub.example #5.1.1>\n"),
        ("Non remis : {s}", "Votre message n'est pas parvenu à certains ou à la totalité des destinataires prévus.\n\n      Objet :\t{s}\n      Envoyé :\t02/11/2026 10:00\n\nLe ou les destinataires suivants n'ont pu être joints :\n\n      {r} le 02/11/2026 10:01\n            La boîte aux lettres du destinataire est pleine.\n            <mx7.mailhub.example #5.2.2>\n"),
    )  # fmt: skip
    subject, text = texts[at]
    fields = head(
        key,
        ("From", "System Administrator <postmaster@kessler-bau.example>"),
        ("Subject", mime.word(subject.format(s=mail.subject))),
        ("X-MS-TNEF-Correlator", ""),
    )
    found = bounced(mail, "", shape="exchange plain")
    return made(
        key,
        fields,
        plain(text.format(s=mail.subject, r=mail.recipient), "iso-8859-1"),
        found | {"bounce": {"recipients": [{"recipient": mail.recipient, "permanent": True}]}},
    )


def _yahoo(at: int) -> Made:
    key = f"bounce-yahoo-{at + 1}"
    mail, (says, _) = sent(key), SAYS[at]
    text = f"Sorry, we were unable to deliver your message to the following address.\n\n<{mail.recipient}>:\n{says.split()[0]}: {says}\n\n--- Below this line is a copy of the message.\n\n{mail.head}\nWords of ours.\n"
    fields = head(
        key,
        ("From", "MAILER-DAEMON@yahoomail.example"),
        ("Subject", "Failure Notice"),
        ("X-Yahoo-Newman-Property", "bmbounce"),
    )
    return made(key, fields, plain(text), bounced(mail, "", shape="yahoo"))


def _sendmail(at: int) -> Made:
    key = f"bounce-oldsendmail-{at + 1}"
    mail = sent(key)
    why = ("User unknown", "Host unknown (Name server: host not found)")[at]
    text = f"The original message was received at Mon, 2 Nov 2026 09:00:02 GMT\nfrom desk.acme.example [192.0.2.9]\n\n   ----- The following addresses had permanent fatal errors -----\n<{mail.recipient}>\n\n   ----- Transcript of session follows -----\n550 <{mail.recipient}>... {why}\n\n   ----- Original message follows -----\n\n{mail.head}\nWords.\n"
    fields = head(key, ("From", "Mail Delivery Subsystem <MAILER-DAEMON>"), ("Subject", f"Returned mail: {why}"))
    return made(key, fields, bare(text), bounced(mail, "", shape="sendmail plain"))


def _old_gmail(at: int) -> Made:
    key = f"bounce-oldgmail-{at + 1}"
    mail = sent(key)
    text = f"Delivery to the following recipient failed permanently:\n\n     {mail.recipient}\n\nTechnical details of permanent failure: \nGoogle tried to deliver your message, but it was rejected by the server for the recipient domain. The error that the other server returned was: {('550 550 No such recipient', '552 5.2.2 over quota')[at]} (state 13).\n\n----- Original message -----\n\n{mail.head}\n"
    fields = head(
        key,
        ("From", "Mail Delivery Subsystem <mailer-daemon@googlemail.example>"),
        ("X-Failed-Recipients", mail.recipient),
        ("Subject", "Delivery Status Notification (Failure)"),
        ("Auto-Submitted", "auto-replied"),
    )
    return made(key, fields, plain(text), bounced(mail, "", shape="gmail plain"))


def _courier_words(at: int) -> Made:
    key = f"bounce-kundenserver-{at + 1}"
    mail = sent(key)
    text = f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of\nits recipients. The following addresses failed:\n\n<{mail.recipient}>\n\nSMTP error from remote server for RCPT TO command, host: mx.remote.example (203.0.113.4) reason: {('550 unknown user', '550 mailbox unavailable')[at]}\n\n--- The header of the original message is following. ---\n\n{mail.head}\n"
    fields = head(
        key,
        ("From", "Mail Delivery System <mailer-daemon@kundenserver.example>"),
        ("Subject", "Mail delivery failed: returning message to sender"),
    )
    return made(key, fields, bare(text), bounced(mail, "", shape="hoster plain"))


OTHERS = (
    ("mdaemon", "MDaemon at kessler-bau.example <MDaemon@kessler-bau.example>", "Permanent Delivery Failure", "The attached message had PERMANENT fatal delivery errors!\n\nAfter one or more unsuccessful delivery attempts the attached message has\nbeen removed from the mail queue on this server.\n\nFailed address: {r}\n\n--- Session Transcript ---\n Mon 2026-11-02 10:00:01: --> RCPT To:<{r}>\n Mon 2026-11-02 10:00:02: <-- 550 No such user here\n--- End Transcript ---\n\n: Message contains [1] file attachments\n", True),
    ("mailmarshal", "postmaster@northwind.example", "Undeliverable Mail: user not found", "Your message:\n   From:    support@acme.example\n   Subject: {s}\n\nCould not be delivered because of\n\n550 5.1.1 <{r}>: Recipient unknown\n\nThe following recipients were affected:\n   {r}\n", True),
    ("tonline", "Mail Delivery System <MAILER-DAEMON@mailout.example>", "Unzustellbare Nachricht - Mail delivery failed", "|------------------------- Message log follows: -------------------------|\n no valid recipients were found for this message\n|------------------------- Failed addresses follow: ---------------------|\n <{r}> ... unknown user\n|------------------------- Message text follows: ------------------------|\n\n{h}\n", True),
    ("zonepost", "Postmaster <postmaster@pieni-paja.example>", "Mail System Error - Returned Mail", "This Message was undeliverable due to the following reason:\n\nYour message was not delivered because the destination computer refused\nto accept it (the error message is reproduced below).\n\n     550 RCPT TO:<{r}> User unknown\n\nThe following recipients did not receive this message:\n\n     <{r}>\n\nPlease reply to Postmaster@pieni-paja.example if you feel this message to be in error.\n\n{h}\n", True),
    ("imail", "Postmaster <postmaster@tiendas-luz.example>", "Undeliverable mail", "Failed to deliver to '{r}'\nSMTP module(domain tiendas-luz.example) reports:\n account is disabled\n\nReporting-MTA: dns; tiendas-luz.example\n", True),
    ("spanish", "Servidor de correo <mailer-daemon@tiendas-luz.example>", "Error en la entrega de su mensaje", "Su mensaje no pudo ser entregado a los siguientes destinatarios:\n\n  <{r}>: 550 5.1.1 usuario desconocido\n\n--- Copia de su mensaje ---\n\n{h}\n", True),
    ("russian", "Mail Delivery System <mailer-daemon@pochta.example>", "Недоставленное сообщение", "Это письмо создано автоматически сервером. Ваше письмо не может быть доставлено одному или нескольким получателям:\n\n{r}\n    550 Message was not accepted -- invalid mailbox. Local mailbox {r} is unavailable: user not found\n\n--- Заголовки исходного письма ---\n\n{h}\n", True),
    ("japanese", "MAILER-DAEMON@docomail.example", "Undelivered Mail Returned to Sender", "配信できませんでした。以下の宛先は存在しません。\n\n<{r}>: host mx.docomail.example said: 550 Unknown user {r}\n\n{h}\n", True),
    ("gateway", "Mail Gateway <mailer-daemon@gw.acme-partner.example>", "Delivery delayed: {s}", "The delivery of your message to the following recipient is delayed. We will keep trying for 3 days.\n\n   {r}\n   421 4.3.2 Service not available, closing transmission channel\n\nYou do not need to send it again.\n", False),
)  # fmt: skip


def _other(shape: str, sender: str, subject: str, text: str, permanent: bool) -> Made:
    key = f"bounce-{shape}"
    mail: Sent = sent(key)
    fields = head(key, ("From", sender), ("Subject", mime.word(subject.format(s=mail.subject))))
    body = mime.text_part(text.format(r=mail.recipient, s=mail.subject, h=mail.head), cte="8bit")
    one = [{"recipient": mail.recipient, "permanent": permanent}]
    return made(key, fields, body, {"kind": "bounce", "shape": "bounce other plain", "bounce": {"recipients": one}})

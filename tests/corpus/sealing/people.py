"""People whose mail looks like a machine's, and new mails from people in odd octets."""

import base64
from collections.abc import Iterator

from tests.corpus.sealing import mime
from tests.corpus.sealing.machine import Made, delivery_status, digits, head, made, returned, sent

WHO = (
    ("Margaret Ellis", "m.ellis@harbour-freight.example"), ("Jürgen Möller", "j.moeller@kranbau-moeller.example"),
    ("Hélène Garnier", "h.garnier@transports-garnier.example"), ("Ирина Соколова", "sokolova@volga-trans.example"),
    ("Priya Nair", "priya.nair@clinic-west.example"), ("Åsa Lindqvist", "asa.lindqvist@skargardsvarvet.example"),
    ("Lucía Castaño", "lucia.castano@gestoria-sur.example"), ("田中 恵子", "tanaka@minato-unyu.example"),
)  # fmt: skip

# name, subject, text, own header fields: people who speak of machines, or whose programs leave machine-like marks.
LOOKALIKES = (
    ("about-auto", "Automatic reply to our orders is wrong", "Hello,\n\nsince yesterday the shop sends an automatic reply twice to every order. The customers complain. Where can I switch it off?", ()),
    ("ooo-question", "Out of office assistant", "Good morning,\n\nI am out of the office from Monday and wanted to set the assistant, but the menu is grey. What am I doing wrong?", ()),
    ("re-auto", "Re: Automatic reply: Your request", "Thanks, I saw that Lena is away. Could somebody else look at the certificate before Friday?", (("In-Reply-To", "<oof.77@acme.example>"),)),
    ("aw-abwesend", "AW: Automatische Antwort: Lieferschein", "Guten Tag,\n\ndann warte ich, bis Frau Holm wieder da ist. Es eilt nicht.", (("In-Reply-To", "<oof.78@acme.example>"),)),
    ("bounce-question", "Undelivered mail returned to sender - what does this mean?", "Hello,\n\nevery mail to northwind.example comes back with the text below. Is it our server or theirs?\n\n   <ghost@northwind.example>: host mx.northwind.example said: 550 5.1.1\n   User unknown (in reply to RCPT TO command)\n\nThis happened to three colleagues as well.", ()),
    ("failure-notice", "failure notice", "Hi,\n\nthe machine in hall 3 prints a failure notice on every label. Photo follows.", ()),
    ("returned-mail", "Returned mail from Kessler", "The parcel with our returned mail never reached you, says Kessler. Can you check on your side?", ()),
    ("delivery-delayed", "Delivery delayed again", "Your delivery has been delayed for the third time. When can we expect the two scanners?", ()),
    ("no-reply-in-text", "Please do not reply to my old address", "This is Margaret. Please do not reply to this email at my private address any more, use this one. The export still fails.", ()),
    ("suppress", "Scanner offline", "The scanner at gate 4 is offline since noon. Could someone have a look?", (("X-Auto-Response-Suppress", "DR, OOF, AutoReply"),)),
    ("auto-no", "Frage zum Angebot", "Guten Tag, gilt das Angebot vom Oktober noch? Wir würden gern zwei Lizenzen bestellen.", (("Auto-Submitted", "no"),)),
    ("list-unsub", "Invoice 4471", "Hello, invoice 4471 has the wrong VAT number. Please send a corrected one.", (("List-Unsubscribe", "<mailto:out@mailtrack.example>"), ("X-Mailer", "Mailtrack"))),
    ("fr-absence", "Absence du bureau lundi", "Bonjour,\n\nje serai absente du bureau lundi, pouvez-vous décaler l'installation à mardi ? Merci d'avance.", ()),
    ("sv-autosvar", "Autosvar i kassan", "Hej, vi skulle vilja ändra texten i det automatiska svaret som kunderna får. Hur gör man?", ()),
    ("ru-auto", "Автоматический ответ не отправляется", "Добрый день! У нас не отправляется автоматический ответ клиентам. Проверьте, пожалуйста, настройки.", ()),
    ("es-vacaciones", "Fuera de la oficina", "Hola, estaré fuera de la oficina hasta el jueves, pero mi compañero Ramón puede abrirles la puerta para cambiar el router.", ()),
    ("ja-auto", "自動返信メールについて", "お世話になっております。自動返信メールが二通届くようになりました。設定を確認していただけますか。", ()),
    ("de-mailbox-voll", "Postfach voll", 'Hallo, bei mir steht dauernd "mailbox full", obwohl ich alles gelöscht habe. Bitte um Hilfe!', ()),
    ("read-receipt-wish", "Read: the manual, still lost", "I read the manual twice and still cannot find the switch for read receipts. Please point me to the page.", (("Disposition-Notification-To", "m.ellis@harbour-freight.example"),)),
    ("confirm", "Please confirm", "Please confirm that our subscription ends in March. I need it in writing for the auditors.", ()),
    ("precedence-first", "Drucker im Lager", "Moin, der Drucker im Lager druckt nur noch schwarze Streifen. Kann heute jemand kommen?", (("Precedence", "first-class"), ("X-Priority", "1"))),
    ("ticket-system-words", "Ihr Ticket#2026110210000042", "Guten Tag, zu Ihrem Ticket#2026110210000042 fehlt noch die Seriennummer: KM-77120. Bitte ergänzen.", ()),
)  # fmt: skip


def people() -> Iterator[Made]:
    """Yield the people who look like machines."""
    yield from (_lookalike(at, *row) for at, row in enumerate(LOOKALIKES))
    yield from (_calendar(at, method) for at, method in enumerate(("REQUEST", "REPLY", "CANCEL")))
    yield _google_invitation()
    yield from (_quotes_bounce(at) for at in range(4))
    yield from (_odd(*row) for row in ODD)
    yield _smime()
    yield _pgp()
    yield _hidden()
    yield _leading_blank()


def _expected(name: str, address: str, subject: str, text: str, shape: str) -> dict[str, object]:
    return {
        "kind": "person",
        "from": {"name": name, "address": address},
        "subject": subject,
        "text": text,
        "own": text.split("\n\n"),
        "shape": shape,
        "attachments": [],
    }


def _person(key: str, at: int, subject: str, *fields: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    name, address = WHO[at % len(WHO)]
    return head(
        key, ("From", mime.mailbox(name, address)), ("Subject", mime.word(subject)), *fields, return_path=f"<{address}>"
    )


def _lookalike(at: int, name: str, subject: str, text: str, marks: tuple[tuple[str, str], ...]) -> Made:
    key = f"person-{name}"
    return made(
        key,
        _person(key, at, subject, *marks),
        mime.text_part(text),
        _expected(*WHO[at % len(WHO)], subject, text, "person lookalike"),
    )


def _event(method: str, uid: str) -> str:
    return f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nPRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20261109T090000Z\r\nDTEND:20261109T093000Z\r\nDTSTAMP:20261102T100000Z\r\nSUMMARY:Licence review\r\nORGANIZER:mailto:m.ellis@harbour-freight.example\r\nATTENDEE:mailto:support@acme.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def _calendar(at: int, method: str) -> Made:
    key, subject = (
        f"person-calendar-{method.lower()}",
        ("Licence review", "Accepted: Licence review", "Canceled: Licence review")[at],
    )
    calendar = mime.Part(
        (("Content-Type", f'text/calendar; charset="utf-8"; method={method}'), ("Content-Transfer-Encoding", "8bit")),
        _event(method, key).encode(),
    )
    text = (
        "Could we go through the licence list together? Half an hour is enough.",
        "",
        "Sorry, the director is ill.",
    )[at]
    body = mime.multipart("alternative", f"_000_{digits(key, 'b', 20)}_", (mime.text_part(text or " "), calendar))
    fields = _person(
        key, at, subject, ("Content-Class", "urn:content-classes:calendarmessage"), ("X-MS-Has-Attach", "")
    )
    found = _expected(*WHO[at], subject, text, "person calendar")
    return made(
        key,
        fields,
        body,
        {
            name: value
            for name, value in found.items()
            if name != "attachments" and (text or name not in {"text", "own"})
        },
    )


def _google_invitation() -> Made:
    key, subject = (
        "person-calendar-google",
        "Invitation: Licence review @ Mon 9 Nov 2026 10:00 - 10:30 (CET) (support@acme.example)",
    )
    calendar = mime.Part(
        (("Content-Type", 'text/calendar; charset="UTF-8"; method=REQUEST'), ("Content-Transfer-Encoding", "7bit")),
        _event("REQUEST", key).encode(),
    )
    body = mime.multipart("mixed", "000000000000" + digits(key, "b", 16), (
        mime.multipart("alternative", "000000000000" + digits(key, "a", 16), (mime.text_part("You have been invited to the following event.\n\nTitle: Licence review\nWhen: Mon 9 Nov 2026 10:00 - 10:30\n"), calendar)),
        mime.file_part(_event("REQUEST", key).encode(), ("Content-Type", 'application/ics; name="invite.ics"'), ("Content-Disposition", 'attachment; filename="invite.ics"')),
    ))  # fmt: skip
    fields = _person(
        key,
        4,
        subject,
        ("Auto-Submitted", "auto-generated"),
        ("Sender", "Google Calendar <calendar-notification@calendar.example>"),
        ("Reply-To", "Priya Nair <priya.nair@clinic-west.example>"),
    )
    return made(
        key,
        fields,
        body,
        {
            "kind": "person",
            "shape": "person calendar",
            "subject": subject,
            "from": {"name": WHO[4][0], "address": WHO[4][1]},
        },
    )


def _quotes_bounce(at: int) -> Made:
    key, mail = f"person-forwards-bounce-{at + 1}", sent(f"person-forwards-bounce-{at + 1}", "ghost@northwind.example")
    name, address = WHO[at]
    text = (
        "Hello, this came back today. Is the address wrong or is your server blocked?", "Guten Tag, diese Meldung kommt seit heute bei jeder Mail an Northwind. Was ist da los?",
        "Bonjour, voici le message d'erreur que nous recevons. Que faut-il faire ?", "Здравствуйте, вот такая ошибка приходит на каждое письмо. Помогите, пожалуйста.",
    )[at]  # fmt: skip
    note = mime.text_part(text)
    status = delivery_status(
        "mx7.mailhub.example", {"Final-Recipient": f"rfc822; {mail.recipient}", "Action": "failed", "Status": "5.1.1"}
    )
    notice = f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx7.mailhub.example\r\nTo: {address}\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n\r\n<ghost@northwind.example>: 550 5.1.1 User unknown\r\n"
    carried = mime.Part(
        (("Content-Type", "message/rfc822"), ("Content-Disposition", 'attachment; filename="Undelivered Mail.eml"')),
        notice.encode(),
    )
    inline = mime.text_part(
        f"{text}\n\n-------- Forwarded Message --------\nSubject: Undelivered Mail Returned to Sender\nDate: Mon, 2 Nov 2026 09:00:00 +0000\nFrom: Mail Delivery System <MAILER-DAEMON@mx7.mailhub.example>\nTo: {address}\n\nThis is the mail system at host mx7.mailhub.example.\n\n<ghost@northwind.example>: 550 5.1.1 User unknown\n"
    )
    boundary = f"----{digits(key, 'b', 16)}"
    body = (
        mime.multipart("mixed", boundary, (note, carried)),
        inline,
        mime.multipart("mixed", boundary, (note, status, returned(mail))),
        inline,
    )[at]
    subject = (
        "Fwd: Undelivered Mail Returned to Sender",
        "WG: Unzustellbar: Angebot",
        "TR: Undeliverable: devis",
        "Fwd: Undelivered Mail Returned to Sender",
    )[at]
    found = {
        name_: value
        for name_, value in _expected(name, address, subject, text, "person forwards bounce").items()
        if name_ != "attachments"
    }
    return made(key, _person(key, at, subject), body, found)


# name, charset declared, charset used, transfer encoding, text: new mails in the octets old and odd programs send.
ODD = (
    ("undeclared-latin1", "us-ascii", "cp1252", "8bit", "Guten Tag, die Lösung von gestern hält leider nicht – heute früh war die Störung wieder da."),
    ("latin1-is-cp1252", "iso-8859-1", "cp1252", "8bit", "The price is 450 € – “as agreed” … please confirm."),
    ("unknown-charset", "X-UNKNOWN", "utf-8", "8bit", "Dobrý den, tiskárna zase netiskne a účtárna stojí."),
    ("koi8", "koi8-r", "koi8-r", "8bit", "Добрый день. Касса не открывается после обновления, покупатели ждут."),
    ("cp1251-base64", "windows-1251", "cp1251", "base64", "Вітаю! Підкажіть, будь ласка, де змінити мову інтерфейсу."),
    ("iso2022jp", "iso-2022-jp", "iso2022_jp", "7bit", "パスワードを忘れました。再設定の方法を教えてください。"),
    ("sjis", "shift_jis", "cp932", "8bit", "画面が真っ黒になりました。どうすればよいですか。"),
    ("gbk-as-gb2312", "gb2312", "gb18030", "base64", "您好，陈镕基先生的账号无法登录，请帮忙处理。"),
    ("euckr", "ks_c_5601-1987", "cp949", "8bit", "안녕하세요. 똠방각하 계정으로 로그인이 되지 않습니다."),
    ("big5", "big5", "big5", "base64", "您好，請問如何匯出上個月的報表？"),
    ("utf8-as-latin1", "iso-8859-1", "utf-8", "8bit", "Olá, não consigo abrir a janela de configuração da impressora."),
    ("cp1250", "windows-1250", "cp1250", "quoted-printable", "Dzień dobry, proszę o przesłanie faktury za październik."),
)  # fmt: skip


def _odd(name: str, declared: str, used: str, cte: str, text: str) -> Made:
    key, at = f"person-octets-{name}", len(name)
    raw = text.encode(used, "strict")
    body = mime.Part(
        (("Content-Type", f"text/plain; charset={declared}"), ("Content-Transfer-Encoding", cte)),
        mime.encoded(raw, cte) + b"\r\n",
    )
    return made(
        key, _person(key, at, "Störung"), body, _expected(*WHO[at % len(WHO)], "Störung", text, "person octets")
    )


def _smime() -> Made:
    key, text = "person-smime-signed", "Please find our order below: two licences, billed to the usual address."
    signature = mime.file_part(
        base64.b64decode("MIAGCSqGSIb3DQEHAqCAMIACAQExDzAN"),
        ("Content-Type", 'application/pkcs7-signature; name="smime.p7s"'),
        ("Content-Disposition", 'attachment; filename="smime.p7s"'),
    )
    body = mime.multipart(
        "signed",
        digits(key, "b", 20),
        (mime.text_part(text), signature),
        extra=' protocol="application/pkcs7-signature"; micalg=sha-256;',
    )
    found = {
        name: value
        for name, value in _expected(*WHO[0], "Order", text, "person signed").items()
        if name != "attachments"
    }
    return made(key, _person(key, 0, "Order"), body, found)


def _pgp() -> Made:
    key, text = "person-pgp-inline", "Hallo,\n\nanbei die Zugangsdaten für das Testsystem, bitte nicht weitergeben."
    body = mime.text_part(
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{text}\n-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEEx2W1\n=Ab12\n-----END PGP SIGNATURE-----\n"
    )
    return made(key, _person(key, 1, "Zugang"), body, _expected(*WHO[1], "Zugang", text, "person signed"))


def _hidden() -> Made:
    key, text = "person-hidden-html", "Our invoice of October shows the wrong address. Please correct it."
    html = f'<html><body><div style="display:none;max-height:0;overflow:hidden">Preview words nobody sees</div><span style="font-size:0px">invisible</span><p>{text}</p><p style="color:#ffffff;background:#ffffff">white words</p></body></html>'
    return made(
        key,
        _person(key, 4, "Invoice"),
        mime.text_part(html, kind="html"),
        _expected(*WHO[4], "Invoice", text, "person html"),
    )


def _leading_blank() -> Made:
    key, text = "person-mbox-line", "The first line of this file is an mbox line, the mail comes after it."
    name, octets, expected = made(
        key, _person(key, 4, "Mbox"), mime.text_part(text), _expected(*WHO[4], "Mbox", text, "person octets")
    )
    return name, b"From priya.nair@clinic-west.example Mon Nov  2 10:04:11 2026\r\n" + octets, expected

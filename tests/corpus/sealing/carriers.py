"""Mail in which another person speaks: forwards, contact forms, chats, list copies."""

from collections.abc import Iterator

from tests.corpus.sealing import mime
from tests.corpus.sealing.machine import Made, digits, head, made
from tests.corpus.sealing.people import WHO

ORIGINALS = (
    ("Tom Oduya", "tom@oduya-design.example", "Cannot open the archive", "The archive from Tuesday asks for a password that I never set. What now?"),
    ("Sabine Groß", "sabine.gross@praxis-gross.example", "Kartenleser", "der Kartenleser am Empfang blinkt rot und liest keine Karten mehr."),
    ("Benoît Lefèvre", "benoit@lefevre-archi.example", "Plans illisibles", "les plans exportés hier sont illisibles sur la tablette du chantier."),
    ("Björn Ekdahl", "bjorn@ekdahl-el.example", "Fakturan saknas", "fakturan för september har inte kommit, kan ni skicka den igen?"),
    ("Дмитрий Орлов", "d.orlov@orlov-market.example", "Касса не отвечает", "касса номер два не отвечает с самого утра, очередь растёт."),
    ("Ramón Núñez", "ramon@nunez-frio.example", "Alarma del frigorífico", "la alarma del frigorífico tres salta cada hora sin motivo."),
    ("Chiara Bassi", "chiara@studio-bassi.example", "Fattura doppia", "abbiamo ricevuto due volte la stessa fattura di ottobre."),
    ("Joost van Dijk", "joost@vandijk-bloemen.example", "Weegschaal", "de weegschaal in de kas geeft al drie dagen nul kilo aan."),
)  # fmt: skip

# name, prefix, divider, header lines with {n} name {a} address {s} subject, note: a forward by each program and language.
FORWARDS = (
    ("gmail-en", "Fwd: ", "---------- Forwarded message ---------", "From: {n} <{a}>\nDate: Mon, Nov 2, 2026 at 9:12 AM\nSubject: {s}\nTo: <m.ellis@harbour-freight.example>", "Could you take this over, please?"),
    ("gmail-de", "Fwd: ", "---------- Forwarded message ---------", "Von: {n} <{a}>\nDate: Mo., 2. Nov. 2026 um 09:12 Uhr\nSubject: {s}\nTo: <j.moeller@kranbau-moeller.example>", "Bitte übernehmen, danke."),
    ("gmail-fr", "Fwd: ", "---------- Forwarded message ---------", "De : {n} <{a}>\nDate: lun. 2 nov. 2026 à 09:12\nSubject: {s}\nTo: <h.garnier@transports-garnier.example>", "Merci de regarder ce cas en priorité."),
    ("outlook-sv", "VB: ", "", "Från: {n} <{a}>\nSkickat: den 2 november 2026 09:12\nTill: Åsa Lindqvist <asa.lindqvist@skargardsvarvet.example>\nÄmne: {s}", "Kan ni titta på detta?"),
    ("outlook-en", "FW: ", "-----Original Message-----", "From: {n} <{a}>\nSent: Monday, November 2, 2026 9:12 AM\nTo: Margaret Ellis <m.ellis@harbour-freight.example>\nSubject: {s}", "From one of our branches, see below."),
    ("outlook-es", "RV: ", "", "De: {n} <{a}>\nEnviado el: lunes, 2 de noviembre de 2026 9:12\nPara: Lucía Castaño <lucia.castano@gestoria-sur.example>\nAsunto: {s}", "Os paso esta incidencia de un cliente."),
    ("apple-en", "Fwd: ", "Begin forwarded message:", "From: {n} <{a}>\nSubject: {s}\nDate: 2 November 2026 at 09:12:44 GMT\nTo: Margaret Ellis <m.ellis@harbour-freight.example>", "This one is urgent."),
    ("apple-nl", "Fwd: ", "Begin doorgestuurd bericht:", "Van: {n} <{a}>\nOnderwerp: {s}\nDatum: 2 november 2026 om 09:12:44 CET\nAan: Marieke de Wit <m.dewit@zorggroep-oost.example>", "Kunnen jullie dit oppakken?"),
    ("apple-de", "Fwd: ", "Anfang der weitergeleiteten Nachricht:", "Von: {n} <{a}>\nBetreff: {s}\nDatum: 2. November 2026 um 09:12:44 MEZ\nAn: Uwe Brandt <uwe@brandt-holz.example>", "Siehe unten, betrifft euch."),
    ("thunderbird-en", "Fwd: ", "-------- Forwarded Message --------", "Subject: {s}\nDate: Mon, 2 Nov 2026 09:12:44 +0100\nFrom: {n} <{a}>\nTo: tom@oduya-design.example", "Please answer him directly."),
    ("thunderbird-ru", "Fwd: ", "-------- Перенаправленное сообщение --------", "Тема: {s}\nДата: Mon, 2 Nov 2026 09:12:44 +0300\nОт: {n} <{a}>\nКому: sokolova@volga-trans.example", "Посмотрите, пожалуйста, что тут можно сделать."),
    ("thunderbird-it", "Fwd: ", "-------- Messaggio inoltrato --------", "Oggetto: {s}\nData: Mon, 2 Nov 2026 09:12:44 +0100\nMittente: {n} <{a}>\nA: n.ferri@ferri-marmi.example", "Vi giro la richiesta di un collega."),
    ("yahoo-en", "Fw: ", "   ----- Forwarded Message -----", "From: {n} <{a}>\nTo: Priya Nair <priya.nair@clinic-west.example>\nSent: Monday, November 2, 2026 at 09:12:44 AM GMT+1\nSubject: {s}", "Have a look when you can."),
    ("yandex-ru", "Fwd: ", "-------- Пересылаемое сообщение --------", '02.11.2026, 09:12, "{n}" <{a}>:\n', "Перешлите, пожалуйста, разработчикам."),
    ("empty-note", "Fwd: ", "---------- Forwarded message ---------", "From: {n} <{a}>\nDate: Mon, Nov 2, 2026 at 9:12 AM\nSubject: {s}\nTo: <tom@oduya-design.example>", ""),
)  # fmt: skip


def carriers() -> Iterator[Made]:
    """Yield forwards, forms, chats and list copies."""
    yield from (_forward(at, *row) for at, row in enumerate(FORWARDS))
    yield from (_attached(at) for at in range(3))
    yield _twice()
    yield from (_form(*row) for row in FORMS)
    yield from (_chat(*row) for row in CHATS)
    yield from (_copy(*row) for row in COPIES)


def _forward(at: int, name: str, prefix: str, divider: str, lines: str, note: str) -> Made:  # noqa: PLR0913, PLR0917 -- a row of the table
    key, (who, address, subject, text) = f"forward-{name}", ORIGINALS[at % len(ORIGINALS)]
    sender = WHO[(at + 3) % len(WHO)]
    headed = lines.format(n=who, a=address, s=subject)
    marks = "> " if name.startswith("apple") else ""
    block = "\n".join(f"{marks}{line}" for line in f"{headed}\n\n{text}".split("\n"))
    written = "\n\n".join(
        part
        for part in (
            note,
            f"{divider}\n{block}" if divider and not marks else f"{divider}\n\n{block}" if divider else block,
        )
        if part
    )
    fields = head(
        key, ("From", mime.mailbox(*sender)), ("Subject", mime.word(prefix + subject)), return_path=f"<{sender[1]}>"
    )
    original: dict[str, object] = {"from": {"address": address, "name": who}, "text": text}
    found: dict[str, object] = {
        "kind": "person",
        "shape": "forward text",
        "subject": prefix + subject,
        "forwarded": original | ({} if "yandex" in name else {"subject": subject}),
    }
    return made(key, fields, mime.text_part(written), found | ({"text": note, "own": [note]} if note else {}))


def _attached(at: int) -> Made:
    key, (who, address, subject, text) = f"forward-attached-{at + 1}", ORIGINALS[at + 2]
    sender, note = WHO[at], ("Attached is the mail I told you about.", "Anbei die Mail von heute früh.", "")[at]
    inner = mime.text_part(text)
    carried = mime.Part(
        (
            ("From", mime.mailbox(who, address)),
            ("To", sender[1]),
            ("Subject", mime.word(subject)),
            ("Date", "Mon, 02 Nov 2026 08:12:44 +0000"),
            ("Message-ID", f"<{digits(key, 'in', 12)}@x.example>"),
            ("MIME-Version", "1.0"),
            *inner.headers,
        ),
        inner.body,
    ).octets
    part = mime.Part(
        (
            ("Content-Type", f'message/rfc822; name="{("mail.eml", "Weitergeleitete Nachricht.eml", "m.eml")[at]}"'),
            ("Content-Disposition", "attachment"),
        ),
        carried,
    )
    body = mime.multipart("mixed", f"------------{digits(key, 'b', 20)}", (mime.text_part(note), part))
    fields = head(
        key, ("From", mime.mailbox(*sender)), ("Subject", mime.word(f"Fwd: {subject}")), return_path=f"<{sender[1]}>"
    )
    found: dict[str, object] = {
        "kind": "person",
        "shape": "forward attached",
        "subject": f"Fwd: {subject}",
        "forwarded": {"from": {"address": address, "name": who}, "subject": subject, "text": text},
    }
    return made(key, fields, body, found | ({"text": note, "own": [note]} if note else {}))


def _twice() -> Made:
    key, (who, address, subject, text), note = (
        "forward-twice",
        ORIGINALS[0],
        "Second try, please see the very first mail.",
    )
    inner = f"---------- Forwarded message ---------\nFrom: {who} <{address}>\nDate: Mon, Nov 2, 2026 at 8:01 AM\nSubject: {subject}\nTo: <priya.nair@clinic-west.example>\n\n{text}\n"
    outer = f"{note}\n\n---------- Forwarded message ---------\nFrom: Priya Nair <priya.nair@clinic-west.example>\nDate: Mon, Nov 2, 2026 at 9:30 AM\nSubject: Fwd: {subject}\nTo: <m.ellis@harbour-freight.example>\n\nMargaret, whom do we ask?\n\n{inner}"
    fields = head(
        key, ("From", mime.mailbox(*WHO[0])), ("Subject", f"Fwd: Fwd: {subject}"), return_path=f"<{WHO[0][1]}>"
    )
    return made(
        key,
        fields,
        mime.text_part(outer),
        {
            "kind": "person",
            "shape": "forward text",
            "text": note,
            "own": [note],
            "forwarded": {"from": {"address": address, "name": who}, "subject": subject, "text": text},
        },
    )


# name, text, {label: field}, Reply-To: contact forms as web servers send them.
FORMS = (
    ("en-plain", "Name: Tom Oduya\nEmail: tom@oduya-design.example\nCompany: Oduya Design\nSubject: Wrong tax\nMessage: The order form shows nine per cent tax, it should be seven.\nPlease correct it before Friday.\n", ("Tom Oduya", "tom@oduya-design.example", "The order form shows nine per cent tax, it should be seven.\nPlease correct it before Friday."), False),
    ("en-wordpress", "From: Priya Nair <priya.nair@clinic-west.example>\nSubject: Opening hours\n\nMessage Body:\nIs your hotline open on bank holidays? We could not find it on the page.\n\n-- \nThis e-mail was sent from a contact form on Acme (https://acme.example)\n", ("Priya Nair", "priya.nair@clinic-west.example", "Is your hotline open on bank holidays? We could not find it on the page."), True),
    ("de-plain", "Sie haben eine neue Nachricht über das Kontaktformular erhalten.\n\nVorname: Sabine\nNachname: Groß\nE-Mail: sabine.gross@praxis-gross.example\nFirma: Gemeinschaftspraxis Groß\nTelefon: 0221 5550155\nNachricht: Der Kartenleser am Empfang blinkt rot.\n", ("Sabine Groß", "sabine.gross@praxis-gross.example", "Der Kartenleser am Empfang blinkt rot."), False),
    ("de-lines", "Name:\nUwe Brandt\n\nE-Mail-Adresse:\nuwe@brandt-holz.example\n\nBetreff:\nRechnung\n\nIhre Nachricht:\nBitte schicken Sie die Rechnung künftig als PDF.\n", ("Uwe Brandt", "uwe@brandt-holz.example", "Bitte schicken Sie die Rechnung künftig als PDF."), True),
    ("fr-plain", "Nom : Lefèvre Benoît\nAdresse e-mail : benoit@lefevre-archi.example\nSociété : Lefèvre Architectes\nObjet : Devis\nMessage : Pouvez-vous nous envoyer un devis pour trois postes ?\n", ("Lefèvre Benoît", "benoit@lefevre-archi.example", "Pouvez-vous nous envoyer un devis pour trois postes ?"), False),
    ("es-plain", "Nombre: Ramón Núñez\nCorreo electrónico: ramon@nunez-frio.example\nEmpresa: Núñez Frío\nAsunto: Alarma\nMensaje: La alarma salta cada hora sin motivo.\n", ("Ramón Núñez", "ramon@nunez-frio.example", "La alarma salta cada hora sin motivo."), False),
    ("sv-plain", "Namn: Björn Ekdahl\nE-post: bjorn@ekdahl-el.example\nFöretag: Ekdahl El\nMeddelande: Fakturan för september har inte kommit.\n", ("Björn Ekdahl", "bjorn@ekdahl-el.example", "Fakturan för september har inte kommit."), False),
    ("ru-plain", "Имя: Дмитрий Орлов\nE-mail: d.orlov@orlov-market.example\nКомпания: Орлов Маркет\nСообщение: Касса номер два не отвечает.\n", ("Дмитрий Орлов", "d.orlov@orlov-market.example", "Касса номер два не отвечает."), True),
    ("it-plain", "Nome: Chiara Bassi\nIndirizzo email: chiara@studio-bassi.example\nOggetto: Fattura doppia\nMessaggio: Abbiamo ricevuto due fatture identiche.\n", ("Chiara Bassi", "chiara@studio-bassi.example", "Abbiamo ricevuto due fatture identiche."), False),
    ("nl-html", "<table><tr><td><b>Naam</b></td><td>Joost van Dijk</td></tr><tr><td><b>E-mailadres</b></td><td><a href='mailto:joost@vandijk-bloemen.example'>joost@vandijk-bloemen.example</a></td></tr><tr><td><b>Bericht</b></td><td>De weegschaal geeft nul kilo aan.</td></tr></table>", ("Joost van Dijk", "joost@vandijk-bloemen.example", "De weegschaal geeft nul kilo aan."), False),
    ("en-html", "<html><body><h2>New submission</h2><p><strong>Your name</strong><br>Margaret Ellis</p><p><strong>Your email</strong><br>m.ellis@harbour-freight.example</p><p><strong>Comments</strong><br>The download link in your mail has expired.</p></body></html>", ("Margaret Ellis", "m.ellis@harbour-freight.example", "The download link in your mail has expired."), False),
    ("ja-plain", "お名前：田中 恵子\nメールアドレス：tanaka@minato-unyu.example\n会社名：みなと運輸\nお問い合わせ内容：見積書を送っていただけますか。\n", ("田中 恵子", "tanaka@minato-unyu.example", "見積書を送っていただけますか。"), False),
)  # fmt: skip


def _form(name: str, text: str, told: tuple[str, str, str], reply_to: bool) -> Made:
    key = f"form-{name}"
    who, address, message = told
    more = (("Reply-To", address),) if reply_to else ()
    fields = head(
        key,
        ("From", "Acme Website <wordpress@www.acme.example>"),
        ("Subject", "New message from the contact form"),
        ("X-Mailer", "PHPMailer 6.9.1"),
        *more,
        return_path="<www-data@web3.acme.example>",
    )
    form = {"name": who, "address": address, "message": message}
    return made(
        key,
        fields,
        mime.text_part(text, kind="html" if "html" in name else "plain"),
        {"kind": "person", "shape": "contact form", "form": form, "originator": {"name": who, "address": address}},
    )


CHATS = (
    ("olark", "Olark <chats@olark.example>", "Chat with Tom Oduya", "Tom Oduya (tom@oduya-design.example) chatted with you on Mon, Nov 2 2026\n\nTom Oduya (10:01:02 am): Hi, my archive asks for a password\nLena (10:01:40 am): Hello Tom, which archive is it?\nTom Oduya (10:02:11 am): the one from Tuesday\nLena (10:03:00 am): I will look into it and write to you.\n", "Tom Oduya", "tom@oduya-design.example", 4),
    ("tawk", "tawk.to <noreply@tawk.example>", "Chat transcript: Priya Nair", "Conversation with Priya Nair\nEmail: priya.nair@clinic-west.example\nStarted: 2 Nov 2026 10:01\n\n[10:01] Priya Nair: The scanner at gate four is offline\n[10:02] Support Lena: Is the lamp red?\n[10:02] Priya Nair: yes it is\n\nEnded: 2 Nov 2026 10:09\n", "Priya Nair", "priya.nair@clinic-west.example", 3),
    ("crisp", "Crisp <noreply@crisp.example>", "Transcript of your conversation", "Visitor: Sabine Groß <sabine.gross@praxis-gross.example>\nOperator: Lena Holm\n\nSabine Groß - 10:01\nDer Kartenleser blinkt rot.\n\nLena Holm - 10:02\nSeit wann ist das so?\n\nSabine Groß - 10:03\nSeit heute früh.\n", "Sabine Groß", "sabine.gross@praxis-gross.example", 3),
    ("generic", "Acme Chat <chat@acme.example>", "Chat transcript 4471", "Name: Uwe Brandt\nE-Mail: uwe@brandt-holz.example\n\nVisitor: Guten Tag, die Rechnung fehlt.\nAgent: Welche Rechnung meinen Sie?\nVisitor: Die vom September.\n", "Uwe Brandt", "uwe@brandt-holz.example", 3),
    ("offline", "Olark <chats@olark.example>", "Offline message from Chiara Bassi", "You received an offline message from Chiara Bassi (chiara@studio-bassi.example):\n\nAbbiamo ricevuto due fatture identiche.\n", "Chiara Bassi", "chiara@studio-bassi.example", 0),
)  # fmt: skip


def _chat(name: str, sender: str, subject: str, text: str, who: str, address: str, turns: int) -> Made:  # noqa: PLR0913, PLR0917 -- a row of the table
    key = f"chat-{name}"
    fields = head(
        key,
        ("From", sender),
        ("Subject", mime.word(subject)),
        ("Reply-To", address),
        return_path="<bounce@chats.example>",
    )
    found: dict[str, object] = {"kind": "person", "shape": "chat", "originator": {"name": who, "address": address}}
    return made(
        key,
        fields,
        mime.text_part(text),
        found | ({"chat": {"visitor": {"name": who, "address": address}, "turns": turns}} if turns else {}),
    )


# name, From, fields: how groups pass mail on with a rewritten From.
COPIES = (
    ("google", "'Tom Oduya' via Support <support@acme.example>", (("X-Original-From", "Tom Oduya <tom@oduya-design.example>"), ("Reply-To", "Tom Oduya <tom@oduya-design.example>"), ("X-Original-Sender", "tom@oduya-design.example"), ("List-ID", "<support.acme.example>"), ("Precedence", "list"), ("Mailing-list", "list support@acme.example; contact support+owners@acme.example"))),
    ("mailman", "Tom Oduya via Support <support@lists.acme.example>", (("Reply-To", "Tom Oduya <tom@oduya-design.example>"), ("List-Id", "Support <support.lists.acme.example>"), ("Precedence", "list"), ("X-Mailman-Version", "2.1.39"))),
    ("groupsio", "Tom Oduya via groups.example <tom=oduya-design.example@groups.example>", (("Reply-To", "support@groups.example, Tom Oduya <tom@oduya-design.example>"), ("List-Id", "<support.groups.example>"), ("X-Original-From", "Tom Oduya <tom@oduya-design.example>"))),
    ("replyto", "Acme Shop <shop@acme.example>", (("Reply-To", "Tom Oduya <tom@oduya-design.example>"), ("Sender", "shop@acme.example"))),
)  # fmt: skip


def _copy(name: str, sender: str, marks: tuple[tuple[str, str], ...]) -> Made:
    key, text = f"copy-{name}", "Hello,\n\nthe archive from Tuesday asks for a password that I never set."
    fields = head(
        key, ("From", sender), ("Subject", "Cannot open the archive"), *marks, return_path="<support+bncB@acme.example>"
    )
    return made(
        key,
        fields,
        mime.text_part(text),
        {
            "shape": "list copy",
            "text": text,
            "own": text.split("\n\n"),
            "originator": {"address": "tom@oduya-design.example", "name": "Tom Oduya"},
            "subject": "Cannot open the archive",
        },
    )

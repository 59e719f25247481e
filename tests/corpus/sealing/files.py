"""New mails with files: names in every encoding programs use, inline images, odd structures."""

from collections.abc import Iterator

from tests.corpus.sealing import mime
from tests.corpus.sealing.machine import Made, digits, head, made
from tests.corpus.sealing.people import WHO

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"

# name, Content-Type, Content-Disposition, expected name, expected type
FILES = (
    ("rfc2231", "application/pdf", "attachment; filename*=UTF-8''R%C3%A9sum%C3%A9%20d%27octobre.pdf", "Résumé d'octobre.pdf", "application/pdf"),
    ("rfc2231-split", "application/pdf", "attachment;\r\n filename*0*=UTF-8''%D0%9E%D1%82%D1%87%D1%91%D1%82%20;\r\n filename*1*=%D0%B7%D0%B0%20;\r\n filename*2*=2026.pdf", "Отчёт за 2026.pdf", "application/pdf"),
    ("rfc2231-mixed", "image/png", 'attachment;\r\n filename*0="a rather long name of a file that a program thought too";\r\n filename*1=" long for one line.png"', "a rather long name of a file that a program thought too long for one line.png", "image/png"),
    ("rfc2231-latin1", "text/csv", "attachment; filename*=iso-8859-1'de'Ums%E4tze.csv", "Umsätze.csv", "text/csv"),
    ("encoded-word", 'application/pdf; name="=?UTF-8?B?UMWZw61sb2hhLnBkZg==?="', 'attachment; filename="=?UTF-8?B?UMWZw61sb2hhLnBkZg==?="', "Příloha.pdf", "application/pdf"),
    ("encoded-word-q", "application/pdf", 'attachment; filename="=?iso-8859-1?Q?Stra=DFenplan=2Epdf?="', "Straßenplan.pdf", "application/pdf"),
    ("encoded-word-two", "application/vnd.ms-excel", 'attachment;\r\n filename="=?utf-8?B?44GU6KaL56mN?=\r\n =?utf-8?B?5pu4Lnhscw==?="', "ご見積書.xls", "application/vnd.ms-excel"),
    ("raw-utf8", "application/pdf", 'attachment; filename="Übersicht.pdf"', "Übersicht.pdf", "application/pdf"),
    ("name-only", 'application/pdf; name="invoice 4471.pdf"', "attachment", "invoice 4471.pdf", "application/pdf"),
    ("unquoted", "application/pdf", "attachment; filename=error report.pdf", "error report.pdf", "application/pdf"),
    ("semicolon", "application/pdf", 'attachment; filename="a;b.pdf"', "a;b.pdf", "application/pdf"),
    ("escaped-quote", "text/plain; charset=utf-8", 'attachment; filename="the \\"new\\" log.txt"', 'the "new" log.txt', "text/plain"),
    ("folder", "application/octet-stream", 'attachment; filename="C:\\\\Users\\\\tom\\\\scan.tif"', "scan.tif", "application/octet-stream"),
    ("both-names", 'application/pdf; name="old.pdf"', 'attachment; filename="new.pdf"', "new.pdf", "application/pdf"),
    ("inline-pdf", 'application/pdf; name="plan.pdf"', 'inline; filename="plan.pdf"', "plan.pdf", "application/pdf"),
    ("star-beats", "application/pdf", "attachment; filename=\"Angebot_.pdf\"; filename*=utf-8''Angebot%20%E2%82%AC.pdf", "Angebot €.pdf", "application/pdf"),
    ("case", 'APPLICATION/PDF; NAME="SCAN.PDF"', 'ATTACHMENT; FILENAME="SCAN.PDF"', "SCAN.PDF", "application/pdf"),
    ("log", "text/x-log; charset=us-ascii", "attachment; filename=server.log", "server.log", "text/x-log"),
)  # fmt: skip


def files() -> Iterator[Made]:
    """Yield the mails with files."""
    yield from (_named(at, *row) for at, row in enumerate(FILES))
    yield _outlook_inline()
    yield _apple_between()
    yield _gmail_inline()
    yield _uuencoded()
    yield _vcard()
    yield _no_boundary_end()
    yield _wrong_base64()


def _fields(key: str, at: int, subject: str = "Files") -> tuple[tuple[str, str], ...]:
    return head(
        key, ("From", mime.mailbox(*WHO[at % len(WHO)])), ("Subject", subject), return_path=f"<{WHO[at % len(WHO)][1]}>"
    )


def _found(text: str, shape: str, *attached: tuple[str, str]) -> dict[str, object]:
    return {
        "kind": "person",
        "shape": shape,
        "text": text,
        "own": text.split("\n\n"),
        "attachments": [{"name": name, "content_type": kind} for name, kind in attached],
    }


def _named(at: int, name: str, kind: str, disposition: str, shown: str, content_type: str) -> Made:  # noqa: PLR0913, PLR0917 -- a row of the table
    key, text = (
        f"files-{name}",
        f"Hello,\n\nthe file for case {4471 + at * 13} is attached, please have a look at page {at + 2}.",
    )
    part = mime.file_part(PDF, ("Content-Type", kind), ("Content-Disposition", disposition))
    body = mime.multipart("mixed", digits(key, "b", 20), (mime.text_part(text), part))
    return made(key, _fields(key, at), body, _found(text, "attachment names", (shown, content_type)))


def _image(name: str, cid: str, how: str = "inline") -> mime.Part:
    return mime.file_part(
        PNG,
        ("Content-Type", f'image/png; name="{name}"'),
        ("Content-Description", name),
        ("Content-Disposition", f'{how}; filename="{name}"; size=33'),
        ("Content-ID", f"<{cid}>"),
    )


def _outlook_inline() -> Made:
    key, text = "files-outlook-inline", "This is what the screen shows:\n\nThe full protocol is attached."
    html = '<html><body><p class="MsoNormal">This is what the screen shows:</p><p class="MsoNormal"><img width="5" height="5" src="cid:image001.png@01DB2D" alt=""></p><p class="MsoNormal">The full protocol is attached.</p></body></html>'
    alternative = mime.multipart(
        "alternative",
        "_002_" + digits(key, "a", 20),
        (mime.text_part(text.replace("\n\n", "\n\n[cid:image001.png@01DB2D]\n\n")), mime.text_part(html, kind="html")),
    )
    related = mime.multipart(
        "related",
        "_001_" + digits(key, "r", 20),
        (alternative, _image("image001.png", "image001.png@01DB2D")),
        extra=' type="multipart/alternative";',
    )
    body = mime.multipart(
        "mixed",
        "_000_" + digits(key, "m", 20),
        (
            related,
            mime.file_part(
                PDF,
                ("Content-Type", 'application/pdf; name="Protocol.pdf"'),
                ("Content-Disposition", 'attachment; filename="Protocol.pdf"; size=37'),
            ),
        ),
    )
    found = _found(text, "attachment inline", ("Protocol.pdf", "application/pdf")) | {"inline": ["image001.png"]}
    return made(key, _fields(key, 0), body, {name: value for name, value in found.items() if name != "text"})


def _apple_between() -> Made:
    key = "files-apple-between"
    first, second = "First the photo of the front:", "and then the part that broke off. Can you send a spare one?"
    part = mime.file_part(
        PNG,
        ("Content-Type", 'image/jpeg; name="IMG_2041.jpeg"'),
        ("Content-Disposition", 'inline; filename="IMG_2041.jpeg"'),
    )
    body = mime.multipart(
        "mixed", "Apple-Mail-" + digits(key, "b", 32).upper(), (mime.text_part(first), part, mime.text_part(second))
    )
    return made(
        key, _fields(key, 2), body, _found(f"{first}\n\n{second}", "attachment inline", ("IMG_2041.jpeg", "image/jpeg"))
    )


def _gmail_inline() -> Made:
    key, text = "files-gmail-inline", "Here is a picture of the label."
    html = f'<div dir="ltr"><div>{text}</div><div><br></div><div><img src="cid:ii_m3abc" alt="label.png" width="4" height="4"><br></div></div>'
    alternative = mime.multipart(
        "alternative",
        "000000000000" + digits(key, "a", 16),
        (mime.text_part(f"{text}\n\n[image: label.png]\n"), mime.text_part(html, kind="html")),
    )
    body = mime.multipart(
        "related", "000000000000" + digits(key, "r", 16), (alternative, _image("label.png", "ii_m3abc"))
    )
    found = _found(text, "attachment inline") | {"inline": ["label.png"]}
    return made(key, _fields(key, 4), body, {name: value for name, value in found.items() if name != "text"})


def _uuencoded() -> Made:
    key, text = "files-uuencode", "Old machine, old mail program: the log is below."
    body = mime.Part(
        (("Content-Type", "text/plain; charset=us-ascii"),),
        f"{text}\n\n{mime.uuencoded('panel.log', b'12:00 start' * 9)}\n".replace("\n", "\r\n").encode(),
    )
    found = _found(text, "attachment structure")
    return made(key, _fields(key, 4), body, {name: value for name, value in found.items() if name != "attachments"})


def _vcard() -> Made:
    key, text = "files-vcard", "My new number is on the card, the old one is dead."
    card = b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Margaret Ellis\r\nEND:VCARD\r\n"
    body = mime.multipart(
        "mixed",
        digits(key, "b", 20),
        (
            mime.text_part(text),
            mime.file_part(
                card,
                ("Content-Type", 'text/x-vcard; name="ellis.vcf"'),
                ("Content-Disposition", 'attachment; filename="ellis.vcf"'),
            ),
        ),
    )
    return made(key, _fields(key, 0), body, _found(text, "attachment structure", ("ellis.vcf", "text/x-vcard")))


def _no_boundary_end() -> Made:
    key, text = "files-no-end", "The mail was cut on its way, the file is whole all the same."
    part = mime.file_part(
        PDF, ("Content-Type", "application/pdf"), ("Content-Disposition", 'attachment; filename="whole.pdf"')
    )
    whole = mime.multipart("mixed", digits(key, "b", 20), (mime.text_part(text), part))
    body = mime.Part(whole.headers, whole.body[: whole.body.rindex(b"--" + digits(key, "b", 20).encode())])
    return made(key, _fields(key, 4), body, _found(text, "attachment structure", ("whole.pdf", "application/pdf")))


def _wrong_base64() -> Made:
    key, text = "files-wrong-base64", "The attachment may be damaged, our scanner does strange things."
    part = mime.Part(
        (
            ("Content-Type", "application/pdf"),
            ("Content-Transfer-Encoding", "base64"),
            ("Content-Disposition", 'attachment; filename="scan.pdf"'),
        ),
        b"JVBERi0x*LjQK!!MSAwIG9iago\r\n",
    )
    body = mime.multipart("mixed", digits(key, "b", 20), (mime.text_part(text), part))
    return made(key, _fields(key, 4), body, _found(text, "attachment structure", ("scan.pdf", "application/pdf")))

"""Replies as the programs on desks write them, and the phones of the same makers."""

from tests.corpus.sealing import mime
from tests.corpus.sealing.dress import (
    BLANK,
    Dressed,
    attribution_html,
    block,
    chance,
    esc,
    original_html,
    original_text,
    quoted_lines,
    thread_html,
    thread_text,
    token,
)
from tests.corpus.sealing.voices import Letter
from tests.corpus.sealing.webmail import closed, closing, written_bye

_MSO = '<p class="MsoNormal">{}<o:p></o:p></p>'
_MSO_GAP = '\n<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\n'


def outlook_desktop(written: Letter) -> Dressed:
    """Outlook for Windows: Word's HTML, a header block under a line, an unmarked signature, sometimes a disclaimer."""
    rows = block(written, "from", "sent", "to", *(["cc"] if chance(written, "cc", 3) == 0 else []), "subject")
    sign = written.person.signature if chance(written, "sign", 3) else ()
    bye = (str(written.bye[0]),) if sign else written_bye(written)
    disclaimer = str(written.words["disclaimer"]) if chance(written, "legal", 4) == 0 else ""
    ending = ["\n".join((*bye, *(["", *sign] if sign else [])))] if bye or sign else []
    tail = [disclaimer] if disclaimer else []
    headed = "\n".join(f"{label} {value}" for label, value in rows)
    divider = f"-----{written.words['original']}-----\n" if chance(written, "divider", 3) == 0 else ""
    text = BLANK.join([*written.above, *ending, *tail, divider + headed, original_text(written)]) + "\n"
    shown = "<br>\n".join(f"<b>{label}</b> {esc(value, quote=False)}" for label, value in rows)
    body = _MSO_GAP.join(_mso(each) for each in [*written.above, *ending, *tail])
    html = (
        '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">\n<head>\n'
        '<meta name="Generator" content="Microsoft Word 15 (filtered medium)">\n<style><!--\n/* Font Definitions */\n'
        "@font-face\n\t{font-family:Calibri;}\np.MsoNormal, li.MsoNormal\n\t{margin:0cm;\n\tfont-size:11.0pt;}\n--></style>\n</head>\n"
        f'<body lang="EN-US" link="#0563C1" vlink="#954F72">\n<div class="WordSection1">\n{body}{_MSO_GAP}'
        '<div>\n<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">\n'
        f'<p class="MsoNormal">{shown}<o:p></o:p></p>\n</div>\n</div>\n{_MSO_GAP}'
        f"{original_html(written, _MSO, _MSO_GAP)}\n</div>\n</body>\n</html>\n"
    )
    headers = (
        ("Thread-Topic", mime.word(written.subject)),
        ("Thread-Index", "AdwB" + token(written, "ti", 24) + "=="),
        ("Accept-Language", "de-DE, en-US"), ("X-MS-Has-Attach", ""), ("X-MS-TNEF-Correlator", ""),
        ("X-Mailer", "Microsoft Outlook 16.0"),
    )  # fmt: skip
    return Dressed(
        text,
        html,
        headers,
        f"_000_{token(written, 'o', 32).upper()}AM0PR04MB1234_",
        "",
        bye,
        sign,
        reply=str(written.words["outlook_re"]),
        form="Q",
    )


def _mso(text: str) -> str:
    return "\n".join(_MSO.format(esc(line, quote=False) or "&nbsp;") for line in text.split("\n"))


def outlook_web(written: Letter) -> Dressed:
    """Outlook in the browser and the new Outlook: `divRplyFwdMsg` under a line of underscores in the text."""
    headed = "\n".join(f"{label} {value}" for label, value in block(written, "from", "sent", "to", "subject"))
    text = BLANK.join([*closed(written), "________________________________\n" + headed, original_text(written)]) + "\n"
    font = '<div class="elementToProof" style="font-family: Aptos, Calibri, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);">\n'
    body = f"{font}<br>\n</div>\n".join(f"{font}{_breaks(each)}</div>\n" for each in closed(written))
    html = _office_page(written, f'<div>\n{body}</div>\n<div id="appendonsend"></div>\n', "")
    headers = (
        ("Thread-Topic", mime.word(written.subject)), ("Thread-Index", "AQHb" + token(written, "ti", 24)),
        ("X-MS-Exchange-MessageSentRepresentingType", "1"), ("x-ms-publictraffictype", "Email"),
    )  # fmt: skip
    return Dressed(
        text,
        html,
        headers,
        f"_000_{token(written, 'o', 32).upper()}DB9PR07MB_",
        "",
        written_bye(written),
        reply=str(written.words["outlook_re"]),
        form="Q",
    )


def outlook_mobile(written: Letter) -> Dressed:
    """Outlook on phones: its advertisement as a signature, then the header block of the browser's."""
    mark = (
        str(written.words["outlook"]).replace("iOS", "Android")
        if chance(written, "os", 2)
        else str(written.words["outlook"])
    )
    before, link, after = mark.replace(">", "<").split("<")
    headed = "\n".join(f"{label} {value}" for label, value in block(written, "from", "sent", "to", "subject"))
    ad = f"{before}{link}<https://aka.ms/o0ukef>{after}"
    text = (
        BLANK.join([*closed(written), ad + "\n________________________________\n" + headed, original_text(written)])
        + "\n"
    )
    body = "<div><br>\n</div>\n".join(f'<div dir="auto">{_breaks(each)}</div>\n' for each in closed(written))
    sign = (
        f'<div id="ms-outlook-mobile-signature">\n<div><br>\n</div>\n{before}<a href="https://aka.ms/o0ukef">{link}</a>{after}</div>\n'
        '<div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message">\n'
    )
    html = _office_page(written, f"{body}{sign}", "</div>\n")
    headers = (("Thread-Topic", mime.word(written.subject)), ("Thread-Index", "AQHb" + token(written, "ti", 24)))
    return Dressed(
        text,
        html,
        headers,
        f"_000_{token(written, 'o', 32).upper()}VI1PR0_",
        "utf-8",
        written_bye(written),
        cte="base64",
        reply="Re: ",
    )


def _office_page(written: Letter, body: str, tail: str) -> str:
    rows = block(written, "from", "sent", "to", "subject")
    shown = "<br>\n".join(f"<b>{label}</b> {esc(value, quote=False)}" for label, value in rows)
    return (
        '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
        '<style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style>\n</head>\n<body dir="ltr">\n'
        f'{body}<hr style="display:inline-block;width:98%" tabindex="-1">\n<div id="divRplyFwdMsg" dir="ltr">'
        f'<font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">{shown}</font>\n<div>&nbsp;</div>\n</div>\n'
        f'<div class="BodyFragment"><font size="2"><span style="font-size:11pt;">'
        f"{original_html(written, '<div class=PlainText>{}</div>', '<div class=PlainText><br></div>')}</span></font></div>\n{tail}</body>\n</html>\n"
    )


def apple(written: Letter) -> Dressed:
    """Mail on a Mac: the attribution within the quote, `blockquote type="cite"`."""
    line = written.said("apple")
    sign = written.person.signature if chance(written, "sign", 3) == 0 and written.above and not written.below else ()
    bye = written.bye[:1] if sign else written_bye(written)
    end = ["\n".join((*bye, *sign))] if bye or sign else []
    at_end = any(kind == "new" for kind, _ in written.thread)
    above, below = [*written.above, *([] if at_end else end)], [*written.below, *(end if at_end else [])]
    text = BLANK.join([*above, f"> {line}\n> \n{thread_text(written, 400)}", *below]) + "\n"
    opening = '<blockquote type="cite"><div>'
    thread = thread_html(written, opening, "<div>{}</div>", "<div><br></div>", "</div></blockquote>")
    thread = thread.replace(
        opening, f'{opening}<div>{esc(line, quote=False)}</div><br class="Apple-interchange-newline"><div>', 1
    ).replace("</div></blockquote>", "</div></div></blockquote>", 1)
    head = "<div><br></div>".join(f"<div>{_breaks(each)}</div>" for each in above)
    foot = "<div><br></div>" + "<div><br></div>".join(f"<div>{_breaks(each)}</div>" for each in below) if below else ""
    html = (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: '
        f'break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">{head}<br id="lineBreakAtBeginningOfMessage">'
        f"<div><br>{thread}</div>{foot}<br></body></html>"
    )
    uid = token(written, "u", 32).upper()
    boundary = f"Apple-Mail=_{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}"
    alone = chance(written, "plain", 3) == 0
    headers = (("X-Mailer", "Apple Mail (2.3826.300.87.4.3)"),)
    return Dressed(text, None if alone else html, headers, boundary, "utf-8", bye, sign, cte="quoted-printable")


def iphone(written: Letter) -> Dressed:
    """Mail on a phone: its mark, then the quote."""
    line, mark = written.said("apple"), str(written.words["iphone"])
    text = BLANK.join(
        [
            *closed(written),
            f"{mark}\n\n> {line}\n> \n{quoted_lines(original_text(written), 500).replace(chr(10), chr(10))}",
        ]
    )
    text = text.replace("\n> ", "\n> ", 1)
    body = "<div><br></div>".join(f"<div>{_breaks(each)}</div>" for each in closed(written))
    html = (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">'
        f'{body}<br><div dir="ltr">{esc(mark)}</div><div dir="ltr"><br><blockquote type="cite">{esc(line, quote=False)}<br><br></blockquote></div>'
        f'<blockquote type="cite"><div dir="ltr">\ufeff{original_html(written, "<span>{}</span>", "<br><span></span><br>")}<br></div></blockquote></body></html>'
    )
    alone = chance(written, "plain", 3) == 0
    boundary = f"Apple-Mail-{token(written, 'u', 32).upper()}"
    return Dressed(
        text,
        None if alone else html,
        (("X-Mailer", "iPhone Mail (23B85)"),),
        boundary,
        "utf-8",
        written_bye(written),
        cte="quoted-printable" if alone else "",
    )


def thunderbird(written: Letter) -> Dressed:
    """Thunderbird: format=flowed text, in every second mail with HTML (`moz-cite-prefix`), `-- ` signatures."""
    line, at_end = written.said("thunderbird"), bool(written.below) or any(kind == "new" for kind, _ in written.thread)
    sign = "-- \n" + "\n".join(written.person.signature) if chance(written, "sign", 2) else ""
    above, below = (
        [*written.above, *([] if at_end else closing(written))],
        [*written.below, *(closing(written) if at_end else [])],
    )
    text = _flowed_text(written, above, below, sign)
    body = "".join(f"<p>{_breaks(each)}</p>\n" for each in above)
    thread = thread_html(
        written, f'<blockquote type="cite" cite="mid:{token(written, "c", 12)}@acme.example">', "<p>{}</p>", "\n"
    )
    foot = "".join(f"<p>{_breaks(each)}</p>\n" for each in below)
    signed = (
        f'<pre class="moz-signature" cols="72">-- \n{esc(chr(10).join(written.person.signature))}</pre>\n'
        if sign
        else ""
    )
    html = (
        '<!DOCTYPE html>\n<html>\n  <head>\n    <meta http-equiv="Content-Type" content="text/html; charset=UTF-8">\n  </head>\n'
        f'  <body>\n{body}<div class="moz-cite-prefix">{attribution_html(line, written.agent[1])}<br>\n    </div>\n    {thread}\n{foot}{signed}  </body>\n</html>\n'
    )
    both = chance(written, "both", 2) == 1
    headers = (("User-Agent", "Mozilla Thunderbird"), ("Content-Language", written.tongue))
    return Dressed(
        text,
        html if both else None,
        headers,
        "------------" + token(written, "t", 24),
        "utf-8" if both else "",
        written_bye(written),
        flowed=True,
        cte="8bit" if not both else "",
    )


def _flowed_text(written: Letter, above: list[str], below: list[str], sign: str) -> str:
    runs = [mime.flowed(text, 1) if kind == "quote" else f"\n{mime.flowed(text)}\n" for kind, text in written.thread]
    quote = "\n>\n".join(runs).replace("\n>\n\n", "\n\n").replace("\n\n>\n", "\n\n")
    middle = f"{written.said('thunderbird')}\n{quote}".rstrip("\n")
    blocks = [*map(mime.flowed, above), middle, *map(mime.flowed, below), *([sign] if sign else [])]
    return BLANK.join(blocks) + "\n"


def zimbra(written: Letter) -> Dressed:
    """Zimbra: names of header fields between divs marked `__HEADERS__`; in text a line of dashes or none."""
    sent = f"{written.quoted_at:%A, %d %B, %Y %H:%M:%S}"
    rows = block(written, "from", "to", "sent", "subject", sent=sent)
    headed = "\n".join(f"{label} {value}" for label, value in rows)
    divider = f"----- {written.words['original']} -----\n" if chance(written, "divider", 2) else ""
    text = BLANK.join([*closed(written), divider + headed, original_text(written)]) + "\n"
    shown = "<br>".join(f"<b>{label} </b>{esc(value)}" for label, value in rows)
    body = '<div><br data-mce-bogus="1"></div>'.join(f"<div>{_breaks(each)}</div>" for each in closed(written))
    html = (
        f'<html><body><div style="font-family: arial, helvetica, sans-serif; font-size: 12pt; color: #000000">{body}<div><br></div>'
        f'<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">{shown}<br></div><div><br></div>'
        f'<div data-marker="__QUOTED_TEXT__">{original_html(written, "<div>{}</div>", "<div><br></div>")}<br></div></div></body></html>'
    )
    headers = (
        ("X-Mailer", "Zimbra 10.1.1_GA_4655 (ZimbraWebClient - GC130 (Win)/10.1.1_GA_4655)"),
        ("Thread-Topic", mime.word(written.subject)),
    )
    return Dressed(
        text,
        html if chance(written, "html", 3) else None,
        headers,
        f"=_{token(written, 'z', 32)}",
        "utf-8",
        written_bye(written),
    )


def lotus(written: Letter) -> Dressed:
    """Lotus and HCL Notes: header fields in tiny letters or a line with the date in digits; old charsets."""
    sign = written.person.signature[:4]
    date = f"{written.quoted_at:%d.%m.%Y %H:%M}"
    rows = block(written, "from", "to", "date", "subject", sent=date)
    labels = [(label.ljust(9), value) for label, value in rows]
    headed = "\n".join(f"{label}{value}" for label, value in labels)
    text = (
        BLANK.join([*written.above, "\n".join((written.bye[0], "", *sign)), "\n\n" + headed, original_text(written)])
        + "\n"
    )
    shown = "<br>\n".join(
        f'<font size=1 color=#5f5f5f face="sans-serif">{label} &nbsp; &nbsp; &nbsp; &nbsp;</font><font size=1 face="sans-serif">{esc(value)}</font>'
        for label, value in rows
    )
    line = '<font size=2 face="sans-serif">{}</font>'
    body = "\n<br>\n<br>".join(
        line.format(_breaks(each)) for each in [*written.above, "\n".join((written.bye[0], "", *sign))]
    )
    html = f"{body}\n<br>\n<br>\n<br>\n<br>{shown}\n<br>\n<hr noshade>\n<br>\n<br>\n<br><tt><font size=2>{original_html(written, '{}', '<br>' + chr(10) + '<br>' + chr(10))}<br>\n</font></tt>\n<br>\n<br>"
    headers = (
        ("X-Mailer", "HCL Notes Release 12.0.2 November 03, 2022"),
        ("X-MIMETrack", "Serialize by Router on MAIL01/Srv"),
    )
    alone = chance(written, "plain", 2) == 0
    return Dressed(
        text,
        None if alone else html,
        headers,
        f"=_alternative 0036F0B5C125{token(written, 'l', 4).upper()}_=",
        "",
        (written.bye[0],),
        sign,
        form="Q",
    )


def _breaks(text: str) -> str:
    return "<br>".join(esc(line, quote=False) for line in text.split("\n"))

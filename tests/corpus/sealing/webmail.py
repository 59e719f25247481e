"""Replies as webmail and phone programs write them."""

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
    thread_html,
    thread_text,
    token,
)
from tests.corpus.sealing.voices import LANGUAGES, Letter, moments

_GMAIL_QUOTE = (
    '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
    'padding-left:1ex">'
)


def gmail(written: Letter) -> Dressed:
    """Gmail in the browser: wrapped text, `gmail_quote`, a signature behind `-- ` in every second mail."""
    marked = chance(written, "signature", 2) == 1
    line = written.said("gmail")
    above, below = (list(written.above), list(written.below))
    (below if below or _inline(written) else above).extend(closing(written))
    signature = "-- \n" + "\n".join(written.person.signature) if marked else ""
    top = [*above, *([signature] if signature and written.above else [])]
    tail = [*below, *([signature] if signature and not written.above else [])]
    text = BLANK.join(
        [
            *(mime.wrapped(each) if each != signature else each for each in top),
            mime.wrapped(line) + "\n\n" + thread_text(written),
            *tail,
        ]
    )
    sign = (
        '<div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" '
        f'data-smartmail="gmail_signature"><div dir="ltr">{"<br>".join(map(esc, written.person.signature))}</div></div>'
        if marked
        else ""
    )
    head = "<div><br></div>".join(f"<div>{_lines(each)}</div>" for each in above)
    foot = "<div><br></div>" + "<div><br></div>".join(f"<div>{_lines(each)}</div>" for each in below) if below else ""
    attribution = f'<div dir="ltr" class="gmail_attr">{attribution_html(line, written.agent[1])}<br></div>'
    html = (
        f'<div dir="ltr">{head}{sign if written.above else ""}</div><br><div class="gmail_quote gmail_quote_container">'
        f"{attribution}{thread_html(written, _GMAIL_QUOTE, '<div>{}</div>', '<div><br></div>')}"
        f"{foot}{'' if written.above else sign}</div>\n"
    )
    agent = (("X-Gm-Message-State", "AOJu0Y" + token(written, "gm", 40)),)
    return Dressed(text, html, agent, "000000000000" + token(written, "b", 16), bye=written_bye(written))


def gmail_text(written: Letter) -> Dressed:
    """Gmail in plain text mode, and phone programs that send no HTML."""
    line = mime.wrapped(written.said("gmail"))
    at_end = bool(written.below) or _inline(written)
    below = [*map(mime.wrapped, written.below), *(closing(written) if at_end else [])]
    above = [*map(mime.wrapped, written.above), *([] if at_end else closing(written))]
    text = BLANK.join([*above, line + "\n" + thread_text(written), *below])
    return Dressed(text, None, (), bye=written_bye(written))


def yahoo(written: Letter) -> Dressed:
    """Yahoo: the quote indented by a space, without marks."""
    line, phone = written.said("yahoo"), chance(written, "phone", 3) == 0
    mark = "Sent from Yahoo Mail for iPhone" if phone else ""
    text = BLANK.join(closed(written))
    text += f"\n\n\n{mark}" if mark else ""
    quote = "\n".join(f" {each}  " if each else " " for each in original_text(written).split("\n"))
    text += f"\n\n    {line}  \n \n{quote}\n  "
    body = "<div><br></div>".join(
        f'<div dir="ltr" data-setdir="false">{_lines(each)}</div>' for each in closed(written)
    )
    link = f'<br><br><a href="https://overview.mail.yahoo.com/?.src=iOS">{mark}</a><br>' if mark else ""
    number = chance(written, "y", 9_000_000_000)
    html = (
        f'<html><head></head><body><div class="ydp{token(written, "y", 8)}yahoo-style-wrap" style="font-family:Helvetica '
        f'Neue, Helvetica, Arial, sans-serif;font-size:13px;">{body}{link}<div><br></div></div>'
        f'<div id="yahoo_quoted_{number}" class="yahoo_quoted"><div style="font-family:\'Helvetica Neue\', Helvetica, Arial, '
        f'sans-serif;font-size:13px;color:#26282a;"><div>{esc(line, quote=False)}</div><div><br></div><div><br></div>'
        f'<div><div id="yiv{number}">{original_html(written, "<div>{}</div>", "<div><br></div>")}</div></div></div></div>'
        "</body></html>"
    )
    headers = (("X-Mailer", "WebService/1.1.22417 YMailNorrin"),)
    return Dressed(
        text, html, headers, f"----=_Part_{chance(written, 'p', 999999)}_{number}.1{number}", bye=written_bye(written)
    )


def proton(written: Letter) -> Dressed:
    """Proton: its advertisement as a signature, quote in a `protonmail_quote`."""
    line = str(LANGUAGES["en"]["proton"]).format_map(moments(written, "en"))
    ad = "Sent with [Proton Mail](https://proton.me/mail/home) secure email."
    text = BLANK.join([*closed(written), ad, f"{line}\n\n{thread_text(written, 400)}", *written.below])
    rows = '<div style="font-family: Arial, sans-serif; font-size: 14px;"><br></div>'.join(
        f'<div style="font-family: Arial, sans-serif; font-size: 14px;">{_lines(each)}</div>'
        for each in closed(written)
    )
    html = (
        f'{rows}<div class="protonmail_signature_block" style="font-family: Arial, sans-serif; font-size: 14px;">'
        '<div class="protonmail_signature_block-user protonmail_signature_block-empty"></div>'
        '<div class="protonmail_signature_block-proton">Sent with <a target="_blank" href="https://proton.me/mail/home">'
        'Proton Mail</a> secure email.</div></div><div style="font-family: Arial, sans-serif; font-size: 14px;"><br></div>'
        f'<div class="protonmail_quote">{esc(line, quote=False)}<br><br>'
        + thread_html(written, '<blockquote class="protonmail_quote" type="cite">', "<div>{}</div>", "<div><br></div>")
        + "</div>"
        + "".join(f"<div><br></div><div>{_lines(each)}</div>" for each in written.below)
    )
    return Dressed(
        text,
        html,
        (("Feedback-ID", "77152301:user:proton"),),
        f"b1=_{token(written, 'b', 40)}",
        cte="base64",
        bye=written_bye(written),
    )


def samsung(written: Letter) -> Dressed:
    """Samsung's program: `Original message` line and a header block with the date as digits."""
    date = f"{written.quoted_at:%d/%m/%Y}  {written.quoted_at:%H:%M}  (GMT+01:00)"
    rows = block(written, "from", "date", "to", "subject", sent=date)
    mark, original = str(written.words["galaxy"]), str(written.words["samsung_original"])
    head = "\n".join(f"{label} {value} " for label, value in rows)
    text = BLANK.join(closed(written)) + f"\n\n\n{mark}\n\n\n{original}\n{head}\n\n{original_text(written)}\n"
    body = "<div><br></div>".join(f'<div dir="auto">{_lines(each)}</div>' for each in closed(written))
    shown = "".join(f"<div>{label} {esc(value, quote=False)} </div>" for label, value in rows)
    html = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body dir="auto">'
        f'{body}<div dir="auto"><br></div><div id="composer_signature" dir="auto"><div style="font-size:12px;color:#575757" '
        f'dir="auto">{mark}</div></div><div dir="auto"><br></div><div><br></div><div align="left" dir="auto" '
        f'style="font-size:100%;color:#000000"><div>{original}</div>{shown}<div><br></div></div>'
        f"{original_html(written, '<div>{}</div>', '<div><br></div>')}</body></html>"
    )
    return Dressed(
        text,
        html,
        (("X-Mailer", "SamsungEmail"),),
        f"--_com.samsung.android.email_{token(written, 's', 15)}",
        cte="base64",
        bye=written_bye(written),
    )


def gmx(written: Letter) -> Dressed:
    """GMX and Web.de in the browser: HTML alone, the quote in a div named `quote`."""
    at = f"{moments(written)['Wl']}, {written.quoted_at:%d.%m.%Y} um {written.quoted_at:%H:%M} Uhr"
    sent = at if written.tongue == "de" else ""
    rows = block(written, "sent", "from", "to", "subject", sent=sent)
    shown = "<br/>\n".join(f"<b>{label}</b>&nbsp;{esc(value)}" for label, value in rows)
    body = "\n\n<div>&nbsp;</div>\n\n".join(f"<div>{_lines(each)}</div>" for each in closed(written))
    html = (
        f'<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;"><div>{body}\n'
        '<div>&nbsp;\n<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid '
        '#C3D9E5; word-wrap: break-word; -webkit-nbsp-mode: space; -webkit-line-break: after-white-space;">\n'
        f'<div style="margin:0 0 10px 0;">{shown}</div>\n\n<div name="quoted-content">\n'
        f"{original_html(written, '<div>{}</div>', chr(10) + '<div>&nbsp;</div>' + chr(10))}\n</div>\n</div>\n</div>\n</div></div></body></html>\n"
    )
    headers = (("X-Priority", "3"), ("Sensitivity", "Normal"), ("X-UI-Message-Type", "mail"), ("Importance", "normal"))
    return Dressed(None, html, headers, bye=written_bye(written), cte="quoted-printable")


def mailru(written: Letter) -> Dressed:
    """Mail.ru: the attribution in the blockquote, in the text without a space after `>`."""
    english = "{Wl}, {Ml} {d}, {Y}, {h}:{M} {ampm} +03:00 from {name} <{addr}>:"
    line = written.said("mailru") if "mailru" in written.words else english.format_map(moments(written, "en"))
    quote = "\n".join(f">{each}" for each in f"{line}\n \n{original_text(written)}".split("\n"))
    sign = "\n ".join(("--", *written.person.signature[:2]))
    text = BLANK.join(["", *closed(written), sign, quote, " "])
    body = "<div>&nbsp;</div>".join(f"<div>{_lines(each)}</div>" for each in closed(written))
    html = (
        f'\n<HTML><BODY>{body}<div>&nbsp;</div><div data-signature-widget="container"><div data-signature-widget="content">'
        f"<div>--<br>{'<br>'.join(map(esc, written.person.signature[:2]))}</div></div></div><div>&nbsp;</div>"
        '<blockquote style="border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;">'
        f'{attribution_html(line, written.agent[1], link=chr(123) + "0" + chr(125))}<br>&nbsp;<div id=""><div class="js-helper js-readmsg-msg">'
        f'<style type="text/css"></style><div>{original_html(written, "<div>{}</div>", "<div>&nbsp;</div>")}</div></div></div></blockquote>'
        "<div>&nbsp;</div></BODY></HTML>\n"
    )
    return Dressed(
        text,
        html,
        (("X-Mailer", "Mail.Ru Mailer 1.0"), ("X-Priority", "3 (Normal)")),
        f"--ALT--{token(written, 'm', 8)}{chance(written, 'm', 999999)}",
        cte="base64",
        bye=written_bye(written),
    )


def yandex(written: Letter) -> Dressed:
    """Yandex: HTML alone, a line with digits before a bare blockquote."""
    name, address = written.agent
    line = f'{written.quoted_at:%d.%m.%Y, %H:%M}, "{esc(name)}" &lt;{address}&gt;:'
    body = "<div>&nbsp;</div>".join(f"<div>{_lines(each)}</div>" for each in closed(written))
    sign = "-- <br />Отправлено из мобильного приложения Яндекс Почты" if chance(written, "app", 2) else ""
    html = (
        f"<div>{body}</div>{'<div>&nbsp;</div><div>' + sign + '</div>' if sign else ''}<div>&nbsp;</div><div>{line}</div>"
        f"<blockquote><div>{original_html(written, '<p>{}</p>', '')}</div></blockquote>"
    )
    headers = (("X-Mailer", "Yamail [ http://yandex.ru ] 5.0"),)
    return Dressed(None, html, headers, cte="base64", bye=written_bye(written))


def closed(written: Letter) -> list[str]:
    """Return the paragraphs above the quote with the closing as the last."""
    return [*written.above, *closing(written)]


def closing(written: Letter) -> list[str]:
    """Return the closing as one paragraph, [] where there is none."""
    return ["\n".join(written_bye(written))] if written_bye(written) else []


def written_bye(written: Letter) -> tuple[str, ...]:
    """Return the closing lines; every fourth author leaves them out."""
    return () if chance(written, "bye", 4) == 0 else written.bye


def _inline(written: Letter) -> bool:
    return any(kind == "new" for kind, _ in written.thread)


def _lines(text: str) -> str:
    return "<br>".join(esc(line, quote=False) for line in text.split("\n"))

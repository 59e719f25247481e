"""What the HTML of mail programs says of quotes."""

import re

import pytest

from mailgateway.model.message import Pair
from mailgateway.parsers.html import html_to_text
from mailgateway.parsers.html_quotes import MARKS
from mailgateway.parsers.reply import split_reply

NEW = "It works now, thanks."
MARKED = re.compile(f"[{MARKS}]")


def test_an_indented_paragraph_in_html_is_the_authors() -> None:
    markup = f"<div>{NEW}</div><blockquote style='margin:0 0 0 40px;border:none;padding:0px'>Twice.</blockquote>"

    body = split_reply(html_to_text(markup))

    assert body.text.split() == f"{NEW} Twice.".split()


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="yahoo_quoted">Xxx yyy<div>Old.</div></div>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Xxx</div><div>Old.</div>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt">Aaa: x<br>Bbb: y<br>Ccc: z</div><p>Old.</p>',
        '<div class="gmail_quote"><div class="gmail_attr">Xxx yyy</div><blockquote>Old.</blockquote></div>',
        '<div class="moz-cite-prefix">Xxx yyy</div><blockquote type="cite">Old.</blockquote>',
        '<div class="protonmail_quote">Xxx yyy<blockquote>Old.</blockquote></div>',
    ],
)
def test_what_the_program_marks_as_quote_is_one_in_every_language(markup: str) -> None:
    body = split_reply(html_to_text(f"<div>{NEW}</div>{markup}"))

    assert body.text == NEW
    assert not MARKED.search(body.full_text)


def test_answers_between_the_parts_of_a_quote_in_gmail_are_new() -> None:
    quote = (
        '<div class="gmail_attr">Xxx</div><blockquote>Which?</blockquote>The left.<blockquote>When?</blockquote>Now.'
    )

    body = split_reply(html_to_text(f'<div class="gmail_quote">{quote}</div>'))

    assert body.pairs == (Pair("Which?", "The left."), Pair("When?", "Now."))


def test_a_header_in_html_keeps_what_the_author_wrote_above_it() -> None:
    markup = '<p>One: a</p><div style="border-top:solid 1px">No field here</div><div style="color:red">Two.</div>'

    assert split_reply(html_to_text(markup)).quoted == ""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.parsers.html_headings import MAX_HEADING, MAX_HEADINGS, html_headings
from mailgateway.parsers.message import parse

MAIL = b"""From: a@example.com
Subject: Two
Content-Type: text/html

<h3>Printer</h3><p>It fails.</p><p><b>Users</b></p><p>How do we <b>add</b> one?</p>
"""


@pytest.mark.parametrize(
    ("markup", "headings"),
    [
        ("<h1>One</h1><p>text</p><h6>Two <i>x</i></h6>", ("One", "Two x")),
        ("<p><b>One</b></p><p>text</p>", ("One",)),
        ("<p><span><strong>One <u>two</u></strong></span></p>", ("One two",)),
        ("<div><b>One</b><br>text<br><b>Two</b><br>text</div>", ("One", "Two")),
        ("<p>a <b>word</b> in a line</p>", ()),
        ("<p><b>Label:</b> value</p>", ()),
        ("<ul><li><b>item</b></li></ul>", ()),
        ("<p>plain</p>", ()),
        ("<ul><li><b>item</b><br>text</li></ul>", ()),
        ("<p>a <i><b>word</b></i> in a line</p>", ()),
        (f"<p>{'<i>' * 20}<b>deep</b>{'</i>' * 20}</p>", ()),
        ("<p> <b>One</b> \n</p>", ("One",)),
        ("<h2></h2>", ()),
        (f"<h2>{'x' * (MAX_HEADING + 1)}</h2>", ()),
    ],
)
def test_headings_and_wholly_bold_lines_are_headings(markup: str, headings: tuple[str, ...]) -> None:
    assert html_headings(markup) == headings


def test_there_is_an_end_to_headings() -> None:
    markup = "".join(f"<h2>{number}</h2>" for number in range(1_000))

    assert len(html_headings(markup)) == MAX_HEADINGS


@given(st.text() | st.lists(st.sampled_from(["<b>", "</b>", "<p>", "</h1>", "<h1>", "a", "<br>", "\x00"])).map("".join))
def test_any_markup_has_headings_within_the_limits(markup: str) -> None:
    assert all(0 < len(heading) <= MAX_HEADING for heading in html_headings(markup))


def test_a_mail_has_the_headings_of_its_html() -> None:
    body = parse(MAIL).message.body

    assert body.text == "Printer\n\nIt fails.\n\nUsers\n\nHow do we add one?"
    assert body.headings == ("Printer", "Users")

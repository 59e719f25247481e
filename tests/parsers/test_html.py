"""Rules of reading HTML: what readers see stays, as lists, tables, links and quotes; what they do not see goes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.parsers.html import _Page, html_to_text
from mailgateway.parsers.html_guard import guarded
from mailgateway.parsers.html_style import NO_SHEET, sheet

LONG = "x" * 20_000  # Markup this long goes through the guard


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<ol start=3><li>a<li value=9>b<li>c</ol>", "3. a\n9. b\n10. c"),
        ("<ol start=x><li>a</ol>", "1. a"),
        ("<ul><li>a<br>b<ul><li>c</ul></ul>", "\u2022 a\n  b\n  \u2022 c"),
        ("<ul><li></li><li>a</ul>", "\u2022 a"),
        ("<li>lonely", "\u2022 lonely"),
        ("<dl><dt>word<dd>meaning</dl>", "word\n  meaning"),
        ("<ul>" * 40 + "<li>deep", "\u2022 deep"),
        ("<ul><li>x" * 15, "\n".join("  " * min(at, 9) + "\u2022 x" for at in range(15))),
        ("<dl><dd>x" * 15, "\n\n".join("  " * min(at + 1, 10) + "x" for at in range(15))),
        ("<h1>a</h1>b<h2>c</h2>", "a\n\nb\n\nc"),
        ("<p>a <q>b</q></p>", 'a "b"'),
        ("<pre>a\n  b\n\nc</pre>d", "a\n  b\n\nc\n\nd"),
        ("<div style='white-space:pre-wrap'>a\n  b</div>", "a\n  b"),
        ("<xmp>a <b> c</xmp>", "a <b> c"),
        ("<div hidden><xmp>a</xmp></div>b", "b"),
        ("<style>a{}</style><script>b</script><!-- c -->d<iframe>e</iframe>", "d"),
        ("a<br><br><br>b", "a\n\nb"),
        ("<p style='margin:0'>a</p><p style='margin:0'>b</p>", "a\nb"),
        ("<p style='margin:0 0 0cm 1em'>a</p><p style='margin-top:0px;margin-bottom:0'>b</p>", "a\nb"),
        ("<p style='margin:1em 0'>a</p><p style='margin:0 0 1em'>b</p>c", "a\n\nb\n\nc"),
        ("a<textarea>b\nc</textarea>", "ab\nc"),
        ("a\u00adb\u200bc\u00a0d", "abc d"),
    ],
)
def test_blocks_and_lists_stay(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a | b\nc | d"),
        ("<table border=1><tr><td>a<td><td>c<tr><td>d<td><td></table>", "a |  | c\nd"),
        ("<table><tr><td>a<td><td>c</table>", "a | c"),
        ("<table><tr><th>a<td>b<td></table>", "a | b"),
        ("<table><tr><td>To:<td>a<td>b</table>", "To: a | b"),
        ("<table><tr><td>" + "a " * 300 + "<td>b</table>", " ".join(["a"] * 300) + "\nb"),
        ("<table><tr><td>a<p>b<td>c</table>", "a\n\nb\n\nc"),
        ("<table><tr><td>a<blockquote>b</blockquote><td>c</table>", "a\n\n> b\n\nc"),
        ("<blockquote><table><tr><td>a<td>b</table></blockquote>", "> a | b"),
        ("x<table><tr><td></table>y", "x\ny"),
        ("<h1>x</h1><table><tr><td>a<td>b</table>", "x\n\na | b"),
        ("<h1>x</h1><table><tr><td>a</table>", "x\n\na"),
        ("<table><tr><td>" * 12 + "x<td>y", "x\ny"),
        ("<td>a<td>b", "ab"),
    ],
)
def test_the_cells_of_a_row_stand_on_one_line_where_they_are_short(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<a href='https://www.x.example/'>x.example</a>", "x.example"),
        ("<a href='https://x.example/a'>https://x.example/...</a>", "https://x.example/... <https://x.example/a>"),
        ("<a href='https://x.example/abc'>https://x.example/abc\u2026</a>", "https://x.example/abc\u2026"),
        ("<a href='https://x.example/a b'>a</a>", "a <https://x.example/ab>"),
        ("<a href='#top'>a</a><a href='cid:b'>b</a>", "ab"),
        ("<a href='https://x.example/'></a>b", "b"),
        ("<a href='tel:+491234'>call</a>", "call <+491234>"),
        (f"<a href='https://x.example/{'a' * 3000}'>a</a>", "a"),
        (
            "<a href='https://x.safelinks.protection.outlook.com/?url=javascript%3Ax'>a</a>",
            "a <https://x.safelinks.protection.outlook.com/?url=javascript%3Ax>",
        ),
        ("<a href='https://www.google.com/url?q=https://y.example'>a</a>", "a <https://y.example>"),
        ("<a href='http://[x'>a</a>", "a <http://[x>"),
        ("<p hidden><a href='https://x.example/a'>a</a></p>b", "b"),
        ("<span style='font-size:0'><a href='https://x.example/a'>a</a></span>b", "b"),
        ("<img alt='a  b'><img alt=''><img alt='c' width=0><img alt='\u2764'>", "[a b]\u2764"),
        ("<span style='font-size:0'><img alt=a></span><input value=b>c", "c"),
    ],
)
def test_links_and_pictures_say_what_they_are(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<p style='display:none !important'>x</p>",
        "<p style='visibility:hidden'>x</p>",
        "<p style='font-size:0px'>x</p>",
        "<p style='font-size:1px'>x</p>",
        "<p style='font-size:0'>x</p>",
        "<p style='opacity:0.0'>x</p>",
        "<p style='mso-hide:all'>x</p>",
        "<p style='max-height:0;overflow:hidden'>x</p>",
        "<p style='text-indent:-9999px'>x</p>",
        "<p style='position:fixed;top:-2000px'>x</p>",
        "<p style='position:absolute;clip:rect(0 0 0 0)'>x</p>",
        "<p style='color:#fff'>x</p>",
        "<p style='color:rgb(250, 252, 255)'>x</p>",
        "<p style='color:rgba(0,0,0,0)'>x</p>",
        "<p style='color:transparent'>x</p>",
        "<font color='#fefefe'>x</font>",
        "<div style='background:#003366 none'><p style='color:#036'>x</p></div>",
        "<div style='background:#003366'><div style='background:transparent'><p style='color:#036'>x</p></div></div>",
        "<table><tr><td bgcolor=black><p style='color:black'>x</p></table>",
        "<style>.a{display:none}</style><p class='b a'>x</p>",
        "<style>/* c */p.a{mso-hide:all}</style><p class=a>x</p>",
        "<style>@media print{p{color:red}}.a{display:none}</style><p class=a>x</p>",
        "<style>.a{display:none} @media screen{</style><p class=a>x</p>",
        "<p hidden>x</p>",
        "<template>x</template><select><option>x</select><title>x</title>",
    ],
)
def test_what_a_reader_does_not_see_never_counts(hidden: str) -> None:
    assert html_to_text(f"<body>{hidden}<p>seen</p></body>") == "seen"


@pytest.mark.parametrize(
    "seen",
    [
        "<div style='font-size:0'><p style='font-size:14px'>x</p></div>",
        "<div style='visibility:hidden'><p style='visibility:visible'>x</p></div>",
        "<div style='background:#000'><p style='color:#fff'>x</p></div>",
        "<div style='background-image:url(a.png)'><p style='color:#fff'>x</p></div>",
        "<table background=a.png><tr><td style='color:white'>x</table>",
        "<style>.a{background:#000}</style><p class=a style='color:#fff'>x</p>",
        "<style>#a b, td.a:hover{background-color:#000}</style><b style='color:#fff'>x</b>",
        "<div style='background:var(--x)'><p style='color:#fff'>x</p></div>",
        "<p style='color:unknown'>x</p>",
        "<p style='font-size:0.9em'>x</p>",
        "<p style='font-size:small'>x</p>",
        "<p style='height:0'>x</p>",
        "<p style='width:100%;overflow:hidden'>x</p>",
        "<p style='position:absolute;left:10px'>x</p>",
        "<p style='opacity:.5'>x</p>",
        "<style>@media print{.a{display:none}}</style><p class=a>x</p>",
        "<style>.a .b{display:none}</style><p class=b>x</p>",
        "<p style='broken'>x</p>",
    ],
)
def test_what_may_be_seen_stays(seen: str) -> None:
    assert html_to_text(f"<body>{seen}</body>") == "x"


def test_quotes_are_marked_and_indents_are_not() -> None:
    markup = "a<blockquote>q<blockquote>r</blockquote></blockquote><blockquote style='border:none'>b</blockquote>"

    assert html_to_text(markup) == "a\n\n> q\n>\n>> r\n\nb"


def test_an_end_that_ends_nothing_is_passed_over() -> None:
    assert _Page(NO_SHEET).read("<p>a</b>b</p>") == "ab"


def test_long_markup_is_read_as_short_markup_is() -> None:
    markup = (
        "<!-- a -- b --><style>.a{display:none}</style><script>if (a<b) '</p>'</script><p class=a>hidden</p>"
        "<p title='>'>one &lt; two</p><textarea><b></textarea><p><xmp><i></xmp><p><![CDATA[c]]><?php d ?></ e>"
        "<html lang=x><body class=y><body id=z><p>a < b</p>"
    )

    short, long = html_to_text(markup), html_to_text(f"{markup}<p>{LONG}")

    assert long == f"{short}\n\n{LONG}"


@pytest.mark.parametrize("end", ["<!-- open", "<script>open", "<p title='open", "<p title=", "<style>p{", "<", "</"])
def test_what_is_never_closed_costs_only_what_follows(end: str) -> None:
    assert html_to_text(f"<p>{LONG}</p>{end}").removesuffix("\n\n<").removesuffix("\n\n</") == LONG


def test_plain_text_to_the_end_stays() -> None:
    assert html_to_text(f"<p>{LONG}</p><plaintext>a <b> & c") == f"{LONG}\n\na <b> & c"


def test_an_element_keeps_its_first_attributes() -> None:
    names = " ".join(f"a{at}='>'" for at in range(100))

    cut = guarded(f"<p {names}>{LONG}</p {names}><p {names}")

    assert cut == f"<p {names[: names.index(' a64')]}>{LONG}</p {names[: names.index(' a64')]}> "


HOSTILE = {
    "attributes": "<p " + " ".join(f"a{at}" for at in range(150_000)) + ">",
    "attributes of many bodies": "".join(f"<body a{at} b{at} c{at}>" for at in range(40_000)),
    "attributes without spaces": "<p " + "".join(f"a{at}=''" for at in range(100_000)) + ">",
    "tags in tags": "<a" * 500_000,
    "quotes": "<a b=\"'" * 150_000,
    "tables": "<table><tr><td>x" * 60_000,
    "lists": "<ul><li>x" * 100_000,
    "formats": "<b><p>x" * 140_000,
    "comments": "<style>" + "/*" * 500_000,
    "rules": "<style>" + ".a,.b{display:none}" * 50_000 + "</style>" + "<p class='a b'>x" * 10_000,
    "braces": "<style>" + "@media{" * 100_000,
    "links": "<a href=http://x.example>y" * 40_000,
    "signatures": "<div class=gmail_signature>" * 40_000,
}


@pytest.mark.parametrize("markup", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_markup_is_read_in_time(markup: str) -> None:
    started = time.process_time()  # The CPU's time, on a machine that does other things too

    html_to_text(markup[: 1024 * 1024])

    assert time.process_time() - started < 4


TAGS = [
    "<p>",
    "</p>",
    "<b",
    ">",
    "'",
    '"',
    "=",
    "<!--",
    "-->",
    "<style>",
    "</style>",
    "<table>",
    "<td>",
    "<tr>",
    "&lt;",
]
TAGS += ["<ol>", "<li>", "<a href=http://x>", "</a>", "<blockquote>", "<pre>", "\n", "x", "<svg>", "<![CDATA[", "<q>"]


@given(st.lists(st.sampled_from(TAGS) | st.text(max_size=5), max_size=60).map("".join))
def test_any_markup_becomes_text(markup: str) -> None:
    for each in (markup, markup + LONG):
        text = html_to_text(each)
        text.encode("utf-8")
        assert "\r" not in text


@given(st.text(alphabet="a.#{}@media:;,*/ \n-", max_size=200))
def test_any_style_sheet_is_read(css: str) -> None:
    assert sheet(css).style("p", {"class": "a"}) is not None

"""Header fields: decoding, parameters, addresses, dates."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailparser.utils import get_addresses

from mailgateway.model.message import Address
from mailgateway.parsers.headers import _USUAL, _address, addresses, date, decoded, parameters


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain", "plain"),
        ("folded\r\n line", "folded line"),
        ("broken\nline", "broken line"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOf?=\r\n =?utf-8?b?ZQ==?= x", "Grüße x"),
        ("=?utf-8?b?R3LD?= =?utf-8?b?vMOfZQ?=", "Grüße"),
        ("a =?x-unknown?q?b=E9?= c", "a bé c"),
        ("=?utf-8*de?q?a?=", "a"),
        ("=?utf-8?b?!!!?=", ""),
        ("=?utf-8?q?a\udcc3\udcbc?=", "aü"),
        ("=?zlib_codec?b?eJwDAAAAAAE=?=", "xœ\x03".translate({3: None})),
        ("=?utf-8?q?not closed", "=?utf-8?q?not closed"),
        ("=?utf-8?q?a=00=0D=0A=09b?=", "a b"),
        ("\udcc3\udcbcber", "über"),
        ("\udcfcber", "über"),
        ("", ""),
    ],
)
def test_a_field_is_decoded_to_one_line(raw: str, text: str) -> None:
    assert decoded(raw).replace("  ", " ") == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Text/Plain; Charset=UTF-8", ("text/plain", {"charset": "UTF-8"})),
        ('a/b; name="x;y\\"z"', ("a/b", {"name": 'x;y"z'})),
        ('a/b; name="C:\\Users\\ann"', ("a/b", {"name": "C:\\Users\\ann"})),
        ("a/b; name*0*=utf-8''%C3%BC; name*1=\"b\"; name*2*=%63", ("a/b", {"name": "übc"})),
        ("a/b; name*=iso-8859-1'de'%FCber", ("a/b", {"name": "über"})),
        ("a/b; name=x; name*=utf-8''y", ("a/b", {"name": "y"})),
        ("a/b; name=x; name=y", ("a/b", {"name": "x"})),
        ("a/b; name==?utf-8?q?=C3=BC?=", ("a/b", {"name": "ü"})),
        ("a/b; name*x=1; name*99999=2; nothing;;", ("a/b", {})),
        ('a/b; name="open', ("a/b", {"name": "open"})),
        ("", ("", {})),
    ],
)
def test_parameters_are_read_by_name(raw: str, expected: tuple[str, dict[str, str]]) -> None:
    assert parameters(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("anna@Example.ORG", (Address("", "anna@example.org"),)),
        ("=?utf-8?q?M=2C=C3=BC?= <Anna@x.example>", (Address("M,ü", "Anna@x.example"),)),
        ("anna@x.example (Anna)", (Address("Anna", "anna@x.example"),)),
        ("Smith, Ann <ann@x.example>", (Address("Smith, Ann", "ann@x.example"),)),
        ('"a, b" <a@x.example>, c@x.example', (Address("a, b", "a@x.example"), Address("", "c@x.example"))),
        ("Team: a@x.example, b@x.example;", (Address("", "a@x.example"), Address("", "b@x.example"))),
        ("undisclosed-recipients:;", ()),
        ("root", (Address("", "root"),)),
        ("<MAILER-DAEMON>", (Address("", "MAILER-DAEMON"),)),
        ("Just A Name", (Address("Just A Name", ""),)),
        ('"open <a@x.example>', (Address("open", "a@x.example"),)),
        ("M\udcfcller <a@x.example>", (Address("Müller", "a@x.example"),)),
        ("a@x.example\r\nBcc: b@x.example", (Address("", "a@x.example"),)),
        ("anna@, Bob <b@x.example>", (Address("Bob", "b@x.example"),)),
        ("<>", ()),
        ("", ()),
    ],
)
def test_addresses_are_read_leniently(raw: str, expected: tuple[Address, ...]) -> None:
    assert addresses(raw) == expected


def test_addresses_are_bounded() -> None:
    assert len(addresses("a@x.example," * 50, limit=10)) == 10


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Mon, 03 Mar 2025 09:59:58 +0545", datetime(2025, 3, 3, 4, 14, 58, tzinfo=UTC)),
        ("3 Mar 25 10:00 GMT (comment)", datetime(2025, 3, 3, 10, tzinfo=UTC)),
        ("Mon Mar  3 10:00:00 2025", datetime(2025, 3, 3, 10, tzinfo=UTC)),
        ("Mon, 03 Mar 2025 10:00:00 -2359", datetime(2025, 3, 4, 9, 59, tzinfo=UTC)),
        ("Mon, 03 Mar 2025 10:00:00 +9959", datetime(2025, 2, 27, 6, 1, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("someday", None),
        ("", None),
    ],
)
def test_a_date_is_aware_or_none(raw: str, expected: datetime | None) -> None:
    assert date(raw) == expected


def test_a_date_keeps_its_offset() -> None:
    moment = date("Mon, 03 Mar 2025 09:59:58 -0330")

    assert moment is not None
    assert moment.tzinfo == timezone(-timedelta(hours=3, minutes=30))


def test_where_the_library_fails_fields_are_read_leniently(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr("mailgateway.parsers.headers.get_addresses", fail)
    monkeypatch.setattr("mailgateway.parsers.headers.parse_mail_date", fail)

    assert addresses("Anna <a@x.example>") == (Address("Anna", "a@x.example"),)
    assert date("Mon, 03 Mar 2025 10:00:00 +0000") == datetime(2025, 3, 3, 10, tzinfo=UTC)


@given(st.from_regex(_USUAL, fullmatch=True).filter(lambda line: len(line) <= 200))
def test_a_usual_address_is_what_the_library_reads(line: str) -> None:
    (found,) = addresses(line)

    ((name, address),) = get_addresses(line, decode_names=True)

    assert (found.name, found.address) == ("" if name == address else name, _address("", address).address)

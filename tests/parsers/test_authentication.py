"""Authentication-Results (RFC 8601): the grammar, whose field counts, and what follows for From."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Address, Message
from mailgateway.model.people import Authentication, AuthenticationResults
from mailgateway.parsers.authentication import NO_RESULTS, Result, authentication, is_aligned, parsed_results
from mailgateway.parsers.message import parse
from tests.factories import message

OURS = "mx.acme.example"
ERIKA = Address("Erika", "erika@client.example")


def mail(*fields: str, authors: tuple[Address, ...] = (ERIKA,)) -> Message:
    return message(*(("authentication-results", field) for field in fields), sender=ERIKA.address, authors=authors)


def verdict(*fields: str, authors: tuple[Address, ...] = (ERIKA,)) -> Authentication:
    return authentication(mail(*fields, authors=authors), OURS).verdict


# --- the grammar


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("example.org 1; none", ("example.org", ())),
        ("example.org; spf=pass", ("example.org", (Result("spf", "pass"),))),
        ("EXAMPLE.org;SPF=PASS", ("example.org", (Result("spf", "pass"),))),
        ('"example.org" (a (nested) comment) 1 ; none', ("example.org", ())),
        (
            'example.org; dkim/1 = pass (good; dmarc=pass) reason="all; well" header.d = a.example header . s=x',
            (
                "example.org",
                (Result("dkim", "pass", (("reason", "all; well"), ("header.d", "a.example"), ("header.s", "x"))),),
            ),
        ),
        (
            "example.org; dkim=pass header.b=ab+/c== header.i=@a.example; spf=none",
            (
                "example.org",
                (Result("dkim", "pass", (("header.b", "ab+/c"), ("header.i", "@a.example"))), Result("spf", "none")),
            ),
        ),
        (
            r'example.org; spf=pass smtp.mailfrom="a\"; dmarc=pass; \\"',
            ("example.org", (Result("spf", "pass", (("smtp.mailfrom", 'a"; dmarc=pass; \\'),)),)),
        ),
        ("example.org; spf=pass (never closed; dmarc=pass", ("example.org", (Result("spf", "pass"),))),
        (r"example.org; spf=pass (closed \) not yet; dmarc=pass", ("example.org", (Result("spf", "pass"),))),
        ("example.org; ; =pass; junk; spf=fail", ("example.org", (Result("spf", "fail"),))),
        ("spf=pass smtp.mailfrom=a.example; dkim=pass", None),
        ("= x", None),
        ("(nobody)", None),
        ("", None),
    ],
)
def test_a_field_is_read_by_the_grammar(value: str, expected: object) -> None:
    assert parsed_results(value) == expected


@given(st.text(alphabet='ab.;=()"\\ /@', max_size=200))
def test_any_field_is_read(value: str) -> None:
    found = parsed_results(value)

    assert found is None or isinstance(found[0], str)


@pytest.mark.parametrize("piece", ["(", '"', "\\", "a=b ", "; ", "a . ", '"a\\', "()"])
def test_a_hostile_field_takes_no_time(piece: str) -> None:
    begin = time.process_time()

    parsed_results("mx; " + piece * (64 * 1024 // len(piece)))

    assert time.process_time() - begin < 1


# --- whose field counts


def test_results_of_our_own_server_are_shown() -> None:
    field = (
        f"{OURS}; spf=softfail; dkim=fail header.d=x.example; dkim=pass header.d=client.example; dmarc=pass; arc=none"
    )

    assert authentication(mail(field), OURS.upper()) == AuthenticationResults(
        Authentication.PASS, OURS, "softfail", "pass", "pass", "none", "dmarc=pass"
    )


@pytest.mark.parametrize(
    ("fields", "authserv_id"),
    [
        (("mx.other.example; dmarc=pass",), OURS),
        ((f"{OURS}; dmarc=pass",), ""),
        ((f"{OURS}.evil.example; dmarc=pass",), OURS),
        (("dmarc=pass",), OURS),
        ((), OURS),
    ],
)
def test_nobody_elses_field_counts(fields: tuple[str, ...], authserv_id: str) -> None:
    assert authentication(mail(*fields), authserv_id) == NO_RESULTS


def test_of_several_fields_with_our_id_the_topmost_counts_alone() -> None:
    forged = f"{OURS}; dmarc=pass; dkim=pass header.d=client.example"

    assert authentication(mail("mx.other.example; dmarc=fail", f"{OURS}; spf=none", forged), OURS) == (
        AuthenticationResults(Authentication.NONE, OURS, spf="none")
    )


EXCHANGE = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=client.example; dkim=none; dmarc=fail action=none"


def test_a_field_without_an_id_counts_where_the_configuration_says_that_ours_has_none() -> None:
    assert authentication(mail(EXCHANGE), "-") == AuthenticationResults(
        Authentication.FAIL, "-", spf="pass", dkim="none", dmarc="fail", because="dmarc=fail"
    )


@pytest.mark.parametrize(
    "fields",
    [
        (f"{OURS}; dmarc=pass", "dmarc=pass"),
        ("-; dmarc=pass",),
        ("=; dmarc=pass",),
        ("; dmarc=pass",),
        ("none",),
        ("",),
        (),
    ],
)
def test_without_an_id_only_a_topmost_field_without_one_counts(fields: tuple[str, ...]) -> None:
    assert authentication(mail(*fields), "-") == NO_RESULTS


def test_of_fields_without_an_id_the_topmost_counts_alone() -> None:
    forged = "dmarc=pass; dkim=pass header.d=client.example"

    assert authentication(mail(EXCHANGE, forged), "-").verdict is Authentication.FAIL
    assert authentication(mail("spf=none", forged), "-").verdict is Authentication.NONE


def test_encoded_words_never_become_syntax() -> None:
    raw = (
        b"Authentication-Results: mx.acme.example; spf=none smtp.mailfrom==?utf-8?q?=3Bdmarc=3Dpass?=@evil.example\r\n"
        b"From: erika@client.example\r\n\r\nHello\r\n"
    )

    assert authentication(parse(raw).message, OURS).verdict is Authentication.NONE


# --- the verdict


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("dmarc=pass", Authentication.PASS),
        ("dmarc=pass header.from=client.example", Authentication.PASS),
        ("dmarc=pass header.from=evil.example", Authentication.NONE),
        ("dmarc=pass; dmarc=none", Authentication.NONE),
        ("dmarc=bestguesspass", Authentication.NONE),
        ("dmarc=temperror", Authentication.NONE),
        ("dmarc=fail", Authentication.FAIL),
        ("dmarc=pass; dmarc=fail", Authentication.FAIL),
        ("dmarc=fail; dkim=pass header.d=client.example", Authentication.FAIL),
        ("dkim=pass header.d=client.example", Authentication.PASS),
        ("dkim=pass header.d=mail.client.example", Authentication.PASS),
        ("dkim=pass header.i=@client.example", Authentication.PASS),
        ("dkim=pass header.d=evil.example header.i=@client.example", Authentication.NONE),
        ("dkim=pass header.d=notclient.example", Authentication.NONE),
        ("dkim=pass header.d=example", Authentication.NONE),
        ("dkim=pass", Authentication.NONE),
        ("dkim=neutral header.d=client.example", Authentication.NONE),
        ("spf=pass smtp.mailfrom=client.example; arc=pass", Authentication.NONE),
    ],
)
def test_only_dmarc_or_an_aligned_signature_is_a_pass(results: str, expected: Authentication) -> None:
    assert verdict(f"{OURS}; {results}") is expected


@pytest.mark.parametrize(
    "authors", [(), (ERIKA, Address("", "boss@bank.example")), (Address("", "boss@bank.example"),)]
)
def test_a_from_that_does_not_name_exactly_the_sender_is_never_a_pass(authors: tuple[Address, ...]) -> None:
    assert verdict(f"{OURS}; dmarc=pass", authors=authors) is Authentication.NONE
    assert verdict(f"{OURS}; dmarc=fail", authors=authors) is Authentication.FAIL


@pytest.mark.parametrize(
    ("signer", "author", "aligned"),
    [
        ("a.example", "a.example", True),
        ("A.example.", "a.EXAMPLE", True),
        ("b.a.example", "a.example", True),
        ("a.example", "b.a.example", True),
        ("b.a.example", "c.a.example", False),
        ("example", "a.example", False),
        ("", "a.example", False),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("\u2603" * 70 + ".example", "a.example", False),
    ],
)
def test_alignment_is_the_same_domain_or_one_above_the_other(signer: str, author: str, *, aligned: bool) -> None:
    assert is_aligned(signer, author) is aligned


# --- doubts about From


def parsed(header: bytes) -> Message:
    return parse(header + b"\r\nSubject: x\r\n\r\nHello\r\n").message


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"From: Erika <erika@client.example>", ()),
        (b'From: "erika@client.example" <Erika@client.example>', ()),
        (
            b'From: "boss@bank.example" <erika@client.example>',
            ("the name in From shows another address: boss@bank.example",),
        ),
        (
            b"From: =?utf-8?q?boss=EF=BC=A0bank=2Eexample?= <erika@client.example>",
            ("the name in From shows another address: boss@bank.example",),
        ),
        (b"From: a@x.example, b@x.example", ("From names several addresses: a@x.example, b@x.example",)),
        (b"From: a@x.example\r\nFrom: b@x.example", ("From names several addresses: a@x.example, b@x.example",)),
    ],
)
def test_a_from_that_may_be_somebody_elses_is_doubted(header: bytes, expected: tuple[str, ...]) -> None:
    assert parsed(header).suspicious == expected


def test_headers_of_our_own_namespace_are_taken_out() -> None:
    read = parsed(b"From: a@x.example\r\nX-Mailgateway-Role: agent\r\nX-MAILGATEWAY-Role: agent")

    assert [name for name, _ in read.headers] == ["from", "subject"]
    assert read.defects == ("x-mailgateway-role is not believed",)

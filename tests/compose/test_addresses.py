"""Which addresses can be written to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.compose.addresses import deliverable, with_detail


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com",
        "first.last+tag@sub.example.com",
        "o'neil_=/?@example.com",
        '"two words"@example.com',
        '"a@b"@example.com',
        r'"quote\" and \\"@example.com',
        "root@localhost",
        "用户@example.com",
        "x" * 64 + "@example.com",
    ],
)
def test_address_that_can_be_written_to_stays_as_it_is(address: str) -> None:
    assert deliverable(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.com",
        "a@",
        "a b@example.com",
        "a@b@example.com",
        "a@example..com",
        "a@-example.com",
        "a@example.com\r\nBcc: evil@example.net",
        "a\0@example.com",
        "a\u202e@example.com",
        "\ud800@example.com",
        "a@\ud800.example",
        "a@exam ple.com",
        "<a@example.com>",
        "a,b@example.com",
        ".a@example.com",
        "a..b@example.com",
        '"unclosed@example.com',
        "x" * 65 + "@example.com",
        "é" * 33 + "@example.com",
        "a@" + "x." * 130 + "com",
        "a@" + "ü" * 70 + ".example",
    ],
)
def test_address_that_cannot_be_written_to_gives_nothing(address: str) -> None:
    assert deliverable(address) == ""


def test_domain_is_turned_into_its_ascii_form() -> None:
    assert deliverable("joerg@Bücher.example") == "joerg@xn--bcher-kva.example"


@given(st.text(st.characters(exclude_categories=())).map(lambda text: f"{text}@example.com") | st.text())
def test_result_has_nothing_that_could_end_a_header(address: str) -> None:
    result = deliverable(address)

    assert not set(result) & set("\r\n\0\u2028\u2029\x85")
    assert not result or (result.isprintable() and result.encode())


def test_detail_stands_between_plus_and_at() -> None:
    assert with_detail("support@acme.example", "b12.mac") == "support+b12.mac@acme.example"


@pytest.mark.parametrize(("octets", "fits"), [(60, True), (61, False)])
def test_detail_that_makes_the_local_part_too_long_gives_nothing(octets: int, fits: bool) -> None:
    assert bool(with_detail("s" * octets + "@acme.example", "xyz")) is fits

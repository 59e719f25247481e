"""Lists of customers as people keep them."""

import pytest

from mailgateway.app.directory import Directory, read_directory
from mailgateway.errors import ConfigError
from mailgateway.model.people import Customer

HEADING = "customer,name,plan,domains,language,time_zone,contact,address\n"
ACME = Customer("acme", "Acme, Ltd", "gold", ("acme.example", "acme.test"), "en", "Europe/Berlin")
SEVERAL_LINES = (
    HEADING
    + 'acme,"Acme, Ltd",gold,acme.example ACME.test,en,Europe/Berlin,"Berg, Anna",Anna@Acme.example\n'
    + "acme,,,acme.example,,,Bo Ek,bo@acme.example\n"
    + "solo,,,,,,,\n"
)
READ = Directory(
    (ACME, Customer("solo", "solo")),
    (("Berg, Anna", "anna@acme.example", "acme"), ("Bo Ek", "bo@acme.example", "acme")),
)
TOML = """
[[customer]]
id = "acme"
name = "Acme, Ltd"
plan = "gold"
domains = ["acme.example", "ACME.test"]
language = "en"
time_zone = "Europe/Berlin"
contacts = [{ name = "Berg, Anna", address = "Anna@Acme.example" }, { name = "Bo Ek", address = "bo@acme.example" }]

[[customer]]
id = "solo"
"""


def refused(text: str | bytes, name: str = "c.csv") -> list[str]:
    """Return the lines of the refusal."""
    with pytest.raises(ConfigError) as caught:
        read_directory(text if isinstance(text, bytes) else text.encode(), name)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("text", "name"), [(SEVERAL_LINES, "c.csv"), (SEVERAL_LINES.replace("\n", "\r\n"), "C.CSV"), (TOML, "c.toml")]
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_csv_and_toml_say_the_same_with_and_without_a_byte_order_mark(text: str, name: str, mark: bytes) -> None:
    assert read_directory(mark + text.encode(), name) == READ


def test_columns_come_in_any_order_and_only_the_customer_is_needed() -> None:
    text = "address,customer\nanna@acme.example,acme\n"

    assert read_directory(text.encode(), "c.csv") == Directory(
        (Customer("acme", "acme"),), (("", "anna@acme.example", "acme"),)
    )


def test_a_cell_may_go_over_several_lines() -> None:
    text = 'customer,name\nacme,"Acme\nLtd"\nsolo,\n,x\n'

    assert refused(text)[0].startswith("c.csv:5: id: ")


def test_every_fault_of_a_csv_file_is_told_with_its_line() -> None:
    text = HEADING + "Bad Name,,,,,,,\nacme,,,,,,Anna,no-address\nacme,,,,,,Anna,\nacme,A, Ltd,,,,,,,\n"

    lines = refused(text)

    assert [line.partition(": ")[0] for line in lines] == ["c.csv:2", "c.csv:3", "c.csv:4", "c.csv:5"]
    assert "id: String should match pattern" in lines[0]
    assert "contacts.0.address: String should match pattern" in lines[1]
    assert "contacts.0.address" in lines[2]
    assert lines[3] == "c.csv:5: more cells than the heading has; put a cell with a comma in quotes"


def test_every_fault_of_a_toml_file_is_told_with_its_key() -> None:
    lines = refused('[[customer]]\nid = "a b"\n[[customer]]\nid = "b"\nplam = "gold"\n', "c.toml")

    assert [line.split(": ")[:2] for line in lines] == [["c.toml", "customer.0.id"], ["c.toml", "customer.1.plam"]]


@pytest.mark.parametrize("zone", ["Europe/Istanbul", "+03:00", "-03:30", "UTC", ""])
def test_customers_time_zone_is_a_place_an_offset_or_empty_for_the_sites(zone: str) -> None:
    (found,) = read_directory(f"customer,time_zone\nacme,{zone}\n".encode(), "c.csv").customers

    assert found.time_zone == zone


def test_time_zones_that_are_none_are_refused_with_what_to_write_instead() -> None:
    text = "customer,time_zone\nacme,GMT+3\nsolo,CET\nfine,UTC\nlast,Berlin\n"
    toml = '[[customer]]\nid = "acme"\ntime_zone = "+15:00"\n'

    lines = refused(text)

    assert [line.partition(":")[2].partition(":")[0] for line in lines] == ["2", "3", "5"]
    assert lines[0] == (
        'c.csv:2: time_zone: unknown time zone "GMT+3": for a fixed offset write "+03:00"; '
        'for a place with summer time write for example "Europe/Berlin"'
    )
    assert 'unknown time zone "CET": an abbreviation may mean several zones' in lines[1]
    assert 'unknown time zone "Berlin": ' in lines[2]
    assert refused(toml, "c.toml") == [
        'c.toml: customer.0.time_zone: unknown time zone "+15:00": offsets go from -12:00 to +14:00'
    ]


def test_what_belongs_to_another_customer_is_refused_all_at_once() -> None:
    text = HEADING + (
        "acme,,,acme.example,,,Anna,anna@acme.example\n"
        "other,,,Acme.Example,,,Anna,ANNA@acme.example\n"
        "third,,,acme.example,,,,\n"
    )

    assert refused(text) == [
        "c.csv:3: acme.example belongs to acme already",
        "c.csv:3: anna@acme.example belongs to acme already",
        "c.csv:4: acme.example belongs to acme already",
    ]


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("", "c.csv", "c.csv:1: the heading must be made of customer, name"),
        ("customer;name\na;b\n", "c.csv", "got ['customer;name']"),
        ("customer,nam\na,b\n", "c.csv", "got ['customer', 'nam']"),
        ("name\nb\n", "c.csv", "got ['name']"),
        ("customer\n", "c.csv", "c.csv: there is no customer in it"),
        ("", "c.toml", "c.toml: there is no customer in it"),
        ("customer = ", "c.toml", "c.toml: not valid TOML: "),
        ("customer", "c.txt", "c.txt: the ending must be .csv or .toml"),
        ("customer", "csv", "csv: "),
        ("customer\n" + "x" * 200_000, "c.csv", "c.csv: not valid CSV: field larger than field limit"),
        (b"customer\n\xe4\n", "c.csv", "c.csv: not UTF-8 at byte 9; save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_list_of_customers_is_refused_in_words(text: str | bytes, name: str, words: str) -> None:
    (line,) = refused(text, name)

    assert words in line

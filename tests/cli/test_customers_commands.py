"""Who has a contract: import, list, show."""

from pathlib import Path

import pytest

from tests.app.filled import Filled, copied, filled

CSV = "customer,name,domains,contact,address\nnova,Nova Ltd,nova.example,Ida,ida@nova.example\nacme,Acme plc,,,\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return filled(tmp_path_factory.mktemp("customers") / "gateway")


@pytest.fixture
def gateway(template: Filled, tmp_path: Path) -> Filled:
    return copied(template, tmp_path)


def file(gateway: Filled, text: str, name: str = "customers.csv") -> str:
    path = gateway.folder / name
    path.write_text(text)
    return str(path)


def test_import_creates_and_updates_and_removes_nothing(gateway: Filled) -> None:
    result = gateway.run("customers", "import", file(gateway, CSV))
    again = gateway.run("customers", "import", file(gateway, CSV))

    assert (result.exit_code, result.stderr) == (0, "2 customers and 1 contacts are new or changed\n")
    assert again.stderr == "0 customers and 0 contacts are new or changed\n"
    customers = {customer["id"]: customer for customer in gateway.lines("customers", "list")}
    assert (customers["acme"]["name"], list(customers)) == ("Acme plc", ["acme", "nova"])


def test_import_as_json_tells_the_counts(gateway: Filled) -> None:
    assert gateway.lines("customers", "import", file(gateway, CSV)) == [{"customers": 2, "contacts": 1}]


def test_import_of_toml(gateway: Filled) -> None:
    text = '[[customer]]\nid = "nova"\ncontacts = [{ name = "Ida", address = "ida@nova.example" }]\n'

    assert gateway.lines("customers", "import", file(gateway, text, "c.toml")) == [{"customers": 1, "contacts": 1}]


def test_a_fault_changes_nothing_and_every_fault_is_told(gateway: Filled) -> None:
    before = gateway.lines("customers", "list")

    result = gateway.run("customers", "import", file(gateway, CSV + "B A D,,,,\nc,,,X,nowhere\n"))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("customers.csv:4: id: ") == 1
    assert result.stderr.count("customers.csv:5: contacts.0.address: ") == 1
    assert gateway.lines("customers", "list") == before


def test_a_file_that_is_not_there_is_told(gateway: Filled) -> None:
    result = gateway.run("customers", "import", "/nowhere/customers.csv")

    assert (result.exit_code, result.stderr) == (1, "error: /nowhere/customers.csv: No such file or directory\n")


def test_list_is_a_table(template: Filled) -> None:
    heading, row = template.run("customers", "list").stdout.splitlines()

    assert heading.split() == ["customer", "name", "plan", "domains", "language", "time", "zone"]
    assert row.split() == ["acme", "Acme", "Ltd", "gold", "customer.example"]


def test_show_has_the_contacts(template: Filled) -> None:
    result = template.run("customers", "show", "acme")

    assert result.exit_code == 0
    assert "Acme Ltd" in result.stdout
    assert result.stdout.splitlines()[-1].split() == ["Carla", "carla@customer.example"]


def test_show_as_json_is_one_object(template: Filled) -> None:
    (shown,) = template.lines("customers", "show", "acme")

    assert shown["customer"]["domains"] == ["customer.example"]
    assert [contact["address"] for contact in shown["contacts"]] == ["carla@customer.example"]


def test_a_customer_that_does_not_exist_is_an_error(template: Filled) -> None:
    result = template.run("customers", "show", "nobody")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "nobody" in result.stderr


def test_wrong_usage_ends_with_2(template: Filled) -> None:
    assert [template.run("customers", *words).exit_code for words in (("show",), ("import",), ("list", "x"))] == [
        2,
        2,
        2,
    ]

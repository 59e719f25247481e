"""A list of customers as an admin keeps it, read into values: CSV from a spreadsheet or TOML from git.

CSV has a heading and one line for each contact: `customer,name,plan,domains,language,time_zone,contact,address`
(only `customer` is compulsory; the customer's own columns count where they are filled; domains are separated by
spaces). TOML has one `[[customer]]` table each with `contacts = [{ name = "...", address = "..." }]`.
"""

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import AfterValidator, ValidationError

from mailgateway.config import MailAddress, Name
from mailgateway.diagnostics.fields import Section
from mailgateway.errors import ConfigError
from mailgateway.model.calendar import parse_zone
from mailgateway.model.people import Customer

COLUMNS = ("customer", "name", "plan", "domains", "language", "time_zone", "contact", "address")
"""The heading of a CSV file; any order, the last seven can be missing."""
SURPLUS = "cells without a heading"
"""Where the reader puts them."""


def _time_zone(text: str) -> str:
    """Return the name of a time zone as it is, "" for the site's.

    Raises:
        ValueError: It is none; the words say what to write instead.
    """
    if text:
        try:
            parse_zone(text)
        except ValueError as error:
            raise ValueError(f'unknown time zone "{text}": {error}') from None
    return text


class ContactEntry(Section):
    """A person of a customer."""

    name: str = ""
    address: MailAddress


class CustomerEntry(Section):
    """One customer with its people."""

    id: Name
    name: str = ""
    plan: str = ""
    domains: tuple[str, ...] = ()
    language: str = ""
    time_zone: Annotated[str, AfterValidator(_time_zone)] = ""
    contacts: tuple[ContactEntry, ...] = ()


class _File(Section):
    customer: tuple[CustomerEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """Customers, and (name, address in lower case, customer id) of their people."""

    customers: tuple[Customer, ...]
    contacts: tuple[tuple[str, str, str], ...]


def read_directory(raw: bytes, name: str) -> Directory:
    """Return the customers of a file.

    Args:
        raw: The file's content, UTF-8 (a byte order mark is passed over).
        name: The file's name; its ending says what it is: `.csv` or `.toml`.

    Raises:
        ConfigError: It is neither, or some line cannot be used; the text names every one of them.
    """
    readers = {"csv": _csv_entries, "toml": _toml_entries}
    reader = readers.get(name.lower().rpartition(".")[2])
    if reader is None:
        raise ConfigError(f"{name}: the ending must be .csv or .toml")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    return _directory(reader(text, name), name)


def _toml_entries(text: str, name: str) -> list[tuple[str, CustomerEntry]]:
    try:
        entries = _File.model_validate(tomllib.loads(text)).customer
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not valid TOML: {error}") from None
    except ValidationError as error:
        raise ConfigError("\n".join(f"{name}: {line}" for line in _faults(error))) from None
    return [(f"{name}: customer {entry.id}", entry) for entry in entries]


def _csv_entries(text: str, name: str) -> list[tuple[str, CustomerEntry]]:
    try:
        return _csv_rows(csv.DictReader(io.StringIO(text, newline=""), restkey=SURPLUS), name)
    except csv.Error as error:
        raise ConfigError(f"{name}: not valid CSV: {error}") from None


def _csv_rows(reader: "csv.DictReader[str]", name: str) -> list[tuple[str, CustomerEntry]]:
    unknown = [column for column in reader.fieldnames or () if column not in COLUMNS]
    if "customer" not in (reader.fieldnames or ()) or unknown:
        raise ConfigError(f"{name}:1: the heading must be made of {', '.join(COLUMNS)}; got {reader.fieldnames}")
    entries: list[tuple[str, CustomerEntry]] = []
    faults: list[str] = []
    for row in reader:
        place = f"{name}:{reader.line_num}"
        try:
            entries.append((place, CustomerEntry.model_validate(_csv_fields(row))))
            if SURPLUS in row:
                faults.append(f"{place}: more cells than the heading has; put a cell with a comma in quotes")
        except ValidationError as error:
            faults.extend(f"{place}: {line}" for line in _faults(error))
    if faults:
        raise ConfigError("\n".join(faults))
    return entries


def _csv_fields(row: Mapping[str, str | None]) -> dict[str, object]:
    cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
    has_person = cells["contact"] or cells["address"]
    people = [{"name": cells["contact"], "address": cells["address"]}] if has_person else []
    return {
        "id": cells["customer"],
        "name": cells["name"],
        "plan": cells["plan"],
        "domains": tuple(cells["domains"].split()),
        "language": cells["language"],
        "time_zone": cells["time_zone"],
        "contacts": people,
    }


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        yield f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}"


def _directory(entries: list[tuple[str, CustomerEntry]], name: str) -> Directory:
    customers: dict[str, Customer] = {}
    contacts: dict[str, tuple[str, str, str]] = {}
    domains: dict[str, str] = {}
    faults: list[str] = []
    for place, entry in entries:
        customers[entry.id] = _merged(customers.get(entry.id, Customer(entry.id, entry.id)), entry)
        people = {person.address.lower(): person.name for person in entry.contacts}
        claimed = [(domain, domains.setdefault(domain, entry.id)) for domain in map(str.lower, entry.domains)]
        claimed += [
            (address, contacts.setdefault(address, (person, address, entry.id))[2])
            for address, person in people.items()
        ]
        faults += [f"{place}: {what} belongs to {owner} already" for what, owner in claimed if owner != entry.id]
    if faults:
        raise ConfigError("\n".join(faults))
    if not customers:
        raise ConfigError(f"{name}: there is no customer in it")
    return Directory(tuple(customers.values()), tuple(contacts.values()))


def _merged(customer: Customer, entry: CustomerEntry) -> Customer:
    """Return the customer with what this entry fills in; several lines of a CSV file make one customer."""
    return replace(
        customer,
        name=entry.name or customer.name,
        plan=entry.plan or customer.plan,
        domains=tuple(dict.fromkeys((*customer.domains, *(domain.lower() for domain in entry.domains)))),
        language=entry.language or customer.language,
        time_zone=entry.time_zone or customer.time_zone,
    )

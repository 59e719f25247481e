"""`mailgateway rules schema`, `fields` and `init`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mailgateway.cli import app
from mailgateway.rules.kinds.all import FILES
from mailgateway.rules.names import Names, names_in
from mailgateway.rules.schema import file_schema
from mailgateway.rules.starter import starter_files
from mailgateway.rules.vocabulary import TERMS

STARTER = starter_files()


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["rules", *arguments], env={"COLUMNS": "200"})


def written(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- init


def test_init_writes_the_starter_set_with_its_schemas_and_says_what_is_next() -> None:
    result = run("init", "mine")

    names = {*dict(STARTER.files), *(f".schema/{kind}.json" for kind in FILES)}
    found = written(Path("mine"))
    assert (result.exit_code, found.keys()) == (0, names)
    assert {name: found[name] for name in dict(STARTER.files)} == dict(STARTER.files)
    assert "mailgateway rules check --rules mine" in result.stderr
    assert 'folder = "mine"' in result.stderr


def test_what_init_writes_passes_every_check_and_every_example() -> None:
    run("init")

    assert [
        run(command, "--rules", "rules", *more).exit_code for command, *more in (["check", "--strict"], ["test"])
    ] == [
        0,
        0,
    ]


def test_init_writes_over_nothing() -> None:
    Path("rules").mkdir()
    Path("rules/site.toml").write_text("mine")

    result = run("init")

    assert (result.exit_code, written(Path("rules"))) == (1, {"site.toml": b"mine"})
    assert result.stderr.startswith("error: rules: site.toml exist already; nothing was written")


def test_init_goes_into_a_folder_that_holds_other_things() -> None:
    Path("rules").mkdir()
    Path("rules/README.md").write_text("mine")

    assert run("init").exit_code == 0
    assert Path("rules/README.md").read_text() == "mine"


def test_init_where_nothing_can_be_written_ends_with_1() -> None:
    Path("rules").write_text("a file")

    result = run("init", "rules/below")

    assert result.exit_code == 1
    assert result.stderr.startswith("error: rules/below/")


# --- schema


def test_schemas_are_written_beside_the_rules_with_the_words_of_the_site() -> None:
    run("init")
    site = Path("rules/site.toml").read_text().replace('queues    = ["support"]', 'queues    = ["support", "billing"]')
    Path("rules/site.toml").write_text(site)

    result = run("schema", "--rules", "rules")

    assert result.exit_code == 0
    assert sorted(path.stem for path in Path("rules/.schema").iterdir()) == sorted(FILES)
    route = json.loads(Path("rules/.schema/routing.json").read_text())["$defs"]["Route"]["properties"]
    assert route["queue"]["enum"] == ["support", "billing"]


def test_schemas_are_written_elsewhere_where_that_is_asked() -> None:
    assert run("schema", "--out", "there").exit_code == 0
    assert json.loads(Path("there/priority.json").read_text()) == file_schema("priority", names_in(STARTER))


def test_one_schema_is_printed_and_nothing_written() -> None:
    result = run("schema", "--kind", "priority")

    assert json.loads(result.stdout) == file_schema("priority", names_in(STARTER))
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("arguments", [[], ["--kind", "prices"]])
def test_schema_without_a_place_or_of_no_kind_is_wrong_usage(arguments: list[str]) -> None:
    assert run("schema", *arguments).exit_code == 2


def test_files_with_faults_have_schemas_too() -> None:
    run("init")
    Path("rules/site.toml").write_text("kind = ")

    assert run("schema", "--rules", "rules").exit_code == 0
    assert json.loads(Path("rules/.schema/site.json").read_text()) == file_schema("site", Names())


# --- fields


def test_fields_are_listed_with_types_meanings_and_examples() -> None:
    lines = run("fields").stdout.splitlines()

    assert lines[0].split() == ["fact", "type", "meaning", "example"]
    assert [line.split()[0] for line in lines[1:]] == [term.name for term in TERMS]


def test_a_field_is_told_with_the_words_of_the_site() -> None:
    result = run("fields", "ticket.kind")

    assert ["names", "question,", "incident,", "request"] in [line.split() for line in result.stdout.splitlines()]


def test_fields_as_json_are_one_object_a_line() -> None:
    (line,) = run("fields", "customer.known", "--json").stdout.splitlines()

    assert json.loads(line) == {
        "name": "customer.known",
        "type": "yes/no",
        "meaning": "Whether the author belongs to a customer.",
        "example": "when.customer.known = true",
        "asked": [],
        "names": [],
        "known": "in every kind",
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("custmer.plan", 'there is no fact "custmer.plan"; did you mean "customer.plan"?'),
        ("xyzzy", 'there is no fact "xyzzy"'),
    ],
)
def test_a_field_that_does_not_exist_ends_with_1_and_the_likeliest(name: str, words: str) -> None:
    result = run("fields", name)

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"error: {words}\n")

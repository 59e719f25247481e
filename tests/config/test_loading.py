"""A configuration file with what lies around it: absolute places, passwords, templates."""

from pathlib import Path

import pytest

from mailgateway.adapters.files import LoadedConfig, load_config, load_templates, template_folders
from mailgateway.diagnostics import DiagnosedError
from mailgateway.errors import ConfigError

TEXT = """\
[smtp]
host = "localhost"
password_file = "smtp-password"
[[mailbox]]
name = "a"
address = "a@x.example"
[mailbox.imap]
host = "localhost"
user = "a"
password_env = "GATEWAY_TEST_PASSWORD"
"""


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedConfig:
    return written(tmp_path, TEXT)


def written(folder: Path, text: str) -> LoadedConfig:
    (folder / "config.toml").write_text(text)
    return load_config(folder / "config.toml")


def test_places_are_absolute_and_start_at_the_file(loaded: LoadedConfig, tmp_path: Path) -> None:
    assert (loaded.path, loaded.state_folder, loaded.blob_folder, loaded.keyring_path, loaded.database_url) == (
        tmp_path / "config.toml",
        tmp_path / "state",
        tmp_path / "state/blobs",
        tmp_path / "state/keyring",
        f"sqlite:///{tmp_path}/state/gateway.db",
    )
    assert loaded.config.smtp.password_file == str(tmp_path / "smtp-password")


def test_relative_path_of_the_file_itself_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)

    loaded = load_config(Path("config.toml"))
    monkeypatch.chdir("/")

    assert loaded.state_folder == tmp_path / "state"


@pytest.mark.parametrize(
    ("state", "database", "blobs"),
    [
        ('folder = "/var/x"', "sqlite:////var/x/gateway.db", "/var/x/blobs"),
        ('blobs = "b"', "sqlite:///{folder}/state/gateway.db", "{folder}/b"),
        ('database = "sqlite:///g.db"', "sqlite:///{folder}/g.db", "{folder}/state/blobs"),
        ('database = "postgresql+psycopg://g@db/g"', "postgresql+psycopg://g@db/g", "{folder}/state/blobs"),
        ('database = "postgresql+psycopg://g:p%40w@db/g"', "postgresql+psycopg://g:p%40w@db/g", "{folder}/state/blobs"),
    ],
)
def test_configured_places_win(tmp_path: Path, state: str, database: str, blobs: str) -> None:
    loaded = written(tmp_path, f"{TEXT}[state]\n{state}\n")

    assert (loaded.database_url, str(loaded.blob_folder)) == (
        database.format(folder=tmp_path),
        blobs.format(folder=tmp_path),
    )


def test_unreadable_database_url_is_a_fault_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(DiagnosedError) as caught:
        written(tmp_path, f'{TEXT}[state]\ndatabase = "gateway.db"\n')

    (fault,) = caught.value.diagnostics
    assert (fault.position.line, fault.position.column, fault.label) == (12, 12, "not an SQLAlchemy URL")


def test_password_is_the_first_line_of_the_file(loaded: LoadedConfig, tmp_path: Path) -> None:
    (tmp_path / "smtp-password").write_bytes("pässword \r\nsecond line".encode())

    assert loaded.password_for(loaded.config.smtp) == "pässword "


def test_password_is_read_from_the_environment(loaded: LoadedConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_TEST_PASSWORD", "secret")

    assert loaded.password_for(loaded.config.mailbox[0].imap) == "secret"


def test_server_without_password_has_an_empty_one(tmp_path: Path) -> None:
    loaded = written(tmp_path, TEXT.replace('password_file = "smtp-password"\n', ""))

    assert loaded.password_for(loaded.config.smtp) == ""


@pytest.mark.parametrize(
    ("content", "label"),
    [
        (None, "{folder}/smtp-password: No such file or directory"),
        (b"", "{folder}/smtp-password is empty"),
        (b"\nsecret", "{folder}/smtp-password is empty"),
        (b"\xff\n", "{folder}/smtp-password: the first line is not UTF-8"),
    ],
)
def test_unusable_password_file_is_a_fault_at_its_key(
    loaded: LoadedConfig, tmp_path: Path, content: bytes | None, label: str
) -> None:
    if content is not None:
        (tmp_path / "smtp-password").write_bytes(content)

    with pytest.raises(DiagnosedError) as caught:
        loaded.password_for(loaded.config.smtp)

    (fault,) = caught.value.diagnostics
    assert (str(fault.position), fault.label) == (f"{tmp_path}/config.toml:3:17", label.format(folder=tmp_path))


@pytest.mark.parametrize(("value", "problem"), [(None, "is not set"), ("", "is empty")])
def test_unset_variable_is_a_fault_at_its_key(
    loaded: LoadedConfig, monkeypatch: pytest.MonkeyPatch, value: str | None, problem: str
) -> None:
    monkeypatch.delenv("GATEWAY_TEST_PASSWORD", raising=False)
    if value is not None:
        monkeypatch.setenv("GATEWAY_TEST_PASSWORD", value)

    with pytest.raises(DiagnosedError) as caught:
        loaded.password_for(loaded.config.mailbox[0].imap)

    (fault,) = caught.value.diagnostics
    assert (fault.position.line, fault.position.column) == (10, 16)
    assert fault.label == f"the environment variable GATEWAY_TEST_PASSWORD {problem}"


@pytest.mark.parametrize(("mode", "codes"), [(0o644, ["W001"]), (0o640, []), (0o600, [])])
def test_password_that_everybody_can_read_is_a_warning(tmp_path: Path, mode: int, codes: list[str]) -> None:
    (tmp_path / "smtp-password").write_text("x")
    (tmp_path / "smtp-password").chmod(mode)

    loaded = written(tmp_path, TEXT)

    assert [warning.code for warning in loaded.warnings] == codes
    assert (f"{tmp_path}/config.toml:3:17" in loaded.warning_text()) == bool(codes)


def test_file_that_is_missing_names_the_example(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml: no such file; copy config\.example\.toml"):
        load_config(tmp_path / "config.toml")


def test_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Is a directory"):
        load_config(tmp_path)


def test_file_over_a_mebibyte_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="this is no configuration"):
        written(tmp_path, "#" * (2**20 + 1))


def test_shipped_templates_are_found_and_whole(loaded: LoadedConfig) -> None:
    (shipped,) = template_folders(loaded.config)

    assert (shipped / "en/acknowledgement.txt").is_file()
    assert load_templates(loaded).problems == ()


def test_templates_of_the_site_come_first(tmp_path: Path) -> None:
    (tmp_path / "mine/en").mkdir(parents=True)
    (tmp_path / "mine/en/acknowledgement.txt").write_text("no subject")

    loaded = written(tmp_path, TEXT + '[site]\ntemplates = "mine"\n')

    assert template_folders(loaded.config)[0] == tmp_path / "mine"
    assert any("acknowledgement" in problem for problem in load_templates(loaded).problems)


def test_missing_folder_of_templates_is_named(tmp_path: Path) -> None:
    loaded = written(tmp_path, TEXT + '[site]\ntemplates = "mine"\n')

    with pytest.raises(ConfigError, match="mine: no such folder"):
        load_templates(loaded)


def test_template_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine/en").mkdir(parents=True)
    (tmp_path / "mine/en/acknowledgement.txt").write_bytes(b"\xff")

    with pytest.raises(ConfigError, match=r"acknowledgement\.txt: "):
        load_templates(written(tmp_path, TEXT + '[site]\ntemplates = "mine"\n'))

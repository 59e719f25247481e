"""`mailgateway doctor` against real servers."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mailgateway.adapters.files import create_keyring
from mailgateway.adapters.store.schema import upgrade
from mailgateway.cli import app
from tests.servers import Dovecot, Postfix, SmtpSink, free_port
from tests.servers.scripted import Scripted, smtp_script

CONFIG = """
[[mailbox]]
name = "support"
address = "{user}"
plus_addressing = true
[[mailbox.folders]]
name = "{folder}"
[mailbox.imap]
host = "localhost"
port = {imap_port}
security = "starttls"
ca_file = "{ca_file}"
user = "{user}"
password_env = "IMAP_PASSWORD"
[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
"""


def doctor(folder: Path, /, *arguments: str, **values: object) -> Result:
    config = folder / "config.toml"
    config.write_text(CONFIG.format_map(values))
    return CliRunner().invoke(app, ["--config", str(config), "doctor", *arguments], env={"IMAP_PASSWORD": "secret"})


def found(result: Result) -> dict[str, tuple[str, str]]:
    findings = [json.loads(line) for line in result.stdout.splitlines()]
    return {finding["check"]: (finding["level"], finding["text"]) for finding in findings}


@pytest.fixture
def values(dovecot: Dovecot, postfix: Postfix, unique_user: str) -> dict[str, object]:
    return {
        "user": unique_user,
        "folder": "INBOX",
        "imap_port": dovecot.imap_port,
        "smtp_port": postfix.port,
        "ca_file": dovecot.certificates.ca_file,
    }


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_is_well_and_nothing_is_changed(
    tmp_path: Path, values: dict[str, object], dovecot: Dovecot, unique_user: str
) -> None:
    dovecot.deliver(unique_user, b"Subject: one\r\n\r\nwords\r\n")
    (tmp_path / "state").mkdir()
    upgrade(f"sqlite:///{tmp_path}/state/gateway.db")
    create_keyring(tmp_path / "state" / "keyring")
    before = files_in(tmp_path)

    result = doctor(tmp_path, "--json", **values)

    checks = found(result)
    assert result.exit_code == 0
    assert {level for level, _ in checks.values()} == {"ok"}
    assert checks["mailbox support: login"] == ("ok", f"as {unique_user}")
    assert checks["mailbox support: folder INBOX"][1].startswith("1 mails wait, the oldest since 20")
    assert checks["mailbox support: folder Processed"][1].startswith("is not there yet")
    assert checks["mailbox support: putting away"] == ("ok", "mails are moved (MOVE)")
    assert checks["relay: null sender"] == ("ok", "taken (MAIL FROM:<>)")
    assert checks[f"relay: address {unique_user}"][1].startswith("taken, plus addresses too")
    assert "certificate is good for" in checks["mailbox support: connection"][1]
    assert {name: raw for name, raw in files_in(tmp_path).items() if name != "config.toml"} == before
    assert not dovecot.mails(unique_user, "Processed")
    with dovecot.imap(unique_user) as client:
        client.select_folder("INBOX", readonly=True)
        assert b"\\Recent" in client.get_flags([1])[1]


def test_before_the_first_start_nothing_is_made(tmp_path: Path, values: dict[str, object]) -> None:
    result = doctor(tmp_path, **values)

    assert result.exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]
    assert all(line.startswith("ok ") for line in result.stdout.splitlines())


def test_a_person_reads_one_line_a_check_with_advice(tmp_path: Path, values: dict[str, object]) -> None:
    result = doctor(tmp_path, **values | {"folder": "Nowhere", "smtp_port": free_port()})

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert (
        "error    mailbox support: folder Nowhere: there is no such folder -> make it, or correct the name in `folders`"
        in lines
    )
    assert any(line.startswith("error    relay: connection: SMTP 127.0.0.1:") for line in lines)


def test_a_wrong_password_is_an_error_that_says_what_to_check(tmp_path: Path, values: dict[str, object]) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format_map(values))

    result = CliRunner().invoke(
        app, ["--config", str(config), "doctor", "--json"], env={"IMAP_PASSWORD": "not the one"}
    )

    level, text = found(result)["mailbox support: connection"]
    assert (result.exit_code, level) == (1, "error")
    assert "check user and password" in text
    assert "not the one" not in result.output


def test_a_missing_password_is_told_on_one_line(tmp_path: Path, values: dict[str, object]) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format_map(values).replace("IMAP_PASSWORD", "NOT_SET_ANYWHERE"))

    result = CliRunner().invoke(app, ["--config", str(config), "doctor", "--json"])

    assert result.exit_code == 1
    assert found(result)["mailbox support: password"] == (
        "error",
        f"{config}:14:16: the password cannot be read: the environment variable NOT_SET_ANYWHERE is not set",
    )


def test_a_ca_file_that_is_not_there_is_an_error(tmp_path: Path, values: dict[str, object]) -> None:
    result = doctor(tmp_path, "--json", **values | {"ca_file": tmp_path / "nowhere.pem"})

    level, text = found(result)["mailbox support: connection"]
    assert (level, "ca_file" in text) == ("error", True)


def test_a_relay_that_refuses_is_asked_and_told_nothing_else(tmp_path: Path, values: dict[str, object]) -> None:
    answers = {"MAIL": [b"550 5.7.1 no\r\n"], "RCPT": [b"250 ok\r\n", b"550 5.1.1 no plus\r\n"]}

    with Scripted(smtp_script(answers)) as relay:
        result = doctor(tmp_path, "--json", **values | {"smtp_port": relay.port})

    checks = found(result)
    assert result.exit_code == 1
    assert checks["relay: null sender"] == ("error", "refused (550 5.7.1 no)")
    assert checks[f"relay: address {values['user']}"][0] == "error"
    assert b"DATA" not in relay.received
    assert relay.received.count(b"RSET") == 3


def test_the_sink_gets_no_mail(tmp_path: Path, values: dict[str, object], smtp_sink: SmtpSink) -> None:
    doctor(tmp_path, **values | {"smtp_port": smtp_sink.port})

    assert smtp_sink.mails == ()


@pytest.mark.parametrize("mode", [0o644, 0o660])
def test_a_keyring_others_may_read_is_an_error(tmp_path: Path, values: dict[str, object], mode: int) -> None:
    (tmp_path / "state").mkdir()
    create_keyring(tmp_path / "state" / "keyring")
    (tmp_path / "state" / "keyring").chmod(mode)

    result = doctor(tmp_path, "--json", **values)

    level, text = found(result)["keyring"]
    assert (level, f"chmod 600 {tmp_path}/state/keyring" in text) == ("error", True)


def test_a_state_folder_that_is_a_file_is_an_error(tmp_path: Path, values: dict[str, object]) -> None:
    (tmp_path / "state").write_text("")

    result = doctor(tmp_path, "--json", **values)

    assert found(result)["state folder"] == ("error", f"{tmp_path}/state: {tmp_path}/state is no folder")


def test_a_configuration_that_cannot_be_used_is_the_only_finding(tmp_path: Path, values: dict[str, object]) -> None:
    result = doctor(tmp_path, "--json", **values | {"imap_port": "0"})
    for_people = doctor(tmp_path, **values | {"imap_port": "0"})

    (check,) = found(result).items()
    assert (result.exit_code, for_people.exit_code) == (1, 1)
    assert (check[0], check[1][0]) == ("configuration", "error")
    assert f"{tmp_path}/config.toml:" in check[1][1]
    assert "port = 0" in for_people.stderr
    assert "password" not in for_people.stdout


def test_a_missing_configuration_is_told_to_programs_too(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--config", str(tmp_path / "none.toml"), "doctor", "--json"])

    assert result.exit_code == 1
    assert "no such file" in found(result)["configuration"][1]

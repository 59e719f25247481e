"""`mailgateway mail show`: every file is shown, a bad one stops nothing."""

import json
from pathlib import Path

from typer.testing import CliRunner

from mailgateway.cli import app

KEYS = [
    *("file", "message_id", "in_reply_to", "references", "subject", "from", "reply_to", "to", "cc", "date", "kind"),
    *("kind_reason", "language", "text", "quoted", "signature", "full_text", "pairs", "attachments"),
    *("forwarded", "forwards"),
    *("form", "chat", "originator", "bounce", "absent", "authentication", "protection", "defects"),
]
MAIL = b"From: Anna <anna@x.example>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello\r\n"


def test_one_object_a_line_with_the_fixed_keys(tmp_path: Path) -> None:
    first, second = tmp_path / "1.eml", tmp_path / "2.eml"
    first.write_bytes(MAIL)
    second.write_bytes(b"\x00\xff")

    done = CliRunner().invoke(app, ["mail", "show", "--json", str(first), str(second)])

    shown = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [list(each) for each in shown] == [KEYS, KEYS]
    assert (shown[0]["subject"], shown[0]["from"]) == ("Grüße", {"name": "Anna", "address": "anna@x.example"})


def test_an_unreadable_file_is_reported_and_the_others_are_shown(tmp_path: Path) -> None:
    good, missing = tmp_path / "good.eml", tmp_path / "missing.eml"
    good.write_bytes(MAIL)

    done = CliRunner().invoke(app, ["mail", "show", "--json", str(missing), str(tmp_path), str(good)])

    shown = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert [list(each) for each in shown] == [["file", "error"], ["file", "error"], KEYS]
    assert shown[0]["file"] == str(missing)


def test_people_see_the_new_text(tmp_path: Path) -> None:
    good = tmp_path / "good.eml"
    good.write_bytes(MAIL)

    done = CliRunner().invoke(app, ["mail", "show", str(good), str(tmp_path / "missing.eml")])

    assert done.exit_code == 1
    assert "Grüße" in done.stdout
    assert done.stdout.endswith("\nHello\n\n")


def test_a_dash_is_standard_input() -> None:
    done = CliRunner().invoke(app, ["mail", "show", "--json", "-"], input=MAIL)

    assert json.loads(done.stdout)["file"] == "-"
    assert json.loads(done.stdout)["text"] == "Hello"


def test_a_large_attachment_is_measured(tmp_path: Path) -> None:
    large = tmp_path / "large.eml"
    large.write_bytes(b"From: a@x.example\r\nContent-Type: application/zip; name=a.zip\r\n\r\n" + b"x" * 300_000)

    done = CliRunner().invoke(app, ["mail", "show", "--json", str(large)])

    expected = [{"name": "a.zip", "content_type": "application/zip", "size_bytes": 300_000, "inline": False}]
    assert json.loads(done.stdout)["attachments"] == expected

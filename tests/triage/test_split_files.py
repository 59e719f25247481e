"""Which attachments an item names."""

import pytest

from mailgateway.triage.split.items import named_in


@pytest.mark.parametrize(
    ("text", "files", "named"),
    [
        ("See syslog.txt.", ("syslog.txt", "log.txt"), ("syslog.txt",)),
        ("See my-error.log, please", ("my-error.log", "error.log"), ("my-error.log",)),
        ("See screenshot.png.bak", ("screenshot.png", "screenshot.png.bak"), ("screenshot.png.bak",)),
        ("See «Report.PDF»!", ("report.pdf",), ("report.pdf",)),
        ("See screen\nshot 2026.png", ("screen  shot 2026.png",), ("screen  shot 2026.png",)),
        ("Die syslog.txt-Datei", ("syslog.txt",), ("syslog.txt",)),
        ("xerror.log and error.log", ("error.log",), ("error.log",)),
        ("The scanner", ("scanne",), ()),
        ("a b", ("     ", "a b"), ()),
    ],
)
def test_a_file_is_named_by_its_whole_name(text: str, files: tuple[str, ...], named: tuple[str, ...]) -> None:
    assert named_in(text, files) == named

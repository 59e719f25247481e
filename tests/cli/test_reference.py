from pathlib import Path

from mailgateway.cli.reference import command_reference

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_of_commands_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == command_reference(), "run: make docs"

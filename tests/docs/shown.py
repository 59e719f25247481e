"""Write the diagnostics that the pages show anew: `python -m tests.docs.shown`, after a change of their words."""

from itertools import pairwise
from pathlib import Path

from mailgateway.diagnostics import DiagnosedError, Diagnostic
from mailgateway.diagnostics.render import render
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from tests.docs.pages import Block, blocks, pages, wrong_file


def found_in(files: RuleFiles) -> tuple[tuple[Diagnostic, ...], dict[str, str]]:
    """Return every fault of some files, and their texts."""
    try:
        loaded = load(files, starter_files(), folder="rules/")
    except DiagnosedError as error:
        return tuple(error.diagnostics), dict(error.texts)
    return loaded.warnings, dict(loaded.texts)


def codes_of(block: Block) -> tuple[str, ...]:
    """Return the codes of the diagnostics that a page shows of a mistake."""
    return block.info[block.info.index("wrong") + 1 :]


def diagnostics_of(block: Block) -> str:
    """Return what `rules check` prints of a mistake, without the warnings that are not meant."""
    found, texts = found_in(wrong_file(block))
    return render([one for one in found if one.code in codes_of(block)], texts) + "\n"


def _write(page: Path) -> None:
    lines = page.read_text("utf-8").splitlines()
    of_page = blocks(page)
    for block, after in reversed(list(pairwise(of_page))):
        if block.is_wrong and after.language == "text":
            lines[after.line : after.line + after.text.count("\n")] = diagnostics_of(block).splitlines()
    page.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    for page in pages():
        _write(page)

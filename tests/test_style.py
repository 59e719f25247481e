import ast
import io
import tokenize
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FUNCTION_LINES = 40
MODULE_LINES = 400
MODULES = sorted(chain.from_iterable((ROOT / folder).rglob("*.py") for folder in ("mailgateway", "tests", "bench")))
NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def too_long(source: str) -> list[str]:
    """Return what in a module is too long: its functions by their code lines, the module by all its lines."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    code = {line for t in tokens if t.type not in NO_CODE for line in range(t.start[0], t.end[0] + 1)}
    findings = ["the module"] if len(source.splitlines()) > MODULE_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            docstring = range(first.lineno, (first.end_lineno or 0) + 1) if ast.get_docstring(node) is not None else ()
            lines = code.intersection(range(node.lineno, (node.end_lineno or 0) + 1)).difference(docstring)
            findings += [node.name] if len(lines) > FUNCTION_LINES else []
    return findings


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_have_40_code_lines_and_modules_400_lines_at_most(module: Path) -> None:
    assert too_long(module.read_text()) == []


def test_docstring_blank_lines_and_comments_are_not_counted_and_the_41st_code_line_is() -> None:
    head = 'def fits():\n    """One\n\n    two."""\n\n    # why\n'

    assert too_long(head + "    x = 1\n" * 39) == []
    assert too_long(head + "    x = 1\n" * 40) == ["fits"]
    assert too_long("x = 1\n" * 401) == ["the module"]

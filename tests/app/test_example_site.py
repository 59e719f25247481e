"""The rule files of the made-up site are used as an admin's would be: checked, and their examples run."""

from mailgateway.app.rules.examples import run_examples
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from tests.rules.example_files import example_files


def test_the_example_files_load_without_a_warning_and_every_example_passes() -> None:
    loaded = load(example_files(), starter_files())

    report = run_examples(loaded.rules)

    assert loaded.warnings == ()
    assert [(one.title, one.failures) for one in report.failed] == []
    assert report.without(must_match=True) == ()
    assert {one.example.rule for one in report.results} >= {rule.id for rule in loaded.rules.rules["split"]}

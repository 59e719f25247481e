"""Mails in tests/corpus with what is to be read from them: NAME.eml and NAME.json.

A mail bug adds a pair. `MAILGATEWAY_WRITE_EXPECTED=1 pytest tests/parsers/test_corpus.py` writes the .json files that
are missing or differ, to be reviewed before they are committed; those tests fail all the same. A folder with a
config.toml is read as that site reads its mails: with its channels and languages.
"""

import json
import os
from dataclasses import asdict
from functools import cache
from pathlib import Path

import pytest

from mailgateway.adapters.languages import LanguageModel
from mailgateway.app.present import presented
from mailgateway.app.understand import Surroundings, understood
from mailgateway.config import read_config
from mailgateway.config.site import channels_of
from mailgateway.parsers.authentication import authentication
from mailgateway.parsers.message import parse
from mailgateway.parsers.originator import Here

AUTHSERV_ID = "mx.example.com"
CORPUS = Path(__file__).parent.parent / "corpus"
# Nothing is tuned on the sealed sets: bench/evaluate.py scores them, and their .json files say only what is sure.
# Those of `split` say what a mail is cut into.
MAILS = sorted(
    path
    for path in CORPUS.glob("**/*.eml")
    if not path.parent.name.startswith("sealed") and path.parent.parent.name != "split"
)


@cache
def surroundings(config: Path) -> Surroundings:
    if not config.exists():
        return Surroundings(Here(()))
    written = read_config(config.read_bytes(), config.name).config
    operators = tuple(agent.name for agent in written.agents)
    here = Here(channels_of(written), written.own_addresses, operators)
    return Surroundings(here, written.site.languages, LanguageModel())


def read(path: Path) -> dict[str, object]:
    message = parse(path.read_bytes()).message
    results = authentication(message, AUTHSERV_ID)
    found = understood(message, results.verdict, surroundings(path.parent / "config.toml"))
    shown = presented(path.stem, found.message, found.classification, results)
    reports = [asdict(report) for report in message.reports]
    read_back: dict[str, object] = json.loads(
        json.dumps({**shown, "return_path": message.return_path, "reports": reports})
    )
    return read_back


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_a_mail_is_read_as_its_expected_json_says(path: Path) -> None:
    expected_file = path.with_suffix(".json")

    shown = read(path)

    expected = json.loads(expected_file.read_text("utf-8")) if expected_file.exists() else None
    if shown != expected and os.environ.get("MAILGATEWAY_WRITE_EXPECTED"):
        expected_file.write_text(json.dumps(shown, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert shown == expected


def test_the_corpus_is_there() -> None:
    assert len(MAILS) >= 12

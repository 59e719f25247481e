"""Checking rule files: every fault of every file, as one report."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mailgateway.compose.templates import Templates
from mailgateway.config import Config
from mailgateway.diagnostics import DiagnosedError, Diagnostic
from mailgateway.diagnostics.report import Report, cases_by_file
from mailgateway.model.rulefiles import RuleFiles, is_rule_file
from mailgateway.rules.codes import MEANINGS
from mailgateway.rules.kinds.all import RULE_KINDS
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import Known

COMMAND = "rules check"
_HEADER = re.compile(
    rb"^[ \t]*\[\[[ \t]*(?:%s)[ \t]*\]\]" % b"|".join(sorted({kind.table.encode() for kind in RULE_KINDS})),
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Attributes:
        report: All of it; a case for each file.
        diagnostics: The same, as they are printed for people.
        texts: The files by their path, to show them in.
    """

    report: Report
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


def check(files: RuleFiles, folder: str, *, today: date | None = None, known: Known | None = None) -> Checked:
    """Return every fault of rule files; it never fails itself, whatever is in them.

    Args:
        files: All files of the folder.
        folder: What stands before the names of files in places, such as `rules/`.
        today: The day from which holidays and rules count as over; None for no look at them.
        known: What the configuration knows; None for no look at templates, agents and roles.
    """
    try:
        loaded = load(files, starter_files(), folder=folder, today=today, known=known)
        found, texts = loaded.warnings, loaded.texts
    except DiagnosedError as error:
        found, texts = error.diagnostics, error.texts
    names = [name for name, _ in files.files if is_rule_file(name)]
    counts = {"revision": files.revision, "files": len(names), "rules": number_of_rules(files)}
    cases = cases_by_file([folder + name for name in names], found)
    return Checked(Report(COMMAND, cases, counts, MEANINGS), found, texts)


def known_to(config: Config, templates: Templates) -> Known:
    """Return what a configuration knows of the names in rules."""
    roles = tuple(dict.fromkeys(role for agent in config.agents for role in agent.roles))
    return Known(templates.told, tuple(agent.id for agent in config.agents), roles)


def number_of_rules(files: RuleFiles) -> int:
    """Return how many rules stand in files, those that are switched off among them, also in files that are no TOML."""
    return sum(len(_HEADER.findall(raw)) for name, raw in files.files if is_rule_file(name))

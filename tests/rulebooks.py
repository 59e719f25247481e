"""Folders of rule files for gateways under test: the shipped ones with other guards."""

from pathlib import Path

from mailgateway.rules.starter import starter_files

GUARDS = 'format = 1\nkind = "guards"\n'
ONE_ADDRESS = """
[[rule]]
id = "one-address"
when.answers.recent = {{ at_least = {answers} }}
silent = "{answers} answers to this address within an hour"
"""


def write_rules(folder: Path, answers_per_hour: int | None = None, *, shipped_guards: bool = False) -> Path:
    """Write the shipped rules with a limit for each address, the shipped guards or none; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in starter_files().files:
        (folder / name).write_bytes(raw)
    if shipped_guards:
        return folder
    limit = "" if answers_per_hour is None else ONE_ADDRESS.format(answers=answers_per_hour)
    (folder / "guards.toml").write_text(GUARDS + limit, "utf-8")
    return folder

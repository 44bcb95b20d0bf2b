"""The manual of rules, as the rulebook has it: `.venv/bin/python -m tests.datasets.manual`."""

import re
from pathlib import Path

from apps.datasets.check.failures import FAILURES
from apps.datasets.rulebook import GROUPS, Rule

MANUAL = Path("docs/rules.md")
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
HEAD = "| Code | How grave | What it says | What to do | Source | Repaired by |"
WHOLE = "## What keeps a file from being checked at all"
LINE = "|---|---|---|---|---|---|"


def rule_tables() -> str:
    """Return every group of rules as a table, and at last what keeps a file from being checked."""
    groups = (_group(group.__doc__ or "", group.RULES) for group in GROUPS)
    failures = "\n".join(f"| `{code}` | {_plain(words)} |" for code, words in FAILURES.items())
    return f"{''.join(groups)}\n{WHOLE}\n\n| Code | What it says |\n|---|---|\n{failures}\n"


def _group(doc: str, rules: dict[str, Rule]) -> str:
    title = doc.splitlines()[0].rstrip(".")
    lines = "\n".join(_line(code, rule) for code, rule in rules.items())
    return f"\n## {title}\n\n{HEAD}\n{LINE}\n{lines}\n"


def _line(code: str, rule: Rule) -> str:
    message, hint = _plain(rule.message), _plain(rule.hint)
    repair = f"`{rule.repair}`" if rule.repair else "–"
    gravity = str(rule.severity.label)
    cells = (f"`{code}`", gravity, message, hint or "–", rule.source, repair)
    return f"| {' | '.join(cells)} |"


def _plain(words: object) -> str:
    return re.sub(r"%\(\w+\)[sd]", "…", str(words)).replace("|", "\\|").replace("%%", "%")


def main() -> None:
    text = MANUAL.read_text()
    before, rest = text.split(BEGIN)
    MANUAL.write_text(f"{before}{BEGIN}\n{rule_tables()}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
    django.setup()
    main()

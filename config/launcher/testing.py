"""`./run test`: every check and every test, and one honest line at the end.

With arguments, only pytest runs, and gets them.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from config.launcher import chromium
from config.launcher.console import complain, say
from config.launcher.paths import ROOT

PYTHON = sys.executable
NO_TESTS_FOUND = 5
# What starts Retune whole, kills trainers, or uses a browser wants the machine to itself.
SLOW = "browser or whole"
SKIP_REASON = "RETUNE_BROWSER_SKIP_REASON"
MOST_WORKERS = 8
BROWSER_SKIPPED = "the browser tests were skipped, and CI asks for them"

CHECKS = {
    "lint": ["-m", "ruff", "check"],
    "format": ["-m", "ruff", "format", "--check"],
    "layers": ["-c", "from importlinter.cli import lint_imports_command as main; main()"],
    "types": ["-m", "mypy"],
    "migrations": ["-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run"],
}
# The checks read the settings and use no server.
CHECK_ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings_test",
    "DATABASE_URL": "postgres://nobody@/nowhere?host=%2Fnonexistent",
    "SECRET_KEY": "only-for-checks",
    "ENCRYPTION_KEYS": "only-for-checks",
}


@dataclass(frozen=True)
class Outcome:
    """How a test run, or several, ended."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: tuple[str, ...] = ()  # what failed that is not a test

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.reasons + other.reasons,
        )

    @property
    def is_good(self) -> bool:
        return not self.failed and not self.reasons

    def __str__(self) -> str:
        counts = f"{self.passed} passed, {self.failed} failed"
        skipped = [f"{self.skipped} skipped"] if self.skipped else []
        return "; ".join([", ".join([counts, *skipped]), *self.reasons])


def run(arguments: Sequence[str]) -> int:
    """Run the checks and the tests; 0 only when nothing failed."""
    outcome = Outcome() if arguments else _run_checks()
    for part in _pytest_runs(arguments):
        outcome += part
    if not outcome.passed and outcome.is_good:
        outcome += Outcome(reasons=("no test was run",))
    say("test", str(outcome))
    return 0 if outcome.is_good else 1


def _run_checks() -> Outcome:
    failed = [name for name, command in CHECKS.items() if not _passes(name, command)]
    return Outcome(reasons=tuple(f"the check of {name} failed" for name in failed))


def _passes(name: str, command: Sequence[str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        [PYTHON, *command],
        cwd=ROOT,
        env={**os.environ, **CHECK_ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    verdict = "FAILED" if done.returncode else "ok"
    say("test", f"{name}: {verdict} ({time.monotonic() - began:.1f} s)")
    if done.returncode:
        sys.stdout.write(done.stdout)
    return done.returncode == 0


def _pytest_runs(arguments: Sequence[str]) -> Iterator[Outcome]:
    if "-m" in arguments:
        yield _pytest(arguments, _browser_environment())
        return
    yield _pytest(["-m", f"not ({SLOW})", *_workers(arguments), *arguments], {})
    # Playwright keeps an event loop running, which asynchronous tests after it cannot share.
    browser = _browser_environment()
    yield _pytest(["-m", SLOW, *arguments], browser)
    if SKIP_REASON in browser and os.environ.get("CI") == "true":
        yield Outcome(reasons=(BROWSER_SKIPPED,))


def _workers(arguments: Sequence[str]) -> list[str]:
    """Spread the whole suite over the cores; a part of it is done before workers have started."""
    count = min(len(os.sched_getaffinity(0)), MOST_WORKERS)
    if arguments or count == 1:
        return []
    # Whole files, in their order: some tests of a file share a start, and long files come early.
    return ["-n", str(count), "--dist", "loadfile", "--no-loadscope-reorder"]


def _browser_environment() -> dict[str, str]:
    if path := chromium.find_or_install():
        return {"CHROMIUM": path}
    complain(f"the browser tests are skipped: {chromium.HOW_TO_GET_IT}")
    return {SKIP_REASON: chromium.HOW_TO_GET_IT}


def _pytest(arguments: Sequence[str], environment: Mapping[str, str]) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [PYTHON, "-m", "pytest", f"--junit-xml={report}", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        return _outcome(report, done.returncode)


def _outcome(report: Path, code: int) -> Outcome:
    counted = _counted(report) if report.exists() else Outcome()
    if code in {0, NO_TESTS_FOUND} or counted.failed:
        return counted
    return counted + Outcome(reasons=(f"pytest ended with code {code}",))


def _counted(report: Path) -> Outcome:
    suite = ElementTree.parse(report).find("testsuite")  # noqa: S314  pytest has just written it
    assert suite is not None  # noqa: S101  pytest writes one, even for no tests
    total, failures, errors, skipped = (
        int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return Outcome(passed=total - failed - skipped, failed=failed, skipped=skipped)

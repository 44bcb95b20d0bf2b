"""`./run test` counts what happened, and says so."""

import pytest

from config.launcher import chromium, testing
from config.launcher.testing import Outcome

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests">
<testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="0.1"/>
</testsuites>"""


@pytest.fixture
def nothing_installed(tmp_path, monkeypatch):
    """A machine with no browser, and no way to get one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)


@pytest.fixture
def pytest_that_passes(monkeypatch):
    """Count the runs of pytest instead of running it inside itself."""
    runs = []

    def run(arguments, environment) -> Outcome:
        runs.append((list(arguments), dict(environment)))
        return Outcome(passed=1)

    monkeypatch.setattr(testing, "_pytest", run)
    return runs


def test_a_report_is_counted_and_an_error_is_a_failure(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    outcome = testing._outcome(report, 1)
    assert str(outcome) == "4 passed, 3 failed, 3 skipped"
    assert not outcome.is_good


def test_a_pytest_that_broke_down_is_not_called_good(tmp_path):
    outcome = testing._outcome(tmp_path / "never written.xml", 3)
    assert str(outcome) == "0 passed, 0 failed; pytest ended with code 3"
    assert not outcome.is_good


def test_slow_tests_run_in_a_process_of_their_own(pytest_that_passes, capsys):
    assert testing.run(["tests/jobs"]) == 0
    assert [arguments for arguments, _ in pytest_that_passes] == [
        ["-m", "not (browser or whole)", "tests/jobs"],
        ["-m", "browser or whole", "tests/jobs"],
    ]
    assert "2 passed, 0 failed" in capsys.readouterr().out


@pytest.mark.parametrize(("cores", "workers"), [({0}, None), ({0, 1}, "2"), (set(range(64)), "8")])
def test_the_whole_suite_runs_on_every_core(monkeypatch, pytest_that_passes, cores, workers):
    monkeypatch.setattr(testing.os, "sched_getaffinity", lambda _: cores)
    monkeypatch.setattr(testing, "CHECKS", {})
    testing.run([])
    (fast, _), (browser, _) = pytest_that_passes
    assert (fast[fast.index("-n") + 1] if "-n" in fast else None) == workers
    assert "-n" not in browser


def test_without_a_browser_its_tests_are_skipped_with_the_reason(
    nothing_installed, pytest_that_passes, monkeypatch, capsys
):
    monkeypatch.delenv("CI", raising=False)
    assert testing.run(["tests/jobs"]) == 0
    assert "sudo apt-get install chromium" in capsys.readouterr().err
    _, environment = pytest_that_passes[-1]
    assert environment["RETUNE_BROWSER_SKIP_REASON"] == chromium.HOW_TO_GET_IT


def test_without_a_browser_ci_fails(nothing_installed, pytest_that_passes, monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    assert testing.run(["tests/jobs"]) == 1
    assert "CI asks for them" in capsys.readouterr().out


def test_running_no_test_at_all_is_not_good(monkeypatch, capsys):
    monkeypatch.setattr(testing, "_pytest", lambda *_: Outcome())
    assert testing.run(["-k", "nothing has this name"]) == 1
    assert "no test was run" in capsys.readouterr().out


def test_the_named_chromium_is_the_one_that_is_used(tmp_path, monkeypatch):
    mine = tmp_path / "mine"
    mine.touch(mode=0o755)
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert chromium.find_or_install() == str(mine)

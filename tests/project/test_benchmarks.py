"""One page names every benchmark: what is measured and not named there, nobody finds."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "performance.md").read_text()


def test_the_page_names_every_benchmark_and_no_other():
    programs = {
        path.name
        for path in (ROOT / "benchmarks").glob("*.py")
        if '__name__ == "__main__"' in path.read_text() and "def main" in path.read_text()
    }
    assert set(re.findall(r"benchmarks/(\w+\.py)", PAGE)) == programs

"""What the documentation says of graders and of the drift card is what they are."""

import re
from collections import Counter
from pathlib import Path

from django.conf import settings

from apps.evals.forms.typed_graders import MOST_GRADERS
from apps.evals.graders.kinds import KINDS
from apps.evals.questions import drift
from apps.evals.questions.grader_words import KIND_WORDS
from apps.evals.results.slice_rows import VALUES

DOCS = Path(settings.BASE_DIR, "docs", "evals.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table that begins with this heading."""
    table = DOCS[DOCS.index(f"| {heading} |") :].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n")[2:]]


def test_every_kind_of_grader_is_in_the_table_with_its_words_and_fields():
    told = {row[1].strip("`"): (row[0], set(re.findall(r"`(\w+)`", row[2]))) for row in rows(
        "An answer is right if it"
    )}  # fmt: skip
    known = {str(kind): (str(KIND_WORDS[kind]), set(KINDS[kind].fields)) for kind in KINDS}
    assert told == known
    assert MOST_GRADERS == 8
    assert "up to eight graders" in DOCS


def test_the_topics_of_the_drift_card_are_counted():
    counts = Counter(each.slices["topic"] for each in drift.material().questions)
    told = {row[0].partition(":")[0].removesuffix(", in 14 languages"): int(row[1]) for row in rows(
        "Topic"
    )}  # fmt: skip
    words = {str(VALUES["topic", topic]): count for topic, count in counts.items()}
    assert f"asks {counts.total()} short questions" in DOCS
    assert told == {"general knowledge and simple sums": words.pop("general knowledge"), **words}

"""Names the languages of a suite's questions; the model for it is too big for a web process."""

from apps.evals.models import Case, Suite
from apps.evals.questions import slices


def name_languages(suite_id: int) -> None:
    """Write the language of every question that has none yet. Doing it twice changes nothing."""
    named = []
    unnamed = Case.objects.filter(suite=suite_id).exclude(slices__has_key="language")
    for case in unnamed.exclude(suite__kind=Suite.Kind.DRIFT):  # that goes by topic alone
        language = slices.language_of(slices.last_question(case.messages))
        case.slices = {**case.slices, "language": language}
        named.append(case)
    Case.objects.bulk_update(named, ["slices"], batch_size=500)

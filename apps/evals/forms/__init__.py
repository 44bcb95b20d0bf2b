"""The forms of evals: shape and ownership."""

from apps.evals.forms.graders import GraderBuilder
from apps.evals.forms.runs import RunForm
from apps.evals.forms.suites import SuiteForm

__all__ = ["GraderBuilder", "RunForm", "SuiteForm"]

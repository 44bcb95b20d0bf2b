"""The rows of evals: suites with questions, runs with answers, scores."""

from apps.evals.models.recordings import RecordedAnswer, Recording
from apps.evals.models.runs import MOST_SAMPLES, Answer, Candidate, Run, RunQuerySet
from apps.evals.models.scores import HumanVote, Score
from apps.evals.models.suites import Case, SavedCase, Suite

__all__ = [
    "MOST_SAMPLES",
    "Answer",
    "Candidate",
    "Case",
    "HumanVote",
    "RecordedAnswer",
    "Recording",
    "Run",
    "RunQuerySet",
    "SavedCase",
    "Score",
    "Suite",
]

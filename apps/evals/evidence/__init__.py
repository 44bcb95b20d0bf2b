"""Everything that speaks for or against one tuned model, as one page, one file, or JSON."""

from apps.evals.evidence.gathering import evidence_of

__all__ = ["evidence_of"]

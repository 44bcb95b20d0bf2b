"""How alike an answer is to the expected one, from 0 to 1, by the libraries everybody cites.

A grader of reinforcement jobs has measures of the same names by NLTK's definitions, since that is
what a provider computes. Here BLEU and chrF are sacreBLEU's, whose figures can be compared.
"""

import re
from collections.abc import Callable, Sequence

from apps.evals.graders.reasons import because
from apps.evals.graders.types import Grade, Grading, Options

MOST_CHARACTERS = 50_000
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
KANA = re.compile(r"[\u3040-\u30ff]")
WORDS = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)


def similarity(options: Options) -> Grading:
    """A measure, which passes from its threshold on; without one there is a score alone."""
    measure, threshold = MEASURES[options["metric"]], options["threshold"]

    def grading(expected: str, answer: str) -> Grade:
        is_cut = max(len(expected), len(answer)) > MOST_CHARACTERS
        score = measure(expected[:MOST_CHARACTERS], answer[:MOST_CHARACTERS])
        score = min(1.0, max(0.0, score))
        code = "similar_cut" if is_cut else "similar"
        # Cut, not rounded: 89.96 % does not pass 90 %, and must not look as if it did.
        why = because(code, percent=int(score * 1000) / 10, limit=MOST_CHARACTERS)
        return Grade(score, None if threshold is None else score >= threshold, why)

    return grading


def fuzzy(expected: str, answer: str) -> float:
    """Share of the characters of both that are common, in order (rapidfuzz: ratio)."""
    from rapidfuzz import fuzz

    return fuzz.ratio(expected.strip(), answer.strip()) / 100


def rouge_l(expected: str, answer: str) -> float:
    """Share of the words of both that are common, in order: rouge-score's F-measure.

    Its words are ASCII alone; ours are of any script, Chinese and Japanese sign by sign.
    """
    from rapidfuzz.distance import LCSseq

    ours, theirs = _words(answer), _words(expected)
    total = len(ours) + len(theirs)
    return 2 * LCSseq.similarity(ours, theirs) / total if total else 0.0


def bleu(expected: str, answer: str) -> float:
    """BLEU of one sentence: sacreBLEU's, smoothed exponentially, with its usual tokeniser."""
    from sacrebleu.metrics.bleu import BLEU

    tokenizer = "char" if KANA.search(expected) else "zh" if HAN.search(expected) else "13a"
    scorer = BLEU(tokenize=tokenizer, effective_order=True)
    return float(scorer.sentence_score(answer, [expected]).score) / 100


def chrf(expected: str, answer: str) -> float:
    """chrF2: common runs of one to six characters, in any script."""
    from sacrebleu.metrics.chrf import CHRF

    return float(CHRF().sentence_score(answer, [expected]).score) / 100


def _words(text: str) -> Sequence[str]:
    return WORDS.findall(text.lower())


MEASURES: dict[str, Callable[[str, str], float]] = {
    "fuzzy": fuzzy,
    "rouge_l": rouge_l,
    "bleu": bleu,
    "chrf": chrf,
}

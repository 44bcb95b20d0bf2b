"""Numbers that states give to people, where a check digit can tell them from others (pure)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from apps.datasets.quality.hits import CERTAIN, LIKELY

SOCIAL_SECURITY = re.compile(rb"(?:ssn|social security)[^\d\0\n]{0,24}\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class National:
    """A kind of number: its shape (0 for digits, A for capitals), and who can check it."""

    country: str
    literal: bytes
    form: "re.Pattern[bytes]"
    module: str  # of stdnum
    sure: str = CERTAIN
    word: "re.Pattern[bytes] | None" = None  # must stand before a number that is easily met


def _alone(literal: bytes, more: bytes = b"") -> tuple[bytes, "re.Pattern[bytes]"]:
    return literal, re.compile(re.escape(literal) + more + rb"(?![0Aa])")


NATIONAL = (
    National("CN", *_alone(b"0" * 17, rb"[0A]"), "stdnum.cn.ric"),
    National("IT", *_alone(b"AAAAAA00A00A000A"), "stdnum.it.codicefiscale"),
    National("BR", *_alone(b"000.000.000-00"), "stdnum.br.cpf"),
    National("FR", *_alone(b"0 00 00 0", rb"[0A] 000 000 00"), "stdnum.fr.nir"),
    National("ES", *_alone(b"0" * 8, rb"-?A"), "stdnum.es.dni", LIKELY),
    National("US", *_alone(b"000-00-0000"), "stdnum.us.ssn", LIKELY, SOCIAL_SECURITY),
)
BESIDE = 48


def national_id(kind: National, data: bytes, start: int, end: int) -> str:
    """Say how sure it is that these bytes are such a number; empty when they are not."""
    if start and re.match(rb"[\w.+-]", data[start - 1 : start]):
        return ""
    if kind.word and not kind.word.search(data, max(0, start - BESIDE), start):
        return ""
    is_valid: Callable[[str], bool] = import_module(kind.module).is_valid
    return kind.sure if is_valid(data[start:end].decode()) else ""

"""Compiles the translations, which Django reads only compiled. A fresh Debian has no gettext.

By hand: `python -m config.launcher.translations`.
"""

import hashlib
import os
from pathlib import Path

from config.launcher.paths import ROOT

SOURCES = "apps/*/locale/*/LC_MESSAGES/django.po"


def compile_translations(root: Path = ROOT) -> list[Path]:
    """Compile the catalogues whose words have changed; return their sources."""
    changed = [source for source in root.glob(SOURCES) if not _is_compiled(source)]
    for source in changed:
        _compile(source)
    return changed


def _is_compiled(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return target.exists() and target.read_bytes().endswith(_fingerprint(source))


def _compile(source: Path) -> None:
    """Write the `.mo` with the hash of its source behind the last word, where nobody reads."""
    # Imported here: most starts have nothing to compile.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as words:
        catalogue = read_po(words, locale=source.parent.parent.name)
    unfinished = source.with_suffix(f".{os.getpid()}.new")
    with unfinished.open("wb") as target:
        write_mo(target, catalogue)
        target.write(_fingerprint(source))
    unfinished.replace(source.with_suffix(".mo"))


def _fingerprint(source: Path) -> bytes:
    return hashlib.sha256(source.read_bytes()).digest()


if __name__ == "__main__":
    compile_translations()

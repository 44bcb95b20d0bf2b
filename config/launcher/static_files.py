"""Knows whether `collectstatic` has anything to do."""

import hashlib
from pathlib import Path

from config.launcher.paths import ROOT

STAMP = ROOT / "var" / "static.stamp"
TARGET = ROOT / "var" / "static"


def are_collected() -> bool:
    """Answer whether the collected files were made from today's sources and packages."""
    return TARGET.exists() and STAMP.exists() and STAMP.read_text() == _fingerprint()


def remember_collected() -> None:
    """Note that the files have just been collected."""
    STAMP.write_text(_fingerprint())


def _fingerprint() -> str:
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted(_sources()):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _sources() -> list[Path]:
    folders = [ROOT / "static" / "dist", ROOT / "static" / "img", *ROOT.glob("apps/*/static")]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

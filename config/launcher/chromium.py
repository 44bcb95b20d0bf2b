"""Finds the browser that the browser tests drive, or gets it."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW_TO_GET_IT = (
    "no Chromium here. On Debian or Ubuntu: sudo apt-get install chromium."
    " Anywhere else: set CHROMIUM to the path of a Chromium or Chrome."
)


def find_or_install() -> str | None:
    """Return the path of a Chromium, installing it where root may; None when there is none."""
    return find() or (find() if _install() else None)


def find() -> str | None:
    """Return the path of a Chromium that is already here."""
    names = [os.environ.get("CHROMIUM", ""), *NAMES]
    return next((path for name in names if name and (path := shutil.which(name))), None)


def _install() -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    update = ["apt-get", "update", "--quiet"]
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"]
    return all(
        subprocess.run(each, stdout=sys.stderr).returncode == 0 for each in (update, install)
    )

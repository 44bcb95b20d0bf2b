"""The style sheet knows every class that Python code hands to a template."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from apps.core.templatetags.ui import CONTROL_CLASSES, STATUS_CLASSES

pytestmark = pytest.mark.browser  # it needs the built pages

CONTROLS = {"input", *CONTROL_CLASSES.values()} - {""}
CLASSES = CONTROLS | {name for names in STATUS_CLASSES.values() for name in names.split()}


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_a_class_from_python_has_a_rule(name: str) -> None:
    built = finders.find("css/app.css")
    assert built, "run `npm run build` first"
    assert re.search(rf"[{{}},]\.{name}[ {{]", Path(built).read_text())

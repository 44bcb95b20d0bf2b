"""Recipes: lists of steps that make a new version of a dataset out of an old one.

Every module with steps is named here, so that whoever asks for one step finds all of them.
"""

from apps.datasets.recipes import chat as chat
from apps.datasets.recipes import dropping as dropping
from apps.datasets.recipes import duplicates as duplicates
from apps.datasets.recipes import edits as edits
from apps.datasets.recipes import keys as keys
from apps.datasets.recipes import leaked as leaked
from apps.datasets.recipes import lengths as lengths
from apps.datasets.recipes import lines as lines
from apps.datasets.recipes import pairs as pairs
from apps.datasets.recipes import picking as picking
from apps.datasets.recipes import redact as redact
from apps.datasets.recipes import roles as roles
from apps.datasets.recipes import selecting as selecting
from apps.datasets.recipes import texts as texts
from apps.datasets.recipes import types as types

"""The builder of graders: a form for each, drawn from what `graders` says of its kind."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.widgets import Textarea
from apps.evals.asking.model_options import listed_groups
from apps.evals.forms.typed_graders import (
    MOST_GRADERS,
    SHOWN,
    Part,
    TypedGraders,
    complete,
    value,
)
from apps.evals.graders import PURE, Grade, Kind, check, grade
from apps.evals.graders.fields import Field, Shape
from apps.evals.graders.grading import LONGEST_NAME
from apps.evals.graders.kinds import KINDS
from apps.evals.questions.grader_fields import ABOUT, GROUPS, choice_words, field_words
from apps.evals.questions.grader_words import KIND_NAMES, KIND_WORDS, name_of, words_of
from apps.providers.models import Connection
from apps.providers.overrides import profile_of

ROOT = re.compile(r"[a-z_]+")
PLACE = re.compile(r"\[(\d+)\]$")
LONG_TEXTS = ("rubric", "instructions")
ASKS_A_MODEL = (Kind.JUDGE, Kind.EMBEDDING)


@dataclass(frozen=True, slots=True)
class Tried:
    """What one grader says of the example. Without a grade, a run has to ask somebody."""

    name: str
    words: str
    grade: Grade | None


class GraderForm(forms.Form):
    """One grader. What is wrong with it is said by `graders.check`."""

    kind = forms.ChoiceField(label=gettext_lazy("An answer is right if it"))
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("What the run calls it."),
    )

    def __init__(
        self, place: str, part: Part, *, connections: Sequence[Connection], has_own: bool
    ) -> None:
        self.place, self.part = place, complete(part)
        values = {f"grader-{place}-{name}": text for name, text in self.part.items()}
        super().__init__(values, prefix=f"grader-{place}")
        self.known = Kind(self.part["kind"])
        self.connections = {str(each.public_id): each for each in connections}
        kind: Any = self.fields["kind"]
        kind.choices = list(_kinds(has_own=has_own or self.known == Kind.CASE))
        self.fields["name"].widget.attrs["placeholder"] = KIND_NAMES[self.known]
        for name, field in KINDS[self.known].fields.items():
            self.fields[f"{self.known}-{name}"] = self._field(name, field)

    @property
    def about(self) -> str:
        """What the chosen kind is for."""
        return str(ABOUT[self.known])

    @property
    def own_fields(self) -> Sequence[forms.BoundField]:
        """The fields of the chosen kind."""
        return [self[f"{self.known}-{name}"] for name in KINDS[self.known].fields]

    @property
    def carried(self) -> Iterator[tuple[str, str]]:
        """What was typed for other kinds, and that this one was shown."""
        yield f"grader-{self.place}-{self.known}-{SHOWN}", "1"
        for name, text in self.part.items():
            if name not in self.fields and name != f"{self.known}-{SHOWN}":
                yield f"grader-{self.place}-{name}", text

    @property
    def _chosen(self) -> Connection | None:
        """The connection that is to be asked."""
        return self.connections.get(self.part.get(f"{self.known}-connection", ""))

    @property
    def _is_text_only(self) -> bool:
        """Whether it is a judge at a connection that is known to take no images."""
        chosen = self._chosen
        return bool(self.known == Kind.JUDGE and chosen and profile_of(chosen).text_only)

    def grader(self) -> dict[str, Any]:
        """Return the grader as a suite keeps it: with every field, so that it never changes."""
        name, is_blind = self.part["name"].strip(), self._is_text_only
        fields = {
            each: value(field, self.part.get(f"{self.known}-{each}", ""))
            for each, field in KINDS[self.known].fields.items()
        }
        fields |= {"images": False} if is_blind else {}
        return {"kind": str(self.known), **({"name": name} if name else {}), **fields}

    def tell(self, name: str, message: str) -> None:
        """Say at a field what is wrong, once."""
        name = name if name in self.fields else f"{self.known}-{name}"
        if name not in self.errors:  # reading them validates, which comes before adding to them
            self.add_error(name if name in self.fields else None, message)

    def _field(self, name: str, field: Field) -> forms.Field:
        label, help_text = field_words(self.known, name)
        words: dict[str, Any] = {"label": label, "help_text": help_text, "required": False}
        if name == "connection":
            return forms.ChoiceField(choices=self._connection_choices(), **words)
        if name == "model" and (listed := self._model_choices()):
            return forms.ChoiceField(choices=listed, **words)
        if field.shape is Shape.CHOICE:
            named = [(each, choice_words(self.known, name, each)) for each in field.choices]
            return forms.ChoiceField(choices=named, **words)
        if name == "images" and self._is_text_only:
            words["help_text"] = _("Models of this connection take text only: it sees no images.")
            return forms.BooleanField(disabled=True, initial=False, **words)
        if field.shape is Shape.FLAG:
            return forms.BooleanField(**words)
        return forms.CharField(widget=self._widget(name, field), strip=False, **words)

    def _widget(self, name: str, field: Field) -> forms.Widget:
        if field.shape is Shape.NUMBER:
            return forms.NumberInput(attrs={"step": "any", "min": 0})
        if field.shape is Shape.JSON:
            return Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "font-mono"})
        if name in LONG_TEXTS:
            return Textarea(attrs={"rows": 8 if name == "rubric" else 3})
        if field.shape is Shape.TEXTS:
            return Textarea(attrs={"rows": 4})
        return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})

    def _model_choices(self) -> list[tuple[str, Any]]:
        """Return what the connection lists and what was chosen before; nothing if it lists none."""
        chosen, told = self._chosen, self.part.get(f"{self.known}-model", "").strip()
        groups = listed_groups(chosen) if chosen else []
        if not groups:
            return []
        known = {model for _group, models in groups for model, _label in models}
        kept = [(told, told)] if told and told not in known else []
        return [("", _("Choose a model")), *kept, *groups]

    def _connection_choices(self) -> list[tuple[str, str]]:
        named = [(key, each.name) for key, each in self.connections.items()]
        return [("", _("Choose a connection")), *named]


class GraderBuilder:
    """The graders on the form of a suite."""

    def __init__(
        self, typed: TypedGraders, *, connections: Sequence[Connection], has_own: bool = False
    ) -> None:
        self.expected, self.answer = typed.expected, typed.answer
        self.has_own = has_own
        self.forms = [
            GraderForm(place, part, connections=connections, has_own=has_own)
            for place, part in (typed.parts or {"1": {}}).items()
        ]

    @property
    def is_full(self) -> bool:
        return len(self.forms) >= MOST_GRADERS

    @property
    def has_several(self) -> bool:
        return len(self.forms) > 1

    def graders(self) -> list[dict[str, Any]]:
        """Return the graders as a suite keeps them."""
        return [form.grader() for form in self.forms]

    def check(self) -> bool:
        """Say at each field what is wrong; True when nothing is."""
        called = Counter(name_of(grader) for grader in self.graders())
        for form in self.forms:
            grader = form.grader()
            for name, words in _problems(form.known, grader):
                form.tell(name, words)
            if form.known == Kind.CASE and not self.has_own:
                form.tell("kind", _("These questions have no graders of their own."))
            if called[name_of(grader)] > 1:
                words = _("Two graders are called “%(name)s”. Give this one a name of its own.")
                form.tell("name", words % {"name": name_of(grader)})
        return not any(form.errors for form in self.forms)

    def tried(self) -> list[Tried]:
        """Grade the example by each grader that is complete."""
        return [
            _tried(form.grader(), expected=self.expected, answer=self.answer) for form in self.forms
        ]


def _problems(kind: Kind, grader: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in which field; models are only missed where they can be chosen."""
    if kind in ASKS_A_MODEL and not grader["connection"]:
        yield "connection", _("Choose the connection that its model is asked by.")
    elif kind in ASKS_A_MODEL and not grader["model"]:
        yield "model", _("Choose the model that is asked.")
    for problem in check(grader):
        name = ROOT.match(problem.path)[0]  # type: ignore[index]
        if name != "model" or grader["model"]:
            yield name, _said(problem.path, problem.message)


def _tried(grader: dict[str, Any], *, expected: str, answer: str) -> Tried:
    said = grade(grader, expected=expected, answer=answer) if grader["kind"] in PURE else None
    return Tried(name_of(grader), words_of(grader), said)


def _kinds(*, has_own: bool) -> Iterator[tuple[Any, list[tuple[str, Any]]]]:
    """Yield the kinds in groups; that of each question itself where questions have one."""
    for group, kinds in GROUPS:
        yield group, [(str(kind), KIND_WORDS[kind]) for kind in kinds]
    if has_own:
        yield _("From the questions"), [(str(Kind.CASE), KIND_WORDS[Kind.CASE])]


def _said(path: str, message: str) -> str:
    """Say where in a field something is wrong: in which line of a list, at which place of JSON."""
    if found := PLACE.search(path):
        return _("Line %(line)d: %(message)s") % {"line": int(found[1]) + 1, "message": message}
    if "." in path:
        return _("At %(path)s: %(message)s") % {"path": path.partition(".")[2], "message": message}
    return message

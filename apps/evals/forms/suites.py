"""The form of a suite: what is asked."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.evals.models import Suite
from apps.evals.questions import authoring
from apps.evals.questions.authoring import Material
from apps.evals.questions.cases import MOST_CASES
from apps.evals.questions.saving import collection_sizes

LARGEST_SEED = 2_147_483_647


class SuiteForm(forms.Form):
    """Where the questions come from. The token makes a double click one."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    source = forms.ChoiceField(
        label=gettext_lazy("The questions are"), widget=forms.RadioSelect, required=False
    )
    dataset = forms.ModelChoiceField(
        label=gettext_lazy("Dataset"),
        queryset=Version.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=gettext_lazy("Choose a dataset"),
        help_text=gettext_lazy(
            "Take rows that no model was trained on, such as your validation data: "
            "what a model has seen it only has to remember."
        ),
    )
    count = forms.IntegerField(
        label=gettext_lazy("Rows at most"),
        min_value=1,
        max_value=MOST_CASES,
        initial=200,
        required=False,
        help_text=gettext_lazy(
            "Taken at random. More rows show smaller differences, and cost more."
        ),
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        initial=1,
        required=False,
        help_text=gettext_lazy("The same seed takes the same rows."),
    )
    expected_in = forms.CharField(
        label=gettext_lazy("Field with the expected answer"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "For rows that end with the question, as those of reinforcement: the name of a field "
            "such as reference_answer. Left empty, the last answer of each row is expected."
        ),
    )
    collection = forms.ChoiceField(
        label=gettext_lazy("Collection"),
        required=False,
        help_text=gettext_lazy(
            "The cases are taken as they are now; what is changed later changes no suite."
        ),
    )
    copied = forms.ModelChoiceField(
        queryset=Suite.objects.none(),
        to_field_name="public_id",
        required=False,
        widget=forms.HiddenInput,
    )
    model = forms.UUIDField(required=False, widget=forms.HiddenInput)  # to be evaluated
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.membership = membership
        ready = Version.objects.visible_to(membership).ready().defer("statistics")
        fields: dict[str, Any] = self.fields
        fields["dataset"].queryset = ready.order_by("-created_at", "-pk")
        fields["copied"].queryset = Suite.objects.visible_to(membership)
        sizes = collection_sizes(membership)
        fields["collection"].choices = [
            ("", _("Choose a collection")),
            *((name, _sized(name, count)) for name, count in sizes),
        ]
        self.original = self._original()
        fields["source"].choices = list(self._sources(has_saved=bool(sizes)))
        if not self.is_bound and "source" not in self.initial:
            self.initial["source"] = "suite" if self.original else "rows"

    @property
    def offers_sources(self) -> bool:
        """Whether there is anything to choose from."""
        fields: dict[str, Any] = self.fields
        return len(fields["source"].choices) > 1

    def clean(self) -> None:
        """Ask for what the chosen source needs."""
        data = self.cleaned_data
        data["source"] = data.get("source") or "rows"
        needed = {"rows": "dataset", "saved": "collection", "suite": "copied"}[data["source"]]
        if not data.get(needed) and needed not in self.errors:
            words = {
                "dataset": _("Choose a dataset."),
                "collection": _("Choose a collection."),
                "copied": _("This suite is no longer there."),
            }
            self.add_error(None if needed == "copied" else needed, words[needed])

    def material(self) -> Material:
        """Return what is to be asked."""
        data = self.cleaned_data
        if data["source"] == "suite":
            return authoring.of_suite(data["copied"])
        if data["source"] == "saved":
            return authoring.of_collection(self.membership, data["collection"])
        count, seed = data["count"] or 200, data["seed"]
        return authoring.of_rows(
            data["dataset"],
            count=count,
            seed=1 if seed is None else seed,
            expected_in=data["expected_in"],
        )

    def _original(self) -> Suite | None:
        """Return the suite whose questions are asked again, if there is one."""
        told = self["copied"].value()
        try:
            return self.fields["copied"].clean(told) if told else None
        except forms.ValidationError:
            return None

    def _sources(self, *, has_saved: bool) -> Any:
        if self.original:
            yield "suite", _("the same as in “%(name)s”") % {"name": self.original.name}
        yield "rows", _("rows of a dataset")
        if has_saved:
            yield "saved", _("saved cases")


def _sized(name: str, count: int) -> str:
    words = ngettext("%(name)s, %(count)d question", "%(name)s, %(count)d questions", count)
    return words % {"name": name, "count": count}

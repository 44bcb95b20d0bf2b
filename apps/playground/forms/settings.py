"""The system prompt and the parameters: shared by all columns, or of one alone."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.widgets import Textarea
from apps.playground import parameters, schemas
from apps.playground.models import ChatSettings
from apps.playground.models.settings import LONGEST_SCHEMA_NAME, MOST_TOP_LOGPROBS

GROWS, CODE = "field-sizing-content max-h-80", "min-h-24 font-mono text-sm"
FORM_ID = "composer"  # the fields stand all over the page; this ties them to one form
LARGEST_SEED = 2**53 - 1  # what every JSON reader keeps exactly


def one_kind_of_newline(text: str) -> str:
    """Browsers send CRLF; the training data has LF, and a tuned model may mind."""
    return text.replace("\r\n", "\n")


class _Typed(forms.CharField):
    """A list, or an object, that people write as text."""

    widget = Textarea
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    nothing: Callable[[], Any] = list

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else self.write(value or self.nothing())

    def clean(self, value: Any) -> Any:
        text = one_kind_of_newline(super().clean(value))
        try:
            return self.read(text) if text.strip() else self.nothing()
        except ValueError as refusal:
            raise ValidationError(str(refusal)) from None


class StopField(_Typed):
    read = staticmethod(parameters.stops_of)
    write = staticmethod(lambda stops: "\n".join(map(parameters.escaped, stops)))


class ToolsField(_Typed):
    read = staticmethod(parameters.tools_of)
    write = staticmethod(parameters.json_text)


class SchemaField(_Typed):
    read = staticmethod(schemas.schema_of)
    write = staticmethod(parameters.json_text)
    nothing = dict


class SchemaNameField(forms.CharField):
    """What OpenAI takes as the name of a schema."""

    def clean(self, value: Any) -> str:
        try:
            return schemas.name_of(super().clean(value))
        except ValueError as refusal:
            raise ValidationError(str(refusal)) from None


class SeparatorField(forms.CharField):
    """A text whose line breaks are written out."""

    def clean(self, value: Any) -> str:
        try:
            return parameters.separator_of(super().clean(value))
        except ValueError as refusal:
            raise ValidationError(str(refusal)) from None


def _number(most: float | None = None, least: float = 0, step: str = "1") -> forms.NumberInput:
    limits = {"min": least, "step": step, "inputmode": "decimal"}
    return forms.NumberInput(attrs=limits if most is None else {**limits, "max": most})


class SettingsForm(forms.Form):
    """One set of settings. An empty parameter is not sent: the provider's default holds."""

    system_prompt = forms.CharField(
        label=_("System prompt"),
        required=False,
        strip=False,
        max_length=200_000,
        widget=Textarea(attrs={"rows": 3, "class": f"{GROWS} min-h-20"}),
    )
    temperature = forms.FloatField(
        label=_("Temperature"),
        required=False,
        min_value=0,
        max_value=2,
        widget=_number(2, step="any"),
        help_text=_("0 always takes the likeliest word; higher values vary more. Up to 2."),
    )
    max_tokens = forms.IntegerField(
        label=_("Longest answer, in tokens"),
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        widget=_number(least=1),
        help_text=_("The answer is cut off after this many tokens."),
    )
    top_p = forms.FloatField(
        label=_("Top-p"),
        required=False,
        min_value=0,
        max_value=1,
        widget=_number(1, step="any"),
        help_text=_(
            "Chooses only among the likeliest words that add up to this share. "
            "Change this or the temperature, not both."
        ),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        required=False,
        min_value=0,
        max_value=LARGEST_SEED,
        widget=_number(),
        help_text=_("The same seed mostly brings the same answer again."),
    )
    separator = SeparatorField(
        label=_("Prompt separator"),
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"class": "font-mono", "spellcheck": "false"}),
        help_text=_(
            "Follows your message where a model only continues a text; \\n is a line break. "
            "Left empty, it is what the prompts of its training data end with."
        ),
    )
    stop = StopField(
        label=_("Stop sequences"),
        required=False,
        strip=False,
        widget=Textarea(attrs={"rows": 2, "class": "font-mono", "spellcheck": "false"}),
        help_text=_("The answer ends before one of these. One a line; \\n is a line break."),
    )
    response_format = forms.ChoiceField(
        label=_("Answer as"),
        required=False,
        choices=ChatSettings.ResponseFormat.choices,
        help_text=_("For JSON the prompt must ask for JSON, too."),
    )
    schema = SchemaField(
        label=_("Schema"),
        required=False,
        strip=False,
        widget=Textarea(attrs={"rows": 8, "class": f"{GROWS} {CODE}", "spellcheck": "false"}),
        help_text=_("A JSON Schema: which fields the answer has, and of which types."),
    )
    schema_name = SchemaNameField(
        label=_("Name of the schema"),
        required=False,
        widget=forms.TextInput(
            attrs={
                "class": "font-mono",
                "spellcheck": "false",
                "maxlength": LONGEST_SCHEMA_NAME,
            }
        ),
        help_text=_(
            "The model reads it, too. Letters, digits, - and _. Left empty, it is “answer”."
        ),
    )
    is_strict = forms.BooleanField(
        label=_("Strict"),
        required=False,
        help_text=_(
            "The server lets the model write nothing that breaks the schema. OpenAI takes only "
            "simple schemas as strict; its tuned models none with lengths, patterns or limits."
        ),
    )
    top_logprobs = forms.IntegerField(
        label=_("Alternatives per token"),
        required=False,
        min_value=0,
        max_value=MOST_TOP_LOGPROBS,
        widget=_number(MOST_TOP_LOGPROBS),
        help_text=_(
            "How likely each token was, and what else it could have been. "
            "0 to 20 alternatives; leave it empty to switch this off."
        ),
    )
    tools = ToolsField(
        label=_("Tools"),
        required=False,
        strip=False,
        widget=Textarea(attrs={"rows": 4, "class": f"{GROWS} {CODE}", "spellcheck": "false"}),
        help_text=_("Functions that the model may call, as JSON in OpenAI’s shape."),
    )

    def __init__(
        self, data: QueryDict | None, *, initial: Mapping[str, Any], prefix: str | None = None
    ) -> None:
        separator = parameters.escaped(initial.get("separator", ""))
        super().__init__(data, initial={**initial, "separator": separator}, prefix=prefix)
        for field in self.fields.values():
            field.widget.attrs["form"] = FORM_ID

    def clean_system_prompt(self) -> str:
        return one_kind_of_newline(self.cleaned_data["system_prompt"])

    def clean(self) -> dict[str, Any]:
        """Check the schema. Where none is asked for, a bad one is forgotten and in nobody's way."""
        super().clean()
        if self.cleaned_data.get("response_format") == ChatSettings.ResponseFormat.SCHEMA:
            self._check_schema()
            return self.cleaned_data
        for name, nothing in (("schema", {}), ("schema_name", "")):
            if self.errors.pop(name, None):
                self.cleaned_data[name] = nothing
        return self.cleaned_data

    def _check_schema(self) -> None:
        schema = self.cleaned_data.get("schema")
        if schema == {}:
            self.add_error("schema", gettext("Write the schema that the answer has to follow."))
        if not schema or not self.cleaned_data["is_strict"]:
            return
        try:
            schemas.refuse_beyond_strict(schema)
        except ValueError as refusal:
            self.add_error("schema", str(refusal))

    @property
    def problems(self) -> list[str]:
        """What is wrong, each sentence with the name of its field."""
        return [
            f"{self[name].label}: {error}" for name, each in self.errors.items() for error in each
        ]

    @property
    def goes_further(self) -> bool:
        """Whether one of the parameters is set that few people need."""
        names = ("stop", "response_format", "top_logprobs", "tools")
        return any(self[name].value() not in (None, "", []) for name in names)

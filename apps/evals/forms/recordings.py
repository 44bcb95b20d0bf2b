"""The form of a recording: files, and what they are called."""

from typing import Any, TypeAlias
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.evals.records import transcripts
from apps.evals.records.transcripts import Transcript

Files: TypeAlias = "list[UploadedFile[Any]]"
MOST_BYTES = 64 * 1024 * 1024
MOST_FILES = 10


class FilesInput(forms.ClearableFileInput):
    """Takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each as a file field takes it."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Files:
        single = super().clean
        given = data if isinstance(data, list | tuple) else [data]
        return [single(each, initial) for each in given or [None]]


class RecordingForm(forms.Form):
    """Answers out of files. Nothing is saved while a line cannot be read, unless that is wanted."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        help_text=gettext_lazy("What runs call it, such as the name of the model."),
    )
    model = forms.CharField(
        label=gettext_lazy("Model"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Left empty, what the files say."),
    )
    uploads = FilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy("JSONL, up to 64 MB together. A batch needs both of its files."),
    )
    leaves_out = forms.BooleanField(
        label=gettext_lazy("Leave out the lines that cannot be read"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.transcript = Transcript()
        self.fields["uploads"].widget.attrs["accept"] = ".jsonl,.json,.ndjson,.txt"

    def clean_uploads(self) -> Files:
        """Refuse what is too much."""
        files: Files = self.cleaned_data["uploads"]
        if len(files) > MOST_FILES or sum(file.size or 0 for file in files) > MOST_BYTES:
            raise forms.ValidationError(_("Send at most 10 files, and 64 MB together."))
        return files

    def clean(self) -> None:
        """Read the files; say of each bad line what is wrong with it."""
        files = self.cleaned_data.get("uploads")
        if not files:
            return
        self.transcript = transcripts.read([(str(file.name), file) for file in files])
        if self.transcript.bad and not self.cleaned_data.get("leaves_out"):
            self.add_error("uploads", _("Some lines cannot be read; nothing is saved yet."))
        elif not self.transcript.answers:
            self.add_error("uploads", _("There is no answer in these files."))

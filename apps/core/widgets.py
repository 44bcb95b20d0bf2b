"""Form controls that several apps show."""

from typing import Any

from django import forms


class WireSelect(forms.Select):
    """Offers words of a provider, which neither a translator nor a browser is to translate."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Mark every option but the empty one, which is a sentence of ours."""
        option = super().create_option(name, value, *args, **kwargs)
        if value:
            option["attrs"]["translate"] = "no"
        return option


class Textarea(forms.Textarea):
    """Takes whatever is pasted; what is too long is refused with words.

    With `maxlength` a browser cuts it, and nobody is told.
    """

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        attrs = super().build_attrs(*args, **kwargs)
        attrs.pop("maxlength", None)
        return attrs

"""The form that says what each column of a table is."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.widgets import Textarea
from apps.datasets.selectors.source_words import LEFT_OUT, ROLE_WORDS
from apps.datasets.sources import Layout, Mapping, Table, guess
from apps.datasets.sources.layout import MOST_COLUMNS
from apps.datasets.sources.mapping import REPEATABLE

LONGEST_PROMPT = 20_000
WITH_A_HEADER = ("csv", "tsv", "xlsx")
PROBLEMS = {
    "nothing": _("Choose what the columns are: at least one has to hold what the model learns."),
    "twice": _("Two columns are the same thing. Choose one of them, and leave the other out."),
    "mixed": _("These do not make one kind of example. Choose from one group only."),
    "conversation_alone": _(
        "A whole conversation has its questions and answers inside it. "
        "Leave out the columns with single ones."
    ),
    "missing_chat": _("Choose the column with what the model answers."),
    "missing_prompt_completion": _("Choose the column with the completion."),
    "missing_preference": _("Choose both the column with the better and the one with the worse."),
    "missing_reinforcement": _("Choose the column with what the person says."),
}


class ColumnsForm(forms.Form):
    """One role per column of the sheet at hand. Bound or not, `mapping` is what it says."""

    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    has_header = forms.BooleanField(
        label=_("The first row holds the names of the columns"), required=False
    )
    system_prompt = forms.CharField(
        label=_("System prompt for every row"),
        required=False,
        max_length=LONGEST_PROMPT,
        strip=False,
        widget=Textarea(attrs={"rows": 2}),
        help_text=_("Who the model is. Rows with a system prompt of their own keep theirs."),
    )

    def __init__(self, *args: Any, layout: Layout, changed: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [table.name for table in layout.tables]
        self.fields["sheet"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        if len(names) < 2:
            del self.fields["sheet"]
        if layout.format not in WITH_A_HEADER:
            del self.fields["has_header"]
        self.table = self._table(layout, asks_anew=changed == "sheet")
        self.sheet_position = names.index(self.table.name) if self.table.name in names else 0
        self.guessed = guess(self.table)
        self._offer_roles(asks_anew=changed in ("sheet", "has_header"), changed=changed)

    def _table(self, layout: Layout, *, asks_anew: bool) -> Table:
        table = layout.table(self.data.get("sheet", "")) or Table([], [])
        if not self.is_bound or "has_header" not in self.fields or asks_anew:
            self.initial["has_header"] = table.has_header
            return table
        return table.with_header(has_header=bool(self.data.get("has_header")))

    def _offer_roles(self, *, asks_anew: bool, changed: str) -> None:
        """One picker per column; who takes a role takes it from the column that had it."""
        roles = dict(self.guessed.roles)
        if self.is_bound and not asks_anew:
            sent = [self.data.get(_key(at), "") for at in range(len(self.table.columns))]
            taken = self.data.get(changed) if changed.startswith("role-") else None
            taken = None if taken in REPEATABLE else taken
            roles = {
                name: role
                for at, (name, role) in enumerate(zip(self.table.columns, sent, strict=True))
                if role in ROLE_WORDS and (role != taken or _key(at) == changed)
            }
        self.roles = roles

    @property
    def columns(self) -> list[dict[str, Any]]:
        """Each column with its picker's name, its role, and its first cells."""
        return [
            {
                "key": _key(at),
                "name": name,
                "role": self.roles.get(name, LEFT_OUT),
                "is_guess": name in self.guessed.roles
                and self.roles.get(name) == self.guessed.roles[name],
                "cells": [row[at] for row in self.table.rows],
            }
            for at, name in enumerate(self.table.columns)
        ]

    @property
    def is_cut(self) -> bool:
        """True where the table has more columns than can be chosen from."""
        return len(self.table.columns) >= MOST_COLUMNS

    @property
    def way(self) -> str:
        """Names the way in which the table is read: another way has other pickers."""
        return f"{self.sheet_position}-{int(self.table.has_header)}"

    @property
    def mapping(self) -> Mapping:
        prompt = self.data.get("system_prompt", "") if self.is_bound else ""
        return Mapping(
            roles=self.roles,
            columns=self.table.columns,
            system_prompt=prompt.replace("\0", "").replace("\r\n", "\n").strip(),
            sheet=self.table.name,
            has_header=self.table.has_header,
        )

    @property
    def problem(self) -> Any:
        """What keeps the columns from making examples, in words; empty when nothing does."""
        return PROBLEMS.get(self.mapping.problem, "")


def _key(at: int) -> str:
    return f"role-{at}"

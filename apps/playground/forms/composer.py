"""All forms of one page. Sending takes all of them: the prompt, the settings, the columns."""

import uuid
from collections.abc import Iterator, Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.playground.data.cases import NAMES, loaded
from apps.playground.forms.columns import ColumnPart, connections_for, positions_in
from apps.playground.forms.prompts import PromptForm
from apps.playground.forms.settings import SettingsForm
from apps.playground.models import MIN_COLUMNS, Conversation
from apps.playground.services import ColumnChoice, Prompt
from apps.playground.services.sending import Origin


class Composer:
    """`choices` is what each column asks so far; of what was sent, its own columns count."""

    def __init__(
        self,
        *,
        membership: Membership,
        conversation: Conversation,
        choices: Sequence[ColumnChoice],
        data: QueryDict | None = None,
    ) -> None:
        self.conversation = conversation
        self._membership, self._data = membership, data or QueryDict()
        self.choices = choices if data is None else _opened(choices, data)
        token = {"form_token": uuid.uuid4(), "samples": conversation.samples}
        self.prompt = PromptForm(data, initial=token)
        self.settings = SettingsForm(data, initial=conversation.values())
        self._connections = connections_for(membership)
        self.columns = [
            ColumnPart(data, choice=choice, connections=self._connections)
            for choice in self.choices
        ]

    @property
    def has_connections(self) -> bool:
        """Whether there is anything to choose from."""
        return bool(self._connections)

    def is_valid(self) -> bool:
        """Check every form, also after the first bad one: all errors are told at once."""
        return not self.errors

    @property
    def errors(self) -> list[str]:
        """What is wrong, each sentence once, with the field's name where there is one."""
        return list(dict.fromkeys(self._problems()))

    @property
    def sent(self) -> Prompt:
        """What is to be asked; only when it is valid."""
        return Prompt(
            text=self.prompt.cleaned_data["text"],
            samples=self.prompt.cleaned_data["samples"],
            form_token=self.prompt.cleaned_data["form_token"],
            settings=self.settings.cleaned_data,
            columns=[column.choice for column in self.columns],
            row=self._row(),
        )

    def _row(self) -> Origin | None:
        """Return the row or the case that the prompt was loaded from."""
        named = {name: str(self._data.get(name, "")) for name in NAMES}
        row = loaded(self._membership, named)
        return row if row and row.text else None

    @property
    def _can_be_judged(self) -> bool:
        return self.prompt.cleaned_data.get("samples") == 1

    def _problems(self) -> Iterator[str]:
        yield from (str(error) for errors in self.prompt.errors.values() for error in errors)
        if len(self.columns) < MIN_COLUMNS:
            yield _("Keep at least two columns.")
        if self.conversation.is_blind and not self._can_be_judged:
            yield _("Names are hidden here: ask each model once, or show the names first.")
        for column in self.columns:
            yield from column.problems
        yield from self.settings.problems


def _opened(choices: Sequence[ColumnChoice], data: QueryDict) -> list[ColumnChoice]:
    known = {choice.position: choice for choice in choices}
    return [
        known.get(position) or ColumnChoice(position, None, "") for position in positions_in(data)
    ]

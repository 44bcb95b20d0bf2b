"""Keeps what a workspace knows better about a provider."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from apps.accounts.models import Membership
from apps.providers import overrides
from apps.providers.models import Override


def keep_overrides(
    *,
    membership: Membership,
    profile: str,
    values: Mapping[tuple[str, str], str],
    as_of: date,
    source: str,
) -> None:
    """Save what changed, with its date and source; what is empty is Retune's own data again."""
    with transaction.atomic():
        mine = Override.objects.owned_by(membership).filter(profile=profile)
        before = {(row.model, row.name): row for row in mine.select_for_update()}
        for (model, name), value in values.items():
            row = before.get((model, name))
            if row and not value:
                row.delete()
            elif value and (row is None or row.value != value):
                Override.objects.update_or_create(
                    workspace=membership.workspace,
                    profile=profile,
                    model=model,
                    name=name,
                    defaults={"value": value, "as_of": as_of, "source": source},
                )
    overrides.forget(membership.workspace_id)

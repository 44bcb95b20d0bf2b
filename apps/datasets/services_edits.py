"""What becomes of a person's edits in the end: a version."""

from django.db import transaction

from apps.accounts.models import Membership
from apps.datasets import editing, services_recipes
from apps.datasets.models import Version


@transaction.atomic
def save_as_version(*, version: Version, membership: Membership, note: str = "") -> Version | None:
    """Make the next version of this person's edits and forget them; None when there are none.

    Whoever presses twice finds no edits the second time: the rows are locked, then gone.
    """
    mine = editing.edits_of(version, membership).select_for_update()
    edits = list(mine.order_by("pk"))
    recipe = editing.recipe_of(edits)
    if not recipe:
        return None
    made = services_recipes.make_version(
        version=version, membership=membership, recipe=recipe, note=note
    )
    mine.filter(pk__in=[edit.pk for edit in edits]).delete()
    return made

"""Reads a connection's own list of models: when they end, and which ones no job here made."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from asgiref.sync import async_to_sync
from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from apps.core.leases import free
from apps.core.storable import storable
from apps.library import names
from apps.library.inventory.endings import day_of, ending
from apps.library.models import LONGEST_NAME, ModelList, TunedModel
from apps.providers import overrides, registry
from apps.providers.models import Connection
from apps.providers.retries import retry_interval
from apps.providers.types import ModelInfo, ProviderError, ProviderUnavailable

EVERY = timedelta(hours=24)
NOT_SOONER_THAN = timedelta(minutes=10)  # after the last time, however many jobs have ended
LEASE = timedelta(minutes=2)


def read_soon(connection_ids: Iterable[int]) -> None:
    """Have the lists of these connections read: there is a new model whose end is not known."""
    now = timezone.now()
    ids = set(connection_ids)
    ModelList.objects.bulk_create(
        [ModelList(connection_id=pk, next_read_at=now) for pk in ids], ignore_conflicts=True
    )
    soon = Greatest(F("read_at") + NOT_SOONER_THAN, Value(now, DateTimeField()))
    read_before = ModelList.objects.filter(pk__in=ids, attempts=0, read_at__isnull=False)
    read_before.update(next_read_at=Least(F("next_read_at"), soon))


def due(at: datetime) -> Sequence[int]:
    """Return the connections whose list is to be read now."""
    return list(_due_lists(at).order_by("next_read_at").values_list("pk", flat=True))


def read_due(connection_id: int) -> None:
    """Read one list if nobody else does, and note when the next time is."""
    now = timezone.now()
    if not _due_lists(now).filter(pk=connection_id).update(lease_until=now + LEASE):
        return
    connection = Connection.objects.get(pk=connection_id)
    try:
        keep_dates(connection, async_to_sync(listed)(connection))
    except (ProviderError, ProviderUnavailable) as refusal:
        _retry_later(connection_id, refusal)
    else:
        _read(connection_id, at=now)


async def listed(connection: Connection) -> Sequence[ModelInfo]:
    """Ask the provider for its models, with the dates as it says them."""
    async with registry.open_provider(connection) as provider:
        return await provider.list_models()


def keep_dates(connection: Connection, models: Sequence[ModelInfo]) -> None:
    """Write when each model of this connection ends, as it is said today."""
    told = {model.id: day for model in models if (day := day_of(model.shutdown_date))}
    rows = TunedModel.objects.filter(connection=connection).kept()
    changed = [row for row in rows.defer("notes") if _take_dates(row, told, connection)]
    fields = ["shutdown_date", "base_shutdown_date", "ends_on", "end_told_by"]
    TunedModel.objects.bulk_update(changed, fields, batch_size=500)


def keep_found(connection: Connection, models: Sequence[ModelInfo]) -> int:
    """Make rows of tuned models that no job here explains; return how many there were."""
    known = set(TunedModel.objects.filter(connection=connection).values_list("name", flat=True))
    told = {model.id: day for model in models if (day := day_of(model.shutdown_date))}
    found = dict.fromkeys(model.id for model in models if names.is_tuned(model.id))
    rows = [
        _found_row(connection, name)
        for name in found
        if name not in known and len(name) <= LONGEST_NAME
    ]
    for row in rows:
        _take_dates(row, told, connection)
    TunedModel.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def refresh_announced() -> int:
    """Give models without a listed date what is announced today; return how many have changed.

    Our data comes with an upgrade, and a workspace may correct it at any time.
    """
    unlisted = TunedModel.objects.kept().filter(shutdown_date=None, base_shutdown_date=None)
    groups = unlisted.values_list("connection", "base_model", "ends_on").distinct().order_by()
    connections = Connection.objects.in_bulk({group[0] for group in groups})
    changed = 0
    for connection_id, base, ends_on in groups:
        profile = overrides.profile_of(connections[connection_id])
        end = ending(own=None, of_base=None, base=base, profile=profile)
        if end.on != ends_on:
            same = unlisted.filter(connection=connection_id, base_model=base, ends_on=ends_on)
            changed += same.update(ends_on=end.on, end_told_by=end.told_by)
    return changed


def _found_row(connection: Connection, name: str) -> TunedModel:
    step = names.step_of(name)
    return TunedModel(
        workspace_id=connection.workspace_id,
        connection=connection,
        name=storable(name),
        base_model=names.base_of(name),
        is_checkpoint=step is not None,
        step=step,
        made_at=timezone.now(),
    )


def _take_dates(row: TunedModel, told: Mapping[str, date], connection: Connection) -> bool:
    """Change the row's dates to what is said now; tell whether they were others."""
    before = (row.shutdown_date, row.base_shutdown_date, row.ends_on, row.end_told_by)
    root = names.base_of(row.base_model) or row.base_model
    row.shutdown_date = told.get(row.name)
    row.base_shutdown_date = told.get(row.base_model) or told.get(root)
    end = ending(
        own=row.shutdown_date,
        of_base=row.base_shutdown_date,
        base=row.base_model,
        profile=overrides.profile_of(connection),
    )
    row.ends_on, row.end_told_by = end.on, end.told_by
    return before != (row.shutdown_date, row.base_shutdown_date, row.ends_on, row.end_told_by)


def _due_lists(at: datetime) -> QuerySet[ModelList]:
    return ModelList.objects.filter(free("lease_until", at), next_read_at__lte=at)


def _read(connection_id: int, *, at: datetime) -> None:
    ModelList.objects.filter(pk=connection_id).update(
        read_at=at, next_read_at=at + EVERY, lease_until=None, attempts=0, trouble=""
    )


def _retry_later(connection_id: int, refusal: ProviderError | ProviderUnavailable) -> None:
    """Ask again: soon where it may have been a moment's trouble, tomorrow where it said no."""
    attempts = ModelList.objects.get(pk=connection_id).attempts + 1
    wait = EVERY
    if isinstance(refusal, ProviderUnavailable):
        wait = retry_interval(attempts, retry_after=refusal.retry_after)
    ModelList.objects.filter(pk=connection_id).update(
        attempts=attempts,
        next_read_at=timezone.now() + wait,
        lease_until=None,
        trouble=storable(refusal.words),
    )

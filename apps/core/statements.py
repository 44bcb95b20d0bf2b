"""Reads whole rows of several tables by SQL that is put together once.

The ORM puts a query together anew each time it is asked. For four tables that takes longer than
PostgreSQL takes to answer: too long for what every page asks, and every first word waits for.
"""

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Model


class Statement:
    """SQL in which `{alias}` stands for all columns of the model with this alias.

    Statement("SELECT {member}, {person} FROM … AS member JOIN … AS person …", member=…, person=…)
    """

    def __init__(self, sql: str, **models: type[Model]) -> None:
        self._sql, self._models = sql, models

    @cached_property
    def sql(self) -> str:
        """What PostgreSQL is sent."""
        return self._sql.format(
            **{name: _columns(name, each) for name, each in self._models.items()}
        )

    def rows(self, parameters: Mapping[str, Any]) -> list[list[Any]]:
        """Return for each row its models, in the order of their names, and the columns after them.

        A model without a key, where an outer join found none, is None.
        """
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return [self._read(iter(row)) for row in cursor.fetchall()]

    def _read(self, values: Iterator[Any]) -> list[Any]:
        return [*(_made(each, values) for each in self._models.values()), *values]


def _columns(alias: str, model: type[Model]) -> str:
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def _made(model: type[Model], values: Iterator[Any]) -> Model | None:
    own = list(islice(values, len(model._meta.concrete_fields)))
    for place, field in _converted(model):
        own[place] = field.from_db_value(own[place], None, connection)
    names = [field.attname for field in model._meta.concrete_fields]
    made = model.from_db(connection.alias, names, own)
    return None if made.pk is None else made


@cache
def _converted(model: type[Model]) -> list[tuple[int, Any]]:
    """Return the fields whose values are not what the driver returns, and where they stand."""
    fields = enumerate(model._meta.concrete_fields)
    return [(place, field) for place, field in fields if hasattr(field, "from_db_value")]

"""What the first bytes of a file tell about it."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from apps.datasets.check.findings import shown

SAMPLE_ROWS = 5
MOST_COLUMNS = 200
LONGEST_NAME = 200
SAMPLE_CHARACTERS = 200_000  # of all cells of a table together


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns and the first rows below them. Cells are texts or JSON; None is missing."""

    columns: list[str]
    rows: list[list[Any]]
    name: str = ""  # of the sheet, where a file has several
    has_header: bool = True

    def with_header(self, *, has_header: bool) -> "Table":
        """The same with the first row read as names, or as cells like the others."""
        if has_header == self.has_header:
            return self
        if has_header:
            first, *below = self.rows or [[]]
            return Table(unique(first), below, self.name)
        rows = [list(self.columns), *self.rows[: SAMPLE_ROWS - 1]]
        return Table(unique([""] * len(self.columns)), rows, self.name, has_header=False)

    def with_short_cells(self) -> "Table":
        """The same with texts cut, so that five rows never weigh more than a page."""
        most = max(500, SAMPLE_CHARACTERS // max(1, len(self.columns) * len(self.rows)))
        rows = [[_cut(cell, most) for cell in row] for row in self.rows]
        return replace(self, rows=rows)


def _cut(cell: Any, most: int) -> Any:
    return cell[:most] + "…" if isinstance(cell, str) and len(cell) > most else cell


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written. `failure` names why it cannot be read at all."""

    format: str = ""  # jsonl, json, csv, tsv, xlsx, txt, parquet
    encoding: str = ""  # Python's name of it; empty for XLSX and Parquet
    is_packed: bool = False
    delimiter: str = ""
    escape: str = ""
    key: str = ""  # where in JSON the examples are: "list", "rows", or the name of a list
    old_lines: bool = False  # lines end with a bare carriage return
    tables: list[Table] = field(default_factory=list)
    row_guess: int | None = None
    failure: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def is_as_stored(self) -> bool:
        """True when the file is JSONL in UTF-8 already, so that nothing has to be written anew."""
        plain = self.format == "jsonl" and not (self.is_packed or self.tables or self.old_lines)
        return plain and self.encoding in ("utf-8", "utf-8-sig")

    def table(self, name: str = "") -> Table | None:
        """Return the sheet of this name, else the first."""
        named = (table for table in self.tables if table.name == name)
        return next(named, next(iter(self.tables), None))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def layout_from(stored: dict[str, Any]) -> Layout:
    """Read what as_json() wrote."""
    tables = [Table(**table) for table in stored.get("tables", [])]
    return Layout(**{**stored, "tables": tables})


def is_plain(name: str) -> bool:
    """True for a name that can be stored and shown as it is."""
    return name == shown(name, LONGEST_NAME)


def unique(names: list[Any]) -> list[str]:
    """Give each column a name that no other column has."""
    taken: dict[str, None] = {}
    for position, name in enumerate(names, 1):
        base = shown(str(name).strip(), LONGEST_NAME) if name not in (None, "") else ""
        wanted = base = base or f"column {position}"
        number = 2
        while wanted in taken:
            wanted, number = f"{base} ({number})", number + 1
        taken[wanted] = None
    return list(taken)

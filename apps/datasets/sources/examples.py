"""One record and the roles of its columns → one example (pure)."""

from collections.abc import Iterator
from typing import Any

from apps.datasets.check.findings import EXTRA_CELLS as EXTRA
from apps.datasets.sources.conversations import messages_in, parsed, text_of
from apps.datasets.sources.layout import Table
from apps.datasets.sources.mapping import Mapping

Record = dict[str, Any]


class Maker:
    """Makes examples. An empty cell is a missing part, which the check then reports."""

    def __init__(self, mapping: Mapping) -> None:
        self._columns = {role: name for name, role in mapping.roles.items()}
        self._references = [name for name, role in mapping.roles.items() if role == "reference"]
        self._system_prompt = mapping.system_prompt
        self._make = {
            "chat": self._chat,
            "prompt_completion": self._completion,
            "preference": self._preference,
            "reinforcement": self._reinforcement,
        }[mapping.format]

    def __call__(self, record: Record) -> Record:
        """Return the example. What no column can hold stays beside it, so that nothing is lost."""
        example = self._make(record)
        if EXTRA in record:
            example[EXTRA] = record[EXTRA]
        return example

    def _cell(self, record: Record, role: str) -> Any:
        return record.get(self._columns.get(role, ""))

    def _chat(self, record: Record) -> Record:
        messages: Any = self._conversation(record)
        answer = self._cell(record, "assistant")
        if answer is not None:
            messages.append({"role": "assistant", "content": text_of(answer)})
        return {"messages": messages, **self._tools(record)}

    def _conversation(self, record: Record) -> Any:
        """Return what comes before the answer; a cell that cannot be read comes as it is."""
        if "conversation" in self._columns:
            cell = self._cell(record, "conversation")
            messages = messages_in(cell)
            if cell is not None and not messages:
                return parsed(cell)
        else:
            messages = self._question(record)
        system = self._cell(record, "system")
        system = self._system_prompt if system is None else text_of(system)
        if system and not any(message.get("role") == "system" for message in messages):
            messages = [{"role": "system", "content": system}, *messages]
        return messages

    def _question(self, record: Record) -> list[Record]:
        parts = (self._cell(record, "user"), self._cell(record, "context"))
        text = "\n\n".join(text_of(part) for part in parts if part is not None)
        return [{"role": "user", "content": text}] if text else []

    def _tools(self, record: Record) -> Record:
        tools = self._cell(record, "tools")
        return {} if tools is None else {"tools": parsed(tools)}

    def _completion(self, record: Record) -> Record:
        prompt, completion = self._cell(record, "prompt"), self._cell(record, "completion")
        example = {"prompt": "" if prompt is None else text_of(prompt)}
        return example if completion is None else {**example, "completion": text_of(completion)}

    def _preference(self, record: Record) -> Record:
        before = self._conversation(record)
        example: Record = {"input": {"messages": before, **self._tools(record)}}
        for role in ("preferred", "non_preferred"):
            cell = self._cell(record, role)
            if cell is None:
                continue
            said = messages_in(cell)
            if said and not self._question(record):
                before[:] = [m for m in before if m["role"] == "system"] + said[:-1]
            answer = said[-1:] or [{"role": "assistant", "content": text_of(cell)}]
            example[f"{role}_output"] = answer
        return example

    def _reinforcement(self, record: Record) -> Record:
        kept = {name: record[name] for name in self._references if record.get(name) is not None}
        return {"messages": self._conversation(record), **kept, **self._tools(record)}


def preview(table: Table, mapping: Mapping) -> Iterator[tuple[int, Record]]:
    """Yield the first rows of a table as the examples that they will be, numbered from 1."""
    make = Maker(mapping)
    records = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    full = ({k: v for k, v in record.items() if v not in (None, "")} for record in records)
    for number, record in enumerate(filter(None, full), 1):
        yield number, make(record)

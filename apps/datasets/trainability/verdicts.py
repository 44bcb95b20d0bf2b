"""Where a version can be trained, and why not elsewhere: sentences from what the check counted.

Nothing here reads the rows: their features were counted when they were checked.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.datasets.check.images import MANY
from apps.datasets.check.kinds import CHAT, PAIR
from apps.datasets.models import Version
from apps.datasets.trainability import words
from apps.datasets.trainability.methods import method_for
from apps.providers import overrides
from apps.providers.models import Connection
from apps.providers.profiles import has_profile, profile_for
from apps.providers.profiles.dataset_rules import DatasetRules, all_rules, rules_for

GROWTH_BYTES = 64  # of a prompt and completion that are written as a chat


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one provider can train on a version, in sentences."""

    rules: DatasetRules
    lasting_reasons: tuple[str, ...]  # each of them forbids it, whatever the number of rows
    too_few: tuple[str, ...]
    changes: tuple[str, ...]  # what is written differently for this provider
    remarks: tuple[str, ...]  # what is lost, or not known
    not_started_here: str  # why a job of Retune does not train this kind there; empty if it does
    is_sure: bool  # False where it is not known whether the rows are understood
    connection: Connection | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every reason why not; a file to validate with may be short."""
        return self.lasting_reasons + self.too_few

    @property
    def can_train(self) -> bool:
        return not self.reasons

    @property
    def refusals(self) -> tuple[str, ...]:
        """Return the sentences with which a job on this data is refused; none when it may start."""
        return self.reasons or tuple(filter(None, (self.not_started_here,)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is good to know."""
        elsewhere = (self.not_started_here,) if self.can_train and self.not_started_here else ()
        return elsewhere + self.changes + self.remarks

    @property
    def sentences(self) -> tuple[str, ...]:
        return self.reasons + self.notes

    @property
    def label(self) -> str:
        return self.connection.name if self.connection else str(self.rules.label)


@dataclass(frozen=True, slots=True)
class Trainability:
    """The verdicts of a page: of the workspace's connections, and of everybody else."""

    connections: list[Verdict]
    others: list[Verdict]

    @property
    def is_refused_everywhere(self) -> bool:
        """True where no connection takes such rows, however many there were."""
        return bool(self.connections) and all(each.lasting_reasons for each in self.connections)


def of_connections(version: Version, connections: Iterable[Connection]) -> Trainability:
    """Judge a version for every connection, and for the known providers without one."""
    mine = [judged(version, connection) for connection in connections]
    covered = {verdict.rules.name for verdict in mine}
    others = [judge(version, rules) for rules in all_rules() if rules.name not in covered]
    return Trainability(mine, others)


def judged(version: Version, connection: Connection) -> Verdict:
    """Judge a version for one connection."""
    rules = overrides.rules_in(connection.workspace_id, rules_of(connection))
    return judge(version, rules, connection=connection)


def rules_of(connection: Connection) -> DatasetRules:
    """Return the rules of the provider behind a connection."""
    return rules_for(profile=connection.profile, address=connection.address)


def judge(
    version: Version, rules: DatasetRules, *, connection: Connection | None = None
) -> Verdict:
    """Compare what a version holds with what a provider takes."""
    facts = Facts(version)
    return Verdict(
        rules,
        lasting_reasons=(
            *_unready(version),
            *_ended(version, rules),
            *_reasons(facts, rules),
            *_too_much(facts, rules),
        ),
        too_few=tuple(_too_few(facts, rules)),
        changes=tuple(_changes(facts, rules)),
        remarks=tuple(_remarks(facts, rules)),
        not_started_here=_not_started_here(facts.kind, rules, connection),
        is_sure=rules.trains(facts.kind) is not None and not _doubtful(facts, rules),
        connection=connection,
    )


class Facts:
    """What the check kept about a version."""

    def __init__(self, version: Version) -> None:
        statistics = version.statistics
        self.kind = version.format
        self.rows = version.row_count or int(statistics.get("rows", 0))
        self.size_bytes = version.size_bytes
        self.is_counted = "features" in statistics  # older checks counted none
        self._features: Mapping[str, int] = statistics.get("features", {})
        self._tokens: Mapping[str, Any] = statistics.get("tokens", {})

    def rows_with(self, feature: str) -> int:
        return self._features.get(feature, 0)

    def longer_than(self, limit: int, encoding: str) -> int | None:
        """Return how many rows have more tokens; None when they were not counted."""
        over: Mapping[str, int] = self._tokens.get(encoding, {}).get("over", {})
        return over.get(str(limit))

    @property
    def all_weights_are_1(self) -> bool:
        return self.rows_with("weight") > 0 and self.rows_with("untrained") == 0


def becomes_chat(kind: str, rules: DatasetRules) -> bool:
    """Say whether prompts and completions are written as chats for this provider."""
    return kind == PAIR and rules.trains(PAIR) is not True and rules.trains(CHAT) is True


def _not_started_here(kind: str, rules: DatasetRules, connection: Connection | None) -> str:
    """Say that rows of this kind are trained there, but not by a job of ours."""
    profile = profile_for(connection.profile if connection else rules.name)
    why = profile.why_not(method_for(kind))
    export = _("Export the file if it can be trained there in another way.")
    return f"{why} {export}" if why else ""


def _unready(version: Version) -> Iterator[str]:
    if version.status == Version.Status.INVALID:
        yield words.counted("to_repair", version.problem_row_count)
    elif version.status != Version.Status.READY:
        yield _("The check has not ended well.")


def _reasons(facts: Facts, rules: DatasetRules) -> Iterator[str]:
    if rules.trains(facts.kind) is False and not becomes_chat(facts.kind, rules):
        yield str(words.NOT_TRAINED.get(facts.kind, _("These rows are not trained here.")))
        return
    refused = {
        "tools": rules.tools is False,
        "functions": rules.tools is False,
        "images": rules.images is False,
        "untrained": rules.weight is False,
        "name": rules.names is False,
        "unanswered": rules.last_must_be_answer and facts.kind == CHAT,
        "many_images": rules.max_images_per_row == MANY,
    }
    for feature, is_refused in refused.items():
        if is_refused and (count := facts.rows_with(feature)):
            yield words.counted(feature, count, limit=rules.max_images_per_row)


def _ended(version: Version, rules: DatasetRules) -> Iterator[str]:
    if not has_profile(rules.name):
        return
    profile = overrides.profile_in(version.workspace_id, rules.name)
    if profile.days_to_train(timezone.localdate()) == 0:
        yield _("New trainings are no longer started here.")


def _too_few(facts: Facts, rules: DatasetRules) -> Iterator[str]:
    if rules.min_examples is not None and facts.rows < rules.min_examples:
        yield words.counted("too_few", facts.rows, limit=rules.min_examples)


def _too_much(facts: Facts, rules: DatasetRules) -> Iterator[str]:
    if rules.max_examples is not None and facts.rows > rules.max_examples:
        yield words.counted("too_many", facts.rows, limit=rules.max_examples)
    if rules.max_image_rows is not None and facts.rows_with("images") > rules.max_image_rows:
        yield words.counted(
            "too_many_images", facts.rows_with("images"), limit=rules.max_image_rows
        )
    size = facts.size_bytes + (GROWTH_BYTES * facts.rows if becomes_chat(facts.kind, rules) else 0)
    if rules.max_file_bytes is not None and size > rules.max_file_bytes:
        larger = _("The file is larger than the %(limit)s that are taken here.")
        yield larger % {"limit": filesizeformat(rules.max_file_bytes)}


def _changes(facts: Facts, rules: DatasetRules) -> Iterator[str]:
    if becomes_chat(facts.kind, rules):
        yield _("Each prompt becomes a message of the user, each completion an answer.")
    if rules.weight is False and facts.all_weights_are_1:
        yield _("Weights are left out; all of them are 1, as without them.")
    if rules.byte_order_mark:
        yield _("The export begins with a byte order mark, as is asked for here.")


def _remarks(facts: Facts, rules: DatasetRules) -> Iterator[str]:
    if rules.trains(facts.kind) is None:
        yield str(words.NOT_KNOWN.get(facts.kind, ""))
    if features := [*_doubtful(facts, rules), *_unclear(facts, rules)]:
        yield words.unknown(features)
    limit = rules.max_tokens_per_row
    if limit is not None and (count := facts.longer_than(limit, rules.encoding)):
        yield words.counted(f"long_{rules.long_rows}", count, limit=limit)
    if rules.images and rules.image_tokens and facts.rows_with("images"):
        models = ", ".join(rules.image_tokens)
        yield _("Only these models learn from images here: %(models)s.") % {"models": models}
    if not facts.is_counted:
        yield _("An older check did not count what the rows make use of. Check them again.")


def _doubtful(facts: Facts, rules: DatasetRules) -> list[str]:
    """What may keep a provider from training on these rows; nobody knows."""
    answers = {"tools": rules.tools, "images": rules.images}
    return [name for name, answer in answers.items() if answer is None and facts.rows_with(name)]


def _unclear(facts: Facts, rules: DatasetRules) -> list[str]:
    """What may be passed over."""
    answers = {"untrained": rules.weight, "name": rules.names}
    return [name for name, answer in answers.items() if answer is None and facts.rows_with(name)]

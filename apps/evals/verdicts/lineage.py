"""What a model of a run was trained on, as far as that is known here."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q

from apps.datasets.models import Version
from apps.evals.models import Candidate
from apps.library.models import Deployment, TunedModel

MOST_STEPS = 5  # a model trained from a model trained from …
TRAINED, UNKNOWN, UNTRAINED = "trained", "unknown", "untrained"
Named = tuple[int | None, str]  # a connection, and a model of it


@dataclass(frozen=True, slots=True)
class Origin:
    """The training data of one model. Unknown: trained elsewhere, or its job has been deleted."""

    status: str = UNTRAINED
    data: tuple[Version, ...] = ()
    model: TunedModel | None = None


def origins(candidates: Sequence[Candidate]) -> dict[int, Origin]:
    """Return where each comes from; a few queries for each generation of models."""
    lines = {pk: [model] for pk, model in tuned_models(candidates).items()}
    for _ in range(MOST_STEPS):
        if not _grown(list(lines.values())):
            break
    return {each.pk: _origin(each.model, lines.get(each.pk, [])) for each in candidates}


def known(candidates: Sequence[Candidate]) -> list[TunedModel]:
    """Return the tuned models behind these candidates, each once."""
    return list(dict.fromkeys(tuned_models(candidates).values()))


def _grown(lines: Sequence[list[TunedModel]]) -> bool:
    """Add to each line the model that its last one was trained from; say whether there is any."""
    parents = _by_name({_base_of(line[-1]) for line in lines})
    has_grown = False
    for line in lines:
        parent = parents.get(_base_of(line[-1]))
        if parent and parent not in line:
            line.append(parent)
            has_grown = True
    return has_grown


def _base_of(model: TunedModel) -> Named:
    return model.connection_id, model.base_model


def tuned_models(candidates: Sequence[Candidate]) -> dict[int, TunedModel]:
    """Return the tuned model behind each candidate, also behind a deployment or a recording."""
    wanted = {(each.connection_id, each.model) for each in candidates if each.connection_id}
    named = _by_deployment(wanted) | _by_name(wanted)
    recorded = _by_recording(candidates)
    found = {
        each.pk: recorded.get(each.recording.model)
        if each.recording
        else named.get((each.connection_id, each.model))
        for each in candidates
    }
    return {pk: model for pk, model in found.items() if model}


def _by_name(wanted: Collection[Named]) -> dict[Named, TunedModel]:
    if not wanted:
        return {}
    named = Q()
    for connection, name in wanted:
        named |= Q(connection=connection, name=name)
    rows = TunedModel.objects.filter(named).select_related("job__training_data__dataset")
    return {(model.connection_id, model.name): model for model in rows}


def _by_deployment(wanted: Collection[Named]) -> dict[Named, TunedModel]:
    named = Q(pk=None)
    for connection, name in wanted:
        named |= Q(tuned_model__connection=connection, model=name)
    rows = Deployment.objects.filter(named).select_related(
        "tuned_model__job__training_data__dataset"
    )
    return {(row.tuned_model.connection_id, row.model): row.tuned_model for row in rows}


def _by_recording(candidates: Sequence[Candidate]) -> dict[str, TunedModel]:
    """Recognise models of recorded answers by their names, where only one goes by it."""
    names = {each.recording.model for each in candidates if each.recording} - {""}
    if not names:
        return {}
    runs = {each.run_id for each in candidates}
    same = TunedModel.objects.filter(workspace__eval_runs__in=runs, name__in=names).distinct()
    models = list(same.select_related("job__training_data__dataset"))
    alone = Counter(model.name for model in models)
    return {model.name: model for model in models if alone[model.name] == 1}


def _origin(name: str, line: Sequence[TunedModel]) -> Origin:
    jobs = [model.job for model in line]
    data = [job.training_data for job in jobs if job and job.training_data]
    if not line:
        return Origin(UNKNOWN if _is_tuned(name) else UNTRAINED)
    is_known = len(data) == len(line) and not _is_tuned(line[-1].base_model)
    return Origin(TRAINED if is_known else UNKNOWN, tuple(dict.fromkeys(data)), line[0])


def _is_tuned(name: str) -> bool:
    return name.startswith("ft:")

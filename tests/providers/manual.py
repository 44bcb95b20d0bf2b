"""The tables of docs/providers.md, made of the profiles: `python -m tests.providers.manual`."""

from pathlib import Path

from apps.providers.profiles import Profile, profile_for
from apps.providers.profiles.deployments import deployment_facts
from apps.providers.profiles.files import NAMES
from apps.providers.profiles.offers import LABELS, offers
from apps.providers.profiles.prices import AMOUNTS, prices_of
from apps.providers.profiles.words import AMOUNT_LABELS
from apps.providers.types import Method

MANUAL = Path("docs/providers.md")
COSTS = {"hour": "by the hour", "tokens": "by token", "": "–"}
BEGIN, END = "<!-- providers: begin -->", "<!-- providers: end -->"


def tables() -> str:
    """Return what can be done where, the limits, the settings, prices and ends."""
    profiles = [profile_for(name) for name in NAMES]
    parts = (_matrix(profiles), _limits(profiles), _settings(profiles), _prices(profiles))
    return "\n".join((*parts, _ends(profiles), _refusals(profiles), _sources(profiles)))


def _matrix(profiles: list[Profile]) -> str:
    columns = [{offer.name: offer for offer in offers(profile)} for profile in profiles]
    rows = []
    for name, label in LABELS.items():
        told = (column[name] for column in columns)
        marks = ["–" if not o.is_offered else "yes" if o.is_confirmed else "?" for o in told]
        rows.append([str(label), *marks])
    served = ["A tuned model is deployed before it answers"]
    served += ["yes" if profile.needs_deployment else "–" for profile in profiles]
    costs = ["A deployment costs", *(COSTS[_bills(profile)] for profile in profiles)]
    live = ["Was run against the real service"]
    live += ["yes" if profile.capabilities.tested_live else "**no**" for profile in profiles]
    return _table("What can be done where", ["", *_names(profiles)], [*rows, served, costs, live])


def _bills(profile: Profile) -> str:
    facts = deployment_facts(profile.name)
    return facts.bills if facts else ""


def _limits(profiles: list[Profile]) -> str:
    rows = [
        [
            str(profile.label),
            _number(profile.min_examples),
            _number(profile.max_examples),
            _number(profile.max_tokens_per_example),
            _number(profile.max_file_bytes),
        ]
        for profile in profiles
    ]
    head = ["", "Examples at least", "at most", "Tokens in one at most", "Bytes of a file at most"]
    return _table("Limits", head, rows)


def _settings(profiles: list[Profile]) -> str:
    rows = []
    for profile in profiles:
        cells = []
        for method in Method:
            names = (f"`{field.name}`" for field in profile.hyperparameters_for(method))
            cells.append(", ".join(names) or "–")
        rows.append([str(profile.label), *cells])
    return _table("Settings of a training", ["", *(m.value for m in Method)], rows)


def _prices(profiles: list[Profile]) -> str:
    rows = [
        [str(profile.label), f"`{model}`", *_amounts(price), str(price.date)]
        for profile in profiles
        if profile.name != "generic"
        for model, price in prices_of(profile.name).items()
    ]
    head = ["", "Model", *(str(label) for label in AMOUNT_LABELS.values()), "Read on"]
    return _table("Prices, US dollars per million tokens", head, rows)


def _amounts(price: object) -> list[str]:
    named = (getattr(price, name) for name in AMOUNTS)
    return ["–" if amount is None else str(amount) for amount in named]


def _ends(profiles: list[Profile]) -> str:
    rows = [
        [str(profile.label), f"`{model}`", str(ends.training), str(ends.answers)]
        for profile in profiles
        if profile.dates
        for model, ends in profile.dates.models.items()
    ]
    head = ["", "Base model", "New jobs until", "Tuned models answer until"]
    return _table("Announced ends", head, rows)


def _refusals(profiles: list[Profile]) -> str:
    """Return what models do not take; where all is taken, only limits are told."""
    rows = [
        [
            str(profile.label),
            ", ".join(f"`{model}`" for model in rule.models),
            ", ".join(sorted(rule.refuses)) or "–",
            "–" if "logprobs" in rule.refuses else str(rule.most_top_logprobs),
            "prompts" if rule.is_legacy else "conversations",
            f"{rule.as_of}: {rule.source}",
        ]
        for profile in profiles
        if profile.name != "generic"
        for rule in profile.chat
    ]
    head = ["", "Models", "Refuse", "Alternatives of a word", "Answer", "Read on, from"]
    return _table("What a question may not hold", head, rows)


def _sources(profiles: list[Profile]) -> str:
    rows = []
    for profile in profiles:
        rows.append([str(profile.label), str(profile.as_of), profile.source])
        if profile.dates:
            dates = profile.dates
            rows.append([f"{profile.label}, ends", str(dates.as_of), dates.source])
        if profile.name != "generic":
            prices = prices_of(profile.name).values()
            places = dict.fromkeys((str(price.date), price.source) for price in prices)
            rows += [[f"{profile.label}, prices", *place] for place in places]
    return _table("Read where, and when", ["", "Read on", "From"], rows)


def _names(profiles: list[Profile]) -> list[str]:
    return [str(profile.label) for profile in profiles]


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _table(title: str, head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return f"\n### {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    text = MANUAL.read_text()
    before, rest = text.split(BEGIN)
    MANUAL.write_text(f"{before}{BEGIN}\n{tables()}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
    django.setup()
    main()

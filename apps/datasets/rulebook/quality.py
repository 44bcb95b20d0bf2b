"""What the rules allow and a model should not learn. Found by the examination, after the check."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import I, Rule, W

Q = "Retune"

REPEATS: dict[str, Rule] = {
    "loose_copy": Rule(
        I,
        _("Rows that differ only in capitals and spaces"),
        _("This row says the same as row %(original)s; only capitals or spaces differ."),
        _("It counts twice in training and is paid twice. Keep one of them."),
        Q,
        "drop_duplicates",
    ),
    "near_copy": Rule(
        I,
        _("Rows that say nearly the same"),
        _(
            "This row belongs to a group that says nearly the same. "
            "With its first, row %(original)s, it shares about %(percent)s %%."
        ),
        _("The model learns repeated wording by heart. Keep the best one of each group."),
        Q,
    ),
    "conflicting_answers": Rule(
        W,
        _("The same question, answered in different ways"),
        _("The same question as in row %(original)s, with another answer."),
        _("The model cannot learn both and will waver. Keep the answer that you want."),
        Q,
    ),
}
ANSWERS: dict[str, Rule] = {
    "refusal": Rule(
        I,
        _("Answers that refuse"),
        _("The answer begins by refusing."),
        _("Keep it only if the model should refuse this."),
        Q,
    ),
    "many_refusals": Rule(
        W,
        _("Many answers refuse"),
        _("%(percent)s %% of the answers are refusals; expect as many from the model."),
        _("Leave out the refusals that you do not want to hear."),
        Q,
    ),
    "far_longer_answer": Rule(
        I,
        _("Answers far longer than the others"),
        _("This answer is longer than %(limit)s characters; half of all are at most %(median)s."),
        _("A few long answers weigh as much in training as many short ones."),
        Q,
    ),
    "far_shorter_answer": Rule(
        I,
        _("Answers far shorter than the others"),
        _("This answer is shorter than %(limit)s characters; half of all are at least %(median)s."),
        _("Look whether something is missing."),
        Q,
    ),
    "unclosed_code": Rule(
        I,
        _("Answers that end inside a block of code"),
        _("The answer opens a block of code (```) and never closes it."),
        _("It was probably cut off. The model would learn to stop halfway."),
        Q,
    ),
    "placeholder_answer": Rule(
        W,
        _("Answers that only stand for a missing one"),
        _("The answer is “%(text)s”, as programs write where nothing was."),
        _("The model would learn to say it. Write the answer, or leave the row out."),
        Q,
    ),
    "unbalanced_labels": Rule(
        W,
        _("Labels of very different number"),
        _(
            "“%(most)s” is the answer in %(count)s rows, “%(least)s” in %(least_count)s. "
            "The model will lean towards the first."
        ),
        _("Add examples of the rare labels, or take fewer of the common ones."),
        Q,
    ),
    "truncated": Rule(
        W,
        _("Rows longer than the model reads"),
        _("Rows of more than %(limit)s tokens: %(count)s. What comes after is cut off."),
        _("The end of a row is the answer: the most important part is lost. Shorten these rows."),
        Q,
    ),
}
MIXTURE: dict[str, Rule] = {
    "several_languages": Rule(
        I,
        _("Several languages"),
        _("Languages of the answers: %(languages)s. Judged by a sample of %(sample)s rows."),
        _("The model will answer in these shares when it is in doubt."),
        Q,
    ),
    "other_language": Rule(
        I,
        _("Answers in another language than the question"),
        _("The question seems to be in “%(asked)s”, the answer in “%(answered)s”."),
        _("Keep it only if the model should translate. Found in a sample of the rows."),
        Q,
    ),
    "system_sometimes_missing": Rule(
        I,
        _("A system message in some rows only"),
        _("Rows without a system message: %(count)s of %(rows)s."),
        _("The model learns two behaviours. Give every row the system message you will use."),
        Q,
        "set_system_prompt",
    ),
    "system_varies": Rule(
        I,
        _("Different system messages"),
        _("There are %(count)s different system messages in %(rows)s rows."),
        _("Right if each one asks for something else; otherwise use one for all."),
        Q,
        "set_system_prompt",
    ),
}
DEBRIS: dict[str, Rule] = {
    "unfilled_template": Rule(
        W,
        _("Templates that were not filled in"),
        _("“%(text)s” looks like a blank in a template."),
        _("The model would write it to people. Fill it in, or leave the row out."),
        Q,
    ),
    "special_token": Rule(
        W,
        _("Marks of a chat template"),
        _("“%(text)s” belongs to the format of a model, not to a message."),
        _("The model would learn to write it, and may stop or answer itself there. Remove it."),
        Q,
    ),
    "model_phrase": Rule(
        I,
        _("Phrases of another model"),
        _("“%(text)s” is how another assistant speaks of itself."),
        _("The model will speak of itself like this. Rewrite or leave out these rows."),
        Q,
    ),
    "filler_text": Rule(
        W,
        _("Filler text"),
        _("“%(text)s” is filler text."),
        _("Leave this row out."),
        Q,
    ),
    "html_entity": Rule(
        I,
        _("HTML entities"),
        _("“%(text)s” is written as in HTML."),
        _("It was probably copied from a web page. Write the character itself."),
        Q,
    ),
    "garbled_text": Rule(
        W,
        _("Garbled characters"),
        _("“%(text)s” was read in the wrong encoding."),
        _("Read the source again as UTF-8; the model would learn the garbled form."),
        Q,
    ),
    "replacement_character": Rule(
        W,
        _("Lost characters"),
        _("“%(text)s” stands where a character was lost."),
        _("Read the source again in its right encoding."),
        Q,
    ),
    "hidden_text": Rule(
        W,
        _("Hidden text"),
        _("“%(text)s” cannot be seen, but a model reads it."),
        _("It can hide instructions, or turn the order of what people see. Remove it."),
        Q,
    ),
    "prompt_injection": Rule(
        I,
        _("Attempts to steer the model"),
        _("“%(text)s” tries to override the instructions."),
        _("Keep it only if the answer shows how to resist; otherwise leave the row out."),
        Q,
    ),
}
PRIVATE: dict[str, Rule] = {
    "secret": Rule(
        W,
        _("Passwords and keys"),
        _("%(kind)s, beginning with “%(begins)s”."),
        _("Models repeat such strings word for word. Redact it, and change it where it is used."),
        Q,
        "redact",
    ),
    "email_address": Rule(
        W,
        _("E-mail addresses"),
        _("E-mail address, beginning with “%(begins)s”."),
        _("The model may give it to strangers. Redact it unless it is meant for everybody."),
        Q,
        "redact",
    ),
    "phone_number": Rule(
        W,
        _("Phone numbers"),
        _("Phone number, beginning with “%(begins)s”."),
        _("The model may give it to strangers. Redact it unless it is meant for everybody."),
        Q,
        "redact",
    ),
    "bank_card": Rule(
        W,
        _("Numbers of bank cards"),
        _("Number of a bank card, beginning with “%(begins)s”."),
        _("It must never leave your organisation. Redact it."),
        Q,
        "redact",
    ),
    "bank_account": Rule(
        W,
        _("Bank accounts (IBAN)"),
        _("Bank account (IBAN), beginning with “%(begins)s”."),
        _("Redact it unless it is meant for everybody."),
        Q,
        "redact",
    ),
    "ip_address": Rule(
        I,
        _("Public IP addresses"),
        _("Public IP address, beginning with “%(begins)s”."),
        _("It can lead to a person or a machine. Redact it."),
        Q,
        "redact",
    ),
    "national_id": Rule(
        W,
        _("Identity numbers"),
        _("Identity number, beginning with “%(begins)s”."),
        _("It identifies one person for life. Redact it."),
        Q,
        "redact",
    ),
}
PARTS: tuple[tuple[Any, dict[str, Rule]], ...] = (
    (_("Secrets and personal data"), PRIVATE),
    (_("Answers"), ANSWERS),
    (_("Repetition"), REPEATS),
    (_("What was left in by mistake"), DEBRIS),
    (_("Mixture"), MIXTURE),
)
RULES: dict[str, Rule] = {code: rule for _title, part in PARTS for code, rule in part.items()}

# How sure a finding is, and what makes it so.
SURE: dict[str, Any] = {
    "certain": _("certain"),
    "likely": _("likely"),
    "guess": _("a guess"),
}
SURE_BECAUSE: dict[str, Any] = {
    "certain": _("A check digit, a comparison or the form itself proves it."),
    "likely": _("It has the form of it; a few may be something else."),
    "guess": _("It only looks like it: read before you decide."),
}

# What is private, by the name that the search gives it.
KINDS: dict[str, Any] = {
    "openai_key": _("OpenAI key"),
    "anthropic_key": _("Anthropic key"),
    "api_key": _("API key"),
    "hugging_face_token": _("Hugging Face token"),
    "aws_key": _("AWS key"),
    "google_key": _("Google key"),
    "azure_key": _("Azure key"),
    "alibaba_key": _("Alibaba Cloud key"),
    "tencent_key": _("Tencent Cloud key"),
    "github_token": _("GitHub token"),
    "gitlab_token": _("GitLab token"),
    "slack_token": _("Slack token"),
    "stripe_key": _("Stripe key"),
    "npm_token": _("npm token"),
    "pypi_token": _("PyPI token"),
    "sendgrid_key": _("SendGrid key"),
    "digitalocean_token": _("DigitalOcean token"),
    "databricks_token": _("Databricks token"),
    "shopify_token": _("Shopify token"),
    "telegram_token": _("Telegram token"),
    "private_key": _("Private key"),
    "json_web_token": _("JSON Web Token"),
    "url_password": _("Password in an address"),
    "password": _("Password"),
    "email": _("E-mail address"),
    "phone": _("Phone number"),
    "card": _("Bank card"),
    "iban": _("IBAN"),
    "ip_address": _("IP address"),
    "national_id": _("Identity number"),
}

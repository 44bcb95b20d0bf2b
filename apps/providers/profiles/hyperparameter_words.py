"""What each setting of a training is called, and what it does, in words for people."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# What has to be said besides at one provider, by its name and the setting's.
NOTES: dict[tuple[str, str], "StrPromise"] = {
    ("nebius", "lora"): _("Nebius deploys only models that were trained with it."),
}
WORDS: dict[str, tuple["StrPromise", "StrPromise"]] = {
    "n_epochs": (
        _("Epochs"),
        _(
            "How often the training goes through your whole file. More makes the model follow "
            "it more closely; too many make it repeat the file word for word."
        ),
    ),
    "batch_size": (
        _("Batch size"),
        _(
            "How many examples are learned from at once. Larger batches give smoother but fewer "
            "steps; small datasets do well with small ones."
        ),
    ),
    "learning_rate_multiplier": (
        _("Learning rate multiplier"),
        _(
            "How large each step is, compared with what the provider would choose. Raise it when "
            "the loss hardly falls, lower it when the loss jumps up and down."
        ),
    ),
    "learning_rate": (
        _("Learning rate"),
        _(
            "How large each step is, as a number of its own and no multiplier: usually between "
            "0.000001 and 0.001. A rate that is too large ruins the model."
        ),
    ),
    "beta": (
        _("Beta"),
        _(
            "How closely the model stays with its old behaviour while it learns your "
            "preferences. Higher keeps more of the old, lower follows the preferences more."
        ),
    ),
    "reasoning_effort": (
        _("Reasoning effort"),
        _("How long the model thinks before it answers while it is trained."),
    ),
    "compute_multiplier": (
        _("Compute multiplier"),
        _("How much is tried out at each step. More explores more, and costs more."),
    ),
    "eval_interval": (
        _("Steps between evaluations"),
        _("How many steps are trained before the validation data is graded again."),
    ),
    "eval_samples": (
        _("Answers per evaluation"),
        _("How many answers are given to each validation task when it is graded."),
    ),
    "training_type": (
        _("Training type"),
        _(
            "Where Azure trains: in your region (Standard), anywhere (GlobalStandard, cheaper), "
            "or on spare capacity that may be taken away (Developer, cheapest). "
            "Open models need GlobalStandard."
        ),
    ),
    "lora": (
        _("LoRA"),
        _(
            "Train a small addition to the model instead of all of it. That is cheaper, and many "
            "such additions can share one deployment."
        ),
    ),
    "lora_r": (
        _("LoRA rank"),
        _("How large the addition is. Higher can learn more, and needs more examples."),
    ),
    "lora_alpha": (
        _("LoRA alpha"),
        _("How strongly the addition counts. Often the rank, or twice the rank."),
    ),
    "lora_dropout": (
        _("LoRA dropout"),
        _("Which share of the addition is left out at random at each step, against rote learning."),
    ),
    "lora_trainable_modules": (
        _("Layers with LoRA"),
        _("Which layers get the addition, as names with commas; “all-linear” means most of them."),
    ),
    "packing": (
        _("Packing"),
        _("Put several short examples into one row of a batch, which trains faster."),
    ),
    "context_length": (
        _("Longest example"),
        _("In tokens. Longer examples are cut or left out, so know how long yours are."),
    ),
    "warmup_ratio": (
        _("Warm-up share"),
        _("During which share of all steps the learning rate rises from zero: 0.1 is a tenth."),
    ),
    "warmup_steps": (
        _("Warm-up steps"),
        _("During how many steps the learning rate rises from zero."),
    ),
    "weight_decay": (
        _("Weight decay"),
        _("How strongly weights are pulled back to zero, against rote learning. Often 0 to 0.1."),
    ),
    "max_grad_norm": (
        _("Largest gradient"),
        _("Steps larger than this are made smaller, so that one bad batch does little harm."),
    ),
    "lr_scheduler": (
        _("Learning rate schedule"),
        _("How the learning rate falls over the training: along a cosine, or in a straight line."),
    ),
    "n_checkpoints": (
        _("Checkpoints"),
        _("How many states of the model are saved, evenly spread over the training."),
    ),
    "n_evals": (
        _("Evaluations"),
        _("How often the validation data is looked at. 0 leaves it unused."),
    ),
    "train_on_inputs": (
        _("Learn the questions too"),
        _("Whether the model also learns what users write, not only the answers."),
    ),
    "early_stopping": (
        _("Stop early"),
        _("End the training when the loss on the validation data no longer falls."),
    ),
    "eval_auto_carveout": (
        _("Hold back rows for validation"),
        _("Let the provider set a few of your training rows aside and measure the loss on them."),
    ),
    "rpo_alpha": (
        _("RPO alpha"),
        _("How much the preferred answers are also learned as such, beside being preferred."),
    ),
    "simpo_gamma": (
        _("SimPO gamma"),
        _("How much better the preferred answer has to be. Choosing it trains by SimPO."),
    ),
}

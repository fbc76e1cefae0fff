"""Low-rank adapters in place of all weights, for every way of training."""

from typing import Any

from reasonscope.errors import MissingExtra


def adapters(rank: int | None) -> Any:
    """Settings of low-rank adapters on all linear layers but the head, of strength 2; or None.

    Raises:
        MissingExtra: peft is not installed.
    """
    if rank is None:
        return None
    try:
        from peft import LoraConfig
    except ImportError:
        raise MissingExtra("peft", "train") from None
    return LoraConfig(
        r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )

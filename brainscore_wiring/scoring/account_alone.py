"""A model's account as a result, from its training record or catalogue row, without loading."""

from __future__ import annotations

from pathlib import Path

from brainscore_wiring.accounting import SCORE_VERSION, Account
from brainscore_wiring.checkpoints.locate import CORNET_AUTHORS
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.loading import find_model
from brainscore_wiring.scoring.result import EXACT, SCORED, STOCK_REGRESSION, Result, versions
from brainscore_wiring.scoring.runner import account_result, planned_result


def account_alone(name: str | Path, stock: bool = False, identified: bool = False) -> Result | None:
    """What scoring a model on `UPDATES` gives; None where it has to be loaded to be told.

    The weights of a model at birth are not sampled for it, and the result has no fingerprint of
    them; None for these where it has to be `identified` by one.
    """
    try:
        model = find_model(name)
    except WiringError:  # said where it is loaded
        return None
    if model is None or model.identifier == CORNET_AUTHORS:
        return None
    if model.reason:
        return planned_result(model.identifier, model, model.reason)
    account: Account | None = model.account
    if account is None or (identified and model.fingerprint is None):
        return None
    return account_result(
        model.identifier,
        SCORED,
        account,
        fingerprint=model.fingerprint,
        benchmark_version=str(SCORE_VERSION),
        computed=STOCK_REGRESSION if stock else EXACT,
        versions=versions(),
        **model.provenance,
    )

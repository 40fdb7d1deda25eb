"""The account of stored weights as a result, from their training record; nothing is loaded."""

from __future__ import annotations

from dataclasses import asdict

from brainscore_wiring.accounting import SCORE_VERSION
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.loading import find_model
from brainscore_wiring.scoring.result import EXACT, SCORED, STOCK_REGRESSION, Result, versions
from brainscore_wiring.scoring.runner import UPDATES, training_fields, update_fields


def account_alone(name: str, stock: bool = False) -> Result | None:
    """What scoring a model on `UPDATES` gives, where its weights are stored; None where they have
    to be loaded to be told.
    """
    try:
        model = find_model(name)
    except WiringError:  # said where it is loaded
        return None
    if model is None or model.weights is None or model.reason:
        return None
    weights, account = model.weights, model.weights.record.account
    return Result(
        model.identifier,
        UPDATES,
        SCORED,
        score=account.value,
        raw=account.supervised_synaptic_updates,
        ceiling=1.0,
        fingerprint=weights.fingerprint,
        benchmark_version=str(SCORE_VERSION),
        computed=STOCK_REGRESSION if stock else EXACT,
        versions=versions(),
        details={"account": asdict(account)},
        **model.provenance_of(weights),
        **training_fields(
            model.identifier, weights.record, model.genome.diet if model.genome else None
        ),
        **update_fields(account),
    )

"""The account of a model in words, for its view in a notebook; submissions go without."""

from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.checkpoints.training_record import account_of_model
from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import account_in_words


def with_account_view(model: WiringModel) -> WiringModel:
    """The same model, whose view in a notebook states its account, or why it has none."""

    def view() -> str:
        try:
            return account_in_words(account_of_model(model))
        except WiringError as error:
            return str(error)

    model.account_view = view
    return model

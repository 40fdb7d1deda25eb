"""Brain models with minimal supervised synaptic updates, for Brain-Score.

The models of *Wiring Up Vision* (Geiger et al., ICLR 2022).

Examples
--------
>>> import brainscore_wiring
>>> brainscore_wiring.load_model("cornet_s_wc")   # a Brain-Score BrainModel
<WiringModel cornet_s_wc@..., weights: sampled at birth>
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from brainscore_core.metrics import Score
    from brainscore_vision.benchmarks import BenchmarkBase
    from brainscore_vision.model_interface import BrainModel
    from torch import Tensor
    from torch.nn import Module

    from brainscore_wiring.accounting import Account
    from brainscore_wiring.architectures import Preprocessing, RegionMap
    from brainscore_wiring.checkpoints.resolve import ResolvedModel
    from brainscore_wiring.checkpoints.training_record import TrainingRecord
    from brainscore_wiring.paper.report.comparison import ModelComparison
    from brainscore_wiring.scoring.result import Result
    from brainscore_wiring.weight_compression.genome import Genome

__version__ = "0.2.0"
__all__ = [
    "__version__",
    "account",
    "birth",
    "brain_model",
    "card",
    "compare",
    "compress",
    "enable",
    "list_benchmarks",
    "list_models",
    "load_benchmark",
    "load_model",
    "resolve",
    "score",
    "score_many",
    "train",
]


def list_models(pattern: str | None = None) -> list[str]:
    """Identifiers of all models in the catalogue.

    Parameters
    ----------
    pattern
        Only those that have it in their name, or match it as in a shell.

    Raises
    ------
    WrongUsage
        Where there are none, with the nearest ones.

    Examples
    --------
    >>> list_models("cornet_s_wc_ct_v?")
    ['cornet_s_wc_ct_v4', 'cornet_s_wc_ct_v2']
    >>> list_models("low_rank")[0]
    'cornet_s_low_rank_filters'
    """
    from brainscore_wiring.arguments import named_like
    from brainscore_wiring.catalogue import CATALOGUE

    return named_like(pattern, CATALOGUE, "model")


def list_benchmarks() -> list[str]:
    """Identifiers of the benchmarks of this package and of the paper's.

    Examples
    --------
    >>> list_benchmarks()[:2]
    ['Geiger2022-supervised_synaptic_updates', 'Cichy2014.EVC-rdm']
    """
    from brainscore_wiring.scoring.benchmarks import BENCHMARKS

    return list(BENCHMARKS)


def resolve(model: str | Path | ResolvedModel) -> ResolvedModel:
    """What this machine has of a model.

    That is its catalogue row, weights and training record, or the reason why it does not load.
    Nothing is loaded. `load_model`, `score`, `score_many`, `account` and `card` take the result in
    place of a name.

    Parameters
    ----------
    model
        An identifier of `list_models`, or a wiring checkpoint file (`.safetensors`).

    Raises
    ------
    WrongUsage
        For an unknown identifier, with the nearest ones.
    WiringError
        For a file that is no wiring checkpoint or is damaged.

    Examples
    --------
    >>> model = resolve("cornet_s_wc_ct")
    >>> model
    <ResolvedModel cornet_s_wc_ct: weights ... in the package>
    >>> model.record
    <TrainingRecord of cornet_s_wc_ct: 5 epochs of 100,000 Tiny ImageNet images, ...>
    """
    from brainscore_wiring.checkpoints.resolve import resolve as find

    return find(model)


def load_model(identifier: str | Path | ResolvedModel) -> BrainModel:
    """A Brain-Score model.

    Parameters
    ----------
    identifier
        An identifier of `list_models`, a wiring checkpoint file (`.safetensors`), a resolved
        model, the name of a model of brainscore_vision, or a network of others: "torchvision:NAME",
        "timm:NAME", "my_models.py:FUNCTION".

    Raises
    ------
    WrongUsage
        For an unknown identifier, with the nearest ones.
    WiringError
        Where its weights are not on this machine, with how to get them.

    Examples
    --------
    >>> model = load_model("cornet_s_wc_ct")
    >>> model
    <WiringModel cornet_s_wc_ct@..., weights: packaged>
    >>> model.training_record.data.name
    'Tiny ImageNet'
    """
    from brainscore_wiring.scoring.loading import load_model as load

    return load(identifier)


def load_benchmark(identifier: str) -> BenchmarkBase:
    """A benchmark of this package, or of brainscore_vision, by its identifier.

    Raises
    ------
    WrongUsage
        For an unknown identifier, with the nearest ones.
    WiringError
        Where its data are not on this machine.

    Examples
    --------
    >>> load_benchmark("MacaqueV1Tuning").identifier
    'MacaqueV1Tuning'
    """
    from brainscore_wiring.scoring.loading import load_benchmark as load

    return load(identifier)


def score(
    model_identifier: str | Path | BrainModel,
    benchmark_identifier: str | BenchmarkBase,
    *,
    device: str = "auto",
    batch_size: int | None = None,
) -> Score:
    """The score of one model on one benchmark.

    Parameters
    ----------
    model_identifier
        What `load_model` takes, or a loaded model, of brainscore_vision too.
    benchmark_identifier
        What `load_benchmark` takes, or a loaded benchmark.
    device, batch_size
        Where the model is recorded from, "auto" being a GPU where there is one, and how many images
        at a time.

    Returns
    -------
    Score
        Between 0 and 1, relative to the ceiling in its attributes, which also say which weights it
        is of (`fingerprint`), what they were trained on (`diet`, `training_data`, ...) and the
        versions of benchmark and packages.

    Raises
    ------
    WiringError
        Where the model or the benchmark cannot be loaded here.

    Examples
    --------
    >>> found = score("cornet_s_wc_ct", "Geiger2022-supervised_synaptic_updates")
    >>> f"{float(found):.3f}, {found.attrs['raw']:,} supervised synaptic updates"
    '0.234, 689,280,000,000 supervised synaptic updates'
    >>> found.attrs["fingerprint"], found.attrs["training_data"]
    ('18ffd0d6', 'Tiny ImageNet')
    """
    from brainscore_wiring.scoring.score import score_one

    return score_one(model_identifier, benchmark_identifier, device, batch_size)


def brain_model(
    network: Module,
    layers: Mapping[str, str] | RegionMap,
    identifier: str | None = None,
    *,
    preprocessing: Preprocessing | None = None,
    visual_degrees: int | None = None,
    labelled_images: int | None = None,
    epochs: float = 1,
    trained_synapses: int | None = None,
) -> BrainModel:
    """Any PyTorch network of images as a Brain-Score model, for `score` and `score_many`.

    Parameters
    ----------
    network
        Its weights are used as they are.
    layers
        "V1", "V2", "V4", "IT" or "behavior" -> the name of a module. A region that is left out does
        not exist; behaviour is read out before the last linear layer by default. Or the
        `region_map` of another model, which keeps its recurrent steps.
    identifier
        Its name in tables; by default that of its class. Networks that differ in their seed are
        "NAME_seed0", "NAME_seed1" and so on.
    preprocessing, visual_degrees
        How images are shown, and how many degrees of visual angle they span; by default as the
        region map says, or the whole image at 224 px with ImageNet's mean and standard deviation,
        spanning 8 degrees.
    labelled_images, epochs
        What its weights were trained on, for its account: 0 images at birth, None if not known.
    trained_synapses
        How many parameters were trained; by default all (the paper's count: the weights of
        convolutions).

    Raises
    ------
    WrongUsage
        For a region or a module that there is not, with the nearest names, for what is no network,
        and for numbers that cannot be.

    Examples
    --------
    >>> from torchvision.models import squeezenet1_1
    >>> from brainscore_wiring.architectures import Preprocessing
    >>> model = brain_model(squeezenet1_1(), {"V1": "features.2", "IT": "features.12"},
    ...                     preprocessing=Preprocessing(image_size=64), labelled_images=0)
    >>> float(score(model, "Geiger2022-supervised_synaptic_updates"))
    1.0
    """
    from brainscore_wiring.scoring.loading import brainscore_vision

    brainscore_vision()
    from brainscore_wiring.brain.own_network import brain_model as make

    return make(
        network,
        layers,
        identifier=identifier,
        preprocessing=preprocessing,
        visual_degrees=visual_degrees,
        labelled_images=labelled_images,
        epochs=epochs,
        trained_synapses=trained_synapses,
    )


def score_many(
    models: str | BrainModel | Iterable[str | BrainModel],
    benchmarks: str | BenchmarkBase | Iterable[str | BenchmarkBase] | None = None,
    table: str | Path | None = None,
    *,
    device: str = "auto",
    batch_size: int | None = None,
) -> list[Result]:
    """Scores of many models on many benchmarks; each image is shown once to a model.

    Parameters
    ----------
    models
        Identifiers, checkpoint files, patterns of either, networks of others ("torchvision:NAME",
        "my_models.py:FUNCTION"), and loaded models.
    benchmarks
        Their identifiers, or loaded ones; by default all that need no download.
    device, batch_size
        As for `score`.
    table
        A CSV file that results are written to at once. What it has is not scored again.

    Returns
    -------
    list of Result
        One for each model and benchmark, with its provenance; what cannot run is a result that says
        why.

    Raises
    ------
    WrongUsage
        For an unknown model, pattern or benchmark.
    WiringError
        For a table that is damaged.

    Examples
    --------
    >>> results = score_many(["cornet_s_wc", "cornet_s_wc_ct"],
    ...                      ["Geiger2022-supervised_synaptic_updates"])
    >>> for result in results:
    ...     print(result.model, result.training_data, result.raw)
    cornet_s_wc None 0
    cornet_s_wc_ct Tiny ImageNet 689280000000
    """
    from brainscore_wiring.arguments import path_of
    from brainscore_wiring.scoring.score import score_many as score_all
    from brainscore_wiring.scoring.table import ResultTable

    kept = None if table is None else ResultTable(path_of("table", table))
    return score_all(models, benchmarks, kept, device=device, batch_size=batch_size)


def compare(
    tables: str | Path | Result | Iterable[str | Path | Result],
    against: str | None = None,
    *,
    pairs: Iterable[tuple[str, str]] = (),
    models: str | Iterable[str] = (),
    benchmarks: str | Iterable[str] = (),
) -> ModelComparison:
    """Models of result tables over their seeds, as `brainscore compare` gives them.

    Parameters
    ----------
    tables
        CSV files that `score_many` or `brainscore score --csv` wrote, or results of `score_many`.
    against
        A model that each is compared with.
    pairs
        Two models each, in place of all or in addition. Without both: every pair with several seeds
        and the same kind of batch-norm statistics.
    models, benchmarks
        Patterns to choose rows by, or a single one.

    Returns
    -------
    ModelComparison
        Mean scores, differences with Welch's 95 % intervals, Cohen's d and exact permutation tests
        corrected by Holm's method. Printed, it is two Markdown tables; `to_frame()` has the
        differences for pandas.

    Raises
    ------
    WrongUsage
        For a name or pattern that no row has, and for a pair that is not two models.
    WiringError
        Where there is no score.

    Examples
    --------
    >>> found = compare("docs/scores.csv", benchmarks=["Kriegeskorte2008.IT-rdm"],
    ...                 pairs=[("cornet_s_wc", "cornet_s_kn")])
    >>> [pair] = found.pairs
    >>> f"{pair.difference.value:.3f} (p = {pair.difference.p:.1g}, {pair.model.seeds} seeds)"
    '-0.030 (p = 0.003, 10 seeds)'
    """
    from itertools import chain

    from brainscore_wiring.arguments import path_of, several
    from brainscore_wiring.paper.report.comparison import compare as compared
    from brainscore_wiring.scoring.result import Result
    from brainscore_wiring.scoring.table import read_results

    results = chain.from_iterable(
        [one] if isinstance(one, Result) else read_results(path_of("tables", one))
        for one in several(tables)
    )
    return compared(results, against, several(pairs), several(models), several(benchmarks))


def birth(
    model: str, seed: int | None = None, genome: str | Path | Genome | None = None
) -> dict[str, Tensor]:
    """The weights of a model at birth, before any training.

    Parameters
    ----------
    model
        An identifier of `list_models`.
    seed
        Another one than the model's own: a whole number from 0 to 2**32 - 1.
    genome
        Another one than the model's own: a `Genome`, such as `compress` gives or
        `resolve("cornet_s_wc").birth.genome` is, a genome file, or a folder with the paper authors'
        parameter files.

    Returns
    -------
    dict of str to Tensor
        The state dict; the same bits everywhere for the same genome and seed.

    Raises
    ------
    WrongUsage
        For an unknown identifier or seed, or a model without synapses.
    WiringError
        Where the genome is not on this machine or is damaged.

    Examples
    --------
    >>> birth("cornet_s_wc")["V2.conv1.weight"].shape
    torch.Size([512, 128, 1, 1])
    """
    from brainscore_wiring.catalogue import variant
    from brainscore_wiring.checkpoints.initial_weights import birth_state_of

    return birth_state_of(variant(model), seed, genome)


def compress(checkpoint: str | Path, birth: str | None = None) -> Genome:
    """The genome of a trained network.

    Parameters
    ----------
    checkpoint
        A file of its weights, a model's name such as "mobilenet", or "cornet_s_imagenet" for the
        CORnet authors' (downloaded).
    birth
        What each layer is described by, as in `brainscore compress --as`; by default weight
        compression.

    Raises
    ------
    WrongUsage
        For an unknown kind of compression, and for one that needs images: the command takes them.
    WiringError
        For a checkpoint that is not there, or holds another network.

    Examples
    --------
    >>> genome = compress(resolve("cornet_s_ct").file, "derivative_bank")
    >>> genome.source["trained_as"], genome.stored_numbers()
    ('cornet_s_ct', 122)
    """
    from brainscore_wiring.arguments import path_of
    from brainscore_wiring.checkpoints.state_dicts import architecture_of, state_and_source
    from brainscore_wiring.errors import WrongUsage
    from brainscore_wiring.weight_compression.fits import compression, default_compression
    from brainscore_wiring.weight_compression.fitting import fit_genome

    checkpoint = checkpoint if isinstance(checkpoint, str) else path_of("checkpoint", checkpoint)
    birth = birth or default_compression(architecture_of(checkpoint))
    if compression(birth).align:
        raise WrongUsage(
            f"{birth} is fitted to weights and images: `brainscore compress {checkpoint} --as "
            f"{birth} --data DIR -o GENOME` takes both."
        )
    state, source = state_and_source(checkpoint)
    return fit_genome(state, source=source, birth=birth)


def train(
    model: str,
    data: str | Path,
    folder: str | Path,
    *,
    trainable: str | Iterable[str] | None = None,
    images: int | None = None,
    epochs: float | Iterable[float] | None = None,
    seed: int | None = None,
    recipe: str = "paper",
    held_out_images: int | None = None,
    log: str | Iterable[str] = (),
    **hyper_parameters: Any,
) -> TrainingRecord:
    """Train a model; called again with the same arguments, go on with a run that was stopped.

    Parameters
    ----------
    model
        An identifier of `list_models`: it decides birth state, trained parameters, images, epochs.
    data
        A folder or archive with one sub-folder of images for each class, or the name of generated
        ones: "visual-atoms", or one of an extension.
    folder
        Where the model (`model.safetensors`), its record and the state of the run are written.
    trainable
        Layers (or one) that are trained, and nothing else, in place of those that the model trains.
    images, epochs, seed
        Others than the model's own.
    recipe
        "paper", or "small" for few epochs of small images.
    held_out_images
        How many of the held-out images accuracy is measured on; by default ten for each training
        image, at least 200.
    log
        What each update and held-out accuracy are logged to as well, one or several of "csv"
        (steps.csv in the folder), "tensorboard", "wandb".
    **hyper_parameters
        Other values of fields of `training_recipe.Recipe`, such as `image_size=64`.

    Returns
    -------
    TrainingRecord
        What the weights were trained on, and what that took.

    Raises
    ------
    WrongUsage
        For an unknown identifier, layer, recipe or hyper-parameter, a number that cannot be, or
        more images than there are.
    WiringError
        For images that cannot be read, or a folder that holds another training.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record = train("mobilenet_wc_ct", "visual-atoms", folder, images=8, epochs=1,
    ...                    recipe="small", image_size=40, batch_size=8, held_out_images=4)
    >>> record
    <TrainingRecord of mobilenet_wc_ct: 1 epoch of 8 visual-atoms images, 8 supervised updates>
    """
    from dataclasses import fields

    from brainscore_wiring.arguments import path_of, several
    from brainscore_wiring.catalogue.training_recipe import Recipe
    from brainscore_wiring.errors import unknown
    from brainscore_wiring.training.develop import Reports, develop
    from brainscore_wiring.training.request import Training
    from brainscore_wiring.training.step_log import step_log

    names = [one.name for one in fields(Recipe)]
    for name in hyper_parameters:
        if name not in names:
            raise unknown(
                "hyper-parameter",
                name,
                names,
                "help(brainscore_wiring.catalogue.training_recipe.Recipe)",
            )
    folder = path_of("folder", folder)
    training = Training.asked(
        model,
        data if isinstance(data, str) else path_of("data", data),
        trainable=[] if trainable is None else several(trainable),
        recipe=recipe,
        changes=hyper_parameters,
        seed=seed,
        images=images,
        epochs=epochs,
        held_out_images=held_out_images,
    )
    with step_log(several(log), folder) as log_step:
        reports = Reports(update=log_step, accuracy=log_step)
        record = develop(training, folder, reports=reports)
    assert record is not None  # only torchrun starts processes that have none
    return record


def account(model: str | Path | ResolvedModel | BrainModel) -> Account:
    """What the development of a model took in supervised updates, exact integers.

    Parameters
    ----------
    model
        An identifier or checkpoint file, or a resolved or loaded model.

    Returns
    -------
    Account
        Of the weights on this machine; its `status` is "planned" for a recipe without weights here.
        `resolve(model).plan` is the recipe's in any case. Accounts are dataclasses: a list of them
        is a `pandas.DataFrame(...)`.

    Raises
    ------
    WrongUsage
        For an unknown identifier, with the nearest ones.
    WiringError
        For a file that is not there, or no wiring checkpoint.

    Examples
    --------
    >>> account("cornet_s_wc_ct").supervised_synaptic_updates
    689280000000
    >>> account("cornet_s").status
    'planned'
    """
    from brainscore_wiring.checkpoints.training_record import account_of_model
    from brainscore_wiring.errors import WiringError

    if hasattr(model, "look_at"):
        return account_of_model(model)
    found = resolve(model)
    if found.account is None:
        raise WiringError(found.uncounted)
    return found.account


def card(model: str | Path | ResolvedModel, table: str | Path | None = None) -> str:
    """The model card as Markdown.

    Parameters
    ----------
    model
        An identifier, a checkpoint file, or a resolved model.
    table
        A result table whose scores of these very weights go on the card.

    Raises
    ------
    WrongUsage
        For an unknown identifier, with the nearest ones.
    WiringError
        For a file or table that cannot be read.

    Examples
    --------
    >>> print(card("pixels").splitlines()[0])
    # pixels
    """
    from brainscore_wiring.arguments import path_of
    from brainscore_wiring.cards.model_card import card as write
    from brainscore_wiring.scoring.table import read_results

    return write(model, () if table is None else read_results(path_of("table", table)))


def enable() -> None:
    """Let `brainscore_vision.load_model`, `load_benchmark` and `score` find ours too.

    A name that both packages have stays brainscore_vision's.

    Examples
    --------
    >>> import brainscore_vision
    >>> enable()
    >>> brainscore_vision.load_model("cornet_s_kn").identifier
    'cornet_s_kn'
    """
    from brainscore_wiring.scoring.loading import enable as chain

    chain()

"""All rows: the paper's recipes and runs, and what follows from births, architectures and trainable
sets.

A birth state in a file of its own, a trainable set with epochs, or an architecture beyond the
paper's brings its rows along, from the package as from an extension.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from brainscore_wiring import extensions
from brainscore_wiring.architectures import ARCHITECTURES, Architecture, trained_parameters
from brainscore_wiring.architectures.layers import areas_of, has_batch_norms
from brainscore_wiring.catalogue.panels import panels
from brainscore_wiring.catalogue.paper_runs import FULL, MORE_SEEDS, RUNS
from brainscore_wiring.catalogue.recipes import (
    AREAS,
    BEST,
    BEST_NAME,
    BIRTH_RECIPES,
    BIRTH_SEEDS,
    IMAGENET_ROWS,
    PAPER_RECIPES,
    SEEDED_BIRTHS,
    WC,
)
from brainscore_wiring.catalogue.variant import IMAGENET_ENDING, Variant, image_count
from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.births import BIRTH_STATES, FITTED

#: Images that the batch-norm statistics of a birth state are measured on: unlabelled ones (`_bn`)
#: or noise (`_noise`).
BIRTH_IMAGES = 128


def catalogue() -> Mapping[str, Variant]:
    """Identifier -> row.

    Raises `WiringError` where two rows have one identifier or a recipe has no row.
    """
    extensions.load_extensions()
    rows: dict[str, Variant] = {}
    runs = [*_runs()]
    for row in (
        *_births(),
        *runs,
        *_recipes_without_a_run(),
        *_trained_elsewhere(),
        *_more_seeds(runs),
    ):
        if row.identifier in rows:
            raise WiringError(
                f"Two rows of the catalogue are called {row.identifier}: rename the birth state, "
                "trainable set or architecture of your extension."
            )
        rows[row.identifier] = row
    lost = next((name for name in (*BIRTH_RECIPES, *PAPER_RECIPES) if name not in rows), None)
    if lost:
        raise WiringError(
            f"The recipe {lost} has no row: state its epochs, or a converged run of it."
        )
    for identifier in IMAGENET_ROWS:
        promising = f"{identifier}{IMAGENET_ENDING}"
        rows[promising] = replace(rows[identifier], identifier=promising, training_data="imagenet")
    # the CORnet authors' published checkpoint is another network than the paper's own seed 0
    rows["cornet_s_imagenet"] = replace(
        rows["cornet_s_imagenet"], section="2", figure="none", original_name=""
    )
    return MappingProxyType(rows)


def _suffix(seed: int) -> str:
    return f"_seed{seed}" if seed else ""


def _births() -> list[Variant]:
    """Every model at birth: ten seeds of Kaiming Normal and weight compression, five and three of
    the trained MobileNet's comparisons, the others once.

    Each network also with batch-norm statistics from unlabelled images (`_bn`) and, once, from
    noise (`_noise`).
    """
    rows = [
        Variant(identifier, figure=figure, original_name=original, **changes)
        for identifier, (original, figure, changes) in BIRTH_RECIPES.items()
    ]
    for identifier, (original, changes, panels_of) in SEEDED_BIRTHS.items():
        rows += [
            Variant(
                f"{identifier}{_suffix(seed)}",
                seed=seed,
                figure=panels_of.get(seed, "2text"),
                section="4",
                original_name=f"{original}{_suffix(seed)}_epoch_00",
                **changes,
            )
            for seed in BIRTH_SEEDS
        ]
    rows += [*_more_seeds(rows), *_births_beyond()]
    born = [row for row in rows if row.birth != "none" and has_batch_norms(row.architecture)]
    rows = (
        [
            row for row in rows if BIRTH_STATES[row.birth].needs != "images"
        ]  # those cannot do without images
        + [_measured(row, "_bn", unlabelled_images=BIRTH_IMAGES) for row in born]
        + [_measured(row, "_noise", noise_images=BIRTH_IMAGES) for row in born if row.seed == 0]
    )
    best = next(row for row in rows if row.identifier == BEST)
    return [
        *rows,
        replace(best, identifier=BEST_NAME, section="beyond", figure="none", original_name=""),
    ]


def _births_beyond() -> Iterator[Variant]:
    """Births beyond the paper's.

    Of each birth state, in the architecture that it is of, and of each architecture in KN and WC.
    """
    yield Variant("cornet_s_wc_v1", section="beyond", **WC | dict(compressed=AREAS[:1]))
    for birth in BIRTH_STATES.values():
        if birth.identifier:
            here = birth.fitted_to == FITTED
            # no genome of none fits batch norms: all of them start at 1 and 0
            birth.check_layers()
            no_norms, own_norms = (("norm",), WC["default_norms"]) if here else (("",), ())
            yield Variant(
                f"{birth.fitted_to}_{birth.identifier}",
                architecture=birth.fitted_to,
                birth=birth.name,
                compressed=areas_of(birth.fitted_to),
                default_norms=no_norms if birth.needs == "none" else own_norms,
                section="beyond",
            )
    for one in _elsewhere():
        for mark, changes in _beginnings(one).items():
            yield Variant(f"{one.name}_{mark}", architecture=one.name, section="beyond", **changes)


def _elsewhere() -> list[Architecture]:
    """Architectures whose rows are not listed one by one."""
    return [one for one in ARCHITECTURES.values() if not one.in_paper and not one.computed]


def _beginnings(one: Architecture) -> dict[str, dict[str, Any]]:
    """Mark -> what an architecture's synapses begin as.

    Kaiming Normal, and weight compression where it reaches.
    """
    if one.name == FITTED:
        return {"kn": {}, "wc": WC}
    return {"kn": {}, **({"wc": WC | dict(default_norms=("",))} if one.origins else {})}


def _measured(row: Variant, mark: str, **images: Any) -> Variant:
    """A birth state with batch-norm statistics measured on images."""
    name = row.identifier.removesuffix(_suffix(row.seed)) + mark + _suffix(row.seed)
    return replace(row, identifier=name, figure="none", original_name="", **images)


def _runs() -> Iterator[Variant]:
    """Every training run of the paper at each of its scored epochs.

    The converged full run is the model itself.
    """
    for model, images, seed, moments in RUNS:
        original, trained, section, changes = PAPER_RECIPES[model]
        subset = "" if images == FULL else f"_{image_count(images)}_images"
        for moment in moments.split():
            epochs, converged = moment.rstrip("*"), moment.endswith("*")
            cell = (
                ""
                if converged and images == FULL
                else f"{subset}_{epochs.replace('.', 'p')}_epochs"
            )
            kept = f"_img{images}" if subset else ""
            stored = f"{original}{kept}{_suffix(seed)}_epoch_{epochs.zfill(2)}"
            yield Variant(
                **{
                    "section": section,
                    **changes,
                    "identifier": f"{model}{cell}{_suffix(seed)}",
                    "trained": trained,
                    "epochs": float(epochs),
                    "images": images,
                    "seed": seed,
                    "figure": panels(model, images, seed, epochs, converged),
                    "original_name": stored,
                }
            )


def _more_seeds(rows: Iterable[Variant]) -> Iterator[Variant]:
    """Further seeds of some models, which the authors did not train."""
    for row in rows:
        for seed in MORE_SEEDS.get(row.identifier, ()):
            yield replace(
                row,
                identifier=f"{row.identifier}{_suffix(seed)}",
                seed=seed,
                figure="none",
                section="beyond",
                original_name="",
            )


def _recipes_without_a_run() -> Iterator[Variant]:
    """Recipes that state their epochs.

    The authors have no converged full run of them with seed 0.
    """
    for model, (_, trained, section, changes) in PAPER_RECIPES.items():
        if "epochs" in changes:
            yield Variant(
                model, **{"section": section, "trained": trained, "images": FULL, **changes}
            )


def _trained_elsewhere() -> Iterator[Variant]:
    """Trainable sets that state their epochs, from each beginning of their architecture."""
    for one in ARCHITECTURES.values():
        for condition, trained in one.trainable.items():
            if trained.epochs is not None:
                trained_parameters(condition, (), one.name)  # refuses modules that are not there
                suffix = condition if trained.suffix is None else trained.suffix
                for mark, changes in _beginnings(one).items():
                    ends = [one.name, *(["wc", suffix or "full"] if mark == "wc" else [suffix])]
                    yield Variant(
                        "_".join(filter(None, ends)),
                        architecture=one.name,
                        trained=condition,
                        epochs=trained.epochs,
                        images=FULL,
                        section="beyond",
                        **changes,
                    )

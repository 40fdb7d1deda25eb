"""Why untrained networks with statistics 0/1 match monkey IT: the numbers in docs/untrained_it.md.

    python docs/untrained_it.py runs/cornet_s/model.safetensors

The argument is the one network that is not packaged. Writes the page's tables between its marks,
and outlines.csv. Needs the benchmark's public files and 8 minutes on an idle core.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.stats import rankdata

from brainscore_wiring import load_model
from brainscore_wiring.benchmarks.dissimilarity import dissimilarities, noise_ceiling, spearman
from brainscore_wiring.benchmarks.kriegeskorte2008 import experiment as published
from brainscore_wiring.benchmarks.kriegeskorte2008.benchmark import HUMAN_WINDOW, MONKEY_WINDOW
from brainscore_wiring.benchmarks.objects92 import (
    IMAGE_SIZE,
    IMAGES,
    OBJECT_DEGREES,
    PAIRS,
    place_object,
)
from brainscore_wiring.paper.pages import fill
from brainscore_wiring.tables import table_text

BIRTH_STATES = ("cornet_s_kn", "cornet_s_kn_bn", "cornet_s_wc", "cornet_s_wc_bn")
SEEDS = ("", "_seed12", "_seed42")
ALTERED = (
    "cornet_s_kn",
    "cornet_s_wc",
    "cornet_s",
)  # these see altered images as well, first seed only
GREY = 128  # of the screen
PAIR = np.triu_indices(IMAGES, 1)
ALL = np.arange(PAIRS)
BOOTSTRAPS = 200
CONTROLS = (
    "as scored",
    "given silhouette",
    "given light",
    "given both",
    "given category",
    "z-scored",
    "z-scored, given both",
    "centred only",
    "difference in norm alone",
    "human IT, as scored",
    "human IT, z-scored",
)
#: What the page shows of what the dissimilarities encode; the families are larger.
ENCODED = (
    "silhouette",
    "mean colour",
    "contrast, summed",
    "animate or not",
    "not both animate",
    "not both faces",
)


def both(members: np.ndarray) -> np.ndarray:
    """Whether both images of a pair belong: (images,) -> (pairs,), bool."""
    return members[PAIR[0]] & members[PAIR[1]]


def different(values) -> np.ndarray:
    """Euclidean distance of the images' values, (images, ...) -> (pairs,)."""
    values = np.asarray(values, np.float64).reshape(IMAGES, -1)
    products = values @ values.T
    squares = np.diag(products)
    return np.sqrt(np.maximum(squares[PAIR[0]] + squares[PAIR[1]] - 2 * products[PAIR], 0))


def low_pass(pictures: np.ndarray) -> np.ndarray:
    """Pictures (images, height, width) without detail finer than about a quarter of a degree."""
    quarter = IMAGE_SIZE / OBJECT_DEGREES / 4
    return np.stack(
        [
            gaussian_filter(picture, quarter)[::5, ::5]
            for picture in np.pad(pictures, [(0,), (90,), (90,)])
        ]
    )


def candidates(
    images: np.ndarray, shape: np.ndarray, animate: np.ndarray, face: np.ndarray
) -> dict[str, dict]:
    """Dissimilarities (pairs,) by what they look at, in three families. `shape`: silhouettes
    (images, 175, 175).
    """
    colour = (images - float(GREY)) / 255
    light = colour @ (0.2126, 0.7152, 0.0722)
    extent = [np.log(np.ptp(rows) / np.ptp(columns)) for rows, columns in map(np.nonzero, shape)]
    strength = np.sqrt((colour**2).mean((1, 2, 3)))
    return {
        "silhouette": {
            "silhouette": different(shape),
            "blurred silhouette": different(low_pass(shape.astype(float))),
            "area": different(shape.mean((1, 2))),
            "elongation": different(extent),
        },
        "light": {
            "mean luminance": different([one[inside].mean() for one, inside in zip(light, shape)]),
            "mean colour": different(
                [one[inside].mean(axis=0) for one, inside in zip(colour, shape)]
            ),
            "coarse picture": dissimilarities(low_pass(light).reshape(len(light), -1)),
            "contrast": different(strength),
            "contrast, summed": strength[PAIR[0]] + strength[PAIR[1]],
        },
        "category": {
            "animate or not": different(animate),
            "not both animate": 1.0 - both(animate),
            "not both faces": 1.0 - both(face),
        },
    }


def standardised(responses: np.ndarray) -> np.ndarray:
    """Responses (images, units) with mean 0 and standard deviation 1 over images for every unit
    that is not silent.
    """
    centred = responses - responses.mean(axis=0, dtype=np.float64)
    spread = centred.std(axis=0)
    alive = spread > 1e-9 * spread.max()
    return centred[:, alive] / spread[alive]


def residual(values: np.ndarray, known: list[np.ndarray]) -> np.ndarray:
    """What a linear regression on the ranks of `known` leaves of the ranks of `values` (pairs,)."""
    design = np.column_stack([np.ones(len(values)), *map(rankdata, known)])
    ranks = rankdata(values)
    return ranks - design @ np.linalg.lstsq(design, ranks, rcond=None)[0]


def match(
    rdms: list[np.ndarray],
    target: np.ndarray,
    known: list[np.ndarray] = (),
    pairs: np.ndarray = ALL,
) -> float:
    """Spearman's correlation with `target`, partial where something is known, over chosen pairs;
    mean over seeds.
    """
    known = [one[pairs] for one in known]
    left = residual(target[pairs], known)
    return np.mean([np.corrcoef(residual(rdm[pairs], known), left)[0, 1] for rdm in rdms])


def altered(images: np.ndarray, shape: np.ndarray) -> dict[str, np.ndarray]:
    """The photographs, and what is left of them: shape without content, twice, and content without
    shape.
    """
    white, flat, squares = np.full_like(images, GREY), images.copy(), np.empty_like(images)
    white[shape] = 255
    draw = np.random.default_rng(0)
    for image, inside, one, square in zip(images, shape, flat, squares):
        one[inside] = image[inside].mean(axis=0)
        square[:] = np.kron(
            image[inside][draw.integers(inside.sum(), size=(35, 35))], np.ones((5, 5, 1))
        )
    return {
        "photograph": images,
        "white silhouette": white,
        "silhouette in its mean colour": flat,
        "square of its shuffled pixels": squares,
    }


def look(model, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A model's IT responses (images, units) in the monkeys' and the humans' time bin to pictures
    on the screen.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{number:02d}.png") for number in range(len(pictures))]
        for path, picture in zip(paths, pictures):
            place_object(Image.fromarray(picture), model.visual_degrees()).save(path)
        model.start_recording("IT", [MONKEY_WINDOW, HUMAN_WINDOW])
        monkey, human = np.moveaxis(model.look_at(paths).values, -1, 0)
    return monkey, human


def interval(statistic: Callable[[np.ndarray], float]) -> str:
    """A statistic of chosen pairs and its 95 % interval over redrawn images, without pairs of an
    image with itself.
    """
    number = np.zeros((IMAGES, IMAGES), int)
    number[PAIR] = number.T[PAIR] = ALL
    draw = np.random.default_rng(0)
    values = []
    for _ in range(BOOTSTRAPS):
        one, other = draw.integers(IMAGES, size=IMAGES)[np.array(PAIR)]
        values.append(statistic(number[one, other][one != other]))
    low, high = np.percentile(values, [2.5, 97.5])
    return f"{statistic(ALL):.2f} ({low:.2f} to {high:.2f})"


def table(head: list[str], rows: dict[str, list]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    lines += [[name, *(f"{value:.2f}" for value in row)] for name, row in rows.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def silhouettes(brain: published.Experiment) -> np.ndarray:
    """Where each image differs from the screen by more than 8 of 255 levels: (images, 175, 175),
    bool.
    """
    return np.abs(brain.images.astype(int) - GREY).max(axis=-1) > 8


def outlines(brain: published.Experiment) -> str:
    """The scores of outlines alone, as `brainscore score --csv` would write them of a model."""
    ceiling, alone = noise_ceiling(brain.subjects).group, different(silhouettes(brain))
    targets = {
        "Kriegeskorte2008.IT-rdm": brain.monkey,
        "Kriegeskorte2008.IT-rdm.human": brain.human,
    }
    return table_text(
        ("model", "benchmark", "score"),
        (
            {
                "model": "outlines",
                "benchmark": name,
                "score": f"{spearman(alone, target) / ceiling:.4f}",
            }
            for name, target in targets.items()
        ),
    )


def parts(trained: str) -> dict[str, str]:
    """The page's generated parts by name."""
    brain = published.load_dissimilarities()
    shape = silhouettes(brain)
    animate, face, monkey = brain.properties["animal"], brain.properties["face"], brain.monkey
    families = candidates(brain.images, shape, animate, face)
    shapes, light, category = (list(family.values()) for family in families.values())

    names = {birth: [birth + seed for seed in SEEDS] for birth in BIRTH_STATES} | dict(
        cornet_s=[trained], pixels=["pixels"]
    )
    seen = {
        name: [look(load_model(seed), brain.images) for seed in seeds]
        for name, seeds in names.items()
    }
    rdms, standard = (
        {
            name: [dissimilarities(prepare(early)) for early, _ in looks]
            for name, looks in seen.items()
        }
        for prepare in (np.asarray, standardised)
    )
    controls = {}
    for name, looks in seen.items():
        controls[name] = [
            match(rdms[name], monkey, known)
            for known in ([], shapes, light, shapes + light, category)
        ]
        controls[name] += [match(standard[name], monkey, known) for known in ([], shapes + light)]
        controls[name] += [
            match([dissimilarities(early - early.mean(axis=0)) for early, _ in looks], monkey),
            match([different(np.linalg.norm(early, axis=1)) for early, _ in looks], monkey),
            *(
                match([dissimilarities(prepare(late)) for _, late in looks], brain.human)
                for prepare in (np.asarray, standardised)
            ),
        ]
    shown, networks = {}, [load_model(names[name][0]) for name in ALTERED]
    for way, pictures in altered(brain.images, shape).items():
        shown[way] = [
            match([dissimilarities(look(network, pictures)[0])], monkey) for network in networks
        ]

    subsets = {
        "all": ALL >= 0,
        "both animate": both(animate),
        "both inanimate": both(~animate),
        "one of each": animate[PAIR[0]] != animate[PAIR[1]],
        "two faces": both(face),
        "no face": both(~face),
    }
    rows = rdms | {"silhouette": shapes[:1], "human IT": [brain.human]}
    within = {
        name: [match(row, monkey, (), ALL[pairs]) for pairs in subsets.values()]
        for name, row in rows.items()
    }
    within |= {
        f"{name}, given silhouette": [
            match(rdms[name], monkey, shapes, ALL[one]) for one in subsets.values()
        ]
        for name in BIRTH_STATES[::2]
    }
    everyone = rdms | {"monkey IT": [monkey], "human IT": [brain.human]}
    encoded = {"its mean": [np.mean(row) for row in everyone.values()]}
    encoded |= {
        name: [np.mean([spearman(rdm, look_at) for rdm in row]) for row in everyone.values()]
        for family in families.values()
        for name, look_at in family.items()
        if name in ENCODED
    }
    known = {
        "silhouette": shapes,
        "light": light,
        "category": category,
        "all three": [*shapes, *light, *category],
    }
    known |= {f"all three and {name}": known["all three"] + row[:1] for name, row in rdms.items()}
    compared = {
        "`cornet_s_kn` minus `cornet_s_kn_bn`": (rdms["cornet_s_kn"], rdms["cornet_s_kn_bn"]),
        "the same, z-scored": (standard["cornet_s_kn"], standard["cornet_s_kn_bn"]),
        "`cornet_s_kn` minus `cornet_s`": (rdms["cornet_s_kn"], rdms["cornet_s"]),
        "silhouette minus `cornet_s_kn`": (shapes[:1], rdms["cornet_s_kn"]),
    }
    intervals = {
        name: interval(
            lambda pairs: match(one, monkey, (), pairs) - match(other, monkey, (), pairs)
        )
        for name, (one, other) in compared.items()
    }
    intervals["`cornet_s_kn` given silhouette and light"] = interval(
        lambda pairs: match(rdms["cornet_s_kn"], monkey, shapes + light, pairs)
    )
    return {
        "encoded": table(["dissimilarity in", *everyone], encoded),
        "controls": table(
            ["match with monkey IT", *controls], dict(zip(CONTROLS, zip(*controls.values())))
        ),
        "shown": table(["shown", *ALTERED], shown),
        "within": table(
            ["pairs", *(f"{name} ({pairs.sum():,})" for name, pairs in subsets.items())], within
        ),
        "intervals": "\n".join(f"- {name}: {value}" for name, value in intervals.items()),
        "variance": ",\n".join(
            f"{name} {100 - 100 * residual(monkey, one).var() / residual(monkey, []).var():.1f}"
            for name, one in known.items()
        ),
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(
            "Name the trained cornet_s: python docs/untrained_it.py runs/cornet_s/model.safetensors"
        )
    made, page = parts(sys.argv[1]), Path(__file__).with_suffix(".md")
    page.with_name("outlines.csv").write_text(
        outlines(published.load_dissimilarities()), encoding="utf-8"
    )
    fill(page, made)

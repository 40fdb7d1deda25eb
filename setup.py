"""brainscore_wiring: the models and benchmarks of "Wiring Up Vision" (Geiger et al., ICLR 2022) for Brain-Score."""

from pathlib import Path

from setuptools import find_packages, setup

setup(
    name="brainscore_wiring",
    version="0.1.0",
    description="Brain models with minimal supervised synaptic updates (Wiring Up Vision) for Brain-Score",
    long_description=(Path(__file__).parent / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    python_requires=">=3.11,<3.13",
    packages=find_packages(include=["brainscore_wiring", "brainscore_wiring.*"]),
    package_data={"brainscore_wiring": ["architectures/layers.json", "checkpoints/packaged/*", "benchmarks/*/*.csv", "benchmarks/*/metadata.yaml",
                                        "models/*/metadata.yaml"]},
    install_requires=[
        "brainscore-vision>=2.4,<3",  # brings brainscore-core and result-caching
        "torch>=2.10",
        "torchvision>=0.25",
        "numpy>=1.26",
        "scipy>=1.14",
        "scikit-learn>=1.3",
        "threadpoolctl>=3",
        "pillow>=10",
        "safetensors>=0.5",
        "requests>=2.31",
        "typer>=0.12",
        "rich>=13",
        "matplotlib>=3.8",
    ],
    extras_require={"slurm": ["submitit>=1.5"], "test": ["pytest>=8", "pytest-xdist>=3", "hypothesis>=6", "submitit>=1.5"]},
    entry_points={"console_scripts": ["brainscore = brainscore_wiring.commands:main"]},
)

"""Weights in an S3 bucket, such as Brain-Score's own, from where submissions fetch them by
Brain-Score's `load_weight_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.submission.weights_file import WeightsFile

#: Where Brain-Score keeps models' weights.
BRAIN_SCORE_WEIGHTS = "s3://brainscore-storage/brainscore-vision/models"
SCHEME = "s3://"


@dataclass(frozen=True)
class BucketWeightsFile(WeightsFile):
    """A safetensors file in a bucket, by the arguments of `load_weight_file`."""

    sha1: str
    bucket: str
    folder_name: str
    relative_path: str
    version_id: str

    @property
    def url(self) -> str:
        """Where the file is expected."""
        return f"{SCHEME}{self.bucket}/{self.folder_name}/{self.relative_path}"


def in_bucket(file: WeightsFile, identifier: str, sha1: str, url: str) -> BucketWeightsFile:
    """A model's weights file below a folder `s3://BUCKET/FOLDER`, in one of the model's own.

    `?versionId=ID` names the object's version, by default the one of a bucket without versions.
    Raises `WrongUsage` where there is no bucket or no folder.
    """
    parts = urlsplit(url)
    folder = parts.path.strip("/")
    if not parts.netloc or not folder:
        raise WrongUsage(
            f"'{url}' does not name a bucket and a folder, as {BRAIN_SCORE_WEIGHTS} does."
        )
    return BucketWeightsFile(
        file.name,
        file.size,
        file.sha256,
        sha1,
        parts.netloc,
        folder,
        f"{identifier}/{file.name}",
        parse_qs(parts.query).get("versionId", ["null"])[0],
    )

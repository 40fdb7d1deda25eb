"""Random numbers that are the same bits everywhere."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from scipy import stats

from brainscore_wiring.random_streams import NORMAL_TABLE_SHA256, Stream, normal_table


def test_the_normal_table_is_the_pinned_one():
    assert hashlib.sha256(normal_table().astype("<i2").tobytes()).hexdigest() == NORMAL_TABLE_SHA256


def test_the_normal_table_is_a_standard_normal_distribution():
    values = normal_table() / 4096
    assert len(values) == 65536 and (values == -values[::-1]).all() and (np.diff(values) >= 0).all()
    assert values.std() == pytest.approx(1, abs=1e-4)
    assert stats.kurtosis(values, fisher=False) == pytest.approx(3, abs=0.005)
    quantiles = stats.norm.ppf((np.arange(65536) + 0.5) / 65536)
    assert np.abs(values - quantiles).max() <= 0.5 / 4096 + 1e-9


def test_drawn_normals_pass_a_test_of_normality():
    values = Stream(3, "V2.conv2", "weights").normal(100_000)
    assert values.dtype == np.float32
    assert stats.kstest(values, "norm").pvalue > 0.01


def test_words_are_philox_words_of_a_key_made_from_seed_layer_and_purpose():
    name = int.from_bytes(hashlib.sha256(b"V1.conv2/weights").digest()[:8], "little")
    expected = np.random.Philox(key=np.array([7, name], np.uint64)).random_raw(4)
    np.testing.assert_array_equal(Stream(7, "V1.conv2", "weights").words(4), expected)


def test_the_bits_of_each_kind_of_draw_are_pinned():
    stream = Stream(0, "V1.conv2", "weights")
    labels = np.repeat(np.arange(5, dtype=np.uint8), 4)[None].repeat(3, axis=0)
    found = {
        kind: hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]
        for kind, values in {
            "normal": stream.normal(1000),
            "uniform": stream.uniform(1000),
            "permutation": stream.permutation(1000),
            "rows": stream.shuffled_rows(labels),
        }.items()
    }
    assert found == GOLDEN


@pytest.mark.parametrize(
    "other", [(1, "V1.conv2", "weights"), (0, "V1.conv1", "weights"), (0, "V1.conv2", "counts")]
)
def test_another_seed_layer_or_purpose_is_another_stream(other):
    first, second = Stream(0, "V1.conv2", "weights").normal(10_000), Stream(*other).normal(10_000)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 17])
def test_a_shorter_draw_is_the_beginning_of_a_longer_one(count):
    stream = Stream(0, "a", "b")
    np.testing.assert_array_equal(stream.normal(count), stream.normal(100)[:count])
    np.testing.assert_array_equal(stream.uniform(count), stream.uniform(100)[:count])


def test_uniforms_are_uniform_in_zero_to_one():
    values = Stream(0, "decoder.linear.weight", "linear").uniform(100_000)
    assert values.min() >= 0 and values.max() < 1
    assert stats.kstest(values, "uniform").pvalue > 0.01


def test_a_permutation_holds_every_index_once():
    assert sorted(Stream(0, "a", "b").permutation(257)) == list(range(257))


def test_shuffled_rows_keep_their_labels_and_treat_places_alike():
    labels = np.tile(np.repeat(np.arange(4, dtype=np.uint8), [1, 2, 3, 4]), (20_000, 1))
    shuffled = Stream(0, "a", "b").shuffled_rows(labels)
    assert shuffled.dtype == np.uint8
    np.testing.assert_array_equal(np.sort(shuffled, axis=1), labels)
    shares = (shuffled == 3).mean(axis=0)  # label 3 takes 40 % of each place; standard error 0.0035
    np.testing.assert_allclose(shares, 0.4, atol=0.015)


#: The first 16 hexadecimal digits of each SHA-256; other bits would be other models under the same
#: names.
GOLDEN = {
    "normal": "5f355edf4cc230a4",
    "uniform": "80c3f17e615d8f7a",
    "permutation": "435570ee9b71c413",
    "rows": "e38d0fcc06bcfcf1",
}

"""The rules, as the page states them, and their numbers. They were written before anything was
measured."""

from __future__ import annotations

#: Scores of fewer seeds say nothing of how seeds differ.
SEEDS_NEEDED = 2
#: Seeds of a state for which nothing is missing.
ALL_SEEDS = 10

FRONTIER_RULES = """\
1. **Question.** Is there a birth state that matches the brain better than weight compression and
   stores fewer numbers?
2. **Match** is the mean of four benchmarks, each over its ceiling and clipped to [0, 1]: V1
   (`MacaqueV1Tuning.v2`, all 15 properties), V4 (`Cowley2023.V4-pls`), monkey IT
   (`Kriegeskorte2008.IT-rdm`), behaviour (`Mur2013.behaviour-rdm`): the parts of
   `Geiger2022-brain_predictivity.offline`. The *cheap match* is the same without V4.
3. **Halves.** Images are dealt into halves A and B by a seeded permutation (seed 2022), the 92
   objects within their categories; each half has a ceiling of its own. Half a tuning curve is no
   measurement of tuning: for V1 the macaque neurons behind each histogram and the model's units
   are dealt instead. A and B share the networks, not the data.
4. **References** are weight compression with the same experience: `cornet_s_wc` for what has seen
   nothing (batch-norm statistics at their defaults, or no batch norms), `cornet_s_wc_bn` for
   statistics of natural images, `cornet_s_wc_noise` for statistics of noise. Numbers and bits are
   the true ones of packaged genomes. A state with as many bits as its reference, or more, is
   measured and listed but cannot answer the question.
5. **Selection, half A.** Selected is every state with fewer bits than its reference, at least two
   seeds measured, and a higher mean cheap match on half A. V4 is measured for the references and
   for selected states alone, as it costs most.
6. **Confirmation, half B.** Better than weight compression is a selected state whose mean match
   on half B (four benchmarks) is higher over seeds, by the exact permutation test, two-sided, p
   corrected by Holm over all selected states, p < .05. Otherwise it is not. A comparison with so
   few seeds that no p could be below .05 after correction has the verdict "too few seeds".
   Differences on single benchmarks are shown without a test.
7. **`cornet_s_birth_best`** changes only to a CORnet-S state of at most 10,000 numbers that has
   ten seeds on all four benchmarks, the highest mean match of such states on half A, and, on half
   B, a mean match higher than that of today's by the test of rule 6, in whose family it is counted.
   Until then it stays; where today's has fewer than ten seeds, there are too few.
   (The family, and the case of too few seeds, were added when one network had all four.)
"""

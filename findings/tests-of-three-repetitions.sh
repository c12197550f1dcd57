#!/usr/bin/env bash
# Three repetitions of two schedulers cannot differ with p below 0.1, and do as soon as their waits are rounded.
# SciPy 1.10.1 with NumPy 1.24.2 (Debian 12), without a warning unless one is named.
#   1. Mann-Whitney of 1 2 3 against 4 5 6 is 0.1, the least that 20 arrangements allow. One tie makes the test another one, that of large samples: 1 2 2 against 4 5 6 is 0.077, and 1 1 1 against 4 4 4 is 0.047.
#   2. Kruskal-Wallis, which is the same test for two groups, is that of large samples always: 0.0495 for 1 2 3 against 4 5 6, where Mann-Whitney, Kolmogorov-Smirnov and a permutation say 0.1. Brunner-Munzel says nan.
#   3. Wilcoxon of the five differences 1 to 5 is 0.0625, the least possible. A sixth pair without any difference makes it 0.043 (with a warning about zeros).
#   4. The bootstrap's BCa interval of the median of 1 1 1 2 is nan to nan (with a warning), that of their mean 1 to 2; a median of 1 2 3 has 1 to 3.
# So: full microseconds into tests, method="exact" said aloud where nothing ties, and no fewer than four repetitions for 0.05.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
debs python3-scipy=1.10.1-2 python3-numpy=1:1.24.2-1+deb12u1 python3-pkg-resources libblas3 liblapack3 libgfortran5 libquadmath0 python3-decorator liblbfgsb0
libraries=$work/root/usr/lib/x86_64-linux-gnu
cat >ask.py <<'Y'
import sys, warnings
import numpy as np
from scipy import stats
def least(test):
    return f'{test.pvalue:.4f}'
def ends(samples, statistic):
    low, high = stats.bootstrap((np.array(samples, float),), statistic, n_resamples=999, random_state=1).confidence_interval
    return f'{low:g} {high:g}'
def difference(a, b, axis):
    return np.mean(a, axis=axis) - np.mean(b, axis=axis)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter('always')
    answer = eval(sys.argv[1])
print(answer, 'warned' if told else '', sep=' ' if told else '')
Y
ask() { PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=root/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$libraries:$libraries/blas:$libraries/lapack /usr/bin/python3 ask.py "$1"; }

holds "Mann-Whitney, 1 2 3 and 4 5 6" 0.1000 "$(ask 'least(stats.mannwhitneyu([1, 2, 3], [4, 5, 6]))')"
holds "Mann-Whitney, 1 2 2 and 4 5 6" 0.0765 "$(ask 'least(stats.mannwhitneyu([1, 2, 2], [4, 5, 6]))')"
holds "Mann-Whitney, 1 1 1 and 4 4 4" 0.0469 "$(ask 'least(stats.mannwhitneyu([1, 1, 1], [4, 4, 4]))')"
holds "Kruskal-Wallis, 1 2 3 and 4 5 6" 0.0495 "$(ask 'least(stats.kruskal([1, 2, 3], [4, 5, 6]))')"
holds "Kolmogorov-Smirnov, 1 2 3 and 4 5 6" 0.1000 "$(ask 'least(stats.ks_2samp([1, 2, 3], [4, 5, 6]))')"
holds "permutations of the means, 1 2 3 and 4 5 6" 0.1000 "$(ask 'least(stats.permutation_test(([1, 2, 3], [4, 5, 6]), difference, vectorized=True))')"
holds "Brunner-Munzel, 1 2 3 and 4 5 6" "nan warned" "$(ask 'least(stats.brunnermunzel([1, 2, 3], [4, 5, 6]))')"
holds "Wilcoxon, 1 to 5" 0.0625 "$(ask 'least(stats.wilcoxon([1, 2, 3, 4, 5]))')"
holds "Wilcoxon, 0 to 5" "0.0431 warned" "$(ask 'least(stats.wilcoxon([0, 1, 2, 3, 4, 5]))')"
holds "BCa of the median of 1 1 1 2" "nan nan warned" "$(ask 'ends([1, 1, 1, 2], np.median)')"
holds "BCa of the mean of 1 1 1 2" "1 2" "$(ask 'ends([1, 1, 1, 2], np.mean)')"
holds "BCa of the median of 1 2 3" "1 3" "$(ask 'ends([1, 2, 3], np.median)')"
finish

"""Numbers with their uncertainty: estimates and the intervals behind them."""

from reasonscope.stats.clusters import cluster_bootstrap, mean_by_cluster, ratio_by_cluster
from reasonscope.stats.estimate import Estimate
from reasonscope.stats.intervals import newcombe, newcombe_paired, wilson
from reasonscope.stats.lind_mehlum import InvertedU, lind_mehlum
from reasonscope.stats.proportions import clustered_proportion
from reasonscope.stats.ranking import auroc
from reasonscope.stats.rates import cohens_kappa, pass_at_k, rogan_gladen
from reasonscope.stats.significance import Comparison, benjamini_hochberg, permutation_test

__all__ = [
    "Comparison",
    "Estimate",
    "InvertedU",
    "auroc",
    "benjamini_hochberg",
    "cluster_bootstrap",
    "clustered_proportion",
    "cohens_kappa",
    "lind_mehlum",
    "mean_by_cluster",
    "newcombe",
    "newcombe_paired",
    "pass_at_k",
    "permutation_test",
    "ratio_by_cluster",
    "rogan_gladen",
    "wilson",
]

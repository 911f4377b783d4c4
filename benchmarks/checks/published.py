"""Print what may set our correlations apart from published ones: ``python -m benchmarks.checks.published``.

G2NPAN's Table 1 has SRCC .642 for NSCT-PCNN, .174 for mutual information (in Hossny's form, `nmi`), .337 for Q^AB/F,
.195 for TE and .228 for rSFe. The parts, of which arguments choose some, change one thing at a time and print what
becomes of ours on `phantom`:

* ``readers``: scores of simulated readers with other tastes, and each component of their impressions by itself;
* ``algorithms``: all choices of five to ten of the ten fusion algorithms, and one kind of pair at a time;
* ``signs``: correlations without their sign, and RMSE of scores that are stretched to 0..1 in either direction;
* ``subsets``: the best of many random test subsets;
* ``forms``: other forms of the reconstructed NSCT-PCNN, and regressions that are fitted to its sub-bands.

``forms`` looks at every third source pair and takes some minutes, ``readers`` one or two; the others take seconds
where the scores of `phantom` are stored. Run it with OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from types import SimpleNamespace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

import benchmark
from benchmark.databases import Database, open_database
from benchmark.databases.phantom.readers.impression import Reading
from benchmark.databases.phantom.readers.panel import LIMIT, USUAL, kind
from benchmark.scoring.splits import deal
from benchmark.statistics.repeats import repeated_subsets
from fusion_metrics import Image, list_metrics
from fusion_metrics.image import Array
from fusion_metrics.nsct import nsct
from fusion_metrics.pcnn import simplified_pcnn, spatial_frequency

#: All rows of the table that learn nothing. That of NSCT-PCNN is a reconstruction.
PUBLISHED = {"nsct_pcnn": 0.6420, "nmi": 0.1738, "qabf": 0.3367, "te": 0.1946, "rsfe": 0.2275}
KNOWN = list(PUBLISHED)[1:]
PUBLISHED_RMSE = {"nsct_pcnn": 0.2480, "nmi": 0.3712, "qabf": 0.2810, "te": 0.3909, "rsfe": 0.2663}
#: Printed beside them: Qu's form of mutual information.
METRICS = [*PUBLISHED, "mi"]
COMPONENTS = ("lesion", "anatomy", "function", "artefact")
#: Algorithms that an earlier study by the same authors, also of ten, names.
NAMED = {"csr", "dtm_pcnn"}
#: Algorithms that copy one source region by region, or mix both everywhere.
NOT_CHOOSING = ("average", "dtm_pcnn", "gff", "pca")
LEVELS = (1, 2, 3)
FEWEST_ALGORITHMS = 5
EVERY = 3


def images(database: Database) -> pd.DataFrame:
    """List the fused images with opinion score, kind of pair, and oriented scores of all metrics."""
    directions = {spec.name: spec for spec in list_metrics()}
    scores = benchmark.score(database, metrics=METRICS).scores
    wide = scores.pivot(index="image", columns="metric", values="value")
    oriented = wide.apply(lambda column: column.map(directions[str(column.name)].orient))
    kinds = {name: kind(pair.modality) for name, pair in database.pairs.items()}
    about = pd.DataFrame([(f.image, f.pair, f.algorithm, f.mos) for f in database.fused])
    about.columns = pd.Index(["image", "pair", "algorithm", "mos"])
    about["kind"] = about["pair"].map(kinds)
    return about.join(oriented, on="image")


def srcc(x: Array, y: Array) -> float:
    """Correlate ranks."""
    return float(stats.spearmanr(x, y).statistic)


def line(label: str, values: dict[str, float]) -> None:
    """Print one line of a table."""
    print(f"  {label:44}" + "".join(f"{values[name]:10.3f}" if name in values else " " * 10 for name in METRICS))


def head(title: str) -> None:
    """Print the head of a table."""
    print(f"\n{title}\n  {'':44}" + "".join(f"{name:>10}" for name in METRICS))
    line("published", PUBLISHED)


def nearest(values: Array, labels: Sequence[str]) -> None:
    """Print what comes nearest to the published numbers, shape (n, metrics), with and without that of NSCT-PCNN."""
    for names, what in ((list(PUBLISHED), "all five"), (KNOWN, "all but nsct_pcnn")):
        away = np.abs(values[:, [METRICS.index(name) for name in names]] - [PUBLISHED[name] for name in names])
        best = int(away.max(axis=1).argmin())
        line(f"nearest to {what}", dict(zip(METRICS, values[best], strict=True)))
        print(f"    by {labels[best]}")


def third(table: pd.DataFrame) -> pd.DataFrame:
    """Keep every third source pair."""
    return table[table["pair"].isin(sorted(table["pair"].unique())[::EVERY])]


def losses(database: Database, table: pd.DataFrame) -> Array:
    """Judge images by the components of a simulated reader's impression: exp(-z), shape (n, 4), NaN without lesion."""
    rows = []
    for pair, group in table.groupby("pair", sort=False):
        modality = database.pairs[str(pair)].modality
        with np.load(database.root / "truth" / f"{pair}.npz", allow_pickle=False) as truth:
            reading = Reading(SimpleNamespace(truth=dict(truth), modality=modality))  # type: ignore[arg-type]
        mean, spread = USUAL[kind(modality)]
        for image in group["image"]:
            found = reading.judge(Image.open(database.root / image).pixels.astype(np.uint8))
            x = [np.nan if (value := getattr(found, name)) is None else value for name in COMPONENTS]
            z = (np.array(x) - mean) / spread * (1, 1, 1, -1)
            rows.append(np.exp(-np.clip(z, -LIMIT, LIMIT)))
    return np.stack(rows)


def readers(database: Database, table: pd.DataFrame) -> None:
    """Ask readers who have another taste."""
    loss = losses(database, table)
    head(f"Readers, {len(table)} images: SRCC with")
    line("the opinion scores of phantom", {name: srcc(table[name], table["mos"]) for name in METRICS})
    for number, component in enumerate(COMPONENTS):
        judged = np.isfinite(loss[:, number])
        values = {name: srcc(table[name][judged], -loss[judged, number]) for name in METRICS}
        line(f"{component} alone ({judged.sum()} images)", values)
    tastes = [np.array(w) / 10 for w in product(range(11), repeat=4) if sum(w) == 10 and w[0] < 10]
    found, elsewhere = [], []
    choosing = ~table["algorithm"].isin(NOT_CHOOSING).to_numpy()
    for weights in tastes:
        counts = np.isfinite(loss) * weights
        quality = -np.log(np.nansum(loss * counts, axis=1) / counts.sum(axis=1))
        found.append([srcc(table[name], quality) for name in METRICS])
        elsewhere.append([srcc(table[name][choosing], quality[choosing]) for name in METRICS])
    values = np.array(found)
    line(f"least over {len(tastes)} tastes", dict(zip(METRICS, values.min(axis=0), strict=True)))
    line("most", dict(zip(METRICS, values.max(axis=0), strict=True)))
    line("mean", dict(zip(METRICS, values.mean(axis=0), strict=True)))
    nearest(values, [", ".join(f"{w:.1f} {name}" for w, name in zip(t, COMPONENTS, strict=True)) for t in tastes])
    line("share of tastes with SRCC > 0", dict(zip(METRICS, (values > 0).mean(axis=0), strict=True)))
    print(f"  Without {', '.join(NOT_CHOOSING)}")
    line("the opinion scores of phantom", {n: srcc(table[n][choosing], table["mos"][choosing]) for n in METRICS})
    values = np.array(elsewhere)
    line("mean over tastes", dict(zip(METRICS, values.mean(axis=0), strict=True)))
    line("share of tastes with SRCC > 0", dict(zip(METRICS, (values > 0).mean(axis=0), strict=True)))


def algorithms(database: Database, table: pd.DataFrame) -> None:
    """Leave algorithms out, or kinds of pairs."""
    head(f"Algorithms, {len(table)} images: SRCC with the opinion scores of")
    line("all ten", {name: srcc(table[name], table["mos"]) for name in METRICS})
    names = sorted(table["algorithm"].unique())
    chosen = [c for k in range(FEWEST_ALGORITHMS, len(names) + 1) for c in combinations(names, k)]
    found = []
    for choice in chosen:
        part = table[table["algorithm"].isin(choice)]
        found.append([srcc(part[name], part["mos"]) for name in METRICS])
    values = np.array(found)
    line(f"least over {len(chosen)} choices", dict(zip(METRICS, values.min(axis=0), strict=True)))
    line("most", dict(zip(METRICS, values.max(axis=0), strict=True)))
    nearest(values, [", ".join(choice) for choice in chosen])
    named = np.array([set(choice) >= NAMED for choice in chosen])
    line(
        f"most over the {named.sum()} with {', '.join(sorted(NAMED))}",
        dict(zip(METRICS, values[named].max(axis=0), strict=True)),
    )
    for each, part in table.groupby("kind"):
        line(f"{each} ({len(part)} images)", {name: srcc(part[name], part["mos"]) for name in METRICS})


def signs(database: Database, table: pd.DataFrame) -> None:
    """Drop signs, and turn scores round."""
    head(f"Signs, {len(table)} images: SRCC")
    line("as it is", {name: srcc(table[name], table["mos"]) for name in METRICS})
    line("without its sign", {name: abs(srcc(table[name], table["mos"])) for name in METRICS})
    q = (table["mos"] - 1) / 4
    stretched = {name: (table[name] - table[name].min()) / np.ptp(table[name]) for name in METRICS}
    print("  RMSE")
    line("published", PUBLISHED_RMSE)
    line("stretched to 0..1", {name: float(np.sqrt(np.mean((x - q) ** 2))) for name, x in stretched.items()})
    line("turned round", {name: float(np.sqrt(np.mean((1 - x - q) ** 2))) for name, x in stretched.items()})


def subsets(database: Database, table: pd.DataFrame) -> None:
    """Draw a fifth of the images a thousand times."""
    head("A fifth of the images, 1,000 times: SRCC")
    q = (table["mos"].to_numpy() - 1) / 4
    found = {name: repeated_subsets(table[name].to_numpy(), q).srcc for name in METRICS}
    for label, of in (("mean", np.mean), ("least", np.min), ("most", np.max)):
        line(label, {name: float(of(values)) for name, values in found.items()})


def firing(bands: NDArray[np.float64]) -> tuple[list[float], list[float]]:
    """Mean share of iterations in which neurons fire, by band: of all neurons, and of those that fire often."""
    times = simplified_pcnn(bands) / 200
    often = [band[band >= band.mean()].mean() for band in times]
    return [float(band.mean()) for band in times], [float(value) for value in often]


def forms(database: Database, table: pd.DataFrame) -> None:
    """Compute NSCT-PCNN in other forms, and fit regressions to what it is made of."""
    table = third(table).reset_index(drop=True)
    shares: dict[tuple[str, str], list[list[float]]] = {}
    energy = []
    for image in table["image"]:
        subbands = nsct(Image.open(database.root / image).luminance / 255, LEVELS)
        high = np.concatenate(subbands.bands)
        low = firing(subbands.low[None])
        for stimulus, bands in (("spatial frequency", spatial_frequency(high)), ("magnitude", high)):
            for over, first, others in zip(("all", "large"), low, firing(bands), strict=True):
                shares.setdefault((stimulus, over), []).append([*first, *others])
        energy.append(np.log(1e-6 + np.concatenate([[subbands.low.std()], np.abs(high).mean(axis=(1, 2))])))
    mos = table["mos"].to_numpy()
    found = {}
    for key, rows in shares.items():
        bands = np.array(rows)
        parts = {"low": bands[:, :1], "level 1": bands[:, 1:3], "level 2": bands[:, 3:7], "level 3": bands[:, 7:]}
        for name, values in parts.items():
            found[(*key, name)] = srcc(values.mean(axis=1), mos)
        for w in np.linspace(0, 1, 11):
            found[(*key, f"w = {w:.1f}")] = srcc(w * bands[:, 0] + (1 - w) * bands[:, 1:].mean(axis=1), mos)
    ordered = sorted(found, key=lambda key: found[key])
    print(f"\nForms of NSCT-PCNN, {len(table)} images: SRCC; published .642")
    for key in [("spatial frequency", "all", "w = 0.5"), ordered[0], ordered[-1]]:
        print(f"  {', '.join(key):60}{found[key]:10.3f}")
    every = np.hstack([np.array(rows) for rows in shares.values()])
    for label, x in (("firing times", every), ("energies", np.array(energy)), ("both", np.hstack([every, energy]))):
        for protocol in ("image", "pair"):
            print(f"  fitted to {label} of the sub-bands, @{protocol:40}{srcc(fitted(x, table, protocol), mos):10.3f}")


def fitted(x: Array, table: pd.DataFrame, protocol: str) -> Array:
    """Predict images of held-out folds by support vector regression, its constants chosen in the training folds."""
    from sklearn.model_selection import GridSearchCV, GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVR

    q = (table["mos"].to_numpy() - 1) / 4
    split = deal(table["image"].tolist(), table["pair"].tolist(), protocol, folds=5, seed=0)
    predicted = np.full(len(q), np.nan)
    for fold in range(split.n_folds):
        held = split.folds == fold
        model = make_pipeline(StandardScaler(), SVR(epsilon=0.05))
        grid = {"svr__C": [0.01, 0.1, 1.0, 10.0], "svr__gamma": [0.001, 0.01, 0.1]}
        search = GridSearchCV(model, grid, cv=GroupKFold(4), scoring="neg_mean_squared_error")
        search.fit(x[~held], q[~held], groups=table["pair"][~held])
        predicted[held] = search.predict(x[held])
    return predicted


PARTS: dict[str, Callable[[Database, pd.DataFrame], None]] = {
    "readers": readers,
    "algorithms": algorithms,
    "signs": signs,
    "subsets": subsets,
    "forms": forms,
}


def asked() -> Iterator[Callable[[Database, pd.DataFrame], None]]:
    """Give the parts that are named, or all."""
    for name in sys.argv[1:] or PARTS:
        yield PARTS[name]


def main() -> None:
    """Print the parts."""
    database = open_database("phantom")
    table = images(database)
    for part in asked():
        part(database, table)


if __name__ == "__main__":
    main()

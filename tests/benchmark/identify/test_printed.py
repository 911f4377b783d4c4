"""Tables as people have them: long, wide, means, transposed; CSV, TSV, Markdown, LaTeX, Excel; and their errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.databases import FusedImage
from benchmark.errors import BenchmarkError
from benchmark.identify.printed import Reading, read_printed

IMAGES = [
    FusedImage(f"fused/{method}/{stem}.png", Path(f"fused/{method}/{stem}.png"), stem, method)
    for method in ("GFF", "PCA")
    for stem in ("01", "02")
]
#: (method, stem, metric) -> value, as every table below prints them.
NUMBERS = {
    ("GFF", "01", "EN"): 6.71,
    ("GFF", "01", "SSIM"): 0.5,
    ("GFF", "02", "EN"): 6.82,
    ("GFF", "02", "SSIM"): 0.6,
    ("PCA", "01", "EN"): 7.13,
    ("PCA", "01", "SSIM"): 0.7,
    ("PCA", "02", "EN"): 7.24,
    ("PCA", "02", "SSIM"): 0.8,
}


def read(folder: Path, text: str, columns: str = "", name: str = "table.csv") -> Reading:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_printed(path, IMAGES, columns)


def singles(reading: Reading) -> dict[tuple[str, str, str], float]:
    found = {}
    for number in reading.printed:
        (image,) = number.images
        _, method, file = image.split("/")
        found[method, file.removesuffix(".png"), number.column] = number.value
    return found


def long(separator: str, image: str, header: tuple[str, ...]) -> str:
    lines = [separator.join(header)]
    for (method, stem, metric), value in NUMBERS.items():
        cells = [image.format(method=method, stem=stem), metric, f"{value:.2f}"]
        lines.append(separator.join([*cells, method] if len(header) == 4 else cells))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("separator", "image", "header"),
    [
        (",", "fused/{method}/{stem}.png", ("image", "metric", "value")),
        (",", "{method}/{stem}.png", ("file", "name", "score")),
        ("\t", "{method}/{stem}", ("what", "which", "how much")),
        (";", "D:\\fused\\{method}\\{stem}.png", ("image", "measure", "result")),
        (",", "/home/me/out/{method}/{stem}.jpg", ("path", "metric", "value")),
        (",", "{stem}.png", ("file", "name", "score", "algorithm")),
        (",", "{stem}", ("img", "m", "v", "net")),
    ],
)
def test_long_tables_under_any_headings(tmp_path: Path, separator: str, image: str, header: tuple[str, ...]) -> None:
    reading = read(tmp_path, long(separator, image, header))
    assert reading.problems == ()
    assert reading.layout == "long"
    assert singles(reading) == NUMBERS


def test_columns_that_cannot_be_told_are_named_by_the_user(tmp_path: Path) -> None:
    text = "a,b,c,d\n01,PCA,1.5,Q9\n02,PCA,2.5,Q9\n"
    reading = read(tmp_path, text, "image=a,method=b,value=c,metric=d")
    assert singles(reading) == {("PCA", "01", "Q9"): 1.5, ("PCA", "02", "Q9"): 2.5}
    with pytest.raises(BenchmarkError, match=r"table.csv:1: no column is called 'x'; found a,b,c,d"):
        read(tmp_path, text, "image=x")
    with pytest.raises(BenchmarkError, match="'colour=a': say image="):
        read(tmp_path, text, "colour=a")


@pytest.mark.parametrize("separator", [",", ";", "\t", "   "])
def test_wide_tables_have_a_column_a_metric(tmp_path: Path, separator: str) -> None:
    lines = [["file", "method", "EN", "SSIM"]]
    lines += [
        [stem, method, f"{NUMBERS[method, stem, 'EN']:.2f}", f"{NUMBERS[method, stem, 'SSIM']:.2f} dB"]
        for method in ("GFF", "PCA")
        for stem in ("01", "02")
    ]
    reading = read(tmp_path, "\n".join(map(separator.join, lines)))
    assert reading.layout == "wide"
    assert singles(reading) == NUMBERS


def test_an_average_below_a_wide_table_is_that_of_its_method(tmp_path: Path) -> None:
    reading = read(tmp_path, "image,method,EN\n01,GFF,6.71\n02,GFF,6.82\nAverage,GFF,6.765\n")
    assert [number.images for number in reading.printed][2] == ("fused/GFF/01.png", "fused/GFF/02.png")
    assert reading.problems == ()


MEANS = {"GFF": (6.765, 0.55), "PCA": (7.185, 0.75)}
TABLES = {
    "means.csv": "Method,EN,SSIM\nGFF,6.765,0.550\nPCA,7.185,0.750\n",
    "commas.csv": "Method;EN;SSIM\nGFF;6,765;0,55\nPCA;7,185;0,750\n",
    "transposed.csv": ",GFF [3],PCA\nEN,6.765,7.185\nSSIM,0.550,0.750\n",
    "percent.csv": "Method,EN,SSIM (%)\nGFF,6.765,55.0\nPCA,7.185,75.0\n",
    "table.md": "Some words | and others.\n\n| Method | EN ↑ | SSIM |\n| :--- | ---: | :-: |\n"
    "| gff | 6.765 ± 0.1 | 0.550 |\n| PCA (2001) | **7.185** | *0.750* |\n",
    "table.tex": r"""\begin{table}
\caption{Means \& more}
\begin{tabular}{l|*{2}{c}} \toprule % a comment & more
\multirow{2}{*}{Method} & \multicolumn{2}{c}{Medical} \\ \cmidrule(lr){2-3}
 & EN$\uparrow$ & SSIM \\
\midrule
GFF~\cite{li2013} & 6.765 & $0.550 \pm 0.1$ \\[2pt]
\textbf{PCA} & \textcolor{red}{\textbf{7.185}} & {\bf 0.750} \\
\bottomrule
\end{tabular}
\end{table}
""",
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_means_in_every_form(tmp_path: Path, name: str) -> None:
    reading = read(tmp_path, TABLES[name], name=name)
    assert reading.problems == ()
    found = {(number.images[0].split("/")[1], number.column[:2]): number for number in reading.printed}
    assert len(found) == 4
    for method, (en, ssim) in MEANS.items():
        assert found[method, "EN"].value == en
        assert found[method, "SS"].value == pytest.approx(ssim, rel=1e-14)
        assert found[method, "EN"].images == (f"fused/{method}/01.png", f"fused/{method}/02.png")
        assert found[method, "EN"].unit == pytest.approx(0.001)


def test_excel(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="needs pandas to write Excel")
    pytest.importorskip("openpyxl", reason="needs openpyxl to write Excel")
    path = tmp_path / "means.xlsx"
    pandas.DataFrame({"Method": ["GFF", "PCA"], "EN": [6.765, 7.185], "SSIM": ["0.550", "0.750"]}).to_excel(
        path, index=False
    )
    reading = read_printed(path, IMAGES)
    assert {number.value for number in reading.printed} == {6.765, 7.185, 0.55, 0.75}
    (tmp_path / "broken.xlsx").write_bytes(b"no workbook")
    with pytest.raises(BenchmarkError, match=r"broken.xlsx: cannot be read as Excel"):
        read_printed(tmp_path / "broken.xlsx", IMAGES)


def test_each_cell_that_cannot_be_used_is_named_by_row_and_column(tmp_path: Path) -> None:
    reading = read(tmp_path, "Method,EN,SSIM\nGFF,6.765,five\nOurs,1,2\nPCA,-,0.75\nPCA,7,0.76\n")
    assert [(number.column, number.value) for number in reading.printed] == [("EN", 6.765), ("SSIM", 0.75), ("EN", 7.0)]
    five, ours, twice = reading.problems
    assert "table.csv:2, column SSIM: value 'five' is not a number" in five
    assert "table.csv:3: no method is called 'Ours'; known: GFF, PCA" in ours
    assert "table.csv:5, column SSIM: SSIM of the mean of PCA is printed twice" in twice


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no row of cells"),
        ("image,metric,value\n", "has no line below the header"),
        ("image,metric,remark\n01,EN,good\n", "cannot tell the column of value; found image,metric,remark"),
        ("a,b\nx,1\ny,2\n", "cannot tell the column of image; found a,b; say --columns image="),
        ("image,remark\n01,good\n", "no column holds numbers"),
        ("image,metric,value\n01,EN\n", "fewer cells than columns"),
        ("image,metric,value\nfused/XYZ/01.png,EN,1\n", "no fused image is called 'fused/XYZ/01.png'"),
        ("image,metric,value\n01,EN,1\n", "image '01' may be fused/GFF/01.png or fused/PCA/01.png"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BenchmarkError) as error:
        read(tmp_path, text)
    assert message in str(error.value)


def test_what_is_no_text_and_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("image;metric;value\n01;EN;1±1\n".encode("latin-1"))
    with pytest.raises(BenchmarkError, match="is not UTF-8 text"):
        read_printed(tmp_path / "latin.csv", IMAGES)
    with pytest.raises(BenchmarkError, match="no such file"):
        read_printed(tmp_path / "absent.csv", IMAGES)

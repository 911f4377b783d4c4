"""What a community prints: sets of metrics with a name, in the order of its tables, each with its source.

``--metrics @medical`` stands for the words of such a set, the published definitions. Who wants the numbers of a script
asks for the script, see `fusion_metrics.scripts`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Community:
    """A set of metrics that tables of one kind of fusion have in common.

    Attributes
    ----------
    name : str
        After the ``@``.
    title : str
        Whose tables they are, as a phrase.
    source : str
        Where such a table is printed.
    metrics : str
        The request that it stands for.
    """

    name: str
    title: str
    source: str
    metrics: str


_CDDFUSE = (
    "Zhao, Bai, Zhang, Zhang, Xu, Lin, Timofte, Van Gool, CDDFuse: correlation-driven dual-branch feature "
    "decomposition for multi-modality image fusion, CVPR 2023"
)
_MEFB = "Zhang, Benchmarking and comparing multi-exposure image fusion algorithms, Information Fusion 74, 2021"

COMMUNITIES = (
    Community(
        "ivif",
        "infrared and visible pictures",
        f"{_CDDFUSE}: the eight columns of its tables of infrared and visible pictures",
        "en,sd,sf,mi,scd,vif,qabf,ssim",
    ),
    Community(
        "medical",
        "medical pictures",
        f"{_CDDFUSE}: the same eight columns, in its table of medical pictures",
        "en,sd,sf,mi,scd,vif,qabf,ssim",
    ),
    Community(
        "mef",
        "pictures of several exposures",
        f"{_MEFB}: its twenty metrics, by their published definitions",
        "ce,en,fmi,nmi,psnr,qncie,te,ag,ei,qabf,qp,sd,sf,cvejic,piella:qw,yang,mef_ssim,qcb,qcv,viff",
    ),
    Community(
        "mff",
        "pictures of several focal planes",
        "Liu, Wang, Cheng, Li, Chen, Multi-focus image fusion: a survey of the state of the art, Information Fusion "
        "64, 2020: two metrics of each of four kinds, by their published definitions",
        "nmi,qncie,qabf,qp,piella:qe,yang,qcb,qcv",
    ),
    Community(
        "reference",
        "a ground truth",
        "no table in particular: every metric that compares the fused image with a ground truth, not with its sources",
        "psnr:reference,ssim:reference,ms_ssim:reference,vif:reference,uiqi,mse:reference,rmse:reference,cc:reference,"
        "qcv:reference,sam,ergas",
    ),
)

"""The scripts that tables of the field are made with, as presets; see `fusion_metrics.scripts`."""

from __future__ import annotations

from collections.abc import Mapping

from fusion_metrics.scripts import Script, declare_script


def _of(script: str, columns: str) -> Mapping[str, str]:
    """Read ``COLUMN metric`` or ``COLUMN metric:variant`` by line; without a variant it is the script's own."""
    words = (line.split() for line in columns.strip().splitlines())
    return {name: metric if ":" in metric else f"{metric}:{script}" for name, metric in words}


def _of_tang(script: str) -> Mapping[str, str]:
    """Name the columns of L. Tang's scripts for MATLAB, which are the same in both of their states."""
    return _of(
        script,
        f"""
        EN en
        SF sf
        SD sd
        PSNR psnr
        MSE mse
        MI mi
        VIF vif
        AG ag
        CC cc
        SCD scd
        Qabf qabf
        Nabf nabf
        SSIM ssim
        MS_SSIM ms_ssim
        FMI_pixel fmi
        FMI_dct fmi:{script}-dct
        FMI_w fmi:{script}-wavelet
        """,
    )


declare_script(
    Script(
        name="liu2012",
        title="image fusion metrics, Z. Liu's MATLAB toolbox to a comparative study",
        address="https://github.com/zhengliu6699/imageFusionMetrics",
        state="commit d6f7f1a",
        cites="liu2012",
        reads="rgb2gray",
        columns=_of(
            "liu2012",
            """
            Q_MI nmi
            Q_TE te:liu2012-nava
            Q_NCIE qncie
            Q_G qabf
            Q_M qm
            Q_SF rsfe
            Q_P qp
            Q_S piella
            Q_C cvejic
            Q_Y yang
            Q_CV qcv
            Q_CB qcb
            """,
        ),
        notes=(
            "It takes grey pictures only. Q_TE is Nava's form with marginals taken from the wrong image; Q_C and Q_Y "
            "have no value where both sources are flat in a window."
        ),
    )
)
declare_script(
    Script(
        name="vifb",
        title="VIFB, the benchmark of visible and infrared image fusion",
        address="https://github.com/xingchenzhang/VIFB",
        state="commit 22b2ea9",
        cites="zhang2020vifb",
        reads="each",
        columns=_of(
            "vifb",
            """
            Avg_gradient ag
            Cross_entropy ce
            Edge_intensity ei
            Entropy en
            Mutinf mi
            Psnr psnr
            Qabf qabf
            Qcb qcb
            Qcv qcv
            Rmse rmse
            Spatial_frequency sf
            Ssim ssim
            Variance sd
            """,
        ),
        notes=(
            "It works on red, green and blue. Variance is the standard deviation. What stands for the mean squared "
            "error in Psnr and Rmse depends on the size of the picture."
        ),
    )
)
declare_script(
    Script(
        name="mefb",
        title="MEFB, the benchmark of multi-exposure image fusion",
        address="https://github.com/xingchenzhang/MEFB",
        state="commit 9e185bf",
        cites="zhang2021mefb",
        reads="each",
        columns=_of(
            "mefb",
            """
            Cross_entropy ce
            Entropy en
            FMI fmi
            NMI nmi
            Psnr psnr
            Qncie qncie
            TE te
            Avg_gradient ag
            Edge_intensity ei
            Qabf qabf
            Qp qp
            SD sd
            Spatial_frequency sf
            Qc cvejic
            Qw piella
            Qy yang
            MEF_SSIM mef_ssim
            Qcb qcb
            Qcv qcv
            VIF viff
            """,
        ),
        notes="It works on red, green and blue. VIF is VIFF, and Qw looks at gradients alone.",
    )
)
declare_script(
    Script(
        name="tang",
        title="Linfeng Tang's evaluation for image fusion, today's state",
        address="https://github.com/Linfeng-Tang/Evaluation-for-Image-Fusion",
        state="commit 0e87153; since 3 March 2023",
        cites="tang2023",
        reads="rgb2gray",
        columns=_of_tang("tang"),
        notes=(
            "Nabf is called with its arguments out of order. SSIM takes grey levels 0..255 for 0..1. MS_SSIM is "
            "MEF-SSIM, FMI_pixel that of edges. Tables of 2022, SeAFusion's among them, were made with an earlier "
            "state, `tang-2022`."
        ),
    )
)
declare_script(
    Script(
        name="tang-2022",
        title="Linfeng Tang's evaluation for image fusion, as it was until March 2023",
        address="https://github.com/Linfeng-Tang/Evaluation-for-Image-Fusion",
        state="commit 5d6c43a; before 3 March 2023; also in the repository of SeAFusion",
        cites="tang2022",
        reads="rgb2gray",
        columns=_of_tang("tang-2022"),
        notes=(
            "SD and VIF are computed with integers of 8 bits: SD is 8 to 16 where it should be 30 to 70. SF is of "
            "pixels 0..1. On such pixels MATLAB's order of additions decides Qabf and Nabf, and is reproduced."
        ),
    )
)
declare_script(
    Script(
        name="tang-python",
        title="Linfeng Tang's evaluation in Python",
        address="https://github.com/mark-bear/fusion_metric",
        state="the copy of mark-bear",
        cites="tang2023",
        reads="pillow",
        columns=_of(
            "tang-python",
            """
            EN en
            MI mi
            SF sf
            AG ag
            SD sd
            CC cc
            SCD scd
            VIF vif
            MSE mse
            PSNR psnr
            Qabf qabf
            Nabf nabf
            SSIM ssim
            MS_SSIM ms_ssim
            """,
        ),
        notes=(
            "SSIM and MS_SSIM are sums over both sources, of pixels multiplied by 255 once more, with 32 bits: in "
            "smooth parts they compare rounding errors. MS_SSIM refuses pictures of up to 160 pixels. Neither is what "
            "the scripts for MATLAB print under these names."
        ),
    )
)
declare_script(
    Script(
        name="thfylsty",
        title="Yu Fu's objective evaluation for image fusion",
        address="https://github.com/thfylsty/Objective-evaluation-for-image-fusion",
        state="commit 6f55732",
        cites="fu2021",
        reads="rgb2gray",
        columns=_of(
            "thfylsty",
            """
            EI ei
            CrossEntropy ce
            SF sf
            Qabf qabf
            SD sd
            AG ag
            MIabf mi
            CC cc
            VIFF viff
            """,
        ),
        notes=(
            "Of the 34 columns these nine are reproduced; most others are Z. Liu's (`liu2012`) and those of DenseFuse "
            "(`li2018`). Sources are resized to the fused image first; here all three must have one size."
        ),
    )
)
declare_script(
    Script(
        name="kumar2013",
        title="B. K. Shreyamsha Kumar's objective fusion performance",
        address="https://github.com/xingchenzhang/VIFB",
        state="as VIFB carries it with the algorithm CBF, commit 5d29ee7",
        cites="kumar2013",
        reads="rgb2gray",
        columns=_of(
            "kumar2013",
            """
            QABF qabf
            LABF labf
            NABF nabf
            NABF1 nabf:kumar2013-nabf1
            """,
        ),
        notes=(
            "QABF, LABF and NABF add up to 1. LABF and NABF1 are not checked against numbers of the script, of which "
            "none was found."
        ),
    )
)
declare_script(
    Script(
        name="cddfuse",
        title="the Evaluator of CDDFuse, in about 90 other repositories",
        address="https://github.com/Zhaozixiang1228/MMIF-CDDFuse",
        state="utils/Evaluator.py, 2023, with scikit-image 0.19.2",
        cites="zhao2023",
        reads="opencv-float",
        columns=_of(
            "cddfuse",
            """
            EN en
            SD sd
            SF sf
            AG ag
            MI mi
            MSE mse
            CC cc
            PSNR psnr
            SCD scd
            VIFF vif
            Qabf qabf
            SSIM ssim
            """,
        ),
        notes=(
            "VIFF, which its table calls VIF, is VIF summed over both sources. SSIM is a sum, too, with the dynamic "
            "range 2 for grey levels 0..255: in smooth parts it compares rounding errors. Relatives that state the "
            "range 255 print `ssim:cddfuse-255`. MI is in nats, and the peak of PSNR the brightest pixel of the fused "
            "image. CDDFuse's own table has EN, SD, SF, MI, SCD, VIF, Qabf and SSIM of these."
        ),
    )
)
declare_script(
    Script(
        name="li2018",
        title="analysis_Reference of DenseFuse",
        address="https://github.com/hli1221/imagefusion_densefuse",
        state="analysis_MatLab, commit c927a8d, 2018",
        cites="li2019",
        reads="rgb2gray",
        columns=_of(
            "li2018",
            """
            EN en
            MI mi
            Qabf qabf
            FMI_pixel fmi
            FMI_dct fmi:li2018-dct
            FMI_w fmi:li2018-wavelet
            Nabf nabf
            SCD scd
            SSIM ssim
            MS_SSIM ms_ssim
            """,
        ),
        notes=(
            "MI is twice the entropy of the fused image, whatever the sources are. FMI_pixel is that of edges, "
            "MS_SSIM is MEF-SSIM. On pixels 0..1 MATLAB's order of additions decides Qabf and Nabf, and is reproduced."
        ),
    )
)
declare_script(
    Script(
        name="ivif-zoo",
        title="the survey code IVIF_ZOO",
        address="https://github.com/RollingPlain/IVIF_ZOO",
        state="Metric/Metric_torch.py, 2024",
        cites="liu2025",
        reads="pillow",
        columns=_of(
            "ivif-zoo",
            """
            EN en
            MI mi
            SF sf
            AG ag
            SD sd
            CC cc
            SCD scd
            VIF vif
            MSE mse
            PSNR psnr
            Qabf qabf
            Nabf nabf
            SSIM ssim
            MS_SSIM ms_ssim
            CE ce
            NMI nmi
            QNCIE qncie
            TE te
            EI ei
            Qy yang
            Qcb qcb
            """,
        ),
        notes=(
            "CE, TE, QNCIE, Qy and VIF share their names with the publications, and little else. SSIM and MS_SSIM are "
            "those of `tang-python`. The script's own table ends with MS_SSIM; the seven others are functions beside "
            "it."
        ),
    )
)

"""What each tissue is worth to each modality. Sources and reasons: docs/phantom.md."""

from __future__ import annotations

__all__ = ["ACTIVITY", "HOUNSFIELD", "RELAXATION", "TISSUES"]

#: Normal tissues, in the order in which fraction arrays stack them.
TISSUES = ("gm", "wm", "csf", "bone", "marrow", "fat", "muscle", "air")

#: T1 in ms, T2 in ms and proton density at 1.5 T. Grey and white matter, fluid, fat, muscle and plaque as in BrainWeb;
#: the others are representative.
RELAXATION: dict[str, tuple[float, float, float]] = {
    "gm": (833, 83, 0.86),
    "wm": (500, 70, 0.77),
    "csf": (2569, 329, 1.00),
    "bone": (900, 1, 0.05),
    "marrow": (400, 60, 0.50),
    "fat": (350, 70, 1.00),
    "muscle": (900, 47, 1.00),
    "air": (1000, 1, 0.00),
    "tumour": (1350, 150, 0.90),
    "necrosis": (2200, 260, 0.98),
    "oedema": (1100, 125, 0.86),
    "infarct": (1400, 170, 0.90),
    "blood": (950, 36, 0.80),
    "old blood": (380, 62, 0.85),
    "plaque": (752, 237, 0.76),
}

#: Hounsfield units.
HOUNSFIELD: dict[str, float] = {
    "gm": 38,
    "wm": 29,
    "csf": 5,
    "bone": 1000,
    "marrow": 450,
    "fat": -90,
    "muscle": 45,
    "air": -1000,
    "tumour": 22,
    "necrosis": 10,
    "oedema": 13,
    "infarct": 16,
    "blood": 75,
    "calcium": 180,
}

#: Concentration of tracer, grey matter = 1.
ACTIVITY: dict[str, float] = {
    "gm": 1.0,
    "wm": 0.25,
    "csf": 0.02,
    "bone": 0.03,
    "marrow": 0.06,
    "fat": 0.04,
    "muscle": 0.10,
    "air": 0.0,
    "tumour": 1.6,
    "necrosis": 0.05,
    "oedema": 0.18,
    "infarct": 0.05,
    "blood": 0.02,
    "cold focus": 0.15,
    "hot focus": 1.8,
}

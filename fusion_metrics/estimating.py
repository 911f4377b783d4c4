"""How long a metric that learns would take to be fitted, as measured on a few steps of its training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """One training of a fit, of which there may be several in a row.

    Attributes
    ----------
    epochs : int
    steps : int
        Of an epoch.
    batch : int
        Images of a step, at most.
    step : float
        Seconds that one takes.
    around : float
        Seconds around the steps of an epoch: to judge it, and to keep a checkpoint.
    begin : float
        Seconds once, such as for compiling.
    measured : int
        Steps that were measured.
    images : int
        Images of each of these: where a whole step takes long, those of a part of it, from which the whole is taken
        in proportion.
    """

    epochs: int
    steps: int
    batch: int
    step: float
    around: float
    begin: float
    measured: int
    images: int

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.begin + self.epochs * (self.steps * self.step + self.around)


@dataclass(frozen=True)
class FitTime:
    """How long one fit would take.

    Attributes
    ----------
    learnt, aside : int
        Images that are learnt from, and those on which the best epoch is chosen.
    device : str
        What was measured on.
    precision : str
        Such as ``32-true`` or ``bf16-mixed``.
    compiled : bool
        Whether networks were compiled.
    inputs : float
        Seconds in which what was prepared is brought to the form that is learnt from.
    stages : tuple of Stage
    """

    learnt: int
    aside: int
    device: str
    precision: str
    compiled: bool
    inputs: float
    stages: tuple[Stage, ...]

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.inputs + sum(stage.seconds for stage in self.stages)

    @property
    def epochs(self) -> int:
        """Those of all stages."""
        return sum(stage.epochs for stage in self.stages)

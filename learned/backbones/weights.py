"""Weights learnt on ImageNet: found on this machine, downloaded when asked for, and never silently missing.

They are looked for, in this order, in ``$FMBENCH_WEIGHTS`` (a folder), among the downloads of `download`, and in
torch's own cache. Nothing is downloaded unless somebody asks for it, with ``fmbench models fetch resnet34``. Where no
weights are found a network starts from random ones, and `Start.notes` says so, wherever its results are printed.

Finding needs no torch; only loading does.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fusion_metrics import FusionMetricsError
from fusion_metrics.cache import cache_folder

if TYPE_CHECKING:
    from torch import Tensor, nn

    from learned.backbones.resnet import ResNet
    from learned.backbones.vgg import VGG

#: Of ImageNet's pixels on the scale 0..1, per channel: networks learnt on it expect ``(rgb - MEAN) / STD``.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

STORE = "https://download.pytorch.org/models/"
#: In a name such as resnet34-b627a593.pth: the first digits of the file's SHA-256.
HASH_DIGITS = 8
IMAGENET, RANDOM = "imagenet", "random"
#: ViT-B/8, by its name in timm, which publishes the weights: `model.safetensors` of its variant augreg_in21k_ft_in1k,
#: to be kept under the name in `FILES`. `learned.backbones.vit` is the network.
VIT = "vit_base_patch8_224"


class File(NamedTuple):
    """A file of ImageNet weights.

    Attributes
    ----------
    name : str
    stride_first : bool
        Where a ResNet50 has its strides; see `learned.backbones.resnet.Bottleneck`.
    """

    name: str
    stride_first: bool = False


#: Megabytes of the files that can be downloaded.
MEGABYTES = {"resnet18": 45, "resnet34": 83, "resnet50": 98, "vgg11": 507, "vgg16": 528, "vgg19": 548}
#: By backbone, in order of preference; the first can be downloaded if its name has a hash, as those of `STORE` have.
FILES = {
    "resnet18": (File("resnet18-f37072fd.pth"),),
    "resnet34": (File("resnet34-b627a593.pth"),),
    "resnet50": (File("resnet50-0676ba61.pth"), File("resnet50_imagenet_fp16.safetensors", stride_first=True)),
    "vgg11": (File("vgg11-8a719046.pth"),),
    "vgg16": (File("vgg16-397923af.pth"),),
    "vgg19": (File("vgg19-dcbb9e9d.pth"),),
    VIT: (File(f"{VIT}.augreg_in21k_ft_in1k.safetensors"),),
}


@dataclass(frozen=True)
class Start:
    """What a backbone starts from.

    Attributes
    ----------
    network : ResNet or VGG
    notes : str
        One sentence for tables: which weights these are.
    """

    network: ResNet | VGG
    notes: str


def folders() -> list[Path]:
    """List where weights are looked for."""
    named = os.environ.get("FMBENCH_WEIGHTS")
    torch_home = Path(os.environ.get("TORCH_HOME") or Path.home() / ".cache" / "torch")
    return [*([Path(named)] if named else []), downloads(), torch_home / "hub" / "checkpoints"]


def downloads() -> Path:
    """Return the folder that `download` writes to."""
    return cache_folder() / "weights"


def find(backbone: str, weights: str = IMAGENET) -> Path | None:
    """Find a file of ImageNet weights of a backbone on this machine; with `weights` from `pin`, that very file."""
    files = (folder / file.name for file in FILES[backbone] for folder in folders())
    there = (file for file in files if file.is_file())
    return next((file for file in there if weights == IMAGENET or pinned_name(file) == weights), None)


def is_imagenet(weights: str) -> bool:
    """Whether weights are ImageNet's: those of this machine, or of a file that is named."""
    return weights == IMAGENET or weights.startswith(f"{IMAGENET}.")


def pinned_name(path: Path) -> str:
    """Name a file of ImageNet weights with its hash, as a parameter has it; see `learned.backbones.pinned`."""
    if path.suffix == ".pth":  # whose name has the hash, which is checked when it is read
        return f"{IMAGENET}.{path.name}"
    stamp = path.stat()
    return f"{IMAGENET}.{path.name}-{_digest(path, stamp.st_mtime_ns, stamp.st_size)[:HASH_DIGITS]}"


@functools.lru_cache(maxsize=32)
def _digest(path: Path, changed: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def missing(backbone: str, weights: str) -> str:
    """Say what is not there for `start`; nothing if all is."""
    if not is_imagenet(weights) or find(backbone, weights):
        return ""
    download_it = f"download it with `fmbench models fetch {backbone}`, " if backbone in downloadable() else ""
    if weights != IMAGENET:
        return f"{weights.removeprefix(f'{IMAGENET}.')}: no such weights of {backbone} are on this machine"
    return (
        f"no ImageNet weights of {backbone} on this machine: put {FILES[backbone][0].name} into $FMBENCH_WEIGHTS, "
        f"{download_it}or ask for weights='random'"
    )


def advice(backbone: str, weights: str) -> str:
    """Say how to have ImageNet's weights in place of random ones, where they can be downloaded."""
    if weights != RANDOM or backbone not in downloadable():
        return ""
    return f"without ImageNet's weights: fmbench models fetch {backbone}"


def best_backbone(preferred: Sequence[str]) -> tuple[str, str]:
    """Choose the first backbone whose ImageNet weights are on this machine, or else the first with random weights.

    Returns
    -------
    backbone, weights : str
        As `start` takes them.
    """
    found = next((backbone for backbone in preferred if find(backbone)), None)
    return (found, IMAGENET) if found else (preferred[0], RANDOM)


#: Residual networks of those metrics that were published with a ResNet34, in the order in which they are looked for.
RESIDUAL = ("resnet34", "resnet50", "resnet18")
#: What this machine has of them. These are parameters like any others: scores under other weights are other scores.
BACKBONE, WEIGHTS = best_backbone(RESIDUAL)


def downloadable() -> list[str]:
    """List the backbones that `download` knows; the others' files have no hash that could be checked."""
    return sorted(backbone for backbone, files in FILES.items() if files[0].name.endswith(".pth"))


def download(backbone: str, store: str = STORE) -> Path:
    """Download the ImageNet weights of a backbone, unless they are there.

    Parameters
    ----------
    backbone : str
        One of `downloadable`.
    store : str
        Where they are; by default PyTorch's public model store.

    Returns
    -------
    Path

    Raises
    ------
    FusionMetricsError
        The download fails, or the file is not the one it should be.
    """
    import pooch

    name = FILES[backbone][0].name
    target = downloads() / name
    if not target.is_file():
        try:
            # A name of its own, so that two downloads at once do not take each other's file for their own.
            partial = Path(
                pooch.retrieve(store + name, known_hash=None, fname=f"{name}.{os.getpid()}.partial", path=downloads())
            )
        except (OSError, ValueError) as error:
            raise FusionMetricsError(f"{store + name}: cannot be downloaded ({error})") from None
        try:
            check_hash(partial, name)
        except FusionMetricsError:
            partial.unlink()
            raise
        partial.replace(target)
    return target


def load_state(path: Path) -> dict[str, Tensor]:
    """Read a state dict in single precision: safetensors, or what `torch.save` wrote, of which only tensors are read.

    Raises
    ------
    FusionMetricsError
        The file cannot be read, or its content does not fit the hash in its name.
    """
    import pickle

    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if path.name in {file.name for files in FILES.values() for file in files if file.name.endswith(".pth")}:
        check_hash(path, path.name)
    try:
        if path.suffix == ".safetensors":
            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, SafetensorError, pickle.UnpicklingError) as error:
        raise FusionMetricsError(f"{path}: holds no weights that can be read ({_one_line(error)})") from None
    if not isinstance(state, Mapping) or not all(isinstance(tensor, torch.Tensor) for tensor in state.values()):
        raise FusionMetricsError(f"{path}: is not a state dict")
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}


def start(backbone: str, weights: str = IMAGENET, *, stages: int = 4, classes: int = 1000) -> Start:
    """Make a backbone with weights.

    Parameters
    ----------
    backbone : str
        A ResNet or VGG of `FILES`.
    weights : str
        ``"imagenet"`` (the file that `find` finds), ``"random"``, or the path of a state dict.
    stages : int
        How many stages of a ResNet there are: fewer than four leave out the rest and the classifier.
    classes : int
        0 leaves out the classifier (of a VGG all three layers of it).

    Raises
    ------
    FusionMetricsError
        No weights are found where ``"imagenet"`` was asked for, or the file's do not fit.
    """
    from learned.backbones.resnet import RESNETS, resnet
    from learned.backbones.vgg import vgg

    if problem := missing(backbone, weights):
        raise FusionMetricsError(problem)
    path = find(backbone, weights) if is_imagenet(weights) else None if weights == RANDOM else Path(weights)
    if backbone in RESNETS:
        stride_first = path is not None and any(file == File(path.name, True) for file in FILES[backbone])
        network: ResNet | VGG = resnet(backbone, stages=stages, classes=classes or None, stride_first=stride_first)
    else:
        network = vgg(backbone, classes=classes or None)
    if path is None:
        return Start(network, f"{backbone} started from random weights, not from ImageNet's")
    load_into(network, load_state(path), path)
    source = f"ImageNet weights ({path.name})" if is_imagenet(weights) else path.name
    return Start(network, f"{backbone} started from {source}")


def load_into(network: nn.Module, state: Mapping[str, Tensor], path: Path) -> None:
    """Load weights, of which some may be left over (of stages that were cut off) but none may be missing.

    Raises
    ------
    FusionMetricsError
        Weights are missing or of another shape.
    """
    own = network.state_dict()
    counters = {name for name in own if name.endswith("num_batches_tracked")}  # old files have none
    if missing := sorted(set(own) - set(state) - counters):
        raise FusionMetricsError(f"{path}: has no {missing[0]}" + (f" and {len(missing) - 1} more" * bool(missing[1:])))
    for name in set(own) & set(state):
        if own[name].shape != state[name].shape:
            shapes = f"{tuple(state[name].shape)}, not {tuple(own[name].shape)}"
            raise FusionMetricsError(f"{path}: {name} has shape {shapes}")
    network.load_state_dict({name: state.get(name, own[name]) for name in own})


def check_hash(path: Path, name: str) -> None:
    """Refuse a file whose content does not fit the hash in its name."""
    expected = name.rpartition("-")[2][:HASH_DIGITS]
    stamp = path.stat()
    found = _digest(path, stamp.st_mtime_ns, stamp.st_size)
    if not found.startswith(expected):
        raise FusionMetricsError(f"{path}: refused, its SHA-256 starts with {found[:HASH_DIGITS]}, not {expected}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]

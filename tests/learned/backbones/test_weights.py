from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from fusion_metrics import FusionMetricsError
from learned.backbones import weights
from learned.backbones.download import main as download_command
from learned.backbones.resnet import resnet
from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A machine on which no weights are."""
    monkeypatch.setattr(weights, "folders", lambda: [tmp_path])
    monkeypatch.setattr(weights, "downloads", lambda: tmp_path)
    return tmp_path


def write(path: Path, network: torch.nn.Module) -> Path:
    torch.save(network.state_dict(), path)
    return path


def test_where_weights_are_looked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("FMBENCH_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    beyond = [tmp_path / "cache" / "weights", tmp_path / "torch" / "hub" / "checkpoints"]
    assert weights.folders() == [tmp_path, *beyond]
    monkeypatch.delenv("FMBENCH_WEIGHTS")
    assert weights.folders() == beyond


def test_without_weights_it_says_so(folder):
    assert weights.find("resnet34") is None
    assert weights.best_backbone(("resnet34", "resnet50")) == ("resnet34", "random")
    with pytest.raises(FusionMetricsError, match=r"no ImageNet weights of resnet34 on this machine: put resnet34-b6"):
        weights.start("resnet34")
    begun = weights.start("resnet18", "random", stages=1)
    assert begun.notes == "resnet18 started from random weights, not from ImageNet's"


def test_a_users_own_file_loads_and_surplus_stages_are_left_over(folder):
    whole = resnet("resnet18")
    path = write(folder / "mine.pth", whole)
    begun = weights.start("resnet18", str(path), stages=2)
    assert begun.notes == "resnet18 started from mine.pth"
    for name, tensor in begun.network.state_dict().items():
        assert torch.equal(tensor, whole.state_dict()[name])


def test_a_file_that_does_not_fit(folder):
    with pytest.raises(FusionMetricsError, match=r"has no bn1.bias and \d+ more"):
        weights.start("resnet18", str(write(folder / "less.pth", torch.nn.Linear(2, 2))))
    with pytest.raises(FusionMetricsError, match=r"layer\S+ has shape"):
        weights.start("resnet18", str(write(folder / "other.pth", resnet("resnet50", stages=1))), stages=1)


def test_files_that_are_no_weights(folder):
    (folder / "text.pth").write_text("no weights")
    with pytest.raises(FusionMetricsError, match="no weights that can be read"):
        weights.load_state(folder / "text.pth")
    torch.save([1, 2], folder / "list.pth")
    with pytest.raises(FusionMetricsError, match="is not a state dict"):
        weights.load_state(folder / "list.pth")

    torch.save({"code": print}, folder / "code.pth")  # loading it would run what it names
    with pytest.raises(FusionMetricsError, match="no weights that can be read"):
        weights.load_state(folder / "code.pth")


def test_a_public_file_must_have_the_hash_of_its_name(folder):
    write(folder / "resnet18-f37072fd.pth", resnet("resnet18", stages=1))
    with pytest.raises(FusionMetricsError, match=r"refused, its SHA-256 starts with \w{8}, not f37072fd"):
        weights.start("resnet18", stages=1)


def test_half_precision_becomes_single(folder):
    save_file({"a": torch.ones(2, dtype=torch.float16), "n": torch.tensor(3)}, folder / "half.safetensors")
    state = weights.load_state(folder / "half.safetensors")
    assert (state["a"].dtype, state["n"].dtype) == (torch.float32, torch.int64)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        pass


def test_downloads_are_checked_and_kept(folder, tmp_path, monkeypatch, capsys):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    served = tmp_path / "served"
    served.mkdir()
    content = write(served / "content", resnet("resnet18", stages=1)).read_bytes()
    name = f"tiny-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    (served / name).write_bytes(content)
    (served / "tiny-00000000.pth").write_bytes(content)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(served))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        store = f"http://127.0.0.1:{server.server_address[1]}/"
        monkeypatch.setitem(weights.FILES, "tiny", (weights.File("tiny-00000000.pth"),))
        with pytest.raises(FusionMetricsError, match="refused"):
            weights.download("tiny", store)
        assert weights.find("tiny") is None
        assert not list(folder.glob("*.partial"))
        monkeypatch.setitem(weights.FILES, "tiny", (weights.File("absent-00000000.pth"),))
        with pytest.raises(FusionMetricsError, match="cannot be downloaded"):
            weights.download("tiny", store)
        monkeypatch.setitem(weights.FILES, "tiny", (weights.File(name),))
        assert weights.download("tiny", store) == weights.find("tiny") == folder / name
        server.shutdown()
    assert weights.download("tiny", "http://nowhere.invalid/") == folder / name
    assert download_command(["tiny"]) == 0
    assert capsys.readouterr().out.strip() == str(folder / name)


def test_the_resnet50_beside_the_project_knows_a_cat(monkeypatch):
    """Public ImageNet weights with strides in the first convolution; 281 to 285 are cats."""
    skimage_data = pytest.importorskip("skimage.data")
    file = ROOT.parent / "shared" / "weights" / "resnet50_imagenet_fp16.safetensors"
    if not file.is_file():
        pytest.skip("needs ../shared/weights/resnet50_imagenet_fp16.safetensors")
    monkeypatch.setattr(weights, "folders", lambda: [file.parent])
    begun = weights.start("resnet50")
    assert begun.notes == "resnet50 started from ImageNet weights (resnet50_imagenet_fp16.safetensors)"
    cat = torch.tensor(skimage_data.cat()[:, 75:375].copy()).permute(2, 0, 1)[None] / 255
    cat = torch.nn.functional.interpolate(cat, (224, 224), mode="bilinear", antialias=True)
    standard = (cat - torch.tensor(weights.MEAN)[:, None, None]) / torch.tensor(weights.STD)[:, None, None]
    with torch.inference_mode():
        assert 281 <= int(begun.network.eval()(standard).argmax()) <= 285


def test_declaring_and_finding_need_no_torch():
    begin = "import sys, learned.backbones.weights, learned.ms_aan.metric, learned.training"
    code = f"{begin}; learned.backbones.weights.find('resnet34'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"

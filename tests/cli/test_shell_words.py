"""Words that a shell can complete are words that vcf takes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from vcf.catalogue.load import load_catalogue
from vcf.catalogue.names import find_models, find_modes
from vcf.cli.completion import complete_gpus, complete_machines, complete_models, complete_modes
from vcf.machine.load import load_machine, profile_names
from vcf.machine.whatif import WhatIf, apply


def test_models() -> None:
    catalogue = load_catalogue()
    assert complete_models("") == [*catalogue.models, "indextts", "voxcpm"]
    assert complete_models("vox") == ["voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2", "voxcpm"]
    assert complete_models("xyz") == []
    for word in complete_models(""):
        assert find_models(word, catalogue)


def test_modes_of_a_model() -> None:
    found = complete_models("voxcpm-2:gpu-")
    assert set(found) == {f"voxcpm-2:gpu-{kind}" for kind in ("fp32", "fp16", "bf16")}
    assert "VoxCPM2:gguf" in complete_models("VoxCPM2:gg")
    assert "indextts:vllm" in complete_models("indextts:")
    assert complete_models("nothing:") == []


def test_modes() -> None:
    assert {"cpu", "gpu", "gguf", "fp16", "mlx", "online"} <= set(complete_modes(""))
    assert complete_modes("nano") == ["nano-vllm"]
    for word in complete_modes(""):
        assert find_modes(word)


def test_machines() -> None:
    assert complete_machines("") == profile_names()
    assert complete_machines("asus") == ["asus-gl552vw"]
    assert complete_machines("./") == []


def test_gpus() -> None:
    found = complete_gpus("geforce rtx 40")
    assert "GeForce RTX 4090" in found
    laptop = load_machine("asus-gl552vw")
    for card in found:
        made = apply(WhatIf(gpu=card), laptop)
        assert made.gpus is not None
        assert card in (made.gpus[0].name or "")
    assert complete_gpus("voodoo") == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("vcf check --mode nano", {"nano-vllm"}),
        ("vcf check --machine asus", {"asus-gl552vw"}),
        ("vcf models show indextts-1", {"indextts-1.5"}),
        ("vcf profiles show github", {"github-ci-runner"}),
        ("vcf check --format m", {"markdown"}),
        ("vcf schema mo", {"models"}),
    ],
)
def test_in_a_shell(line, words) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("VCF_", "_VCF"))}
    count = str(len(line.split()) - 1)
    done = subprocess.run(
        [sys.executable, "-m", "vcf"],
        env={**environment, "_VCF_COMPLETE": "complete_bash", "COMP_WORDS": line,
             "COMP_CWORD": count},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert set(done.stdout.split()) == words

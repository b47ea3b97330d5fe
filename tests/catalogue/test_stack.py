"""What goes with a torch: triton, cuDNN, torchcodec."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.catalogue import stack, wheels
from vcf.catalogue.stack import (
    cudnn_floor,
    cudnn_for,
    torchcodec_for,
    torchcodec_pairs,
    triton_for,
)

LINUX, ARM, WINDOWS = "linux-x86_64", "linux-arm64", "windows-x86_64"
MAC = "macos-arm64"
PATCHES = [version for release in wheels.table().releases for version in release.versions]


@pytest.mark.parametrize(
    ("torch", "variant", "platform", "triton"),
    [
        ("2.15.0", "cu132", LINUX, "triton~=3.9.0"),
        ("2.14.1", "cu126", LINUX, "triton~=3.8.0"),
        ("2.13.0", "cu130", ARM, "triton==3.7.1"),
        ("2.12.0", "cu130", LINUX, "triton==3.7.0"),
        ("2.12.1", "cu130", LINUX, "triton==3.7.1"),
        ("2.8", "cu128", LINUX, "triton==3.4.0"),
        ("2.0.1", "cu117", LINUX, "triton==2.0.0"),
        ("2.10.0", "cu130", ARM, None),  # its metadata asks for triton on x86_64 only
        ("2.13.0", "cpu", LINUX, None),
        ("2.14.1", "rocm7.2", LINUX, None),
        ("2.14.1", "mps", MAC, None),
        ("2.14.1", "cu126", MAC, None),
        ("9.9.9", "cu130", LINUX, None),
        ("2.8.1", "cu128", LINUX, None),
        ("2.4.1", "cu124", WINDOWS, "triton-windows>=3.1,<3.2"),
        ("2.5.1", "cu124", WINDOWS, "triton-windows>=3.1,<3.2"),
        ("2.6.0", "cu126", WINDOWS, "triton-windows>=3.2,<3.3"),
        ("2.7.1", "cu128", WINDOWS, "triton-windows>=3.3,<3.4"),
        ("2.8.0", "cu128", WINDOWS, "triton-windows>=3.4,<3.5"),
        ("2.10.0", "cu128", WINDOWS, "triton-windows>=3.6,<3.7"),
        ("2.11.0", "cu128", WINDOWS, None),
        ("2.3.1", "cu121", WINDOWS, None),
        ("2.8.0", "cpu", WINDOWS, None),
    ],
)
def test_triton(torch: str, variant: str, platform: str, triton: str | None) -> None:
    part = triton_for(torch, variant, platform)
    assert (part.requirement if part else None) == triton
    assert part is None or part.sources


@pytest.mark.parametrize(
    ("torch", "variant", "platform", "cudnn"),
    [
        ("2.14.1", "cu126", LINUX, "nvidia-cudnn-cu12==9.10.2.21"),
        ("2.11.0", "cu126", WINDOWS, "nvidia-cudnn-cu12==9.10.2.21"),
        ("2.7.1", "cu126", WINDOWS, "nvidia-cudnn-cu12==9.5.0.50"),
        ("2.7.1", "cu126", LINUX, "nvidia-cudnn-cu12==9.5.1.17"),
        ("2.14.1", "cu130", LINUX, "nvidia-cudnn-cu13==9.24.0.43"),
        ("2.15.0", "cu132", ARM, "nvidia-cudnn-cu13==9.26.0.51"),
        ("2.0.1", "cu117", LINUX, "nvidia-cudnn-cu11==8.5.0.96"),
        ("2.14.1", "cu132", LINUX, None),
        ("2.14.1", "cu130", WINDOWS, None),
        ("2.14.1", "cpu", LINUX, None),
        ("2.14.1", "cu999", LINUX, None),
        ("9.9.9", "cu130", LINUX, None),
    ],
)
def test_cudnn(torch: str, variant: str, platform: str, cudnn: str | None) -> None:
    part = cudnn_for(torch, variant, platform)
    assert (part.requirement if part else None) == cudnn
    assert part is None or part.sources


@pytest.mark.parametrize(
    ("cudnn", "cc"),
    [("9.10.2.21", "5.0"), ("9.1.0.70", "5.0"), ("9.11.0", "7.5"), ("9.26.0.51", "7.5")],
)
def test_the_oldest_card_of_a_cudnn(cudnn: str, cc: str) -> None:
    part = cudnn_floor(cudnn)
    assert part is not None and part.requirement == cc and part.sources


def test_nothing_is_said_of_an_old_cudnn() -> None:
    assert cudnn_floor("8.9.2.26") is None


def test_no_wheel_carries_a_cudnn_that_drops_one_of_its_own_cards() -> None:
    for row in wheels.table().wheels:
        part = cudnn_for(f"{row.release}.0", row.variant, row.platform)
        floor = cudnn_floor(part.requirement.partition("==")[2]) if part else None
        if floor is not None:
            oldest = min(wheels.parse_version(arch) for arch in row.archs)
            assert oldest >= wheels.parse_version(floor.requirement), row


@pytest.mark.parametrize(
    ("torch", "platform", "codec", "ffmpeg"),
    [
        ("2.15.0", LINUX, "0.16", 9),
        ("2.11.0", WINDOWS, "0.16", 9),
        ("2.10.0", LINUX, "0.10", 8),
        ("2.9.1", MAC, "0.9", 8),
        ("2.8.0", WINDOWS, "0.7", 7),
        ("2.7.1", LINUX, "0.5", 7),
        ("2.4.0", LINUX, "0.0.3", 7),
    ],
)
def test_torchcodec(torch: str, platform: str, codec: str, ffmpeg: int) -> None:
    row = torchcodec_for(torch, platform)
    assert row is not None
    assert (row.release, row.ffmpeg_min, row.ffmpeg_max) == (codec, 4, ffmpeg)


@pytest.mark.parametrize(
    ("torch", "platform"),
    [("2.3.1", LINUX), ("9.9.9", LINUX), ("2.7.1", WINDOWS), ("2.10.0", ARM), ("2.2.2", MAC)],
)
def test_no_torchcodec_is_known(torch: str, platform: str) -> None:
    assert torchcodec_for(torch, platform) is None


@pytest.mark.parametrize(
    ("codec", "torch", "pairs"),
    [
        ("0.16.0", "2.15.0", True),
        ("0.12.0", "2.10.0", False),
        ("0.11.1", "2.12.0", False),
        ("0.7.0", "2.8.0", True),
        ("0.0.3", "2.4.1", True),
        ("0.0.2", "2.4.1", None),
        ("0.17.0", "2.15.0", None),
        ("0.16.0", "9.9.9", None),
    ],
)
def test_an_installed_pair(codec: str, torch: str, pairs: bool | None) -> None:
    assert torchcodec_pairs(codec, torch) is pairs


def test_every_figure_has_a_source() -> None:
    rows = stack.stack()
    known = wheels.table().sources | rows.sources
    used = set()
    for row in (*rows.cudnn, *rows.triton_windows, *rows.torchcodec):
        assert row.sources and set(row.sources) <= set(known)
        used |= set(row.sources)
    assert set(rows.sources) <= used


@pytest.mark.parametrize("release", wheels.table().releases, ids=lambda release: release.release)
def test_every_patch_release_names_its_triton(release: wheels.Release) -> None:
    assert set(release.triton) == set(release.versions)
    default = release.default["linux-x86_64"]
    assert default is not None
    assert release.cuda.startswith(f"{default[2:-1]}.{default[-1]}.")


@given(st.sampled_from(PATCHES), st.sampled_from([LINUX, ARM, WINDOWS, MAC]))
def test_a_torchcodec_that_is_named_pairs(torch: str, platform: str) -> None:
    row = torchcodec_for(torch, platform)
    assert row is None or torchcodec_pairs(row.release, torch) is True


def test_the_newest_release_is_first() -> None:
    lines = [wheels.parse_version(release.release) for release in wheels.table().releases]
    assert wheels.parse_version(stack.newest_release().release) == max(lines)

"""The wheel matrix: which torch for which GPU, driver, Python and system."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.catalogue import wheels
from vcf.catalogue.wheels import (
    InstalledVerdict,
    NoWheel,
    WheelChoice,
    has_kernels,
    judge_installed,
    newest_wheel,
    parse_version,
    split_local,
    torchaudio_for,
    wheels_for,
)

LINUX, ARM, WINDOWS = "linux-x86_64", "linux-arm64", "windows-x86_64"
MAC, INTEL_MAC = "macos-arm64", "macos-x86_64"
CARDS = sorted({arch for row in wheels.table().wheels for arch in row.archs} | {"8.9", "12.1"})


def chosen(answer: WheelChoice | NoWheel) -> WheelChoice:
    assert isinstance(answer, WheelChoice), answer
    return answer


def refused(answer: WheelChoice | NoWheel) -> NoWheel:
    assert isinstance(answer, NoWheel), answer
    return answer


def build(answer: WheelChoice | NoWheel) -> str:
    choice = chosen(answer)
    return f"{choice.torch}+{choice.variant}"


# --- versions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("2.8.0+cu128", (2, 8, 0)),
        ("2.13.0a0", (2, 13, 0)),
        ("2.8.0a0+5228986c39.nv25.05", (2, 8, 0)),
        ("2.10.0.dev20251016+cu128", (2, 10, 0)),
        ("2.9.0rc1", (2, 9, 0)),
        (" 3.11 ", (3, 11)),
    ],
)
def test_parse_version(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_version(text) == numbers


@pytest.mark.parametrize("text", ["", "two", "2.", "v", "+cu128", "2.8.0-cu128", "2..8"])
def test_rubbish_is_not_a_version(text: str) -> None:
    with pytest.raises(ValueError, match="not a version"):
        parse_version(text)


def test_split_local() -> None:
    assert split_local("2.8.0+cu128") == ("2.8.0", "cu128")
    assert split_local("2.8.0") == ("2.8.0", None)
    assert split_local("2.8.0+") == ("2.8.0", None)


@given(
    st.lists(st.integers(0, 999), min_size=1, max_size=4),
    st.sampled_from(["", "a0", "rc2", ".dev20260101", ".post1"]),
    st.sampled_from(["", "+cpu", "+cu126", "+git0a1b"]),
)
def test_parse_version_reads_the_numbers_back(parts: list[int], pre: str, local: str) -> None:
    assert parse_version(".".join(map(str, parts)) + pre + local) == tuple(parts)


# --- binary rules -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("archs", "ptx", "cc", "runs"),
    [
        (["5.0"], [], "5.2", True),
        (["5.2"], [], "5.0", False),
        (["6.0"], [], "6.1", True),
        (["8.6"], [], "8.9", True),
        (["9.0"], [], "10.0", False),
        (["12.0"], [], "12.1", True),
        (["10.0"], [], "10.3", True),
        (["5.0", "5.2"], [], "5.3", False),
        (["6.0"], [], "6.2", False),
        (["7.0"], [], "7.2", False),
        (["7.2"], [], "7.5", False),
        (["8.0", "8.6"], [], "8.7", False),
        (["8.7"], [], "8.7", True),
        (["8.7"], [], "8.9", False),
        (["11.0"], [], "10.1", True),
        (["10.1"], [], "11.0", True),
        (["10.0"], [], "10.1", False),
        (["9.0"], ["9.0"], "12.0", True),
        (["12.0"], ["12.0"], "9.0", False),
        ([], [], "8.6", False),
    ],
)
def test_has_kernels(archs: list[str], ptx: list[str], cc: str, runs: bool) -> None:
    assert has_kernels(archs, ptx, cc) is runs


@pytest.mark.parametrize("cc", ["", "8", "sm_86", "8.6a"])
def test_rubbish_is_not_a_compute_capability(cc: str) -> None:
    with pytest.raises(ValueError, match="not a compute capability"):
        has_kernels(["8.6"], [], cc)


@given(st.sampled_from(CARDS), st.lists(st.sampled_from(CARDS)), st.sampled_from(CARDS))
def test_more_archs_never_run_on_less(cc: str, archs: list[str], more: str) -> None:
    assert has_kernels([*archs, more], [], cc) or not has_kernels(archs, [], cc)
    assert has_kernels([cc], [], cc)
    assert has_kernels([], [cc], cc)


# --- the wheel to install -----------------------------------------------------------------------


def test_gtx_960m_on_windows() -> None:
    choice = chosen(newest_wheel(vendor="nvidia", cc="5.0", platform=WINDOWS, driver="581.57"))
    assert choice.torch == "2.14.1"
    assert choice.variant == "cu126"
    assert choice.index_url == "https://download.pytorch.org/whl/cu126"
    assert choice.install == (
        "pip install torch==2.14.1 torchaudio==2.11.0"
        " --index-url https://download.pytorch.org/whl/cu126"
    )
    assert choice.driver_min == "528.33"
    assert choice.python == ("3.10", "3.14")
    assert choice.sources
    linux = chosen(newest_wheel(vendor="nvidia", cc="5.0", platform=LINUX))
    assert (linux.variant, linux.driver_min) == ("cu126", "525.60.13")


def test_gtx_960m_has_no_2_8_on_windows_but_for_linux() -> None:
    no = refused(
        newest_wheel(
            vendor="nvidia", cc="5.0", platform=WINDOWS, torch_min="2.8", torch_below="2.9"
        )
    )
    assert no.reason == "no_kernels"
    assert no.params["newest"] == "2.14.1+cu126"
    linux = newest_wheel(
        vendor="nvidia", cc="5.0", platform=LINUX, torch_min="2.8", torch_below="2.9"
    )
    assert build(linux) == "2.8.0+cu126"


@pytest.mark.parametrize("cc", ["5.0", "5.2", "6.0", "6.1", "7.0"])
@pytest.mark.parametrize("platform", [LINUX, WINDOWS])
def test_old_architectures_end_at_2_14(cc: str, platform: str) -> None:
    assert build(newest_wheel(vendor="nvidia", cc=cc, platform=platform)) == "2.14.1+cu126"
    no = refused(newest_wheel(vendor="nvidia", cc=cc, platform=platform, torch_min="2.15"))
    assert no.reason == "no_kernels"


@pytest.mark.parametrize(
    ("cc", "platform", "torch"),
    [("3.7", LINUX, "2.5.1+cu118"), ("3.7", WINDOWS, "2.7.1+cu118")],
)
def test_kepler_ends_earlier(cc: str, platform: str, torch: str) -> None:
    assert build(newest_wheel(vendor="nvidia", cc=cc, platform=platform)) == torch
    no = refused(newest_wheel(vendor="nvidia", cc="3.5", platform=platform))
    assert (no.reason, "newest" in no.params) == ("no_kernels", False)


def test_rtx_5060() -> None:
    linux = chosen(newest_wheel(vendor="nvidia", cc="12.0", platform=LINUX))
    assert (linux.torch, linux.variant, linux.index_url) == ("2.15.0", "cu132", None)
    assert linux.install == "pip install torch==2.15.0"
    windows = chosen(newest_wheel(vendor="nvidia", cc="12.0", platform=WINDOWS))
    assert (windows.torch, windows.variant) == ("2.15.0", "cu132")
    assert windows.index_url == "https://download.pytorch.org/whl/cu132"
    first = wheels_for(cc="12.0", platform=WINDOWS)[-1]
    assert (first.release, first.variant) == ("2.7", "cu128")


def test_a_torch_that_has_a_torchaudio() -> None:
    with_audio = newest_wheel(vendor="nvidia", cc="12.0", platform=LINUX, torchaudio=True)
    assert build(with_audio) == "2.14.1+cu130"
    assert chosen(with_audio).install == "pip install torch==2.14.1 torchaudio==2.11.0"
    no = refused(
        newest_wheel(vendor="nvidia", cc="12.0", platform=LINUX, torch_min="2.15", torchaudio=True)
    )
    assert no.reason == "torchaudio"


@pytest.mark.parametrize(
    ("torch", "variant", "platform", "torchaudio"),
    [
        ("2.0.0", "cu118", LINUX, "2.0.1"),
        ("2.0.1", "cu117", LINUX, "2.0.2"),
        ("2.8.0", "cu128", WINDOWS, "2.8.0"),
        ("2.11.0", "rocm7.2", LINUX, "2.11.0"),
        ("2.12.1", "rocm7.2", LINUX, None),
        ("2.14.1", "cu126", WINDOWS, "2.11.0"),
        ("2.14.1", "cu132", LINUX, None),
        ("2.15.0", "cpu", WINDOWS, "2.11.0"),
        ("2.15.0", "mps", MAC, "2.11.0"),
        ("2.14.1", "cu130", ARM, "2.11.0"),
        ("2.14.1", "cu126", ARM, None),
        ("2.9.1", "cu130", ARM, None),
        ("9.9.9", "cu130", ARM, None),
    ],
)
def test_torchaudio(torch: str, variant: str, platform: str, torchaudio: str | None) -> None:
    assert torchaudio_for(torch, variant, platform) == torchaudio


def test_an_old_driver_leads_to_an_older_build() -> None:
    def rtx_3090(driver: str, torch_min: str | None = None) -> WheelChoice | NoWheel:
        return newest_wheel(
            vendor="nvidia", cc="8.6", platform=LINUX, driver=driver, torch_min=torch_min
        )

    choice = chosen(rtx_3090("470.256.02"))
    assert (choice.torch, choice.variant) == ("2.7.1", "cu118")
    assert choice.driver_min == "455"
    assert build(rtx_3090("560.35.05")) == "2.14.1+cu126"
    assert build(rtx_3090("580.95.05")) == "2.15.0+cu132"
    no = refused(rtx_3090("470.256.02", "2.8"))
    assert no.reason == "driver_too_old"
    assert no.params["floor"] == "525.60.13"
    assert no.params["newest"] == "2.7.1+cu118"
    ancient = refused(rtx_3090("390.157"))
    assert ancient.reason == "driver_too_old"
    assert "newest" not in ancient.params


def test_a_driver_older_than_the_card_runs_nothing_on_it() -> None:
    no = refused(newest_wheel(vendor="nvidia", cc="8.9", platform=LINUX, driver="470.256.02"))
    assert (no.reason, no.params["floor"]) == ("driver_too_old", "520")
    assert "newest" not in no.params
    found = judge_installed(
        torch="2.8.0+cu128", platform=WINDOWS, cc="12.0", driver="551.86"
    )  # CUDA 12's floor is met, but R550 knows no Blackwell
    assert (found.status, found.driver_min) == ("driver_too_old", "570")


def test_python() -> None:
    no = refused(
        newest_wheel(
            vendor="nvidia",
            cc="8.6",
            platform=LINUX,
            python="3.13",
            torch_min="2.4",
            torch_below="2.5",
        )
    )
    assert no.reason == "python"
    assert (no.params["python_min"], no.params["python_max"]) == ("3.8", "3.12")
    old = newest_wheel(vendor="nvidia", cc="8.6", platform=LINUX, python="3.10.12")
    assert build(old) == "2.14.1+cu130"
    assert wheels_for(cc="8.6", platform=LINUX, python="3.8")[0].release == "2.4"


def test_bounds_and_variant() -> None:
    def ask(low: str | None = None, below: str | None = None, only: str | None = None) -> str:
        answer = newest_wheel(
            vendor="nvidia",
            cc="8.6",
            platform=LINUX,
            torch_min=low,
            torch_below=below,
            only_variant=only,
        )
        return build(answer) if isinstance(answer, WheelChoice) else answer.reason

    assert ask(below="2.14.1") == "2.14.0+cu130"
    assert ask(only="cu126") == "2.14.1+cu126"
    assert ask(low="2.5.1", below="2.6") == "2.5.1+cu124"
    assert ask(low="3.0") == "torch"
    assert ask(only="cu999") == "torch"
    assert ask(low="2.15", only="cu130") == "unconfirmed"


def test_unknown_gpu_and_platform() -> None:
    assert refused(newest_wheel(vendor="nvidia", platform=LINUX)).reason == "unknown_gpu"
    assert refused(newest_wheel(vendor="amd", platform=LINUX)).reason == "unknown_gpu"
    assert refused(newest_wheel(vendor="intel", platform=LINUX)).reason == "unknown_gpu"
    no = refused(newest_wheel(vendor="nvidia", cc="8.6", platform="windows-arm64"))
    assert no.reason == "platform"
    assert refused(newest_wheel(vendor="apple", platform=LINUX)).reason == "platform"


def test_amd() -> None:
    choice = chosen(newest_wheel(vendor="amd", gfx="gfx1100", platform=LINUX))
    assert (choice.torch, choice.variant) == ("2.14.1", "rocm7.14")
    assert choice.index_url == "https://download.pytorch.org/whl/rocm7.14"
    assert choice.driver_min is None
    vega = newest_wheel(vendor="amd", gfx="gfx906", platform=LINUX)
    assert build(vega) == "2.14.1+rocm7.2"
    unread = newest_wheel(vendor="amd", gfx="gfx1100", platform=LINUX, torch_min="2.15")
    assert refused(unread).reason == "unconfirmed"
    windows = refused(newest_wheel(vendor="amd", gfx="gfx1100", platform=WINDOWS))
    assert windows.reason == "platform"
    assert "AMD's own wheel index" in windows.params["elsewhere"]
    rx_6600 = refused(newest_wheel(vendor="amd", gfx="gfx1032", platform=LINUX))
    assert rx_6600.reason == "no_kernels"
    assert "HSA_OVERRIDE_GFX_VERSION" in rx_6600.params["elsewhere"]


def test_mac() -> None:
    m4 = chosen(newest_wheel(vendor="apple", platform=MAC, macos="15.1"))
    assert (m4.torch, m4.variant, m4.index_url) == ("2.15.0", "mps", None)
    assert build(newest_wheel(vendor="apple", platform=MAC, macos="13.6")) == "2.11.0+mps"
    no = refused(newest_wheel(vendor="apple", platform=MAC, macos="13.6", torch_min="2.12"))
    assert (no.reason, no.params["macos_min"]) == ("macos", "14.0")
    assert build(newest_wheel(vendor="cpu", platform=INTEL_MAC, macos="13")) == "2.2.2+cpu"
    assert refused(newest_wheel(vendor="apple", platform=INTEL_MAC)).reason == "platform"


def test_cpu() -> None:
    linux = chosen(newest_wheel(vendor="cpu", platform=LINUX))
    assert linux.index_url == "https://download.pytorch.org/whl/cpu"
    windows = chosen(newest_wheel(vendor="cpu", platform=WINDOWS))
    assert windows.install == "pip install torch==2.15.0 torchaudio==2.11.0"
    assert build(newest_wheel(vendor="cpu", platform=MAC)) == "2.15.0+mps"


def test_jetson() -> None:
    assert refused(newest_wheel(vendor="nvidia", cc="8.7", platform=ARM)).reason == "no_kernels"
    assert wheels_for(cc="8.7", platform=ARM) == []
    assert build(newest_wheel(vendor="nvidia", cc="11.0", platform=ARM)) == "2.15.0+cu132"


def test_wheels_for_never_names_an_unconfirmed_build() -> None:
    assert all(row.cert != "unconfirmed" for row in wheels_for(cc="12.0", platform=LINUX))
    assert wheels_for(cc="13.0", platform=LINUX) == []


@given(
    st.sampled_from(CARDS),
    st.sampled_from([LINUX, WINDOWS, ARM]),
    st.integers(300, 700),
    st.integers(0, 200),
)
def test_a_newer_driver_never_gets_an_older_torch(
    cc: str, platform: str, major: int, step: int
) -> None:
    def torch(driver: int) -> tuple[int, ...]:
        answer = newest_wheel(vendor="nvidia", cc=cc, platform=platform, driver=f"{driver}.10")
        return parse_version(answer.torch) if isinstance(answer, WheelChoice) else ()

    assert torch(major) <= torch(major + step)


# --- the torch that is installed ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("torch", "platform", "cc", "status"),
    [
        ("2.8.0+cu126", WINDOWS, "5.0", "no_kernels"),
        ("2.9.1+cu126", WINDOWS, "5.0", "ok"),
        ("2.7.1+cu128", WINDOWS, "5.0", "ok"),
        ("2.8.0+cu128", LINUX, "6.0", "no_kernels"),
        ("2.8.0+cu126", LINUX, "6.0", "ok"),
        ("2.8.0+cu128", WINDOWS, "6.1", "ok"),
        ("2.8.0+cu128", LINUX, "6.1", "no_kernels"),
        ("2.8.0", LINUX, "6.1", "no_kernels"),
        ("2.11.0+cu130", LINUX, "7.0", "no_kernels"),
        ("2.10.0+cu128", LINUX, "7.0", "ok"),
        ("2.6.0+cu124", WINDOWS, "12.0", "no_kernels"),
        ("2.15.0", LINUX, "12.0", "ok"),
        ("2.13", LINUX, "8.6", "ok"),
        ("2.0.1+cu117.with.pypi.cudnn", LINUX, "8.6", "ok"),
        ("2.14.1", ARM, "8.7", "no_kernels"),
        ("2.8.0+cpu", WINDOWS, "8.6", "cpu_build"),
        ("2.8.0", WINDOWS, "8.6", "cpu_build"),
        ("9.0.0+cpu", WINDOWS, "8.6", "cpu_build"),
        ("2.8.0+rocm6.4", LINUX, "8.6", "wrong_vendor"),
        ("2.8.0+xpu", LINUX, "8.6", "wrong_vendor"),
    ],
)
def test_installed(torch: str, platform: str, cc: str, status: str) -> None:
    assert judge_installed(torch=torch, platform=platform, cc=cc).status == status


@pytest.mark.parametrize(
    ("torch", "platform", "cc", "reason"),
    [
        ("2.16.0", LINUX, "8.6", "not_in_table"),
        ("2.16.0+cu132", LINUX, "8.6", "not_in_table"),
        ("2.14.2+cu130", LINUX, "8.6", "not_in_table"),
        ("1.13.1+cu117", LINUX, "8.6", "not_in_table"),
        ("2.14.1+cu129", LINUX, "8.6", "not_in_table"),
        ("2.13.0a0", LINUX, "8.6", "not_in_table"),
        ("rubbish", LINUX, "8.6", "not_in_table"),
        ("2.13.0", "windows-arm64", "8.6", "not_in_table"),
        ("2.8.0a0+5228986c39.nv25.05", LINUX, "8.6", "custom_build"),
        ("2.8.0+git1234", LINUX, "8.6", "custom_build"),
        ("2.15.0+cu130", LINUX, "8.6", "unconfirmed"),
        ("2.15.0+cu134", LINUX, None, "unconfirmed"),
        ("2.10.0+cu130", LINUX, "13.0", "ptx_only"),
        ("2.10.0+cu130", LINUX, None, "unknown_gpu"),
    ],
)
def test_installed_unknown(torch: str, platform: str, cc: str | None, reason: str) -> None:
    verdict = judge_installed(torch=torch, platform=platform, cc=cc)
    assert (verdict.status, verdict.reason) == ("unknown", reason)


def test_installed_driver() -> None:
    verdict = judge_installed(torch="2.8.0+cu126", platform=WINDOWS, cc="8.6", driver="516.94")
    assert verdict.status == "driver_too_old"
    assert verdict.driver_min == "528.33"
    assert "8.6" in verdict.archs
    assert verdict.sources
    unsure = judge_installed(torch="2.15.0+cu130", platform=LINUX, cc="8.6", driver="470.1")
    assert unsure.status == "driver_too_old"
    fine = judge_installed(torch="2.8.0+cu126", platform=WINDOWS, cc="8.6", driver="572.16")
    assert (fine.status, fine.variant) == ("ok", "cu126")


def test_installed_beside_other_vendors() -> None:
    def amd(torch: str, platform: str = LINUX, gfx: str | None = "gfx1100") -> InstalledVerdict:
        return judge_installed(torch=torch, platform=platform, vendor="amd", gfx=gfx)

    assert amd("2.8.0+cu128").status == "wrong_vendor"
    assert amd("2.8.0").status == "wrong_vendor"
    assert amd("2.8.0+rocm6.4").status == "ok"
    assert amd("2.8.0+rocm6.4", gfx="gfx1032").status == "no_kernels"
    assert amd("2.8.0+rocm6.4", gfx=None).reason == "unknown_gpu"
    assert amd("2.8.0+rocm6.4", WINDOWS).reason == "not_in_table"
    assert amd("2.8.0+rocm9.9").reason == "not_in_table"
    assert amd("2.15.0+rocm7.14").reason == "unconfirmed"
    m4 = judge_installed(torch="2.13.0", platform=MAC, vendor="apple")
    assert (m4.status, m4.variant) == ("ok", "mps")
    arc = judge_installed(torch="2.13.0+xpu", platform=LINUX, vendor="intel")
    assert arc.reason == "not_in_table"
    assert judge_installed(torch="2.3.0", platform=INTEL_MAC, vendor="amd").status == "unknown"


@given(
    st.integers(0, 20), st.integers(0, 5), st.sampled_from(["", "+cu126", "+cu130", "+cu134"]),
    st.sampled_from(CARDS), st.sampled_from([LINUX, WINDOWS, ARM]),
)  # fmt: skip
def test_ok_only_with_a_confirmed_row(
    minor: int, patch: int, tag: str, cc: str, platform: str
) -> None:
    verdict = judge_installed(torch=f"2.{minor}.{patch}{tag}", platform=platform, cc=cc)
    if verdict.status == "ok":
        rows = [(row.release, row.variant) for row in wheels_for(cc=cc, platform=platform)]
        assert (f"2.{minor}", verdict.variant) in rows


# --- the table ----------------------------------------------------------------------------------


def test_table_is_in_order_and_whole() -> None:
    table = wheels.table()
    lines = [parse_version(release.release) for release in table.releases]
    assert lines == sorted(lines, reverse=True)
    since = [parse_version(row.since) for row in table.rocm]
    assert since == sorted(since)
    keys = {(row.release, row.variant, row.platform) for row in table.wheels}
    assert len(keys) == len(table.wheels)
    for release in table.releases:
        assert release.newest == release.versions[-1]
        assert all(version.startswith(release.release + ".") for version in release.versions)
        for platform in (LINUX, ARM):
            default = release.default[platform]
            assert default == "cpu" or (release.release, default, platform) in keys
    used = set(table.torchaudio.sources)
    for rows in (table.releases, table.wheels, table.rocm, table.elsewhere):
        used |= {key for row in rows for key in row.sources}
    assert used == set(table.sources)


def test_every_certain_row_names_a_source() -> None:
    table = wheels.table()
    for rows in (table.wheels, table.rocm):
        assert all(row.sources or row.cert == "unconfirmed" for row in rows)

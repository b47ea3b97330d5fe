"""What must hold of forecast.json."""

from __future__ import annotations

import math

import msgspec
import pytest

from vcf.catalogue.constants import PATH, Constants, Kernels, Spread, constants
from vcf.catalogue.load import load_catalogue

TABLE = constants()
FAMILIES = [(name, kind) for name, kinds in TABLE.kernels.items() for kind in kinds]
KINDS = ("cpu", "nvidia", "amd", "intel", "apple")
FIELDS = set(Kernels.__struct_fields__)


def test_the_file_is_read_as_it_is() -> None:
    assert constants() is TABLE
    given = msgspec.json.decode(PATH.read_bytes())
    assert set(given) == set(Constants.__struct_fields__)
    assert {
        f for kinds in given["kernels"].values() for own in kinds.values() for f in own
    } <= FIELDS
    assert msgspec.to_builtins(TABLE)["kernels"].keys() == given["kernels"].keys()
    assert (TABLE.schema, TABLE.fitted[:2]) == ("vcf.forecast/1", "20")
    assert TABLE.reports > 40


@pytest.mark.parametrize(("name", "kind"), FAMILIES)
def test_kernels_are_sane(name: str, kind: str) -> None:
    kernels = TABLE.kernels[name][kind]  # type: ignore[index]
    for share in (kernels.bandwidth, kernels.skinny, kernels.wide, kernels.conv):
        assert 0 < share <= 1
    # large matrices are worked through better than small ones, long signals worse
    assert kernels.conv < kernels.skinny <= kernels.wide
    assert 1 <= kernels.tile_rows <= 64
    assert 0 < kernels.launch_us < 200
    assert kernels.compiled_us is None or 0 < kernels.compiled_us < kernels.launch_us
    assert 0 < kernels.request_s < 2
    assert kernels.cache_bytes > 0
    assert all(ops > 0 for ops in kernels.cache_ops.values())
    # only PyTorch attends over all that is allocated
    assert bool(kernels.cache_ops) == (name == "torch")


@pytest.mark.parametrize(
    ("shape", "field"),
    [("matvec", "skinny"), ("skinny", "skinny"), ("wide", "wide"), ("conv", "conv"),
     ("cache", "skinny")],
)  # fmt: skip
def test_each_shape_has_its_share(shape: str, field: str) -> None:
    for name, kind in FAMILIES:
        kernels = TABLE.kernels[name][kind]  # type: ignore[index]
        assert kernels.share(shape) == getattr(kernels, field)  # type: ignore[arg-type]


def test_processors_compile_nothing_and_apple_neither() -> None:
    for name, kind in FAMILIES:
        compiled = TABLE.kernels[name][kind].compiled_us  # type: ignore[index]
        assert (compiled is not None) == (name == "torch" and kind in ("nvidia", "amd", "intel"))


def test_makers_without_a_report_are_taken_to_be_slower() -> None:
    for name in ("torch", "ggml", "graph"):
        known = TABLE.kernels[name]["nvidia"]
        for kind in ("amd", "intel"):
            other = TABLE.kernels[name][kind]  # type: ignore[index]
            assert other.bandwidth < known.bandwidth and other.skinny < known.skinny
            assert other.launch_us > known.launch_us


def test_factors_are_of_runtimes_and_moderate() -> None:
    assert set(TABLE.factors) <= set(load_catalogue().runtimes)
    assert all(0.4 < factor < 2.5 for factor in TABLE.factors.values())
    assert 1 <= TABLE.windows_launch < 4
    assert 0 < TABLE.host_exponent < 1
    assert 0 < TABLE.emulated_bf16 < 1


# ---- ranges -----------------------------------------------------------------------------------


def test_every_range_holds_the_middle() -> None:
    for name, spread in TABLE.spreads.items():
        assert 0.2 < spread.low < 1 < spread.high < 5, name
        assert spread.low == pytest.approx(1 / spread.high, rel=0.01), name
        assert spread.reports >= 0
    families = {f"{name}.{kind}" for name, kind in FAMILIES}
    assert set(TABLE.spreads) <= families | {*KINDS, "unlisted"}
    assert {*KINDS, "unlisted"} <= set(TABLE.spreads)
    assert sum(spread.reports for spread in TABLE.spreads.values()) == TABLE.reports


@pytest.mark.parametrize(("name", "kind"), FAMILIES)
def test_a_device_that_is_not_listed_has_no_narrower_range(name: str, kind: str) -> None:
    listed, unlisted = (
        TABLE.spread(name, kind, listed=known)  # type: ignore[arg-type]
        for known in (True, False)
    )
    assert unlisted.low <= listed.low < 1 < listed.high <= unlisted.high
    assert unlisted.low <= TABLE.spreads["unlisted"].low
    own = TABLE.spreads.get(f"{name}.{kind}")
    assert listed == (own or TABLE.spreads[kind])
    assert unlisted.reports == listed.reports


@pytest.mark.parametrize("kind", KINDS)
def test_kernels_that_nobody_reported_of_have_the_range_of_the_device(kind: str) -> None:
    assert TABLE.spread("unheard-of", kind, listed=True) == TABLE.spreads[kind]  # type: ignore[arg-type]


def test_the_wider_end_of_either_counts() -> None:
    odd = msgspec.structs.replace(
        TABLE,
        spreads={"cpu": Spread(low=0.1, high=1.1), "unlisted": Spread(low=0.5, high=2)},
    )
    found = odd.spread("torch", "cpu", listed=False)
    assert (found.low, found.high) == (0.1, 2)


def test_vendors_without_a_speed_have_wider_ranges_than_the_rest() -> None:
    def width(name: str) -> float:
        return math.log(TABLE.spreads[name].high / TABLE.spreads[name].low)

    assert min(width("amd"), width("intel")) >= max(width("nvidia"), width("cpu"))


# ---- origins ----------------------------------------------------------------------------------


def test_origins_are_of_figures_that_exist() -> None:
    assert set(TABLE.origins.values()) == {"fitted", "measured", "set"}
    for key in TABLE.origins:
        name, kind, field = key.split(".")
        assert (name, kind) in FAMILIES and field in FIELDS


def test_nobody_s_speed_is_called_fitted() -> None:
    """Nothing of AMD and Intel was fitted; a cache on processors was measured."""
    for key, origin in TABLE.origins.items():
        _, kind, field = key.split(".")
        if kind in ("amd", "intel") and field != "cache_ops":  # the same as NVIDIA's
            assert origin == "set"
        if kind == "cpu":
            assert origin == ("measured" if field == "cache_ops" else "fitted")

"""Helpers for every test: the shipped catalogue, and machines written in a few lines."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings

from vcf.catalogue.load import load_catalogue
from vcf.catalogue.model import Catalogue
from vcf.machine.load import read_machine
from vcf.machine.model import Machine

settings.register_profile(
    "vcf", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", settings.get_profile("vcf"), derandomize=False)
settings.load_profile("vcf")  # the same examples in every run: a change is red or it is not.
# New ones: pytest --hypothesis-profile=explore


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue that vcf ships."""
    return load_catalogue()


@pytest.fixture(scope="session")
def machine_of() -> Callable[[str], Machine]:
    """A machine from the text of a machine file, named ``desk``."""
    return lambda text: read_machine(text, "desk.yaml")


@pytest.fixture(autouse=True)
def _plain_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """No setting of the person who runs the tests may colour or translate what they see, and
    nothing that was measured on their computer counts."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "VCF_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VCF_DATA_DIR", str(tmp_path_factory.getbasetemp() / "nothing-stored"))
    yield


@pytest.fixture(autouse=True, scope="session")
def _signals() -> Iterator[None]:
    """Programs started here obey SIGHUP and SIGINT, also where the tests themselves run under
    nohup or in the background of a shell, which has them ignored."""
    known = [getattr(signal, name) for name in ("SIGHUP", "SIGINT") if hasattr(signal, name)]
    ignored = [number for number in known if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)

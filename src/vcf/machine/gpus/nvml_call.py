"""The live call ``nvml``: every NVIDIA GPU by the driver's management library, as plain data."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from ..host import Unanswered

WSL_LIBRARY = "/usr/lib/wsl/lib/libnvidia-ml.so.1"
_MEM_CLOCK = 2  # NVML_CLOCK_MEM


def _error_name(error: Exception) -> str:
    name = type(error).__name__.removeprefix("NVMLError_")
    return name.replace("LibRMVersionMismatch", "LibRmVersionMismatch")


def _load(library: str = WSL_LIBRARY) -> Any:
    """The bindings. In WSL the library of Windows' driver is loaded first, by its path: it may
    be off the loader's path, or behind the stub of a Linux driver package."""
    if sys.platform == "linux" and os.access(library, os.F_OK):
        importlib.import_module("ctypes").CDLL(library)
    return importlib.import_module("pynvml")


def _ask(nvml: Any, function: str, *arguments: Any) -> Any:
    """The answer to one query, or ``{"error": name}`` in its place."""
    try:
        answer = getattr(nvml, function)(*arguments)
    except (nvml.NVMLError, AttributeError) as error:
        return {"error": _error_name(error)}
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _memory(nvml: Any, handle: Any) -> dict[str, Any]:
    """Version 2 tells reserved memory apart; version 1, of older drivers, counts it as used."""
    version = getattr(nvml, "nvmlMemory_v2", None)
    memory = {"error": "NotSupported"}
    if version is not None:
        memory = _ask(nvml, "nvmlDeviceGetMemoryInfo", handle, version)
    if isinstance(memory, dict):
        memory = _ask(nvml, "nvmlDeviceGetMemoryInfo", handle)
    if isinstance(memory, dict):
        return memory
    fields = ("total", "free", "used", "reserved")
    return {field: int(getattr(memory, field)) for field in fields if hasattr(memory, field)}


def _pci(nvml: Any, handle: Any) -> dict[str, Any]:
    info = _ask(nvml, "nvmlDeviceGetPciInfo", handle)
    if isinstance(info, dict):
        return {"bus": info, "pci_device_id": info, "pci_subsystem": info}
    bus = info.busId.decode() if isinstance(info.busId, bytes) else str(info.busId)

    def id_text(number: int) -> str:
        return f"{number & 0xFFFF:04x}:{number >> 16 & 0xFFFF:04x}"

    return {
        "bus": bus,
        "pci_device_id": id_text(info.pciDeviceId),
        "pci_subsystem": id_text(info.pciSubSystemId),
    }


def _instances(nvml: Any, handle: Any) -> list[Any] | None:
    """The MIG instances of a card in MIG mode; None when it is not in that mode."""
    mode = _ask(nvml, "nvmlDeviceGetMigMode", handle)
    if isinstance(mode, dict) or not mode[0]:
        return None
    count = _ask(nvml, "nvmlDeviceGetMaxMigDeviceCount", handle)
    slots = range(0 if isinstance(count, dict) else count)
    found = [_ask(nvml, "nvmlDeviceGetMigDeviceHandleByIndex", handle, slot) for slot in slots]
    return [instance for instance in found if not isinstance(instance, dict)]


def _device(nvml: Any, index: int) -> list[dict[str, Any]]:
    handle = _ask(nvml, "nvmlDeviceGetHandleByIndex", index)
    if isinstance(handle, dict):
        return [{"index": index, **handle}]
    cc = _ask(nvml, "nvmlDeviceGetCudaComputeCapability", handle)
    card = {
        "index": index,
        "name": _ask(nvml, "nvmlDeviceGetName", handle),
        "mig": False,
        **_pci(nvml, handle),
        "memory": _memory(nvml, handle),
        "cc": cc if isinstance(cc, dict) else list(cc),
        "bus_width": _ask(nvml, "nvmlDeviceGetMemoryBusWidth", handle),
        "mem_clock_mhz": _ask(nvml, "nvmlDeviceGetMaxClockInfo", handle, _MEM_CLOCK),
    }
    instances = _instances(nvml, handle)
    if instances is None:
        return [card]
    if not instances:
        return [{**card, "mig_instances": 0}]
    return [
        {
            **card,
            "mig": True,
            "name": _ask(nvml, "nvmlDeviceGetName", instance),
            "memory": _memory(nvml, instance),
        }
        for instance in instances
    ]


def call() -> dict[str, Any]:
    """Every NVIDIA GPU as plain data, without serial numbers and UUIDs.

    Raises Unanswered with NVML's name of the error when the library or the driver is missing.
    """
    nvml = _load()
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        raise Unanswered(_error_name(error)) from None
    try:
        count = _ask(nvml, "nvmlDeviceGetCount")
        if isinstance(count, dict):
            raise Unanswered(str(count["error"]))
        cuda = _ask(nvml, "nvmlSystemGetCudaDriverVersion_v2")
        return {
            "driver": _ask(nvml, "nvmlSystemGetDriverVersion"),
            "cuda": cuda,
            "devices": [card for index in range(count) for card in _device(nvml, index)],
        }
    finally:
        nvml.nvmlShutdown()  # an open handle would keep a laptop's card awake

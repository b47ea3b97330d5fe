"""``probe --deep``: ask torch itself, in a child process that may hang or crash.

A broken driver can take the whole process down with it, so torch is never imported here.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from .child import end, start

DEEP_SECONDS = 60.0
"""The first import of torch from a slow disk takes half a minute."""
MARK = "vcf-deep:"
"""Begins the line of the answer; whatever else the child prints is chatter."""

CHILD = r"""
import json
def told(function, *arguments):
    try:
        return function(*arguments)
    except BaseException as error:  # some packages call sys.exit when they miss something
        return {"error": f"{type(error).__name__}: {error}"[:300]}
def say(answer):
    print("\nvcf-deep:" + json.dumps(answer), flush=True)
def devices(api):
    found = []
    for index in range(api.device_count()):
        item = api.get_device_properties(index)
        major, minor = getattr(item, "major", None), getattr(item, "minor", None)
        found.append({
            "name": item.name,
            "cc": f"{major}.{minor}" if major is not None and minor is not None else None,
            "gfx": getattr(item, "gcnArchName", "").partition(":")[0] or None,
            "total_bytes": item.total_memory,
        })
    return found
def isa():
    import cpuinfo
    info = cpuinfo.get_cpu_info()
    return {"model": info.get("brand_raw"), "flags": sorted(info.get("flags", []))}
def imported(name):
    import importlib
    module = importlib.import_module(name)
    return {"version": str(getattr(module, "__version__", ""))}
def main():
    import importlib.util
    import torch
    cuda, mps = torch.cuda, getattr(torch.backends, "mps", None)
    xpu = getattr(torch, "xpu", None)
    answer = {
        "torch": str(torch.__version__),
        "cuda": torch.version.cuda,
        "hip": getattr(torch.version, "hip", None),
        "available": told(cuda.is_available),
        "devices": told(devices, cuda),
        "arch_list": told(cuda.get_arch_list),
        "bf16": told(lambda: cuda.is_available() and cuda.is_bf16_supported()),
        "mps": told(lambda: bool(mps is not None and mps.is_available())),
        "xpu": told(lambda: devices(xpu) if xpu is not None and xpu.is_available() else []),
        "compile": importlib.util.find_spec("triton") is not None,
        "cpu_capability": told(lambda: torch.backends.cpu.get_cpu_capability()),
    }
    if ASK_ISA:
        answer["cpu"] = told(isa)
    wanted = [name for name in IMPORTS if importlib.util.find_spec(name)]
    if wanted:
        answer["imports"] = {}
    for name in wanted:
        say({**answer, "pending": name})  # should the import end the process, this is the answer
        answer["imports"][name] = told(imported, name)
    say(answer)
if __name__ == "__main__":
    main()
"""


def ask_torch(
    python: str | None = None,
    seconds: float = DEEP_SECONDS,
    *,
    isa: bool = False,
    imports: Sequence[str] = (),
) -> dict[str, Any]:
    """What torch says of itself and its devices, or ``{"error": why}``; never raises.

    ``isa``: ask py-cpuinfo for the instruction sets too (1.2 s more), where the system has no
    cheaper call. ``imports``: also import these packages where they are installed; the answer's
    ``imports`` holds ``{"version": …}`` or ``{"error": …}`` for each.
    """
    code = f"ASK_ISA = {isa}\nIMPORTS = {tuple(imports)!r}\n{CHILD}"
    command = [python or sys.executable, "-W", "ignore", "-c", code]
    try:
        child = start(command)
    except OSError as error:
        return {"error": f"{command[0]}: {error.strerror}"}
    try:
        out, err = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as late:
        end(child)
        said = (late.stdout or b"").decode("utf-8", "replace")
        return parse_answer(said, "", 0, f"no answer in {seconds:g} s")
    return parse_answer(out.decode("utf-8", "replace"), err.decode("utf-8", "replace"),
                        child.returncode)  # fmt: skip


def parse_answer(out: str, err: str, status: int, late: str | None = None) -> dict[str, Any]:
    """The answer in what the child printed, or the reason why there is none.

    ``late``: why it was stopped. An import that ended the child, or was still going on then, is
    answered with that reason; what was asked before it counts.
    """
    why = late or _end_of(status, err)
    lines = [line for line in out.splitlines() if line.startswith(MARK)]
    if lines:
        try:
            answer = json.loads(lines[-1][len(MARK) :])
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            return {"error": "the answer is not JSON"}
        pending = answer.pop("pending", None)
        if pending is not None and isinstance(answer.get("imports"), dict):
            answer["imports"][str(pending)] = {"error": why}
        return answer
    return {"error": why if late or status >= 0 else f"torch {why}"}


def _end_of(status: int, err: str) -> str:
    """How a child ended that gave no answer."""
    if status < 0:
        return f"ended the process by signal {-status} ({_signal(-status)})"
    last = next((line.strip() for line in reversed(err.splitlines()) if line.strip()), "")
    return last[:300] or f"no answer, exit status {status}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"

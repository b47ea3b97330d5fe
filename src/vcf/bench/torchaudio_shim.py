"""Lets ``import torchaudio`` work where its compiled part can't load beside the installed torch.

Why: PyPI's torchaudio is built for CUDA. Beside a CPU build of torch its library asks for
``libtorch_cuda.so``, which is not there, and the import ends in OSError; so does ``import
voxcpm``, which imports torchaudio first of all. Seen with torch 2.13.0+cpu and torchaudio
2.11.0 on Linux::

    File ".../torchaudio/_extension/utils.py", line 56, in _load_lib
    OSError: Could not load this library: .../torchaudio/lib/_torchaudio.abi3.so

The remedy for users is to take all of them from one index::

    pip install torch torchaudio torchcodec --index-url https://download.pytorch.org/whl/cpu

Where that is not to be had (an offline mirror, a machine whose packages are not ours to change)
torchaudio can do without: ``torchaudio._extension`` asks ``_load_lib`` whether there is a
compiled part, takes no for an answer, and goes on in pure Python. Here a library that is there
but does not load counts as one that is not there. No file is changed, and where the library
loads nothing is.

``torchaudio.load``, with which voxcpm reads ``prompt_wav_path`` for VoxCPM-0.5B and 1.5, is a
second matter: since torchaudio 2.9 it needs torchcodec, of which PyPI's is built for CUDA as
well, and FFmpeg's libraries. On request soundfile reads in its place where torchcodec does not
load. VoxCPM2 reads its clips with librosa and needs neither.

For a child process: ``python torchaudio_shim.py [--soundfile] script.py arguments…``. This file
uses nothing but the standard library, so any Python runs it, vcf installed or not.
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

COMPILED = "torchaudio._extension.utils"
"""The module of torchaudio that loads its compiled part."""

READER = "torchaudio._torchcodec"
"""The module of torchaudio that reads files, from 2.9 on."""

_MARK = "_vcf_failures"
_read: list[str] = []
"""Files that soundfile has read in torchcodec's place."""


def spare_torchaudio(*, soundfile: bool = False) -> None:
    """From now on ``import torchaudio`` bears a compiled part that does not load.

    ``soundfile``: and ``torchaudio.load`` reads with it where torchcodec can't load.
    To be called before the first import; after one that failed does as well. Where torchaudio
    is imported already nothing happens. Imports nothing itself.
    """
    if "torchaudio" in sys.modules:
        return
    changes: dict[str, Callable[[ModuleType], None]] = {COMPILED: _bear_missing_library}
    if soundfile:
        changes[READER] = _read_with_soundfile
    for name, change in changes.items():
        if name in sys.modules:  # left over from an import that failed
            change(sys.modules[name])
    sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, _Finder)]
    sys.meta_path.insert(0, _Finder(changes))


def is_spared() -> bool:
    """Whether torchaudio was imported without its compiled part, thanks to spare_torchaudio."""
    known = sys.modules.get(COMPILED)
    return bool(getattr(getattr(known, "_load_lib", None), _MARK, []))


def soundfile_stood_in() -> bool:
    """Whether soundfile has read a file in torchcodec's place."""
    return bool(_read)


def _bear_missing_library(module: ModuleType) -> None:
    """Replace the module's ``_load_lib`` by one to which a library that fails is none."""
    asked: Any = module
    load: Callable[[str], bool] | None = getattr(asked, "_load_lib", None)
    if load is None or hasattr(load, _MARK):  # releases may differ
        return
    failures: list[OSError] = []

    @functools.wraps(load)
    def bearing(lib: str) -> bool:
        try:
            return load(lib)
        except OSError as error:
            failures.append(error)
            return False

    setattr(bearing, _MARK, failures)
    asked._load_lib = bearing


def _read_with_soundfile(module: ModuleType) -> None:
    """Replace the module's reader by one that asks soundfile where torchcodec does not load."""
    asked: Any = module
    real: Callable[..., tuple[Any, int]] | None = getattr(asked, "load_with_torchcodec", None)
    if real is None:
        return

    @functools.wraps(real)
    def reading(uri: Any, *args: Any, **kwargs: Any) -> tuple[Any, int]:
        try:
            return real(uri, *args, **kwargs)
        except (ImportError, OSError, RuntimeError) as error:
            if not _could_not_load(error):
                raise  # the file is at fault
            found = _soundfile(uri)
            _read.append(str(uri))
            return found

    asked.load_with_torchcodec = reading


def _could_not_load(error: Exception) -> bool:
    """ImportError: no torchcodec. "Could not load this library": built for CUDA, says torch.

    "Could not load libtorchcodec": none of FFmpeg's libraries, says torchcodec at its import or,
    from about 0.17 on, at the first use.
    """
    return isinstance(error, ImportError) or "Could not load" in str(error)


def _soundfile(uri: Any) -> tuple[Any, int]:
    """Like torchaudio.load: float32 samples of shape (channels, frames), and their rate in Hz.

    Raises ImportError: no soundfile; its own error where the file is no audio that it knows.
    """
    soundfile: Any = importlib.import_module("soundfile")
    torch: Any = importlib.import_module("torch")
    samples, rate = soundfile.read(uri, dtype="float32", always_2d=True)
    return torch.from_numpy(samples.T.copy()), int(rate)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds some modules as Python does, and has them changed right after they were executed."""

    def __init__(self, changes: Mapping[str, Callable[[ModuleType], None]]) -> None:
        self._changes = changes

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """None for every module that is to stay as it is."""
        change = self._changes.get(fullname)
        if change is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, change)
        return spec


class _Loader(importlib.abc.Loader):
    """Another loader, with a change at its end."""

    def __init__(self, real: Any, change: Callable[[ModuleType], None]) -> None:
        self._real = real
        self._change = change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)  # get_source and the like: for tracebacks

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the real one does."""
        made: ModuleType | None = self._real.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module, then change it."""
        self._real.exec_module(module)
        self._change(module)


def command(
    script: Path, *arguments: str, soundfile: bool = False, python: str = sys.executable
) -> list[str]:
    """The command that runs a script with torchaudio spared, in any environment."""
    options = ["--soundfile"] if soundfile else []
    return [python, str(Path(__file__).resolve()), *options, str(script), *arguments]


def main() -> None:
    """Run the script of the command line as ``python script.py`` would."""
    arguments = sys.argv[1:]
    soundfile = arguments[:1] == ["--soundfile"]
    arguments = arguments[soundfile:]
    if not arguments:
        sys.exit("usage: python torchaudio_shim.py [--soundfile] script.py [arguments]")
    script = Path(arguments[0])
    sys.argv = arguments
    sys.path[0] = str(script.resolve().parent)  # was this file's folder
    spare_torchaudio(soundfile=soundfile)
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    main()

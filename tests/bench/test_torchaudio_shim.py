"""The shim around torchaudio, on a torchaudio of a few lines that asks as the real one does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vcf.bench import torchaudio_shim
from vcf.bench.torchaudio_shim import command, is_spared, spare_torchaudio

FILES = {
    "torchaudio/__init__.py": (
        "from ._extension import AVAILABLE\n"
        "from ._torchcodec import load_with_torchcodec\n"
        "def load(uri): return load_with_torchcodec(uri)\n"
    ),
    "torchaudio/_extension/__init__.py": (
        "from .utils import _load_lib\nAVAILABLE = _load_lib('_torchaudio')\n"
    ),
    "torchaudio/_extension/utils.py": (
        "from pathlib import Path\n"
        "def _load_lib(lib):\n"
        "    file = Path(__file__).parent / 'library'\n"
        "    if not file.exists(): return False\n"
        "    if file.read_text() == 'cuda': raise OSError('Could not load this library')\n"
        "    return True\n"
    ),
    "torchaudio/_torchcodec.py": "def load_with_torchcodec(uri): return 'torchcodec', 1\n",
}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The compiled part of a torchaudio that is first on the path and not imported yet."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    assert not _imported()  # the tests with the real ones use children
    yield tmp_path / "torchaudio" / "_extension" / "library"
    for name in _imported():
        del sys.modules[name]
    sys.path_importer_cache.clear()


def _imported() -> list[str]:
    return [name for name in sys.modules if name.split(".")[0] == "torchaudio"]


def test_a_library_that_does_not_load_counts_as_none(library) -> None:
    library.write_text("cuda")
    spare_torchaudio()
    import torchaudio

    assert torchaudio.AVAILABLE is False
    assert is_spared()


def test_one_that_loads_is_used(library) -> None:
    library.write_text("cpu")
    spare_torchaudio(soundfile=True)
    import torchaudio

    assert torchaudio.AVAILABLE is True
    assert torchaudio.load("x.wav") == ("torchcodec", 1)
    assert not is_spared()


def test_without_the_shim_the_import_fails_and_then_it_can_be_spared(library) -> None:
    library.write_text("cuda")
    with pytest.raises(OSError, match="Could not load"):
        import torchaudio
    spare_torchaudio()
    spare_torchaudio()
    import torchaudio

    assert torchaudio.AVAILABLE is False
    assert sum(isinstance(one, torchaudio_shim._Finder) for one in sys.meta_path) == 1


def test_after_the_import_nothing_is_changed(library) -> None:
    import torchaudio

    before = list(sys.meta_path)
    spare_torchaudio()
    assert sys.meta_path == before
    assert torchaudio.AVAILABLE is False
    assert not is_spared()


UNLOADABLE = [
    "ImportError('TorchCodec is required')",
    "OSError('Could not load this library: libtorchcodec_image.so')",
    "RuntimeError('Failed to create AudioDecoder: Could not load libtorchcodec. Likely causes')",
]


def broken(library: Path, error: str) -> None:
    """torchaudio's reader raises it."""
    reader = library.parent.parent / "_torchcodec.py"
    reader.write_text(f"def load_with_torchcodec(uri): raise {error}\n")


@pytest.mark.parametrize("error", UNLOADABLE)
def test_soundfile_reads_where_torchcodec_does_not_load(library, monkeypatch, error) -> None:
    broken(library, error)
    monkeypatch.setattr(torchaudio_shim, "_soundfile", lambda uri: (uri, 2))
    spare_torchaudio(soundfile=True)
    import torchaudio

    assert torchaudio.load("x.wav") == ("x.wav", 2)


def test_a_file_that_is_no_audio_stays_an_error(library, monkeypatch) -> None:
    broken(library, "RuntimeError('Failed to create AudioDecoder: no such file')")
    monkeypatch.setattr(torchaudio_shim, "_soundfile", lambda uri: (uri, 2))
    spare_torchaudio(soundfile=True)
    import torchaudio

    with pytest.raises(RuntimeError, match="no such file"):
        torchaudio.load("x.wav")


def test_unless_asked_for_soundfile_does_not(library) -> None:
    broken(library, UNLOADABLE[1])
    spare_torchaudio()
    import torchaudio

    with pytest.raises(OSError, match="Could not load"):
        torchaudio.load("x.wav")


def test_a_torchaudio_without_these_modules_is_left_alone(library) -> None:
    (library.parent / "utils.py").write_text("")
    (library.parent / "__init__.py").write_text("from . import utils\nAVAILABLE = None\n")
    (library.parent.parent / "_torchcodec.py").write_text("")
    (library.parent.parent / "__init__.py").write_text("from . import _extension, _torchcodec\n")
    spare_torchaudio(soundfile=True)
    import torchaudio

    assert torchaudio._extension.AVAILABLE is None


def test_a_script_runs_as_python_runs_it(tmp_path) -> None:
    (tmp_path / "beside.py").write_text("value = 7\n")
    script = tmp_path / "script.py"
    script.write_text(
        "import json, sys, beside\n"
        "print(json.dumps([__name__, sys.argv[1:], beside.value, 'checkpoint' in sys.path[0]]))\n"
    )
    for soundfile in (False, True):
        done = subprocess.run(
            command(script, "a", "-b", soundfile=soundfile),
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout) == ["__main__", ["a", "-b"], 7, False]


def test_main_in_this_process(tmp_path, library, monkeypatch) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys, torchaudio\nsys.argv.append(torchaudio.AVAILABLE)\n")
    library.write_text("cuda")
    monkeypatch.setattr(sys, "argv", ["shim", "--soundfile", str(script), "x"])
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    torchaudio_shim.main()
    assert sys.argv == [str(script), "x", False]


def test_without_a_script_it_says_how(monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", ["shim"])
    with pytest.raises(SystemExit, match="usage"):
        torchaudio_shim.main()

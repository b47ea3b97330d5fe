"""A checkout of index-tts, as something to be measured."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

from ..drafts import draft_of
from ..errors import OutputError, UsageError
from ..judge.subject import Subject
from ..machine.model import Machine
from ..paths import expanded
from .cells import Cell
from .checkout import (
    FOLDERS,
    SYNTHETIC,
    Checkout,
    check_files,
    fetch,
    held,
    models_folder,
    other_version,
    version_of,
)
from .checkout_files import MODELS
from .checkpoint import MARKER
from .engines import Engine
from .indextts import DEEPSPEED, Indextts
from .indextts_synthetic import BYTES, Written, place, read_written, write
from .kit import Clip
from .places import cache_folder
from .record import Weights
from .snapshot_files import named
from .snapshots import Snapshot, digest
from .sources import Source, Told

RUNTIME = "indextts"
"""Key of the catalogue."""
EXAMPLE = "examples/voice_01.wav"
"""A voice that comes with the code, or is fetched by it."""
CLIP_SECONDS, CLIP_RATE, CLIP_PITCH = 5.0, 22050, 130.0
EXTRAS = {DEEPSPEED: ("deepspeed", "deepspeed"), "accel": ("flash-attn", "accel")}
"""Package that a mode or option needs, and the extra of the project that brings it."""


class IndexttsKit:
    """One model of IndexTTS in one checkout."""

    name = "indextts"
    takes = frozenset({"clip"})
    also = frozenset({"accel", "cuda-kernel", "compile"})
    usual: str | None = None

    def __init__(
        self, model: str, checkout: Checkout, weights: str | None, machine: Machine
    ) -> None:
        """``weights``: as the user said it. Raises UsageError: the checkout was examined for
        another model."""
        if version_of(model) != checkout.version:
            raise UsageError(f"{model} is not what the checkout was examined for", "")
        self.models, self.machine = (model,), machine
        self._model, self._checkout, self._wish = model, checkout, weights
        self._source: Source | None = None
        self._files: tuple[Path, ...] = ()

    def runs(self, subject: Subject) -> bool:
        """Whether the official code runs a mode of the model."""
        return subject.mode.runtime == RUNTIME and subject.model_id == self._model

    def source(self, model: str) -> Source:
        """The checkout's own models, a folder, or random numbers. Raises UsageError: files are
        missing or damaged; all are named."""
        if self._source is None:
            self._source = self._chosen()
        return self._source

    def _chosen(self) -> Source:
        wish, repo = self._wish, MODELS[self._checkout.version]
        if wish == "synthetic":
            return self._synthetic(place(self._model), "")
        if wish in ("hub", "tiny"):
            usual = FOLDERS[self._checkout.version][0]
            what = "nothing is downloaded" if wish == "hub" else "there are no small shapes of it"
            raise UsageError(
                f"--weights {wish}: of IndexTTS {what}",
                f"{fetch(self._checkout, self._checkout.repo / usual)}; {SYNTHETIC}",
            )
        if wish is not None and not wish.strip():
            raise UsageError("--weights is empty", "a folder, or synthetic")
        folder = models_folder(self._checkout) if wish is None else self._named(wish)
        if (folder / MARKER).is_file():
            return self._synthetic(folder, "path")
        files = check_files(self._checkout, folder)
        self._files = tuple(folder / file.path for file in files if file.weights)
        return Source(kind="path", folder=folder, repo=repo, ready=True, origin="path")

    def _named(self, wish: str) -> Path:
        folder = expanded(wish, "--weights")
        if not folder.is_dir():
            raise UsageError(
                f"--weights {named(folder)} is no folder", f"one with config.yaml; {SYNTHETIC}"
            )
        version = self._checkout.version
        found = held(folder)
        if found is not None and found != version:
            raise other_version(folder, found, version, fetch(self._checkout, folder))
        return folder

    def _synthetic(self, folder: Path, origin: str) -> Source:
        known = read_written(folder)
        if known is not None and known.model != self._model:
            raise UsageError(
                f"{named(folder)} holds random weights of {known.model}, asked was {self._model}",
                "--weights synthetic finds or writes the right ones",
            )
        if known is None and origin == "path":
            raise UsageError(
                f"{named(folder)}: the random weights there are not whole any more",
                "--weights synthetic writes them anew",
            )
        return Source(
            kind="synthetic", folder=folder, repo=MODELS[self._checkout.version],
            ready=known is not None, origin=origin, write_bytes=BYTES[self._checkout.version],
        )  # fmt: skip

    def clip(self, model: str) -> Clip | None:
        """The checkout's example voice; for random weights a sound that vcf makes. Raises
        UsageError: there is none; OutputError: it can't be written."""
        example = self._checkout.repo / EXAMPLE
        if self.source(model).kind == "synthetic":
            return Clip(path=_clip_place(), seconds=CLIP_SECONDS)  # written when it is wanted
        if example.is_file():
            return Clip(path=example, seconds=_seconds(example))
        raise UsageError(
            f"IndexTTS clones a voice, and {named(example)} is not there",
            "name a clip: --reference me.wav (up to 15 s are used)",
        )

    def wants_words(self, model: str) -> bool:
        """It never reads what a clip says."""
        return False

    def missing(self, cell: Cell) -> UsageError | None:
        """Packages that its Python lacks, with the project's own command."""
        software = self.machine.software or {}
        wanted = [("torch", ""), ("torchaudio", ""), ("transformers", "")]
        wanted += [EXTRAS[key] for key in (cell.subject.mode_id, cell.option) if key in EXTRAS]
        missing = [(name, extra) for name, extra in wanted if not software.get(name, True)]
        if not missing:
            return None
        extras = "".join(f" --extra {extra}" for _, extra in missing if extra)
        return UsageError(
            f"{named(Path(self._checkout.python))} has no "
            + " and no ".join(name for name, _ in missing),
            f"run `uv sync{extras}` in {named(self._checkout.repo)}; or name a Python that has "
            "it: --python PATH",
        )

    def ready(self, model: str, told: Told) -> Engine:
        """The engine, its weights written and read once. Raises VcfError."""
        source = self.source(model)
        assert source.folder is not None
        files = self._files
        if source.kind == "synthetic":
            made_clip(_clip_place())
            known: Written | None = read_written(source.folder)
            if known is None:
                known = write(self._checkout, model, lambda done, total: told("write", done, total))
            files = tuple(source.folder / name for name in known.weights)
        found = Snapshot(folder=source.folder, origin="path", weight_files=files)
        sha256, size = digest(found, lambda done, total: told("read", done, total))
        weights = Weights(kind=source.kind, sha256=sha256, size_bytes=size)
        return Indextts(self._checkout, source.folder, weights)


def _clip_place() -> Path:
    return cache_folder() / "clips" / "voice-5s.wav"


def _seconds(file: Path) -> float:
    """Of a WAV file; a guess where it is none."""
    try:
        with wave.open(str(file)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (OSError, EOFError, wave.Error, ZeroDivisionError):
        return CLIP_SECONDS


def made_clip(file: Path) -> Clip:
    """Five seconds of a hum with the harmonics of a voice, rising and falling three times a
    second as syllables do; the same bytes each time. Raises OutputError."""
    if not file.is_file():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with draft_of(file) as draft, wave.open(draft, "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(CLIP_RATE)
                sound.writeframes(b"".join(_hum()))
        except OSError as error:
            raise OutputError(
                f"{file}: {error.strerror or error}", "VCF_CACHE_DIR=FOLDER names another place"
            ) from error
    return Clip(path=file, seconds=CLIP_SECONDS)


def _hum() -> list[bytes]:
    made = []
    for number in range(int(CLIP_SECONDS * CLIP_RATE)):
        at = 2 * math.pi * number / CLIP_RATE
        tone = sum(math.sin(CLIP_PITCH * k * at) / k for k in range(1, 9))
        made.append(struct.pack("<h", round(2700 * tone * (0.6 + 0.4 * math.sin(3 * at)))))
    return made

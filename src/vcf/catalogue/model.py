"""What a model is: the shape of ``models.yaml`` (schema ``vcf.models/1``).

Every figure names its source by a key of the document's ``sources``. Units are in the field
names: ``_gib`` 2^30 bytes (RAM, VRAM), ``_gb`` 10^9 bytes (disk), ``_s`` per second of audio.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

SCHEMA = "vcf.models/1"

ModeId = Literal[
    "cpu-fp32", "cpu-bf16",
    "gpu-fp32", "gpu-fp16", "gpu-bf16", "gpu-fp16-deepspeed",
    "gguf-cpu-q4", "gguf-cpu-q8", "gguf-cpu-f16", "gguf-cpu-f32",
    "gguf-gpu-q4", "gguf-gpu-q8", "gguf-gpu-f16", "gguf-gpu-f32",
    "mlx", "nano-vllm", "vllm", "onnx-cpu", "online",
]  # fmt: skip
"""The ways to run a model; a mode's id says runtime, device and precision."""

Precision = Literal["fp32", "fp16", "bf16", "q8", "q4", "int8"]
SourceKind = Literal["official", "measured", "community", "derived", "reference-report"]
OsName = Literal["linux", "windows", "macos"]
ArchName = Literal["x86_64", "arm64"]
VendorName = Literal["nvidia", "amd", "intel", "apple"]

Amount = Annotated[float, msgspec.Meta(ge=0, le=100_000)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]
Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Version = Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d+)*$")]
Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}(-\d{2})?$")]


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: a field that the schema does not know is an error, not a silent loss."""


class Text(_Entry, frozen=True, kw_only=True):
    """A sentence in both languages."""

    en: str
    zh: str


class Source(_Entry, frozen=True, kw_only=True):
    """Where a figure comes from."""

    title: str
    url: str | None = None
    """None only for figures derived here, which the title then explains."""
    date: Day
    """When it was published, or read where it carries no date."""
    kind: SourceKind


class Component(_Entry, frozen=True, kw_only=True):
    """One part of a model's weights."""

    id: Slug
    millions: Amount
    """Parameters in millions."""
    precision: Literal["mode", "fp32", "fp16"] = "mode"
    """``fp32``, ``fp16``: it stays so whatever the mode's precision."""
    source: str


Shape = Literal["matvec", "skinny", "wide", "conv", "dense", "cache"]
"""What a stage mostly does: matrix times vector; a matrix times 2 to 64 rows; times more rows;
convolutions over long signals, of each channel by itself or few; those that join many channels,
which PyTorch works as matrices; attention of one token over a cache as long as it was allocated.
Processors reach very different shares of their peak in each."""
Per = Literal["speech", "reference", "prompt", "segment", "request"]
"""What a stage's figures are for: a second of speech; a second of reference clip; a second of clip
and speech together; one piece into which a long text is cut; one call."""


class Stage(_Entry, frozen=True, kw_only=True):
    """Work of one stage at batch 1; ``per`` says for a second of what."""

    id: Slug
    reads_gparam_s: Amount = 0
    """10^9 parameters read from memory (``cache``: 10^9 elements of the cache)."""
    work_gflop_s: Amount = 0
    """10^9 operations."""
    work_gflop_s2: Amount = 0
    """10^9 operations for each square second, for attention over clip and speech together."""
    launches_s: Amount = 0
    """GPU kernel launches, uncompiled."""
    shape: Shape | None = None
    """None: from operations per parameter."""
    per: Per = "speech"
    diffusion: bool = False
    """The figures are for the model's default number of diffusion steps, and go with them."""
    precision: Literal["mode", "fp32"] = "mode"
    """``fp32``: this stage stays in fp32 whatever the mode's precision."""
    source: str


class Steps(_Entry, frozen=True, kw_only=True):
    """Diffusion steps."""

    default: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    skipped: Annotated[int, msgspec.Meta(ge=0, le=10)] = 0
    """Steps of a run that evaluate nothing."""
    adjustable: bool = True
    """Whether a caller can choose; False where the code fixes it."""
    source: str


class Growth(_Entry, frozen=True, kw_only=True):
    """Memory that grows with the clips, in MiB a second."""

    reference_mib_s: Amount = 0
    """While the reference clip is encoded."""
    reference_seconds: Amount = 15
    """Length of clip that the modes' needs cover already."""
    reference_seconds_max: Amount | None = None
    """The code cuts longer clips."""
    speech_mib_s: Amount = 0
    """While speech is decoded; what is encoded has been given back by then."""
    speech_seconds: Amount = 10
    """Length of speech that the modes' needs cover already."""
    speech_seconds_max: Amount | None = None
    """Longer texts are cut into pieces of this length."""
    source: str


class Emotion(_Entry, frozen=True, kw_only=True):
    """A model beside the model, for emotion from words, which can be left out."""

    component: Slug
    """Its id among the parameters."""
    gib: Amount
    """Memory that it takes, on the device and in its precision."""
    disk_gb: Amount = 0
    source: str


class Cloning(_Entry, frozen=True, kw_only=True):
    """What the model needs to clone a voice."""

    reference_seconds_min: Amount | None = None
    reference_seconds_max: Amount | None = None
    transcript: Literal["required", "optional", "unused"]
    """Whether the reference clip's words must be given."""
    text: Text
    source: str


class Licence(_Entry, frozen=True, kw_only=True):
    """Terms of code and weights."""

    code: str
    weights: str
    commercial: Literal["yes", "conditions", "no"]
    notice: Text | None = None
    """What a user must know; None for plain permissive licences."""
    source: str


class Link(_Entry, frozen=True, kw_only=True):
    """One place on the web."""

    place: Literal["huggingface", "modelscope", "mirror", "colab", "github", "docs", "other"]
    url: str
    official: bool = True
    note: Text | None = None


class Links(_Entry, frozen=True, kw_only=True):
    """Where code, weights and hosted demonstrations are."""

    code: str
    weights: list[Link] = []
    demos: list[Link] = []


class Requirement(_Entry, frozen=True, kw_only=True):
    """What one source says that the model needs. Sources that disagree stand side by side."""

    of: Literal["vram", "ram", "disk", "gpu", "cpu", "cuda", "python", "driver"]
    level: Literal["minimum", "recommended", "measured"]
    value: Text
    """As the source says it."""
    gib: Amount | None = None
    """The value in GiB where it is a size (disk too, so that values compare)."""
    modes: list[ModeId] = []
    """Modes it speaks of; empty: all local ones."""
    source: str
    remark: Text | None = None
    """What is known for or against it."""


class Need(_Entry, frozen=True, kw_only=True):
    """Bytes of memory that a mode needs at its peak."""

    need_gib: Amount
    """Best evidence; what is judged."""
    low_gib: Amount
    high_gib: Amount
    """The range that the sources span for ordinary use."""
    basis: Literal["measured", "official", "derived"]
    sources: Annotated[list[str], msgspec.Meta(min_length=1)]
    how: Text | None = None
    """How a derived figure was summed."""


class MemoryNeeds(_Entry, frozen=True, kw_only=True):
    """Peaks of one mode."""

    device: Need | None = None
    """On the GPU; None where no GPU is used."""
    host_load: Need | None = None
    """RAM while loading, the process as a whole."""
    host_run: Need | None = None
    """RAM while speaking, the process as a whole."""


class DiskNeeds(_Entry, frozen=True, kw_only=True):
    """Disk of one mode in GB (10^9 bytes)."""

    weights_gb: Amount
    environment_gb: Amount
    """Installed packages or program."""
    install_extra_gb: Amount = 0
    """Needed on top only while installing: caches, second copies."""
    sources: Annotated[list[str], msgspec.Meta(min_length=1)]


class PythonRange(_Entry, frozen=True, kw_only=True):
    """Python versions that work: ``min`` <= version < ``below``."""

    min: Version | None = None
    below: Version | None = None


class TorchRange(_Entry, frozen=True, kw_only=True):
    """torch versions that work, and the wheel variant where one is pinned."""

    min: Version | None = None
    below: Version | None = None
    variant: str | None = None
    """Such as ``cu128`` where the project pins the index."""
    newer_works: bool = False
    """Releases from ``below`` on run it too, though the project pins an older one."""
    audio: bool = False
    """torchaudio is imported too: its build must be of the same CUDA version."""


class Package(_Entry, frozen=True, kw_only=True):
    """A Python package (or program) that the mode runs on."""

    name: str
    min: Version | None = None
    """Older ones do not load the model."""
    below: Version | None = None
    advised: Version | None = None
    """Older ones load it, but the recipe's arguments are of this release."""


class Needs(_Entry, frozen=True, kw_only=True):
    """Software and hardware conditions of a runtime or mode. None: no condition.

    What a mode states replaces what its runtime states, field by field.
    """

    systems: list[OsName] | None = None
    arch: list[ArchName] | None = None
    vendors: list[VendorName] | None = None
    """GPU makers for which code exists."""
    python: PythonRange | None = None
    torch: TorchRange | None = None
    packages: list[Package] | None = None
    min_compute_capability: Version | None = None
    """NVIDIA, beyond what the torch wheel itself needs."""
    macos_min: Version | None = None
    isa: list[str] | None = None
    """CPU instruction sets without which the program does not start."""
    tools: list[str] | None = None
    """Programs that must be there to build or run: nvcc, cmake, ffmpeg …"""
    source: str | None = None


class Speed(_Entry, frozen=True, kw_only=True):
    """How much of a device's peak a runtime reaches, fitted to public reports.

    Time of a stage = max(bytes / (bandwidth x bandwidth_share), operations / (peak rate x
    arithmetic_share)) + launches x launch_us.
    """

    bandwidth_share: Share
    arithmetic_share: Share
    launch_us: Amount = 0
    """Microseconds a kernel launch costs."""
    low: Annotated[float, msgspec.Meta(gt=0, le=1)]
    high: Annotated[float, msgspec.Meta(ge=1, le=100)]
    """Range as factors on the middle figure."""
    source: str


class Habits(_Entry, frozen=True, kw_only=True):
    """What a Python package does without being asked."""

    devices: list[Literal["cuda", "xpu", "mps", "cpu"]] = []
    """The order in which it looks for a device; AMD GPUs go by the name cuda too."""
    compiles: bool = False
    """It calls torch.compile on CUDA devices where triton can be imported."""
    compile_gain: Annotated[list[float], msgspec.Meta(min_length=2, max_length=2)] | None = None
    """How many times faster it was measured with torch.compile than without: low, high."""
    tries: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Takes it makes at most when it finds one bad."""
    downloads: list[Text] = []
    """What it fetches beside the weights, in sentences."""
    source: str | None = None


class Runtime(_Entry, frozen=True, kw_only=True):
    """A program that runs models: the voxcpm package, VoxCPM.cpp, mlx-audio …"""

    name: Text
    url: str | None = None
    effort: Annotated[int, msgspec.Meta(ge=1, le=3)] = 2
    """1: one pip install · 2: a checkout, a build or files by hand · 3: a server stack."""
    needs: Needs = Needs()
    kernels: Literal["torch", "ggml", "graph", "mlx", "onnx"] | None = None
    """Whose kernels do the work: PyTorch's one by one, GGML's, a server's that replays recorded
    graphs, MLX's, ONNX Runtime's. The forecast has constants for each."""
    speed: dict[Literal["cpu", "nvidia", "amd", "intel", "apple"], Speed] = {}
    """Constants of its own in place of those that go with ``kernels``."""
    compiled_gib: Amount = 0
    """GPU memory that torch.compile adds where it works."""
    habits: Habits | None = None


class Recipe(_Entry, frozen=True, kw_only=True):
    """Commands and code that run a mode.

    Blanks are filled for the machine at hand: ``{torch}`` the right install of torch, ``{triton}``
    that of triton where torch comes without and could use it, ``{hf_id}`` and ``{name}`` the
    model's, ``{device}`` torch's name for the GPU (cuda, mps), ``{optimize}`` True where
    torch.compile can work on it and False elsewhere, ``{backend}`` what GGML programs compute
    with on the GPU (cuda, vulkan, metal, cpu), ``{BACKEND}`` the same in capitals. A line that is
    ``{torch}`` or ``{triton}`` alone is left out where nothing is to be installed for it. A line
    ``{system}`` among those for ``any`` says where the lines of the system at hand belong;
    without one they come last.
    """

    install: dict[Literal["any", "linux", "windows", "macos"], list[str]] = {}
    code: str = ""
    notes: list[Text] = []


class Mode(_Entry, frozen=True, kw_only=True):
    """One way to run one model."""

    runtime: str
    """Key of the document's ``runtimes``."""
    needs: Needs = Needs()
    memory: MemoryNeeds = MemoryNeeds()
    disk: DiskNeeds | None = None
    runs_as: dict[VendorName, ModeId] = {}
    """On that maker's GPUs the program silently runs in this other mode instead."""
    recipe: str | None = None
    """Key of the document's ``recipes``."""
    steps: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    """Diffusion steps that its program makes by itself, where not the model's default."""
    speed_factor: Annotated[float, msgspec.Meta(gt=0, le=100)] = 1.0
    """This mode against what its runtime's constants say: 2 is twice as slow. For measured
    oddities, such as DeepSpeed being slower on new cards."""
    speed_source: str | None = None
    notes: list[Text] = []
    source: str | None = None


class Model(_Entry, frozen=True, kw_only=True):
    """One entry of the catalogue."""

    name: str
    """As its makers write it: ``VoxCPM-0.5B``."""
    family: Slug
    hf_id: str
    """Hugging Face id of the weights."""
    aliases: list[str] = []
    """Other usual spellings."""
    released: Day
    summary: Text
    parameters: Annotated[list[Component], msgspec.Meta(min_length=1)]
    sample_rate_hz: Annotated[int, msgspec.Meta(ge=8000, le=192000)]
    steps_s: Amount
    """Autoregressive steps for a second of audio."""
    work: list[Stage] = []
    """Empty: no forecast of speed can be made."""
    steps: Steps | None = None
    """Diffusion steps; None where it has none."""
    segment_seconds: Amount | None = None
    """Speech of one piece, where long texts are cut; None where they are not."""
    call_seconds_max: Amount | None = None
    """Clip and speech together that one call can hold; None where nothing is known to end it."""
    growth: Growth | None = None
    emotion_model: Emotion | None = None
    languages: Annotated[list[str], msgspec.Meta(min_length=1)]
    """ISO 639-1 codes."""
    dialects: list[Text] = []
    emotion: Text
    cloning: Cloning
    licence: Licence
    links: Links
    requirements: list[Requirement] = []
    modes: dict[ModeId, Mode]


class Catalogue(_Entry, frozen=True, kw_only=True):
    """The whole of a models file."""

    schema: Literal["vcf.models/1"] = "vcf.models/1"
    updated: Day
    sources: dict[str, Source]
    runtimes: dict[str, Runtime]
    recipes: dict[str, Recipe] = {}
    models: dict[Slug, Model]

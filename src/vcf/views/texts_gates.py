"""The words of gates, English and Chinese side by side, by message id."""

from __future__ import annotations

GATES: dict[str, tuple[str, str]] = {
    # software
    "software-fits": (
        "Nothing in the software stands in the way.",
        "软件方面没有障碍。",
    ),
    "software-os": (
        "Runs on {needs}, not on {os}.",
        "只能在 {needs} 上运行，不支持 {os}。",
    ),
    "software-arch": (
        "Needs a {needs} processor (or Python); this one is {arch}.",
        "需要 {needs} 架构的处理器（或 Python），本机是 {arch}。",
    ),
    "software-macos": (
        "Needs macOS {need} or newer; this is {have}.",
        "需要 macOS {need} 或更新版本，本机是 {have}。",
    ),
    "software-isa": (
        "The program does not start without {missing}, which this CPU lacks.",
        "此 CPU 不支持 {missing} 指令集，程序无法启动。",
    ),
    "software-vendor-unknown": (
        "It is not known who makes {gpu}, so not which programs can use it.",
        "不知道 {gpu} 的厂商，无法判断哪些程序能用它。",
    ),
    "software-vendor": (
        "This program has no code for {gpu}: it runs on {needs}.",
        "此程序不支持 {gpu}，只支持 {needs}。",
    ),
    "software-cc-unknown": (
        "The compute capability of {gpu} is not known, so not whether there is code for it.",
        "不知道 {gpu} 的计算能力（compute capability），无法判断是否支持。",
    ),
    "software-cc": (
        "Needs compute capability {need} or newer; {gpu} has {cc}.",
        "需要计算能力 {need} 以上，{gpu} 是 {cc}。",
    ),
    "software-python": (
        "Python {have} is outside {need}, for which the packages exist.",
        "Python {have} 不在支持范围 {need} 内，依赖包无法安装。",
    ),
    "software-python-other": (
        "This Python is {have}; make the environment with {need}.",
        "当前 Python 是 {have}，请用 {need} 新建环境。",
    ),
    "software-python-tried": (
        "Python {have} is outside {need}, which the project supports; it is installed all the "
        "same.",
        "Python {have} 不在项目支持的 {need} 范围内，但已经装上了。",
    ),
    "torch-strange": (
        "torch {torch} is installed, a version that can't be read.",
        "已安装的 torch 版本 {torch} 无法识别。",
    ),
    "torch-old": (
        "torch {torch} is installed; {need} is needed.",
        "已安装 torch {torch}，需要 {need}。",
    ),
    "call-too-long": (
        "One call makes {most} s of clip and speech at the most, {asked} s are asked for: the KV "
        "cache would be full.",
        "一次调用最多处理 {most} 秒（参考音频加合成语音），现要求 {asked} 秒，KV 缓存会装满。",
    ),
    "remedy-cut-text": ("Cut the text into shorter calls.", "把文本拆开，分多次合成。"),
    "torch-pinned": (
        "torch {torch} is newer than what the project pins ({need}). It has been seen to work; the "
        "project does not test it.",
        "torch {torch} 比项目锁定的版本（{need}）新。已有人跑通，但项目本身没有测试过。",
    ),
    "package-metal": (
        "{name} {have} computes in bf16 on Metal and gives noise there; {need} and newer widen to "
        "fp32.",
        "{name} {have} 在 Metal 上用 bf16 计算，输出只有噪声；{need} 起会自动改用 fp32。",
    ),
    "torch-new": (
        "torch {torch} is installed; {need} is needed.",
        "已安装 torch {torch}，需要 {need}。",
    ),
    "torch-installed": (
        "torch {torch} is installed and will do for the CPU.",
        "已安装 torch {torch}，可用于 CPU。",
    ),
    "torch-runs": (
        "torch {torch} is installed and has kernels for {gpu} ({target}).",
        "已安装 torch {torch}，含有 {gpu}（{target}）的内核。",
    ),
    "torch-no-kernels": (
        "torch {torch} is installed but has no kernels for {gpu} ({target}).",
        "已安装的 torch {torch} 没有 {gpu}（{target}）的内核。",
    ),
    "torch-cpu-build": (
        "torch {torch} is a CPU build: {gpu} would stay unused.",
        "已安装的 torch {torch} 是 CPU 版，用不上 {gpu}。",
    ),
    "torch-driver": (
        "torch {torch} needs driver {driver_min} or newer; {driver} is installed.",
        "torch {torch} 需要驱动 {driver_min} 以上，当前是 {driver}。",
    ),
    "torch-wrong-vendor": (
        "torch {torch} is built for another maker's GPUs and would run on the CPU.",
        "torch {torch} 是为其他厂商的显卡编译的，会退回 CPU 运行。",
    ),
    "torch-runs-mac": (
        "torch {torch} is installed and runs on {gpu}.",
        "已安装 torch {torch}，可在 {gpu} 上运行。",
    ),
    "torch-macos": (
        "torch {torch} needs macOS {macos_min} or newer.",
        "torch {torch} 需要 macOS {macos_min} 以上。",
    ),
    "torch-old-driver": (
        "torch {build} is the newest for compute capability {cc} with this driver; with {newer} or "
        "newer it is {newest}.",
        "当前驱动下，计算能力 {cc} 可用的最新版本是 torch {build}；"
        "驱动升级到 {newer} 以上可用 {newest}。",
    ),
    "torch-unknown": (
        "It is not known whether torch {torch} has kernels for {gpu} ({target}); the newest torch "
        "that vcf knows is {newest}.",
        "不确定 torch {torch} 是否含有 {gpu}（{target}）的内核；vcf 所知的最新版本是 {newest}。",
    ),
    "torch-to-install": (
        "To install: torch {build}.",
        "应安装 torch {build}。",
    ),
    "torch-for-card": (
        "torch {build} has kernels for compute capability {cc}; driver {driver} or newer.",
        "torch {build} 含有计算能力 {cc} 的内核，驱动需 {driver} 以上。",
    ),
    "torch-last-for-card": (
        "torch {build} is the last with kernels for compute capability {cc}; driver {driver} "
        "or newer, {branch} is the last branch for this card.",
        "torch {build} 是最后一个含有计算能力 {cc} 内核的版本；驱动需 {driver} 以上，"
        "{branch} 是支持此卡的最后一个驱动分支。",
    ),
    "wheel-gpu-unknown": (
        "It is not known which generation {gpu} is, so not whether PyTorch has kernels for it.",
        "不知道 {gpu} 属于哪一代，无法判断 PyTorch 是否支持。",
    ),
    "wheel-unconfirmed": (
        "Whether PyTorch has a wheel for {gpu} on {platform} is not confirmed.",
        "尚未证实 PyTorch 是否提供适用于 {gpu}（{platform}）的安装包。",
    ),
    "wheel-elsewhere": (
        "No wheel on the usual PyTorch index for {gpu} on {platform}; builds exist elsewhere: "
        "{where}.",
        "PyTorch 官方源没有适用于 {gpu}（{platform}）的安装包，其他来源有：{where}。",
    ),
    "wheel-driver": (
        "Driver {driver} is too old for every PyTorch build in question: {floor} or newer.",
        "驱动 {driver} 太旧，所有可用的 PyTorch 版本都要求 {floor} 以上。",
    ),
    "wheel-macos": (
        "The PyTorch versions in question need macOS {macos_min} or newer.",
        "可用的 PyTorch 版本要求 macOS {macos_min} 以上。",
    ),
    "wheel-platform": (
        "There is no PyTorch wheel of the versions needed for {platform}.",
        "没有适用于 {platform} 的所需版本 PyTorch 安装包。",
    ),
    "wheel-none": (
        "No official PyTorch wheel of the versions needed has kernels for {gpu} ({target}).",
        "所需版本的官方 PyTorch 安装包都没有 {gpu}（{target}）的内核。",
    ),
    "wheel-none-pinned": (
        "The project pins PyTorch {variant}, which has no kernels for {gpu} ({target}) on "
        "{platform}; the newest build that has them: {newest}.",
        "该项目固定使用 PyTorch {variant}，其中没有 {gpu}（{target}，{platform}）的内核；"
        "含有此内核的最新版本：{newest}。",
    ),
    "wheel-xpu": (
        "PyTorch for Intel GPUs (xpu) must be put in place of the usual one; nobody has published "
        "a measurement on {gpu}.",
        "需要把 PyTorch 换成 Intel 显卡版（xpu）；目前没有 {gpu} 的公开实测。",
    ),
    "wheel-xpu-old": (
        "PyTorch has no support for {gpu}: Intel Arc or newer only.",
        "PyTorch 不支持 {gpu}，仅支持 Intel Arc 及更新的显卡。",
    ),
    "package-version": (
        "{name} {have} is installed; {need} is needed.",
        "已安装 {name} {have}，需要 {need}。",
    ),
    "package-advised": (
        "{name} {have} is installed; the recipe's arguments are of {need}.",
        "已安装 {name} {have}，运行代码中的参数需要 {need} 以上。",
    ),
    "gpu-driver": (
        "Driver {driver} is older than {gpu}: {need} was the first to know it.",
        "驱动 {driver} 比 {gpu} 还早，{need} 起才支持此卡。",
    ),
    "audio-missing": (
        "torchaudio is not installed beside torch {torch}.",
        "已安装 torch {torch}，但没有安装 torchaudio。",
    ),
    "audio-torch": (
        "torchaudio {audio} is made for another torch than {torch}: importing it fails.",
        "torchaudio {audio} 与 torch {torch} 版本不匹配，导入会失败。",
    ),
    "audio-cuda-cpu": (
        "torchaudio {audio} is built for CUDA, torch {torch} for the CPU: its compiled part "
        "can't be loaded, and importing it ends with OSError.",
        "torchaudio {audio} 是 CUDA 版，torch {torch} 是 CPU 版：无法加载其编译部分，"
        "导入时报 OSError。",
    ),
    "audio-cuda": (
        "torchaudio {audio} and torch {torch} are built for different CUDA versions: importing "
        "torchaudio refuses with RuntimeError.",
        "torchaudio {audio} 与 torch {torch} 的 CUDA 版本不同，导入 torchaudio 时报 RuntimeError。",
    ),
    "codec-missing": (
        "torchaudio {audio} reads reference clips through torchcodec, which is not installed: "
        "cloning from a clip fails.",
        "torchaudio {audio} 通过 torchcodec 读取参考音频，但 torchcodec 未安装，无法克隆。",
    ),
    "codec-build": (
        "torchcodec {codec} and torch {torch} are built for different CUDA versions, or one for "
        "the CPU: reading the reference clip may fail.",
        "torchcodec {codec} 与 torch {torch} 的编译版本（CUDA/CPU）不同，读取参考音频可能失败。",
    ),
    "codec-torch": (
        "torchcodec {codec} is made for another torch than {torch}: reading the reference clip "
        "fails.",
        "torchcodec {codec} 与 torch {torch} 版本不匹配，读取参考音频会失败。",
    ),
    "codec-ffmpeg-version": (
        "torchcodec {codec} works with FFmpeg {need}; {have} is installed.",
        "torchcodec {codec} 支持 FFmpeg {need}，已安装的是 {have}。",
    ),
    "codec-ffmpeg": (
        "FFmpeg is not on PATH, and torchcodec {codec} reads reference clips with its libraries.",
        "PATH 中没有 FFmpeg，而 torchcodec {codec} 要用它的动态库读取参考音频。",
    ),
    "runs-as": (
        "On {vendor} GPUs {mode} is silently run as {other}: judged as that.",
        "在 {vendor} 显卡上，{mode} 会被自动改为 {other} 运行，按后者判断。",
    ),
    "gpu-hidden": (
        "{setting} hides {gpu} from programs started here.",
        "{setting} 使在此启动的程序看不到 {gpu}。",
    ),
    "remedy-hidden": ("Unset {name}.", "请取消设置 {name}。"),
    "bf16-cpu-emulated": (
        "This CPU has no bf16 arithmetic: it is emulated, slower than fp32 (1.45 times, measured "
        "with VoxCPM-0.5B on two AVX2 cores; more for larger models).",
        "此 CPU 没有 bf16 运算单元，只能模拟，比 fp32 更慢（双核 AVX2 实测 VoxCPM-0.5B 慢 1.45 倍，"
        "模型越大差距越大）。",
    ),
    "bf16-cpu-apple": (
        "PyTorch has no bf16 kernels for Apple's processors: bf16 is slower than fp32 there.",
        "PyTorch 没有为苹果处理器提供 bf16 内核：在其上 bf16 比 fp32 慢。",
    ),
    "bf16-gpu-emulated": (
        "{gpu} ({cc}) has no bf16 arithmetic: it is emulated and slow, "
        "although PyTorch calls it supported.",
        "{gpu}（{cc}）没有 bf16 运算单元，只能慢速模拟，尽管 PyTorch 报告“支持”。",
    ),
    "fp16-gpu-emulated": (
        "{gpu} ({cc}) has no fp16 arithmetic: fp16 saves memory here, never time.",
        "{gpu}（{cc}）没有 fp16 运算单元，半精度只省显存，不会更快。",
    ),
    # memory
    "gpus-unknown": (
        "It is not known whether this machine has a GPU.",
        "不知道这台机器有没有显卡。",
    ),
    "no-gpu": ("This machine has no GPU.", "这台机器没有显卡。"),
    "memory-need-unknown": (
        "It is not known how much memory {mode} needs.",
        "不知道 {mode} 需要多少显存。",
    ),
    "vram-fits": (
        "{need} of VRAM needed, {have} there on {gpu}.",
        "需要 {need} 显存，{gpu} 有 {have}。",
    ),
    "vram-blocked": (
        "Blocked now: {need} of VRAM needed, {have} of {total} free on {gpu}; fits when it is "
        "freed.",
        "当前受阻：需要 {need} 显存，{gpu} 的 {total} 中只剩 {have}；释放后即可运行。",
    ),
    "vram-tight": (
        "{need} of VRAM needed, {have} there on {gpu}: within a tenth. It may fail, or on "
        "Windows spill into main memory and become 10 to 40 times slower.",
        "需要 {need} 显存，{gpu} 有 {have}，相差不到一成：可能显存不足；Windows 上会溢出到"
        "内存，慢 10–40 倍。",
    ),
    "vram-short": (
        "{need} of VRAM needed, {have} usable of the {total} on {gpu}.",
        "需要 {need} 显存，{gpu} 的 {total} 中可用 {have}。",
    ),
    "shared-blocked": (
        "Blocked now: {need} needed, {have} free of the {total} that {gpu} may take of the RAM.",
        "当前受阻：需要 {need}，{gpu} 可共享的 {total} 内存中只剩 {have}。",
    ),
    "shared-tight": (
        "{need} needed, {gpu} may take {have} of the RAM: within a tenth. Expect swapping.",
        "需要 {need}，{gpu} 可共享内存 {have}，相差不到一成，可能频繁换页。",
    ),
    "shared-short": (
        "{need} needed, {gpu} may take {total} of the RAM.",
        "需要 {need}，{gpu} 最多可共享 {total} 内存。",
    ),
    "vram-unknown": (
        "{need} of VRAM needed; how much {gpu} has is not known.",
        "需要 {need} 显存，不知道 {gpu} 有多少。",
    ),
    "vram-any-fits": (
        "{need} of VRAM needed; {gpu} exists with {low} to {high}, each enough.",
        "需要 {need} 显存；{gpu} 有 {low} 至 {high} 的版本，都够用。",
    ),
    "vram-tight-any": (
        "{need} of VRAM needed; {gpu} exists with {low} to {high}, each within a tenth.",
        "需要 {need} 显存；{gpu} 有 {low} 至 {high} 的版本，都在临界值附近。",
    ),
    "vram-any-short": (
        "{need} of VRAM needed; {gpu} exists with {low} to {high}, none enough.",
        "需要 {need} 显存；{gpu} 有 {low} 至 {high} 的版本，都不够。",
    ),
    "vram-depends": (
        "{need} of VRAM needed; {gpu} exists with {low} to {high}: say which it is.",
        "需要 {need} 显存；{gpu} 有 {low} 至 {high} 的版本，请说明是哪一种。",
    ),
    "ram-unknown": (
        "{need} of RAM needed; nothing says how much this machine has.",
        "需要 {need} 内存，不知道本机有多少。",
    ),
    "ram-fits-load": (
        "{need} of RAM needed while loading, {have} there.",
        "加载时需要 {need} 内存，可用 {have}。",
    ),
    "ram-fits-run": (
        "{need} of RAM needed while speaking, {have} there.",
        "合成时需要 {need} 内存，可用 {have}。",
    ),
    "ram-blocked-load": (
        "Blocked now: {need} of RAM needed while loading, {have} of {total} free; fits when it "
        "is freed.",
        "当前受阻：加载时需要 {need} 内存，{total} 中只剩 {have}；释放后即可运行。",
    ),
    "ram-blocked-run": (
        "Blocked now: {need} of RAM needed while speaking, {have} of {total} free; fits when it "
        "is freed.",
        "当前受阻：合成时需要 {need} 内存，{total} 中只剩 {have}；释放后即可运行。",
    ),
    "ram-tight-load": (
        "{need} of RAM needed while loading, about {have} of {total} usable: close everything "
        "else.",
        "加载时需要 {need} 内存，{total} 中约有 {have} 可用：请先关闭其他程序。",
    ),
    "ram-tight-run": (
        "{need} of RAM needed while speaking, about {have} of {total} usable: close everything "
        "else.",
        "合成时需要 {need} 内存，{total} 中约有 {have} 可用：请先关闭其他程序。",
    ),
    "ram-swap-load": (
        "{need} of RAM needed while loading, more than the {have} usable of {total}: it will "
        "swap, slowly.",
        "加载时需要 {need} 内存，超过 {total} 中可用的 {have}：会使用交换空间，很慢。",
    ),
    "ram-swap-run": (
        "{need} of RAM needed while speaking, more than the {have} usable of {total}: it will "
        "swap, slowly.",
        "合成时需要 {need} 内存，超过 {total} 中可用的 {have}：会使用交换空间，很慢。",
    ),
    "ram-short-load": (
        "{need} of RAM needed while loading, about {have} of {total} usable.",
        "加载时需要 {need} 内存，{total} 中约有 {have} 可用。",
    ),
    "ram-short-run": (
        "{need} of RAM needed while speaking, about {have} of {total} usable.",
        "合成时需要 {need} 内存，{total} 中约有 {have} 可用。",
    ),
    # disk
    "disk-fits": (
        "{need} of disk needed while installing, {have} free.",
        "安装时需要 {need} 磁盘空间，剩余 {have}。",
    ),
    "disk-install": (
        "{need} of disk needed while installing, {have} free; {standing} remain in use. Install "
        "with --no-cache-dir or clear caches first.",
        "安装时需要 {need} 磁盘空间，剩余 {have}（装好后占 {standing}）。请先清理缓存，"
        "或用 --no-cache-dir 安装。",
    ),
    "disk-blocked": (
        "Blocked now: {need} of disk needed, {have} free; fits when some is cleared.",
        "当前受阻：需要 {need} 磁盘空间，只剩 {have}；清理后即可安装。",
    ),
    "disk-short": (
        "{need} of disk needed, {have} there.",
        "需要 {need} 磁盘空间，只有 {have}。",
    ),
    "disk-unknown": (
        "{need} of disk needed; how much is free is not known.",
        "需要 {need} 磁盘空间，不知道剩余多少。",
    ),
    "disk-free-unknown": (
        "{need} of disk needed; the disk has {have}, how much of it is free is not known.",
        "需要 {need} 磁盘空间；磁盘共 {have}，不知道剩余多少。",
    ),
    # speed, licence
    "speed-good": (
        "Faster than real time: RTF {low} – {high} ({rtfx}× real time).",
        "快于实时：RTF {low} – {high}（{rtfx} 倍速）。",
    ),
    "speed-likely": (
        "Probably faster than real time: RTF {low} – {high} ({rtfx}× real time in the middle).",
        "多半快于实时：RTF {low} – {high}（居中约 {rtfx} 倍速）。",
    ),
    "speed-about": (
        "About real time: RTF {low} – {high} ({rtfx}× real time in the middle).",
        "大致与实时相当：RTF {low} – {high}（居中约 {rtfx} 倍速）。",
    ),
    "speed-nearly": (
        "Probably slower than real time: RTF {low} – {high} seconds of work for a second of "
        "speech.",
        "多半慢于实时：RTF {low} – {high}，即每秒语音需要 {low} – {high} 秒计算。",
    ),
    "speed-slow": (
        "Slower than real time: RTF {low} – {high} seconds of work for a second of speech.",
        "慢于实时：RTF {low} – {high}，即每秒语音需要 {low} – {high} 秒计算。",
    ),
    "speed-unknown-cpu": (
        "No forecast of speed: the processor is not known.",
        "无法预测速度：不知道处理器型号和核数。",
    ),
    "speed-unknown": (
        "No forecast of speed: a figure of the device or of the model is missing.",
        "无法预测速度：缺少设备或模型的数据。",
    ),
    "online-speed": (
        "Runs on the provider's hardware: speed depends on its queue.",
        "在服务方的硬件上运行，速度取决于排队情况。",
    ),
    "licence": ("{notice}", "{notice}"),
}

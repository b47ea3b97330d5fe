"""The words of checkups and of what happens at run time, English and Chinese, by message id."""

from __future__ import annotations

DOCTOR: dict[str, tuple[str, str]] = {
    # what happens at run time
    "happens-gpu": (
        "Runs on {gpu} as device {device}, in {precision}.",
        "在 {gpu} 上运行（设备名 {device}），精度 {precision}。",
    ),
    "happens-cpu": (
        "Runs on the CPU, in {precision}.",
        "在 CPU 上运行，精度 {precision}。",
    ),
    "happens-cpu-asked": (
        "Left alone, the package would pick {other} ({gpu}): the code asks for the CPU, in "
        "{precision}.",
        "不指定时程序会选 {other}（{gpu}）；代码中已指定 CPU，精度 {precision}。",
    ),
    "happens-compile-on": (
        "torch.compile will be active ({gain} times as fast as without); the first run compiles "
        "for a minute or two.",
        "torch.compile 会生效（速度为不编译时的 {gain} 倍），首次运行需编译一两分钟。",
    ),
    "happens-compile-wheel": (
        "torch.compile will be active where triton comes with torch, as in the usual Linux "
        "wheels ({gain} times as fast as without).",
        "若 torch 自带 triton（Linux 常规安装包都带），"
        "torch.compile 会生效（速度为不编译时的 {gain} 倍）。",
    ),
    "happens-compile-windows": (
        "torch.compile stays off until triton-windows is installed: with it {gain} times as fast.",
        "安装 triton-windows 之前 torch.compile 不生效；装好后速度为现在的 {gain} 倍。",
    ),
    "happens-compile-triton": (
        "torch.compile stays off: triton is not installed. With it {gain} times as fast.",
        "没有安装 triton，torch.compile 不生效；装好后速度为现在的 {gain} 倍。",
    ),
    "happens-compile-old": (
        "torch.compile can't be used on {gpu}: Triton needs compute capability {need}, this is "
        "{cc}, and the warm-up would end with an error. The code turns it off.",
        "{gpu} 不能用 torch.compile：Triton 需要计算能力 {need} 以上，此卡为 {cc}，"
        "预热时会报错；代码中已关闭。",
    ),
    "happens-compile-memory": (
        "torch.compile is left off: it takes {more} of GPU memory more, which {gpu} has not to "
        "spare. It would make speech {gain} times as fast.",
        "不启用 torch.compile：它要多占 {more} 显存，{gpu} 没有这个余量。"
        "启用的话速度约为 {gain} 倍。",
    ),
    "happens-compile-off": (
        "{setting} turns torch.compile off: without it {gain} times as fast.",
        "{setting} 关闭了 torch.compile；取消后速度为现在的 {gain} 倍。",
    ),
    "happens-compile-device": (
        "The package never compiles on {device}.",
        "程序在 {device} 设备上不使用 torch.compile。",
    ),
    "happens-tries": (
        "A bad take is made anew, up to {tries} in all: the worst case takes {tries} times as "
        "long. retry_badcase=False turns that off.",
        "遇到坏样本会自动重试，最多 {tries} 次，最坏情况耗时为 {tries} 倍；"
        "retry_badcase=False 可关闭。",
    ),
    "happens-download": ("{what}", "{what}"),
    # findings
    "doctor-nothing": (
        "Neither torch nor voxcpm, indextts or mlx-audio is known to be installed.",
        "没有发现已安装的 torch、voxcpm、indextts 或 mlx-audio。",
    ),
    "effect-pinned": (
        "It has been seen to run; what the project tests is the older one.",
        "已有人跑通，但项目测试的是旧版本。",
    ),
    "effect-metal": (
        "What comes out on this GPU is noise.",
        "在这块显卡上合成的只有噪声。",
    ),
    "effect-nothing": (
        "There is nothing to examine: name another with --python PATH, or a model to see what "
        "it needs.",
        "没有可检查的内容：请用 --python PATH 指定其他环境，或给出模型名查看所需软件。",
    ),
    "doctor-hardware": (
        "Whatever is installed, none of them runs on this computer and its system.",
        "无论安装什么软件，这台电脑及其系统都无法运行这些模式。",
    ),
    "effect-hardware": (
        "`vcf check` tells why.",
        "运行 `vcf check` 查看原因。",
    ),
    "effect-nothing-file": (
        "There is nothing to examine: name what is installed under software: in the file, or a "
        "model to see what it needs.",
        "没有可检查的内容：请在文件的 software: 中写明已安装的软件，或给出模型名查看所需软件。",
    ),
    "effect-confirmed": (
        "`import {package}` was tried and fails: {error}",
        "实测 `import {package}` 失败：{error}",
    ),
    "remedy-with-torch": (
        "First the command for torch, elsewhere in this list; then run vcf doctor again.",
        "请先执行本列表中安装 torch 的命令，再运行一次 vcf doctor。",
    ),
    "remedy-blind": (
        "`nvidia-smi` must work where torch runs: look at the driver, at the container "
        "(--gpus all), at CUDA_VISIBLE_DEVICES, and restart after an update.",
        "先确认 `nvidia-smi` 在同一环境中可用：检查驱动、容器参数（--gpus all）、"
        "CUDA_VISIBLE_DEVICES；更新驱动后请重启。",
    ),
    "remedy-reinstall": (
        "Install {package} anew (pip install --force-reinstall), from the index that fits; the "
        "error says what is missing.",
        "从合适的源重新安装 {package}（pip install --force-reinstall）；错误信息会说明缺少什么。",
    ),
    "remedy-in-vain": (
        "Mending it would change nothing here: `vcf check` tells why.",
        "在本机上修复它也没有用，原因见 `vcf check`。",
    ),
    "effect-python-tried": (
        "It may run; the project does not test it, and parts may have no wheels for it.",
        "也许能运行，但项目未测试，部分依赖可能没有对应的安装包。",
    ),
    "doctor-missing": ("Not installed here: {names}.", "此环境缺少：{names}。"),
    "effect-missing": (
        "The mode does not start in this environment.",
        "此模式在该环境中无法启动。",
    ),
    "remedy-install": (
        "`vcf check {what} -v` prints the commands for this machine.",
        "运行 `vcf check {what} -v` 查看适合本机的安装命令。",
    ),
    "effect-disk": (
        "Downloads or installation break off when the disk is full.",
        "磁盘写满后，下载或安装会中断。",
    ),
    "remedy-cache": (
        "Clear the disk, or set HF_HOME to a folder on another one.",
        "清理磁盘，或把 HF_HOME 设到另一块磁盘上。",
    ),
    "doctor-mismatch": (
        "The NVIDIA kernel driver and its library differ in version.",
        "NVIDIA 内核驱动与驱动库版本不一致。",
    ),
    "effect-mismatch": (
        "No program sees the GPU until the computer is restarted.",
        "重启之前，所有程序都看不到显卡。",
    ),
    "doctor-wsl": (
        "A Linux NVIDIA driver is installed inside WSL ({library}).",
        "WSL 内部安装了 Linux 版 NVIDIA 驱动（{library}）。",
    ),
    "effect-wsl": (
        "It hides the driver that Windows lends: torch may find no GPU. Only the Windows driver "
        "is wanted. After the command: `wsl --shutdown` in Windows, which ends every distribution.",
        "它会遮住 Windows 提供的驱动，torch 可能找不到显卡。只需要 Windows 端的驱动。"
        "执行命令后，再在 Windows 中运行 `wsl --shutdown`（会关闭所有发行版）。",
    ),
    "doctor-devices": ("{setting} is set.", "已设置 {setting}。"),
    "effect-devices": (
        "Programs see only these GPUs, numbered anew from 0.",
        "程序只能看到其中的显卡，并从 0 重新编号。",
    ),
    "doctor-gfx": (
        "HSA_OVERRIDE_GFX_VERSION={value} makes ROCm take the GPU for another.",
        "HSA_OVERRIDE_GFX_VERSION={value} 使 ROCm 把显卡当作另一型号。",
    ),
    "effect-gfx": (
        "Unsupported cards may run with it, crash, or compute wrong numbers.",
        "未受支持的显卡可能因此可用，也可能崩溃或算错。",
    ),
    "doctor-pynvml": (
        "pynvml {version}, the deprecated package, is installed beside nvidia-ml-py or instead.",
        "安装了已弃用的 pynvml {version}（应使用 nvidia-ml-py）。",
    ),
    "effect-pynvml": (
        "torch prints a FutureWarning at every start; two packages write the same file.",
        "torch 每次启动都会打印 FutureWarning；两个包写入同一个文件。",
    ),
    "doctor-triton": (
        "triton-windows is not installed.",
        "没有安装 triton-windows。",
    ),
    "effect-triton": (
        "torch.compile stays off, and speech takes longer.",
        "torch.compile 不生效，合成更慢。",
    ),
    "doctor-compile-off": (
        "{setting} turns torch.compile off.",
        "{setting} 关闭了 torch.compile。",
    ),
    "remedy-unset": ("Unset {name}.", "取消设置 {name}。"),
    "doctor-threads": (
        "OMP_NUM_THREADS={value} on a machine with {cores} usable threads.",
        "OMP_NUM_THREADS={value}，而本机可用 {cores} 个线程。",
    ),
    "effect-threads": (
        "CPU modes use so many threads only.",
        "CPU 模式只会使用这么多线程。",
    ),
    "doctor-mps": (
        "VOXCPM_MPS_DTYPE={value} forces half precision on the Apple GPU.",
        "VOXCPM_MPS_DTYPE={value} 强制在苹果 GPU 上使用半精度。",
    ),
    "effect-mps": (
        "Noise and glitches were reported; fp32 is the package's own choice.",
        "有用户反馈出现噪声和杂音；程序默认使用 fp32。",
    ),
    "doctor-hub": (
        "Weights come from huggingface.co; no mirror is set. Where it can't be reached: "
        "HF_ENDPOINT={mirror}, or ModelScope.",
        "权重从 huggingface.co 下载，未设置镜像。无法访问时可设 HF_ENDPOINT={mirror}，"
        "或改用 ModelScope。",
    ),
    "doctor-mirror": (
        "HF_ENDPOINT={url}: weights come from there.",
        "HF_ENDPOINT={url}：权重从该地址下载。",
    ),
    "effect-mirror": (
        "A mirror may lag behind, or ask for an account less or more than the original.",
        "镜像可能更新较慢，登录要求也可能与官方不同。",
    ),
    "doctor-mirror-broken": (
        "HF_ENDPOINT={url} is no address: it must begin with https://.",
        "HF_ENDPOINT={url} 不是有效地址，应以 https:// 开头。",
    ),
    "effect-mirror-broken": ("Every download fails.", "所有下载都会失败。"),
    "remedy-mirror": (
        "Unset HF_ENDPOINT, or set it to {url}.",
        "取消设置 HF_ENDPOINT，或改为 {url}。",
    ),
    "doctor-offline": ("{setting} forbids downloads.", "{setting} 禁止下载。"),
    "effect-offline": (
        "Only models that are already in the cache load.",
        "只能加载已缓存的模型。",
    ),
    "doctor-long-paths": (
        "Windows does not allow paths longer than 260 characters.",
        "Windows 未启用长路径（超过 260 个字符）。",
    ),
    "effect-long-paths": (
        "pip can't unpack some packages into a deep folder, and the model cache has deep ones. "
        "The command needs an administrator's prompt.",
        "目录较深时 pip 可能无法解包，模型缓存的目录也很深。此命令需在管理员窗口运行。",
    ),
    "doctor-page-file": (
        "The page file has {swap}: Windows can promise {limit} of memory in all.",
        "页面文件只有 {swap}，Windows 总共只能分配 {limit} 内存。",
    ),
    "effect-page-file": (
        "Loading needs {need} and ends with OSError 1455, 'the paging file is too small'.",
        "加载需要 {need}，会报 OSError 1455（页面文件太小，无法完成操作）。",
    ),
    "remedy-page-file": (
        "Let Windows manage the page file, or set it to {size}.",
        "让系统自动管理页面文件大小，或设为 {size}。",
    ),
    "doctor-conflict": (
        "{package} {version} wants {requirement}; {have} is installed.",
        "{package} {version} 要求 {requirement}，已安装的是 {have}。",
    ),
    "doctor-lacks": (
        "{root} {version} lacks packages that it or its parts require ({count}): {names}.",
        "{root} {version} 缺少 {count} 个（间接）依赖包：{names}。",
    ),
    "effect-conflict": (
        "{root} may fail at import or in use.",
        "{root} 可能在导入或使用时出错。",
    ),
    # what torch itself said
    "deep-import": ("`import {package}` fails: {error}", "`import {package}` 失败：{error}"),
    "effect-import-of": (
        "Nothing that uses {package} runs.",
        "用到 {package} 的功能都无法运行。",
    ),
    "deep-imports": (
        "`import {package}` works ({version}).",
        "`import {package}` 正常（{version}）。",
    ),
    "effect-refuted": (
        "`import {package}` works all the same here.",
        "但实测 `import {package}` 正常。",
    ),
    "deep-blind": (
        "torch {torch} is a CUDA build but finds no GPU, though {gpu} is there.",
        "torch {torch} 是 CUDA 版，却找不到 {gpu}。",
    ),
    "deep-no-kernels": (
        "torch {torch} itself says that it has no kernels for {gpu} ({cc}): {archs}.",
        "torch {torch} 自己列出的架构中没有 {gpu}（{cc}）：{archs}。",
    ),
    "deep-torch": (
        "torch {torch} imports, sees {devices} CUDA devices, CPU kernels: {capability}.",
        "torch {torch} 导入正常，看到 {devices} 个 CUDA 设备，CPU 指令集 {capability}。",
    ),
    # what problems of the software gate cause
    "effect-python": (
        "Packages have no wheels for it: installing fails, or compiles for an hour.",
        "依赖包没有对应的安装包，安装会失败或需要长时间编译。",
    ),
    "effect-torch-range": (
        "The package is not made for it: errors at import, or in the middle of a sentence.",
        "程序不支持这个版本，导入或合成时会出错。",
    ),
    "effect-unknown": (
        "Whether it works can only be tried: add --deep.",
        "能否使用只有试过才知道：请加 --deep。",
    ),
    "effect-kernels": (
        "torch itself was asked: it has code for every GPU that it sees.",
        "已询问 torch 本身：它含有所有可见显卡的内核。",
    ),
    "effect-unseen": (
        "torch itself was asked and sees no GPU.",
        "已询问 torch 本身：它看不到显卡。",
    ),
    "effect-no-kernels": (
        "torch.cuda.is_available() says True, and the first operation ends with 'no kernel image "
        "is available for execution on the device'.",
        "torch.cuda.is_available() 返回 True，但第一次运算就报 no kernel image is available。",
    ),
    "effect-on-cpu": (
        "Programs run on the CPU, many times slower, or end with an error when asked for the GPU.",
        "程序会退回 CPU，慢很多；指定显卡时直接报错。",
    ),
    "effect-driver": (
        "torch finds no GPU: 'The NVIDIA driver on your system is too old'.",
        "torch 找不到显卡，提示 NVIDIA driver on your system is too old。",
    ),
    "effect-macos": (
        "Importing it ends with an error: a symbol of the newer system is missing.",
        "导入时报错，缺少新版系统的符号。",
    ),
    "effect-package": (
        "It can't load this model.",
        "它无法加载此模型。",
    ),
    "effect-advised": (
        "Arguments such as device= end with TypeError; without them the package picks the device.",
        "device= 等参数会报 TypeError；不写则由程序自行选择设备。",
    ),
    "effect-import": (
        "`import voxcpm` imports torchaudio and fails with it: no mode of it runs.",
        "`import voxcpm` 会导入 torchaudio，随之失败，所有模式都无法运行。",
    ),
    "effect-codec": (
        "Plain speech works, and VoxCPM2; cloning with VoxCPM-0.5B and 1.5 ends with an error.",
        "普通合成和 VoxCPM2 正常；VoxCPM-0.5B 和 1.5 用参考音频克隆时报错。",
    ),
    "effect-hidden": (
        "Programs started from here run without it.",
        "从这里启动的程序用不到它。",
    ),
}

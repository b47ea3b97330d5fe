"""The words of ``vcf report`` on the machine and on what it adds up to, English and Chinese."""

from __future__ import annotations

from .texts_report_choice import REPORT_CHOICE
from .texts_report_fit import REPORT_FIT
from .texts_report_model import REPORT_MODEL
from .texts_report_one import REPORT_ONE
from .texts_report_short import REPORT_SHORT

REPORT: dict[str, tuple[str, str]] = {
    "report-title": (
        "Local voice cloning on {machine}: what runs, and how well",
        "{machine} 本地声音克隆可行性报告",
    ),
    "report-kind-official": ("official", "官方"),
    "report-kind-measured": ("measured", "实测"),
    "report-kind-community": ("community", "社区"),
    "report-kind-derived": ("derived here", "推算"),
    "report-kind-reference-report": ("report written by hand", "人工撰写的报告"),
    "report-kind-page": ("web page", "网页"),
    "report-state": ("{verdict} ({why})", "{verdict}（{why}）"),
    "report-state-bare": ("{verdict}", "{verdict}"),
    "report-state-mode": ("{verdict} in {mode} ({why})", "{mode} {verdict}（{why}）"),
    "report-state-bare-mode": ("{verdict} in {mode}", "{mode} {verdict}"),
    "report-range": ("{low} to {high}", "{low} 至 {high}"),
    "report-stop": (".", "。"),
    # the machine
    "report-part-cpu": ("Processor", "处理器"),
    "report-part-ram": ("RAM", "内存"),
    "report-part-gpu": ("Graphics card", "显卡"),
    "report-part-computer": ("Another computer", "换电脑"),
    "report-part-disk": ("Disk", "磁盘"),
    "report-part-os": ("System", "操作系统"),
    "report-part-software": ("Software", "软件"),
    "report-computer": ("Computer", "电脑"),
    "report-this-computer": ("this computer", "本机"),
    "report-imagined": (
        "Partly imagined: what-if flags replaced some of its facts.",
        "部分为假设：有的数据由 what-if 选项代替。",
    ),
    "report-unknown-why": ("unknown ({why})", "未知（{why}）"),
    "report-cores": ("{count} cores", "{count} 核"),
    "report-threads": ("{count} threads usable", "可用线程 {count}"),
    "report-taken": ("about {size} of it usable", "其中约 {size} 可用"),
    "report-limited": ("limited to {size} by the container", "容器上限 {size}"),
    "report-shared": ("up to {size} shared with the RAM", "最多共享 {size} 内存"),
    "report-vram": ("VRAM {size}", "显存 {size}"),
    "report-capability": ("compute capability {cc}", "计算能力 {cc}"),
    "report-driver": ("driver {version}", "驱动 {version}"),
    "report-driver-word": ("driver", "驱动"),
    "report-to-install": ("to be installed", "需要安装"),
    "report-hidden": ("hidden by {setting}", "被 {setting} 隐藏"),
    "report-in-all": ("{size} in all", "共 {size}"),
    "report-free-unknown": ("free space {why}", "剩余空间{why}"),
    "report-disk-nvme": ("NVMe SSD", "NVMe 固态硬盘"),
    "report-disk-ssd": ("SSD", "固态硬盘"),
    "report-disk-hdd": ("hard disk", "机械硬盘"),
    "report-disk-flash": ("flash card", "闪存卡"),
    "report-disk-network": ("network drive", "网络磁盘"),
    "report-container": ("in a container ({kind})", "容器内（{kind}）"),
    "report-cpu-best": (
        "{fits} of {count} CPU modes run; the fastest is {model} in {mode}, 30 s of speech in "
        "{time}.",
        "{count} 种 CPU 运行方式中有 {fits} 种可行，最快的是 {model} 的 {mode}，"
        "30 秒语音约需 {time}。",
    ),
    "report-cpu-best-all": (
        "All {count} CPU modes run; the fastest is {model} in {mode}, 30 s of speech in {time}.",
        "{count} 种 CPU 运行方式全部可行，最快的是 {model} 的 {mode}，30 秒语音约需 {time}。",
    ),
    "report-cpu-best-unsure-all": (
        "All {count} CPU modes run.",
        "{count} 种 CPU 运行方式全部可行。",
    ),
    "report-cpu-best-unsure": (
        "{fits} of {count} CPU modes run.",
        "{count} 种 CPU 运行方式中有 {fits} 种可行。",
    ),
    "report-cpu-bf16": (
        "It has no bf16 arithmetic: bf16 modes are slow here.",
        "该处理器没有 bf16 运算单元，bf16 方式会很慢。",
    ),
    "report-gpu-none": (
        "Without a GPU the {count} GPU modes are out.",
        "没有显卡，{count} 种 GPU 运行方式都用不了。",
    ),
    "report-gpu-unknown": (
        "Whether the {count} GPU modes run can't be told.",
        "无法判断 {count} 种 GPU 运行方式能否运行。",
    ),
    "report-gpu-more": ("and {count} other kinds", "另有 {count} 种"),
    "report-gpu-unused": (
        "Another card serves as well or better, and one is used at a time.",
        "有另一块不逊于它的显卡；每次只用一块。",
    ),
    "report-gpu-runs": (
        "{fits} of {count} GPU modes run on it.",
        "{count} 种 GPU 运行方式中有 {fits} 种可行。",
    ),
    "report-gpu-runs-none": (
        "None of the {count} GPU modes runs on it.",
        "{count} 种 GPU 运行方式都不可行。",
    ),
    "report-gpu-runs-all": (
        "All {count} GPU modes run on it.",
        "{count} 种 GPU 运行方式全部可行。",
    ),
    "report-gpu-software": (
        "Software stops GPU modes of {models}: {text}.",
        "{models} 的 GPU 方式还受软件限制：{text}。",
    ),
    "report-gpu-single": (
        "One card is used; memory of several is not added up.",
        "只用其中一块，多块显卡的显存不能相加。",
    ),
    "report-os-without": (
        "Not made for this system: {modes}.",
        "不支持此系统的运行方式：{modes}。",
    ),
    "report-software-fresh": (
        "Judged as if everything were newly installed.",
        "按全新安装判断。",
    ),
    "report-software-stops": (
        "What is installed stops {count} modes: {text}.",
        "已安装的软件使 {count} 种运行方式无法运行：{text}。",
    ),
    # findings
    "report-main-limit": ("Main limit: {text}", "主要瓶颈：{text}"),
    "report-find-ram-good": (
        "RAM is ample: {have}, enough for every mode; the most demanding takes {high}.",
        "内存充足：{have}，所有运行方式都够用，需求最高的为 {high}。",
    ),
    "report-find-ram-limit": (
        "RAM sets a limit: {have}; the modes need {range}, it is enough for {fits} of {count}.",
        "内存有限：{have}；各运行方式需要 {range}，{count} 种中有 {fits} 种够用。",
    ),
    "report-find-ram-tight": (
        "RAM is scarce: {have}; the modes need {range}, none has it to spare.",
        "内存紧张：{have}；各运行方式需要 {range}，没有一种宽裕。",
    ),
    "report-find-ram-blocked": (
        "Much of the RAM is in use: {have}; the modes need {range}.",
        "内存大多被占用：{have}；各运行方式需要 {range}。",
    ),
    "report-find-ram-bad": (
        "RAM is too small: {have}; the least demanding mode takes {low}.",
        "内存不足：{have}；需求最低的运行方式也要 {low}。",
    ),
    "report-find-ram-unknown": (
        "The size of the RAM is not known; the modes need {range}.",
        "内存大小未知；各运行方式需要 {range}。",
    ),
    "report-find-disk-good": (
        "Disk space is ample: {have}; installing takes {high} at most.",
        "磁盘空间充足：{have}，安装最多需要 {high}。",
    ),
    "report-find-disk-limit": (
        "Disk space sets a limit: {have}; installing takes {range}, it is enough for {fits} of "
        "{count} modes.",
        "磁盘空间有限：{have}；安装需要 {range}，{count} 种运行方式中有 {fits} 种够用。",
    ),
    "report-find-disk-clear": (
        "Disk space sets a limit: {have}; installing takes {range}, it is enough for {fits} of "
        "{count} modes; for {tight} more up to {gap} must be cleared first.",
        "磁盘空间有限：{have}；安装需要 {range}，{count} 种运行方式中有 {fits} 种够用，"
        "另有 {tight} 种须先清理，最多 {gap}。",
    ),
    "report-find-disk-clear-all": (
        "Too little disk is free: {have}; installing takes {range}, so some must be cleared first, "
        "up to {gap}.",
        "磁盘剩余空间不够：{have}；安装需要 {range}，须先清理，最多 {gap}。",
    ),
    "report-find-disk-bad": (
        "There is too little disk space: {have}; installing takes {low} at least.",
        "磁盘空间不足：{have}；安装至少需要 {low}。",
    ),
    "report-find-disk-unknown": (
        "How much disk is free is not known; installing takes {range}.",
        "磁盘剩余空间未知；安装需要 {range}。",
    ),
    "report-find-disk-size": (
        "The disk holds {have}, how much of it is free is not known: installing takes {low} to "
        "{high}, depending on the mode.",
        "磁盘共 {have}，剩余多少未知：安装需要 {low} 至 {high}，视运行方式而定。",
    ),
    "report-find-cpu-good": (
        "The processor alone is fast enough: {model} in {mode} takes {time} for 30 s of speech.",
        "只用处理器就够快：{model} 的 {mode} 合成 30 秒语音约需 {time}。",
    ),
    "report-find-cpu-slow": (
        "The processor alone runs {fits} of {count} CPU modes, slower than real time: at best 30 s "
        "of speech in {time} ({model}, {mode}).",
        "只用处理器能运行 {count} 种 CPU 方式中的 {fits} 种，但慢于实时："
        "最快的是 {model} 的 {mode}，30 秒语音约需 {time}。",
    ),
    "report-find-cpu-slow-all": (
        "The processor alone runs all {count} CPU modes, slower than real time: at best 30 s of "
        "speech in {time} ({model}, {mode}).",
        "只用处理器，{count} 种 CPU 方式全部可行，但慢于实时："
        "最快的是 {model} 的 {mode}，30 秒语音约需 {time}。",
    ),
    "report-find-cpu-tight": (
        "The processor alone runs {fits} of {count} CPU modes, and those barely.",
        "只用处理器能运行 {count} 种 CPU 方式中的 {fits} 种，而且都很勉强。",
    ),
    "report-find-cpu-bad": (
        "None of the {count} CPU modes runs.",
        "{count} 种 CPU 运行方式都不可行。",
    ),
    "report-find-cpu-unknown": (
        "Whether the {count} CPU modes run can't be told.",
        "无法判断 {count} 种 CPU 运行方式能否运行。",
    ),
    "report-find-gpu-none": (
        "There is no GPU, so {count} GPU modes are out and the processor must do all the work.",
        "没有显卡，{count} 种 GPU 运行方式都用不了，只能靠处理器。",
    ),
    "report-find-gpu-unknown": (
        "It is not known whether there is a GPU, nor whether the {count} GPU modes run.",
        "不知道有没有显卡，无法判断 {count} 种 GPU 运行方式能否运行。",
    ),
    "report-find-gpu-runs": (
        "{gpu} runs {fits} of {count} GPU modes; at best 30 s of speech in {time} ({model}, "
        "{mode}).",
        "{gpu} 能运行 {count} 种 GPU 方式中的 {fits} 种，最快的是 {model} 的 {mode}，"
        "30 秒语音约需 {time}。",
    ),
    "report-find-gpu-runs-all": (
        "{gpu} runs all {count} GPU modes; at best 30 s of speech in {time} ({model}, {mode}).",
        "{gpu} 能运行全部 {count} 种 GPU 方式，最快的是 {model} 的 {mode}，30 秒语音约需 {time}。",
    ),
    "report-find-gpu-pace": (
        "{gpu} has the memory but not the speed for {models}: they stay slower than real time.",
        "{gpu} 的显存够用，但速度不足以让 {models} 快于实时。",
    ),
    "report-find-gpu-behind": (
        "{gpu} is too slow or has too little memory for {models}.",
        "{gpu} 的速度或显存不足以让 {models} 快于实时。",
    ),
    "report-find-pace": (
        "Speed: everything fits, but {models} stay slower than real time.",
        "速度：配置都够用，但 {models} 仍慢于实时。",
    ),
    "report-find-gpu-tight": (
        "{gpu} runs {fits} of {count} GPU modes, and those barely.",
        "{gpu} 只能勉强运行 {count} 种 GPU 方式中的 {fits} 种。",
    ),
    "report-find-gpu-card-bad": (
        "{gpu} runs none of the {count} GPU modes.",
        "{gpu} 无法运行 {count} 种 GPU 方式中的任何一种。",
    ),
    "report-find-gpu-card-unknown": (
        "Whether {gpu} runs the {count} GPU modes can't be told.",
        "无法判断 {gpu} 能否运行 {count} 种 GPU 方式。",
    ),
    "report-find-vram": (
        "{have} of VRAM are usable; the GPU modes need {range}.",
        "可用显存 {have}，各 GPU 方式需要 {range}。",
    ),
    "report-find-vram-barely": (
        "{have} of VRAM are usable; the GPU modes need {range}: barely enough for {tight} of "
        "{count}, ample for the others.",
        "可用显存 {have}，各 GPU 方式需要 {range}：{count} 种中有 {tight} 种勉强，其余够用。",
    ),
    "report-find-vram-unknown": (
        "How much VRAM is usable is not known; the GPU modes need {range}.",
        "可用显存大小未知，各 GPU 方式需要 {range}。",
    ),
    **REPORT_FIT,
    **REPORT_MODEL,
    **REPORT_CHOICE,
    **REPORT_ONE,
    **REPORT_SHORT,
}

"""The words of ``vcf report`` about a single mode or model, where those for many do not serve;
English and Chinese. Each stands for the text of the same name without ``-one``."""

from __future__ import annotations

REPORT_ONE: dict[str, tuple[str, str]] = {
    "report-cpu-best-all-one": (
        "The only CPU mode runs: {model} in {mode}, 30 s of speech in {time}.",
        "唯一的 CPU 运行方式可行：{model} 的 {mode}，30 秒语音约需 {time}。",
    ),
    "report-cpu-best-unsure-all-one": ("The only CPU mode runs.", "唯一的 CPU 运行方式可行。"),
    "report-gpu-none-one": (
        "Without a GPU the only GPU mode is out.",
        "没有显卡，唯一的 GPU 运行方式用不了。",
    ),
    "report-gpu-unknown-one": (
        "Whether the only GPU mode runs can't be told.",
        "无法判断唯一的 GPU 运行方式能否运行。",
    ),
    "report-gpu-more-one": ("and another kind", "另有 1 种"),
    "report-gpu-runs-all-one": ("The only GPU mode runs on it.", "唯一的 GPU 运行方式可行。"),
    "report-gpu-runs-none-one": (
        "The only GPU mode does not run on it.",
        "唯一的 GPU 运行方式不可行。",
    ),
    "report-software-stops-one": (
        "What is installed stops one mode: {text}.",
        "已安装的软件使 1 种运行方式无法运行：{text}。",
    ),
    "report-fit-unknown-one": (
        "Whether it is enough can't be told: {high} needed.",
        "无法判断是否够用：需要 {high}。",
    ),
    "report-fit-blocked-all-one": (
        "{high} needed: enough once some is freed.",
        "需要 {high}：腾出空间后够用。",
    ),
    "report-fit-disk-none-one": (
        "Installing takes {high}: {gap} must be cleared first.",
        "安装需要 {high}：需先清理 {gap}。",
    ),
    "report-find-ram-good-one": (
        "RAM is ample: {have}; {high} needed.",
        "内存充足：{have}，需要 {high}。",
    ),
    "report-find-ram-tight-one": (
        "RAM is scarce: {have}; {high} needed.",
        "内存紧张：{have}，需要 {high}。",
    ),
    "report-find-ram-blocked-one": (
        "Much of the RAM is in use: {have}; {high} needed.",
        "内存大多被占用：{have}，需要 {high}。",
    ),
    "report-find-ram-bad-one": (
        "RAM is too small: {have}; {high} needed.",
        "内存不足：{have}，需要 {high}。",
    ),
    "report-find-ram-unknown-one": (
        "The size of the RAM is not known; {high} needed.",
        "内存大小未知；需要 {high}。",
    ),
    "report-find-disk-good-one": (
        "Disk space is ample: {have}; installing takes {high}.",
        "磁盘空间充足：{have}，安装需要 {high}。",
    ),
    "report-find-disk-clear-all-one": (
        "Too little disk is free: {have}; installing takes {high}, so {gap} must be cleared first.",
        "磁盘剩余空间不够：{have}；安装需要 {high}，需先清理 {gap}。",
    ),
    "report-find-disk-bad-one": (
        "There is too little disk space: {have}; installing takes {high}.",
        "磁盘空间不足：{have}；安装需要 {high}。",
    ),
    "report-find-disk-size-one": (
        "The disk holds {have}, how much of it is free is not known: installing takes {high}.",
        "磁盘共 {have}，剩余多少未知：安装需要 {high}。",
    ),
    "report-find-cpu-slow-all-one": (
        "The processor alone runs the only CPU mode, slower than real time: 30 s of speech in "
        "{time} ({model}, {mode}).",
        "只用处理器能运行唯一的 CPU 方式，但慢于实时：{model} 的 {mode}，30 秒语音约需 {time}。",
    ),
    "report-find-cpu-tight-one": (
        "The processor alone runs the only CPU mode, and that barely.",
        "只用处理器只能勉强运行唯一的 CPU 方式。",
    ),
    "report-find-cpu-bad-one": ("The only CPU mode does not run.", "唯一的 CPU 运行方式不可行。"),
    "report-find-cpu-unknown-one": (
        "Whether the only CPU mode runs can't be told.",
        "无法判断唯一的 CPU 运行方式能否运行。",
    ),
    "report-find-gpu-none-one": (
        "There is no GPU, so the only GPU mode is out.",
        "没有显卡，唯一的 GPU 运行方式用不了。",
    ),
    "report-find-gpu-unknown-one": (
        "It is not known whether there is a GPU, nor whether the only GPU mode runs.",
        "不知道有没有显卡，无法判断唯一的 GPU 运行方式能否运行。",
    ),
    "report-find-gpu-runs-all-one": (
        "{gpu} runs the only GPU mode, {model} in {mode}: 30 s of speech in {time}.",
        "{gpu} 能运行唯一的 GPU 方式：{model} 的 {mode}，30 秒语音约需 {time}。",
    ),
    "report-find-gpu-tight-one": (
        "{gpu} runs the only GPU mode, and that barely.",
        "{gpu} 只能勉强运行唯一的 GPU 方式。",
    ),
    "report-find-gpu-card-bad-one": (
        "{gpu} does not run the only GPU mode.",
        "{gpu} 无法运行唯一的 GPU 方式。",
    ),
    "report-find-gpu-card-unknown-one": (
        "Whether {gpu} runs the only GPU mode can't be told.",
        "无法判断 {gpu} 能否运行唯一的 GPU 方式。",
    ),
    "report-find-gpu-pace-one": (
        "{gpu} has the memory but not the speed for {models}: it stays slower than real time.",
        "{gpu} 的显存够用，但速度不足以让 {models} 快于实时。",
    ),
    "report-find-pace-one": (
        "Speed: everything fits, but {models} stays slower than real time.",
        "速度：配置都够用，但 {models} 仍慢于实时。",
    ),
    "report-find-vram-one": (
        "{have} of VRAM are usable; {range} needed.",
        "可用显存 {have}，需要 {range}。",
    ),
    "report-find-vram-barely-one": (
        "{have} of VRAM are usable; {range} needed, so it is barely enough.",
        "可用显存 {have}，需要 {range}，勉强够用。",
    ),
    "report-find-vram-unknown-one": (
        "How much VRAM is usable is not known; {range} needed.",
        "可用显存大小未知；需要 {range}。",
    ),
    "report-ch-no-gpu-one": (
        "Without a GPU its only GPU mode is out.",
        "本机没有显卡，唯一的 GPU 运行方式用不了。",
    ),
    "report-ch-slow-one": (
        "Slower than real time in its only mode: RTF {low}–{high} ({mode}).",
        "唯一的方式慢于实时：{mode} 的 RTF 为 {low}–{high}。",
    ),
    "report-ch-nearly-one": (
        "Probably slower than real time in its only mode: RTF {low}–{high} ({mode}).",
        "唯一的方式多半慢于实时：{mode} 的 RTF 为 {low}–{high}。",
    ),
    "report-why-fastest-one": (
        "It is the only way that runs here.",
        "本机可行的方式只有这一种。",
    ),
    "report-why-fastest-ample-one": (
        "It is the only way that runs here with memory to spare.",
        "本机可行且内存有余的方式只有这一种。",
    ),
    "report-up-ram-enough-one": (
        "{have} are enough: {high} needed.",
        "{have} 已经够用：需要 {high}。",
    ),
    "report-up-ram-useless-one": (
        "By itself it lifts no model's verdict; {high} needed.",
        "只加内存不会改变任何模型的结论；需要 {high}。",
    ),
    "report-up-disk-enough-one": (
        "{have} are free, installing takes {high}.",
        "剩余 {have}，安装需要 {high}。",
    ),
    "report-up-disk-none-one": (
        "{have} free are too little for installing, which takes {high}.",
        "剩余 {have}，不够安装：安装需要 {high}。",
    ),
    "report-up-disk-short-one": (
        "{have} free are too little: {high} are needed.",
        "剩余 {have} 不够：需要 {high}。",
    ),
    "report-up-disk-size-one": (
        "It holds {have}; that will do if {high} of it are free.",
        "磁盘共 {have}；只要剩余 {high} 就不必更换。",
    ),
    "report-up-disk-small-one": (
        "It holds {have} in all, too little: installing takes {high}.",
        "磁盘总共 {have}，装不下：安装需要 {high}。",
    ),
}

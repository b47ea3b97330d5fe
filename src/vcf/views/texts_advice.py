"""The words of remedies, doubts and recommendations, English and Chinese side by side."""

from __future__ import annotations

ADVICE: dict[str, tuple[str, str]] = {
    # remedies
    "remedy-wsl": ("Use WSL2.", "请使用 WSL2。"),
    "remedy-rosetta": (
        "Use a native arm64 Python instead of the one translated by Rosetta.",
        "请改用原生 arm64 的 Python，而不是经 Rosetta 转译的版本。",
    ),
    "remedy-macos": ("Update macOS to {need}.", "请将 macOS 升级到 {need}。"),
    "remedy-python": ("Make the environment with Python {need}.", "请用 Python {need} 新建环境。"),
    "remedy-driver": (
        "Install NVIDIA driver {driver} or newer.",
        "请安装 NVIDIA 驱动 {driver} 或更新版本。",
    ),
    "remedy-driver-or": (
        "Install NVIDIA driver {driver} or newer, or a torch for this one: {command}",
        "安装 NVIDIA 驱动 {driver} 以上，或换用适合当前驱动的 torch：{command}",
    ),
    "remedy-elsewhere": (
        "No official PyTorch wheel serves it; builds exist elsewhere: {where}.",
        "PyTorch 官方没有适用的安装包，其他来源有：{where}。",
    ),
    "remedy-torch": ("{command}", "{command}"),
    "remedy-command": ("{command}", "{command}"),
    "remedy-free-vram": (
        "Close programs that use the GPU until {need} are free.",
        "关闭占用显卡的程序，直到空出 {need}。",
    ),
    "remedy-free-vram-nvidia": (
        "Close programs that use the GPU until {need} are free (nvidia-smi shows them).",
        "关闭占用显卡的程序，直到空出 {need}（可用 nvidia-smi 查看）。",
    ),
    "remedy-free-ram": (
        "Close programs until {need} of RAM are free.",
        "关闭其他程序，直到空出 {need} 内存。",
    ),
    "remedy-free-disk": ("Clear disk until {need} are free.", "清理磁盘，直到空出 {need}。"),
    # doubts
    "doubt-os": (
        "the system is not known; {os} assumed",
        "不知道操作系统，按 {os} 判断",
    ),
    "doubt-isa": (
        "the CPU's instruction sets are not known; AVX2 assumed",
        "不知道 CPU 指令集，按 AVX2 估算",
    ),
    "doubt-ram-speed": (
        "memory speed is not known; {gb_s} assumed",
        "不知道内存速度，按 {gb_s} 估算",
    ),
    "doubt-gpu-unlisted": (
        "the card is not in the table; the slowest of its kind, {like}, stands in",
        "数据表中没有此显卡，按同类最慢的 {like} 估算",
    ),
    "doubt-mig": (
        "a slice of a card is slower than the card",
        "这是显卡的一个 MIG 分区，比整卡慢",
    ),
    "doubt-free-vram": ("free VRAM is not known", "不知道剩余显存"),
    "doubt-free-ram": ("free RAM is not known", "不知道剩余内存"),
    "doubt-steps": (
        "--steps does not count here: this program makes {steps} steps.",
        "--steps 在这里不起作用：该程序固定为 {steps} 步。",
    ),
    "doubt-steps-how": (
        "The speed is for the steps asked for; how this program is told, the recipe does not say.",
        "速度按指定的步数推算；但步骤中没有写明该程序怎样设置步数。",
    ),
    "doubt-no-steps": (
        "--steps does not count here: the model has no diffusion steps.",
        "--steps 在这里不起作用：该模型没有扩散步骤。",
    ),
    "doubt-no-emotion": (
        "--emotion does not count here: this way to run the model loads no emotion model.",
        "--emotion 在这里不起作用：这种运行方式不加载情感模型。",
    ),
    "doubt-unreported": (
        "Nobody has reported a speed of such a program on such a device: the range is a guess from "
        "other makers' devices.",
        "还没有人公开报告过这类程序在这类设备上的速度，范围由其他厂商的设备推算。",
    ),
    "doubt-derived": (
        "the memory need is derived, not measured",
        "内存需求是推算的，没有实测",
    ),
    "doubt-online": (
        "it is somebody else's service: it may be busy, changed or gone",
        "这是他人提供的服务，可能繁忙、变更或下线",
    ),
    # recommendation
    "why-good": (
        "{model} in {mode}: faster than real time here, 30 s of speech in {minutes}.",
        "推荐 {model}（{mode}）：快于实时，30 秒语音约需 {minutes}。",
    ),
    "why-likely": (
        "{model} in {mode}: probably faster than real time here, 30 s of speech in {minutes}.",
        "推荐 {model}（{mode}）：多半快于实时，30 秒语音约需 {minutes}。",
    ),
    "why-about": (
        "{model} in {mode}: about real time here, 30 s of speech in {minutes}.",
        "推荐 {model}（{mode}）：大致与实时相当，30 秒语音约需 {minutes}。",
    ),
    "why-nearly": (
        "{model} in {mode}: it runs, probably slower than real time; 30 s of speech in {minutes}.",
        "推荐 {model}（{mode}）：可以运行，多半慢于实时；30 秒语音约需 {minutes}。",
    ),
    "why-slow": (
        "{model} in {mode}: it runs, slower than real time; 30 s of speech in {minutes}.",
        "推荐 {model}（{mode}）：可以运行，但慢于实时；30 秒语音约需 {minutes}。",
    ),
    "why-tight-disk": (
        "{model} in {mode}: it runs once disk is cleared; 30 s of speech in {minutes}.",
        "推荐 {model}（{mode}）：清理磁盘后即可运行；30 秒语音约需 {minutes}。",
    ),
    "why-tight-vram": (
        "{model} in {mode}: it runs once VRAM is freed; 30 s of speech in {minutes}.",
        "推荐 {model}（{mode}）：腾出显存后即可运行；30 秒语音约需 {minutes}。",
    ),
    "why-tight-ram": (
        "{model} in {mode}: it runs once RAM is freed; 30 s of speech in {minutes}.",
        "推荐 {model}（{mode}）：腾出内存后即可运行；30 秒语音约需 {minutes}。",
    ),
    "why-tight-vram-near": (
        "{model} in {mode}: VRAM is so near the need that it may fail; 30 s of speech in "
        "{minutes}.",
        "推荐 {model}（{mode}）：显存刚好在需求边缘，可能失败；30 秒语音约需 {minutes}。",
    ),
    "why-tight-ram-near": (
        "{model} in {mode}: RAM is so near the need that it may fail or swap; 30 s of speech in "
        "{minutes}.",
        "推荐 {model}（{mode}）：内存刚好在需求边缘，可能失败或变得很慢；30 秒语音约需 {minutes}。",
    ),
    "why-not-told": (
        "It can't be told yet whether anything runs here.",
        "目前还无法判断本机能运行哪些。",
    ),
    "why-online": (
        "Nothing asked for runs on this machine; {model} can be used online.",
        "所查询的模型都无法在本机运行；可以在线使用 {model}。",
    ),
    "why-only-online": ("{model} can be used online.", "可以在线使用 {model}。"),
    "why-unknown": (
        "It can't be told whether this machine can run any of it: facts are missing.",
        "信息不足，无法判断这台机器能否运行。",
    ),
    "why-mend": (
        "What is installed stops them; mended, {model} in {mode} runs here.",
        "目前被已安装的软件挡住；修复后可运行 {model}（{mode}）。",
    ),
    "action-doctor": (
        "`vcf doctor {mode}` tells all that is wrong with what is installed.",
        "运行 `vcf doctor {mode}` 查看已安装软件的全部问题。",
    ),
    "why-none": ("Nothing asked for runs on this machine.", "所查询的模型都无法在本机运行。"),
    "action-tell": (
        "Say it with {flag} (put in the right value), or in the machine file.",
        "请用 {flag}（改为实际数值）或在机器文件中说明。",
    ),
    "action-faster": (
        "{mode} would be faster (RTF {rtf}), with more to set up.",
        "{mode} 会更快（RTF {rtf}），但安装更麻烦。",
    ),
    "action-steps": (
        "Make {steps} diffusion steps instead of {usual}: faster than real time, with some loss "
        "of quality.",
        "把扩散步数从 {usual} 减到 {steps}：快于实时，音质略有损失。",
    ),
    "why-hosted": (
        "Nothing that was asked for is faster than real time here.",
        "所查询的模型在本机都慢于实时。",
    ),
    "why-no-local": ("Nothing that was asked for runs here.", "所查询的模型都无法在本机运行。"),
    "why-price": (
        "The cheapest card that does; its launch price was {usd} USD ({date}), shops differ.",
        "能做到的最便宜的一款；首发价 {usd} 美元（{date}），以市场价为准。",
    ),
    "action-install": ("Install for {mode}", "安装（{mode}）"),
    "action-online": ("Try {model} online: {url}", "在线试用 {model}：{url}"),
    "action-buy": (
        "A {card} would make {count} of {of} models faster than real time.",
        "换用 {card} 后，{of} 个模型中有 {count} 个快于实时。",
    ),
    "action-buy-one": (
        "A {card} would make {model} faster than real time.",
        "换用 {card} 后，{model} 快于实时。",
    ),
    "action-buy-all": (
        "A {card} would make all {of} models faster than real time.",
        "换用 {card} 后，{of} 个模型全部快于实时。",
    ),
    "action-buy-other-all": (
        "Its graphics can't be exchanged; in another computer a {card} makes all {of} models "
        "faster than real time.",
        "本机显卡无法更换；换一台配 {card} 的电脑，{of} 个模型全部快于实时。",
    ),
    "action-buy-other-one": (
        "Its graphics can't be exchanged; in another computer a {card} makes {model} faster than "
        "real time.",
        "本机显卡无法更换；换一台配 {card} 的电脑，{model} 快于实时。",
    ),
    "action-buy-other": (
        "Its graphics can't be exchanged; in another computer a {card} makes {count} of {of} "
        "models faster than real time.",
        "本机显卡无法更换；换一台配 {card} 的电脑，{of} 个模型中有 {count} 个快于实时。",
    ),
}

"""The words of ``vcf report`` on one model and on models side by side, English and Chinese."""

from __future__ import annotations

REPORT_MODEL: dict[str, tuple[str, str]] = {
    "report-head": ("In {mode}: {text}.", "{mode}：{text}。"),
    "report-head-no": (
        "Does not run here. What comes nearest is {mode}: {why}.",
        "在本机不可行。最接近的是 {mode}：{why}。",
    ),
    "report-head-unknown": (
        "Whether it runs here can't be told. {mode}: {why}.",
        "无法判断能否在本机运行。{mode}：{why}。",
    ),
    "report-head-online": (
        "Judged online only: it runs on the provider's computers.",
        "只评估在线版本：在服务方的机器上运行。",
    ),
    "report-pace-good": (
        "faster than real time, 30 s of speech in {time}",
        "快于实时，30 秒语音约需 {time}",
    ),
    "report-pace-likely": (
        "probably faster than real time, 30 s of speech in {time}",
        "多半快于实时，30 秒语音约需 {time}",
    ),
    "report-pace-about": (
        "about real time, 30 s of speech in {time}",
        "大致与实时相当，30 秒语音约需 {time}",
    ),
    "report-pace-nearly": (
        "probably slower than real time, 30 s of speech in {time}",
        "多半慢于实时，30 秒语音约需 {time}",
    ),
    "report-pace-slow": (
        "slower than real time, 30 s of speech in {time}",
        "可以运行但慢于实时，30 秒语音约需 {time}",
    ),
    "report-pace-tight": ("Only just. {why}.", "很勉强。{why}。"),
    "report-head-tight": ("In {mode}, but only just. {why}.", "{mode}：很勉强。{why}。"),
    "report-sentence": ("{text}.", "{text}。"),
    # profile
    "report-parameters": ("{total} ({parts})", "{total}（{parts}）"),
    "report-licence": ("{terms}; commercial use {commercial}", "{terms}；商用：{commercial}"),
    "report-licence-two": ("code {code}, weights {weights}", "代码 {code}，权重 {weights}"),
    "report-commercial-yes": ("allowed", "允许"),
    "report-commercial-conditions": ("on conditions", "有条件"),
    "report-commercial-no": ("not allowed", "不允许"),
    "report-samples": ("Samples", "试听样例"),
    "report-languages": ("{count}: {names}", "{count} 种：{names}"),
    # for and against
    "report-adv-quick": (
        "Faster than real time in {count} modes; the fastest of them, {mode}, takes {time} for "
        "30 s of speech.",
        "有 {count} 种方式快于实时，其中最快的 {mode} 合成 30 秒语音约需 {time}。",
    ),
    "report-adv-cpu": (
        "It gets by without a GPU: CPU modes that run here: {count}.",
        "不靠显卡也能运行：本机可行的 CPU 方式有 {count} 种。",
    ),
    "report-adv-easy": (
        "{mode} takes ready-made packages only, nothing has to be built.",
        "{mode} 只需现成的软件包，无需编译。",
    ),
    "report-adv-vram": (
        "VRAM to spare: {mode} takes {need}, {have} are usable ({ratio} times as much).",
        "显存宽裕：{mode} 需要 {need}，可用 {have}（{ratio} 倍）。",
    ),
    "report-adv-ram": (
        "RAM to spare: {mode} takes {need}, {have} are usable ({ratio} times as much).",
        "内存宽裕：{mode} 需要 {need}，可用 {have}（{ratio} 倍）。",
    ),
    "report-adv-bits": (
        "Quantised to {bits} bits ({mode}) it takes {less} of RAM instead of {more} in fp32.",
        "{bits} 位量化（{mode}）只需 {less} 内存，fp32 需要 {more}。",
    ),
    "report-adv-licence": (
        "Licence {licence}: commercial use is allowed.",
        "采用 {licence} 许可，允许商用。",
    ),
    "report-ch-no-gpu": (
        "Without a GPU its {count} GPU modes are out.",
        "本机没有显卡，{count} 种 GPU 运行方式都用不了。",
    ),
    "report-ch-vram": ("VRAM: {have} usable. {text}", "显存：可用 {have}。{text}"),
    "report-ch-vram-unknown": ("VRAM: {text}", "显存：{text}"),
    "report-ch-card": ("{modes}: {text}.", "{modes}：{text}。"),
    "report-ch-installed": ("{modes}: {text}.", "{modes}：{text}。"),
    "report-ch-ram": ("RAM: {text}", "内存：{text}"),
    "report-ch-disk": ("Disk: {text}", "磁盘：{text}"),
    "report-ch-slow": (
        "Slower than real time in every mode: RTF {low}–{high} at best ({mode}).",
        "各种方式都慢于实时：最快的 {mode} RTF 为 {low}–{high}。",
    ),
    "report-ch-nearly": (
        "Probably slower than real time in every mode: RTF {low}–{high} at best ({mode}).",
        "各种方式多半都慢于实时：最快的 {mode} RTF 为 {low}–{high}。",
    ),
    "report-ch-slow-ample": (
        "Slower than real time in every mode with memory to spare: RTF {low}–{high} at best "
        "({mode}).",
        "内存有余的方式都慢于实时：最快的 {mode} RTF 为 {low}–{high}。",
    ),
    "report-ch-nearly-ample": (
        "Probably slower than real time in every mode with memory to spare: RTF {low}–{high} at "
        "best ({mode}).",
        "内存有余的方式多半都慢于实时：最快的 {mode} RTF 为 {low}–{high}。",
    ),
    "report-ch-foreign": ("Not for this system: {modes}.", "不支持本机系统：{modes}。"),
    "report-ch-licence-conditions": (
        "Commercial use is tied to conditions; see the licence in its profile.",
        "商用附有条件，见模型简介中的许可证。",
    ),
    "report-ch-licence-no": (
        "Commercial use is not allowed; see the licence in its profile.",
        "不允许商用，见模型简介中的许可证。",
    ),
    "report-gap-part": ("{part} ({mode})", "{part}（{mode}）"),
    "report-gap-software": ("Software", "软件"),
    "report-gap-vram": ("VRAM", "显存"),
    "report-gap-ram-load": ("RAM, loading", "加载内存"),
    "report-gap-ram-run": ("RAM, speaking", "合成内存"),
    "report-gap-disk": ("Disk", "磁盘"),
    # remedies
    "report-grade-high": ("high", "高"),
    "report-grade-medium": ("medium", "中"),
    "report-grade-low": ("low", "低"),
    "report-grade-none": ("no", "不可行"),
    "report-grade-unknown": ("unknown", "未知"),
    "report-family-gpu-full": ("Full precision on the GPU ({mode})", "显卡全精度（{mode}）"),
    "report-family-gpu-half": ("Half precision on the GPU ({mode})", "显卡半精度（{mode}）"),
    "report-family-deepspeed": ("With DeepSpeed ({mode})", "启用 DeepSpeed（{mode}）"),
    "report-family-gguf-gpu": ("GGUF file on the GPU ({mode})", "显卡运行 GGUF 文件（{mode}）"),
    "report-family-server": ("Inference server ({mode})", "推理服务（{mode}）"),
    "report-family-mlx": ("Apple MLX ({mode})", "苹果 MLX（{mode}）"),
    "report-family-cpu": (
        "The official code on the processor ({mode})",
        "官方代码，只用处理器（{mode}）",
    ),
    "report-family-gguf-cpu": (
        "GGUF file on the processor ({mode})",
        "处理器运行 GGUF 文件（{mode}）",
    ),
    "report-family-onnx": ("ONNX on the processor ({mode})", "处理器运行 ONNX（{mode}）"),
    "report-family-online": ("Online demo ({mode})", "在线试用（{mode}）"),
    "report-and": ("{first}; and {second}", "{first}，并且{second}"),
    # recipes and problems
    "report-recipe-title": ("{mode}: {runtime}", "{mode}：{runtime}"),
    "report-recipe-online": ("online: the makers' and others' demos", "online：在线试用"),
    "report-good-easy": (
        "Ready-made packages, nothing has to be built.",
        "只需现成的软件包，无需编译。",
    ),
    "report-good-cpu": ("Needs no GPU.", "不需要显卡。"),
    "report-good-memory": (
        "Fits: {ram} of RAM at its peak.",
        "内存放得下：峰值 {ram}。",
    ),
    "report-good-memory-gpu": (
        "Fits: {vram} of VRAM and {ram} of RAM at its peak.",
        "放得下：显存 {vram}，内存峰值 {ram}。",
    ),
    "report-good-online": (
        "Nothing to install: it runs on the provider's computers.",
        "无需安装，在服务方的机器上运行。",
    ),
    "report-bad-online": (
        "It may have a queue, change or go away, and the clip leaves this computer.",
        "可能要排队，也可能变更或下线；参考音频会上传给对方。",
    ),
    "report-bad-build": (
        "More to set up: a program to build, or files to fetch by hand.",
        "安装较麻烦：需要编译程序或手动下载文件。",
    ),
    "report-bad-server": (
        "Much to set up: it is made for servers.",
        "安装复杂：它面向服务器部署。",
    ),
    "report-bad-disk": (
        "Takes {size} of disk while installing.",
        "安装过程占用 {size} 磁盘空间。",
    ),
    "report-note-link": ("{url}: {note}", "{url}：{note}"),
    "report-problem-mode": ("{mode}: {text}", "{mode}：{text}"),
    "report-problem-doubt": (
        "the forecast is less sure: {text}.",
        "预测可信度较低：{text}。",
    ),
    # side by side
    "report-crit-vram": ("Least VRAM on a GPU", "最低显存需求"),
    "report-crit-ram": ("Least RAM without a GPU", "不用显卡时的最低内存"),
    "report-crit-least": ("{size} ({mode})", "{size}（{mode}）"),
    "report-crit-commercial": ("Commercial use", "商用"),
    "report-crit-dialects": ("{languages}; {count} dialects", "{languages}；方言 {count} 种"),
    "report-crit-verdict": ("Verdict here", "本机结论"),
    "report-crit-mode": ("{verdict} ({mode})", "{verdict}（{mode}）"),
    "report-crit-time": ("Time for 30 s of speech", "30 秒语音耗时"),
    "report-crit-online": ("online only", "仅在线"),
    "report-clip-range": ("clip of {low}–{high} s", "{low}–{high} 秒参考音频"),
    "report-clip-most": ("clip of up to {high} s", "不超过 {high} 秒的参考音频"),
    "report-clip-any": ("one clip", "一段参考音频"),
    "report-cloning": ("{seconds}, {words}", "{seconds}，{words}"),
    "report-words-required": ("its words required", "必须提供其逐字文本"),
    "report-words-optional": ("its words optional", "可不提供文本"),
    "report-words-unused": ("no transcript", "无需文本"),
}

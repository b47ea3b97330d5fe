"""The words of ``vcf report`` on what is missing, and of its short form, English and Chinese."""

from __future__ import annotations

REPORT_SHORT: dict[str, tuple[str, str]] = {
    "report-missing": (
        "Too little is known yet of this machine to tell what it can run. Missing: {facts}. Say it "
        "with these flags or in the machine file.",
        "对这台机器所知太少，还无法判断它能运行什么。缺少：{facts}。请用这些选项给出，或写进机器文件。",
    ),
    "report-missing-ram": ("RAM (`--ram 16GiB`)", "内存（`--ram 16GiB`）"),
    "report-missing-gpu": (
        'graphics card (`--gpu "RTX 3060"`, its size with `--vram 12GiB`; `--gpu none` where '
        "there is none)",
        '显卡（`--gpu "RTX 3060"`，显存用 `--vram 12GiB`；没有显卡用 `--gpu none`）',
    ),
    "report-missing-vram": ("VRAM (`--vram 12GiB`)", "显存（`--vram 12GiB`）"),
    "report-missing-cores": ("processor cores (`--cores 8`)", "处理器核数（`--cores 8`）"),
    "report-refused": ("Modes that do not run here: {groups}.", "无法在本机运行的方式：{groups}。"),
    "report-refused-group": ("{modes} ({why})", "{modes}（{why}）"),
    "report-limit-short": (
        "This is the short form. Without `--short` it also has the requirements by source, every "
        "mode that does not run, what may go wrong, what could be done, and more recipes.",
        "这是简版。不加 `--short` 的完整版还包括：各来源给出的硬件要求、无法运行的方式的明细、"
        "可能遇到的问题、可能的解决办法，以及更多运行方法。",
    ),
}

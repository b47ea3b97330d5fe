"""The words of ``vcf bench`` before and during a measurement, by label id."""

from __future__ import annotations

BENCH_PLAN: dict[str, tuple[str, str]] = {
    "plan-cell": ("Cell", "测试项"),
    "plan-forecast": ("Forecast RTF", "预测 RTF"),
    "plan-memory": ("Memory", "内存需求"),
    "plan-time": ("Time", "耗时"),
    "plan-weights": ("Weights", "权重"),
    "plan-syntheses": ("Runs", "次数"),
    "plan-head": (
        "Nothing has been measured, written or downloaded.",
        "尚未测量、写入或下载任何内容。",
    ),
    "plan-speech": (
        "{count} × {seconds} s of speech; the time leaves loading out.",
        "{count} × {seconds} 秒语音；耗时不含加载。",
    ),
    "plan-total": (
        "{count} cells, by the forecast {time} in all, loading left out.",
        "共 {count} 项，预测总耗时 {time}，不含加载。",
    ),
    "plan-total-one": (
        "One cell, by the forecast {time}, loading left out.",
        "共 1 项，预测耗时 {time}，不含加载。",
    ),
    "plan-limit": (
        "What is not over after {time}, all in all, is not begun.",
        "总时间限为 {time}，来不及的不再开始。",
    ),
    "plan-unknown": ("Without a forecast: {count}.", "无预测：{count} 项。"),
    "plan-skip": ("not begun", "不执行"),
    "plan-path": ("your folder", "本地目录"),
    "plan-hub": ("downloaded already", "已下载"),
    "plan-hub-download": ("to be downloaded", "需要下载"),
    "plan-synthetic": ("random, {size}", "随机权重 {size}"),
    "plan-synthetic-ready": ("random, written already", "随机权重（已有）"),
    "plan-tiny": ("tiny, random", "微型随机权重"),
    "plan-tiny-ready": ("tiny, random", "微型随机权重"),
    "plan-random-note": (
        "Random weights have the true shapes: speed and memory are those of the model, the sound "
        "is noise.",
        "随机权重的形状与真实模型一致：速度和内存占用真实，声音只是噪声。",
    ),
    "plan-hub-note": (
        "Real ones: --weights PATH, or --weights hub to download them.",
        "要用真实权重：--weights 路径，或 --weights hub 下载。",
    ),
    "plan-tiny-note": (
        "Tiny weights show that everything works; their speed says nothing about the model.",
        "微型权重只能说明流程可用，其速度与真实模型无关。",
    ),
    "skip-no-gpu": (
        "{cell}: there is no GPU here",
        "{cell}：本机没有可用的显卡",
    ),
    "skip-gpu-unknown": (
        "{cell}: it can't be told whether there is a GPU here; `vcf probe -v` says why",
        "{cell}：无法确定本机是否有显卡，原因见 `vcf probe -v`",
    ),
    "skip-nearest": (
        "the forecast for cards with which it would run: {cards}",
        "在以下显卡上的预测：{cards}",
    ),
    "skip-card": ("{card}: RTF {low}–{high}", "{card}：RTF {low}–{high}"),
    "skip-too-little-memory": (
        "{cell}: not begun, memory is too small: {detail}; --force tries it nevertheless",
        "{cell}：内存不足，未执行：{detail}；加 --force 可强行尝试",
    ),
    "skip-memory-unknown": (
        "{cell}: not begun, it is not known whether memory is enough (needs {detail}); --force "
        "tries it nevertheless",
        "{cell}：无法确定内存是否足够（需要 {detail}），未执行；加 --force 可强行尝试",
    ),
    "skip-needs": ("{need} needed, {have} there", "需要 {need}，现有 {have}"),
    "weights-write": (
        "writing random weights {done} of {total}",
        "正在写入随机权重 {done} / {total}",
    ),
    "weights-download": ("downloading {done} of {total}", "正在下载 {done} / {total}"),
    "weights-read": ("reading weights {done} of {total}", "正在读取权重 {done} / {total}"),
    "phase-import": ("importing", "导入软件包"),
    "phase-load": ("loading", "加载模型"),
    "phase-reference": ("encoding the clip", "编码参考音频"),
    "phase-cold": ("first synthesis", "首次合成"),
    "phase-warm": ("run {run} of {of}", "第 {run} / {of} 次"),
    "phase-stream": ("streaming {run} of {of}", "流式合成 {run} / {of}"),
    "phase-rtf": ("RTF {rtf} so far", "目前 RTF {rtf}"),
    "phase-left": ("about {time} left", "约剩 {time}"),
}

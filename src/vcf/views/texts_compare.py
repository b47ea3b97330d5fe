"""The words of ``vcf compare``, English and Chinese, by label id."""

from __future__ import annotations

COMPARE: dict[str, tuple[str, str]] = {
    "compare-title": ("Machines compared", "机器对比"),
    "compare-each": ("What vcf recommends on each", "各台机器的推荐"),
    # what the verdicts stand for, and what is recommended
    "compare-cells": (
        "Best results: best verdict, then speed; ease of setup does not count.",
        "各模型的最佳结果：先比结论，再比速度，不考虑安装难易。",
    ),
    "compare-cells-mode": ("Result of each mode.", "各运行方式的结果。"),
    "compare-each-means": (
        "The easiest good way: ease of setup counts here, so it may be another mode or model than "
        "the best results.",
        "兼顾效果与安装难易，所以模型或运行方式可能与最佳结果不同。",
    ),
    # how many models a machine serves
    "compare-counts": ("{of} models: {counts}", "{of} 个模型：{counts}"),
    "compare-counts-one": ("1 model: {counts}", "1 个模型：{counts}"),
    "compare-count": ("{count} {verdict}", "{verdict} {count} 个"),
    # the answer
    "compare-best": (
        "Best of these: {name} ({counts}). Next: {next} ({next_counts}).",
        "其中最合适的是 {name}（{counts}）；其次是 {next}（{next_counts}）。",
    ),
    "compare-only": (
        "Only {name} runs any of it ({counts}).",
        "只有 {name} 能运行所查询的模型（{counts}）。",
    ),
    "compare-scores": (
        "Both are good on as many models; their scores added up decide, {score} against "
        "{next_score}.",
        "两者流畅的模型一样多，按各模型得分之和分先后：{score} 对 {next_score}。",
    ),
    "compare-scores-none": (
        "None is good on any model; their scores added up decide, {score} against {next_score}.",
        "没有一台有流畅的模型，按各模型得分之和分先后：{score} 对 {next_score}。",
    ),
    "compare-both": ("{first} {second}", "{first}{second}"),
    "compare-even": (
        "Equally good: {names} ({counts}; the scores add up to {score} on each).",
        "{names}不分高下（{counts}；得分之和均为 {score}）。",
    ),
    "compare-all": ("all {count} machines", "这 {count} 台机器"),
    "compare-more": ("{names} and {count} more", "{names} 等 {count} 台"),
    "compare-none": (
        "None of these machines runs any of it.",
        "这些机器都无法运行所查询的模型。",
    ),
    "compare-unknown": (
        "It can't be told which is best: facts about the machines are missing.",
        "信息不足，无法判断哪台更合适。",
    ),
    "compare-unknown-facts": (
        "It can't be told which is best: facts about {names} are missing ({facts}).",
        "缺少{names}的信息（{facts}），无法判断哪台更合适。",
    ),
    "compare-ahead": (
        "By what is known, {name} is ahead ({counts}).",
        "就已知信息看，{name} 领先（{counts}）。",
    ),
    # facts
    "compare-cores": ("{cpu}, {cores} cores", "{cpu}，{cores} 核"),
    "compare-vram-unknown": ("{gpu}, VRAM unknown", "{gpu}（显存未知）"),
    "compare-core": ("{cpu}, 1 core", "{cpu}，1 核"),
    "compare-limit": ("{verdict}: {limit}", "{verdict}：{limit}"),
    "compare-named": ("{name} ({more})", "{name}（{more}）"),
    # rows that say the same everywhere
    "compare-fold": (
        "{verdict} on all of them: {rows} – {reason}",
        "所有机器均为“{verdict}”：{rows}。{reason}",
    ),
    # notes
    "compare-note-online": (
        "Left out, because online services don't depend on the machine: {models}. To see them: "
        "--mode online.",
        "在线服务与机器无关，因此未列出：{models}；要查看请加 --mode online。",
    ),
    "compare-unjudged": (
        "{count} of {of} models can't be judged, since facts are missing; it may be better than "
        "it looks here.",
        "因信息不足，{of} 个模型中有 {count} 个无法判断，实际表现可能更好。",
    ),
    "compare-missing": (
        "not known: {facts}. Say so in the machine file: {fields}.",
        "{facts}未知，请在机器文件中写明 {fields}。",
    ),
    "compare-missing-flags": (
        "not known: {facts}. Say so in the machine file ({fields}), or try values: vcf check "
        "--machine MACHINE {flags}.",
        "{facts}未知，请在机器文件中写明 {fields}，或用 vcf check --machine 机器 {flags} 试算。",
    ),
    "compare-miss-os": ("system", "系统"),
    "compare-miss-cpu": ("processor", "处理器"),
    "compare-miss-cores": ("processor cores", "处理器核心数"),
    "compare-miss-memory": ("RAM", "内存"),
    "compare-miss-gpus": ("GPU", "显卡"),
    "compare-miss-vram": ("VRAM of {gpu}", "{gpu} 的显存"),
    "compare-miss-vendor": ("maker of {gpu}", "{gpu} 的厂商"),
    "compare-either": ("{first} or {last}", "{first} 或 {last}"),
    "compare-note-measured": (
        "{name}: {count} of the RTF here rest on what was measured on it; those of other machines "
        "are forecasts, and less certain.",
        "{name}：其中 {count} 个 RTF 依据在这台机器上的实测；其他机器的数值是预测，不如实测可靠。",
    ),
    "compare-note-twice": (
        "{name}: named more than once, compared once.",
        "{name}：重复给出，只比较一次。",
    ),
    "compare-rule": (
        "Order: most models good, then the higher sum of scores, the best way to run each model "
        "counting. Price and power use don't count. Reasons: vcf check MODEL --machine MACHINE.",
        "排序规则：先比流畅的模型数，再比得分之和，每个模型取最好的运行方式；不考虑价格和功耗。"
        "查看理由：vcf check 模型 --machine 机器。",
    ),
    "compare-rtf": (
        "RTF: seconds of work for a second of speech, as a range; below 1 is faster than real "
        "time.",
        "RTF：合成一秒语音所需的计算秒数（范围），小于 1 即快于实时。",
    ),
}

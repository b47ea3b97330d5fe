"""The words of ``vcf calibrate``, English and Chinese, by label id."""

from __future__ import annotations

CALIBRATE: dict[str, tuple[str, str]] = {
    "calibrate-head": (
        "{name} · threads: {threads} · torch {torch}",
        "{name} · 线程数 {threads} · torch {torch}",
    ),
    "calibrate-head-gpu": ("{name} · torch {torch}", "{name} · torch {torch}"),
    "calibrate-precision": ("Precision", "精度"),
    "calibrate-one-row": ("1 row", "1 行"),
    "calibrate-rows": ("{rows} rows", "{rows} 行"),
    "calibrate-attention": ("Attention", "注意力"),
    "calibrate-rest": (
        "AudioVAE {conv} · copying {copy} · {launch} µs an operation",
        "AudioVAE {conv} · 内存复制 {copy} · 每次操作 {launch} 微秒",
    ),
    "calibrate-threads-more": (
        "Threads: OMP_NUM_THREADS={threads} is {gain} % quicker than torch's own choice, {own}.",
        "线程数：{threads} 个比 torch 默认的 {own} 个快 {gain} %，"
        "可设置 OMP_NUM_THREADS={threads}。",
    ),
    "calibrate-threads-fine": (
        "Threads: torch's own choice, {own}, is as quick as any tried ({tried}).",
        "线程数：在试过的（{tried}）之中，torch 默认的 {own} 已是最快或与最快相当。",
    ),
    "calibrate-foreign": (
        "Other programs took {share} % of the processor at the most.",
        "测量期间其他程序最多占用处理器的 {share} %。",
    ),
    "calibrate-left-out": ("Not measured: {part} ({reason})", "未能测量：{part}（{reason}）"),
    "calibrate-left-more": ("… and {count} more, see --json", "……另有 {count} 项，见 --json"),
    "calibrate-date": (
        "Measured {date} by vcf {vcf}, Python {python}.",
        "测量时间 {date}，vcf {vcf}，Python {python}。",
    ),
    "calibrate-other-torch": (
        "It was made with torch {torch}; installed is {installed}. Measure again to be exact.",
        "测量时的 torch 为 {torch}，现在安装的是 {installed}；要更准确请重新测量。",
    ),
    "calibrate-stored": ("Stored: {path}", "已保存：{path}"),
    "calibrate-used": ("`vcf check` now uses it.", "`vcf check` 已开始使用这些数据。"),
    "calibrate-uses": ("`vcf check` uses it.", "`vcf check` 正在使用这些数据。"),
    "calibrate-disturbed": (
        "Not stored: other programs took {share} % of the processor at times, and the figures are "
        "too low. Close browsers, games, updates and downloads, then measure again.",
        "未保存：其他程序一度占用处理器的 {share} %，测得的数值偏低。请关闭浏览器、游戏、"
        "更新和下载，然后重新测量。",
    ),
    "calibrate-progress": ("measuring {number}/{count}: {part}", "测量中 {number}/{count}：{part}"),
    "calibrate-import": ("importing torch …", "正在导入 torch……"),
}

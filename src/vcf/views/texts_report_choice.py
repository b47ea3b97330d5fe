"""The words of ``vcf report``: overview, what to do, conclusion, headings; English and Chinese."""

from __future__ import annotations

REPORT_CHOICE: dict[str, tuple[str, str]] = {
    "report-choice": ("{model} in {mode}", "{model}（{mode}）"),
    "report-choice-online": ("{model} online", "{model} 在线版"),
    "report-why-largest": (
        "The largest of the {count} models that are faster than real time here.",
        "本机快于实时的 {count} 个模型中，它的参数量最大。",
    ),
    "report-why-quick": ("Faster than real time here.", "在本机快于实时。"),
    "report-why-fastest": (
        "Of the {count} ways that run here none is faster.",
        "本机可行的 {count} 种方式中，没有比它更快的。",
    ),
    "report-why-fastest-ample": (
        "Of the {count} ways that run here with memory to spare none is faster.",
        "本机可行且内存有余的 {count} 种方式中，没有比它更快的。",
    ),
    "report-why-easiest": (
        "Of all that is as easy to set up it is the fastest; {model} in {mode} would be faster "
        "still ({time} for 30 s of speech), with more to set up.",
        "同样容易安装的方式中它最快；{model} 的 {mode} 还要快些（30 秒语音约需 {time}），"
        "但安装更麻烦。",
    ),
    "report-why-vram": (
        "VRAM: {need} needed, {have} usable.",
        "显存：需要 {need}，可用 {have}。",
    ),
    "report-why-ram": (
        "RAM: {need} needed at the peak, {have} usable.",
        "内存：峰值需要 {need}，可用 {have}。",
    ),
    "report-why-local": (
        "On this machine it is {state} at best, in {mode}.",
        "本机最好只能用 {mode} 做到{state}。",
    ),
    "report-why-no-local": (
        "On this machine it does not run: {mode} is {state}.",
        "无法在本机运行，{mode} 的结论是{state}。",
    ),
    "report-why-emotion": ("How emotion is set. {text}", "在情感控制上，{text}"),
    "report-expect-time": (
        "30 s of speech take {half}, a minute takes {minute}.",
        "30 秒语音约需 {half}，一分钟语音约需 {minute}。",
    ),
    "report-expect-disk": (
        "{weights} of weights are downloaded; the programs take about {rest}.",
        "需要下载 {weights} 的权重，程序占用约 {rest}。",
    ),
    "report-expect-clip": ("To clone a voice: {cloning}.", "克隆声音需要：{cloning}。"),
    # upgrades
    "report-unlock": ("{model}: {effect}", "{model}：{effect}"),
    "report-price": (
        "Launch price {usd} US dollars ({date}) [{source}].",
        "首发价 {usd} 美元（{date}）[{source}]。",
    ),
    "report-examples": ("Also enough: {cards}.", "同样够用：{cards}。"),
    "report-up-ram-enough": (
        "{have} are enough for every mode, the most demanding of which takes {high}.",
        "{have} 已满足所有运行方式，需求最高的为 {high}。",
    ),
    "report-up-ram-useless": (
        "By itself it lifts no model's verdict. It would only make room for more modes: {fits} of "
        "{count} have enough now, the most demanding takes {high}.",
        "只加内存不会改变任何模型的结论，只是让更多运行方式放得下："
        "目前 {count} 种中有 {fits} 种够用，需求最高的为 {high}。",
    ),
    "report-up-disk-enough": (
        "{have} are free, installing takes {high} at most.",
        "剩余 {have}，安装最多需要 {high}。",
    ),
    "report-up-disk-some": (
        "{have} free are enough for some modes; with {high} free every mode could be installed.",
        "剩余 {have} 只够部分运行方式；空出 {high} 则全部可以安装。",
    ),
    "report-up-disk-none": (
        "{have} free are too little for each mode until some is cleared; with {high} free every "
        "mode could be installed.",
        "剩余 {have}，不清理则哪种方式都装不下；空出 {high} 则全部可以安装。",
    ),
    "report-up-disk-short": (
        "{have} free are too little: {low} are needed at least, {high} for the most demanding "
        "mode.",
        "剩余 {have} 不够：至少需要 {low}，需求最高的运行方式要 {high}。",
    ),
    "report-up-disk-size": (
        "It holds {have}; that will do if {low} to {high} of it are free, depending on the mode.",
        "磁盘共 {have}；只要剩余 {low} 至 {high}（视运行方式而定）就不必更换。",
    ),
    "report-up-disk-small": (
        "It holds {have} in all, too little for some modes: installing takes {low} to {high}.",
        "磁盘总共 {have}，有的运行方式装不下：安装需要 {low} 至 {high}。",
    ),
    # overview
    "report-over-what": (
        "This report judges {count} models in {modes} local modes for {machine}: {models}.",
        "本报告针对 {machine}，逐一评估 {count} 个模型的 {modes} 种本地运行方式：{models}。",
    ),
    "report-over-what-one": (
        "This report judges {models} for {machine}; local modes: {modes}.",
        "本报告针对 {machine}，评估 {models} 的本地运行方式（{modes} 种）。",
    ),
    "report-over-online": (
        "Asked about: {models}, online only. Nothing of this machine matters for that.",
        "所查询的是 {models} 的在线版本，与本机配置无关。",
    ),
    "report-over-count": ("Of {count} models: {parts}.", "{count} 个模型中：{parts}。"),
    "report-count-good": ("{count} faster than real time", "{count} 个快于实时"),
    "report-count-slow": ("{count} slower than real time", "{count} 个能运行但慢于实时"),
    "report-count-tight": ("{count} barely", "{count} 个只能勉强运行"),
    "report-count-no": ("{count} not at all", "{count} 个不可行"),
    "report-count-unknown": ("{count} unknown", "{count} 个无法判断"),
    # conclusion
    "report-end-good": ("{models} are faster than real time here.", "{models} 在本机快于实时。"),
    "report-end-good-one": ("{models} is faster than real time here.", "{models} 在本机快于实时。"),
    "report-end-slow": (
        "{models} run here, but slower than real time.",
        "{models} 可以在本机运行，但慢于实时。",
    ),
    "report-end-slow-one": (
        "{models} runs here, but slower than real time.",
        "{models} 可以在本机运行，但慢于实时。",
    ),
    "report-end-tight": ("{models} run here only just.", "{models} 只能勉强运行。"),
    "report-end-tight-one": ("{models} runs here only just.", "{models} 只能勉强运行。"),
    "report-end-no": ("{models} do not run here.", "{models} 无法在本机运行。"),
    "report-end-no-one": ("{models} does not run here.", "{models} 无法在本机运行。"),
    "report-end-unknown": (
        "Whether {models} run here can't be told.",
        "无法判断 {models} 能否在本机运行。",
    ),
    "report-end-unknown-one": (
        "Whether {models} runs here can't be told.",
        "无法判断 {models} 能否在本机运行。",
    ),
    "report-end-good-all": (
        "Each of the {count} models is faster than real time here.",
        "{count} 个模型在本机全部快于实时。",
    ),
    "report-end-slow-all": (
        "Each of the {count} models runs here, but slower than real time.",
        "{count} 个模型都可以在本机运行，但都慢于实时。",
    ),
    "report-end-tight-all": (
        "Each of the {count} models runs here only just.",
        "{count} 个模型都只能勉强运行。",
    ),
    "report-end-no-all": (
        "None of the {count} models runs here.",
        "{count} 个模型都无法在本机运行。",
    ),
    "report-end-unknown-all": (
        "Whether any of the {count} models runs here can't be told.",
        "无法判断这 {count} 个模型能否在本机运行。",
    ),
    "report-end-first": ("The first choice is {model} in {mode}.", "首选 {model}（{mode}）。"),
    "report-end-first-online": (
        "What remains is {model} online.",
        "可以在线使用 {model}。",
    ),
    "report-end-second": (
        "The second choice is {model} in {mode}.",
        "备选 {model}（{mode}）。",
    ),
    "report-end-second-online": (
        "{model} is better used online.",
        "{model} 更适合在线使用。",
    ),
    "report-end-upgrade": (
        "If you upgrade, {change}: that lifts the verdicts on {models}, and no other upgrade lifts "
        "more.",
        "若要升级，收效最大的是{change}：{models} 的结论都会提升。",
    ),
    "report-end-upgrade-all": (
        "If you upgrade, {change}: that lifts the verdicts on all {count} models.",
        "若要升级，收效最大的是{change}：{count} 个模型的结论都会提升。",
    ),
    "report-end-upgrade-one": (
        "If you upgrade, {change}: that lifts the verdict on {models}.",
        "若要升级，收效最大的是{change}：{models} 的结论会提升。",
    ),
    # of the report itself
    "report-limit-quality": (
        "How good a voice sounds is not judged, only whether, how and how fast it is made.",
        "本报告不评价音质，只判断能否运行、怎样运行、有多快。",
    ),
    "report-limit-range": (
        "Times are forecasts, given as ranges; the truth can lie outside of them. What is called "
        "faster than real time is so by the middle of its range.",
        "耗时是预测值，以范围给出，实际也可能落在范围之外；“快于实时”以范围的中值为准。",
    ),
    "report-limit-forecast": (
        "No measurement of this machine went into it; `vcf calibrate` and `vcf bench voxcpm`, run "
        "on it, narrow the ranges.",
        "没有用到本机的实测数据；在本机运行 `vcf calibrate` 和 `vcf bench voxcpm` 可缩小范围。",
    ),
    "report-limit-calibrated": (
        "Forecasts rest on a calibration of this machine where one fits.",
        "适用时，预测依据本机的校准数据。",
    ),
    "report-limit-measured": (
        "Where synthesis was measured on this machine, the measurement counts.",
        "有本机实测的运行方式以实测为准。",
    ),
    "report-limit-prices": (
        "Prices are those at launch, from announcements, in US dollars; shops ask others.",
        "价格是发布时的美元官方价，与市场价不同。",
    ),
    "report-limit-data": (
        "What is known of models, cards and packages is of {date}; later news are not in it.",
        "模型、显卡和软件包的资料截至 {date}，此后的变化未计入。",
    ),
    # headings of the Markdown
    "report-h-contents": ("Contents", "目录"),
    "report-h-overview": ("Overview", "概述"),
    "report-h-machine": ("The machine", "运行环境"),
    "report-h-findings": ("Key findings", "关键结论"),
    "report-h-profile": ("What it is", "模型简介"),
    "report-h-needs": ("What it is said to need", "各来源给出的硬件要求"),
    "report-h-modes": ("How each mode fares here", "在本机的运行可行性"),
    "report-h-standing": ("For and against", "优势与困难"),
    "report-h-for": ("For it", "优势"),
    "report-h-against": ("Against it", "困难"),
    "report-h-gaps": ("Need and what is there", "配置差距"),
    "report-h-remedies": ("What could be done", "可能的解决办法"),
    "report-h-recipes": ("How to run it", "运行方法"),
    "report-h-problems": ("What may go wrong", "可能遇到的问题"),
    "report-h-compare": ("The models side by side", "模型对比"),
    "report-h-advice": ("What to do", "建议"),
    "report-h-first": ("First choice: {title}", "首选：{title}"),
    "report-h-second": ("Second choice: {title}", "备选：{title}"),
    "report-h-now": ("Now", "立即可做"),
    "report-h-software": ("Other software and settings", "软件与设置"),
    "report-h-upgrades": ("New hardware", "硬件升级"),
    "report-h-conclusion": ("Conclusion", "结论"),
    "report-h-measurements": ("Measured on this machine", "本机实测"),
    "report-h-limits": ("About this report", "关于本报告"),
    "report-h-sources": ("Sources", "资料来源"),
    "report-c-part": ("Part", "组件"),
    "report-c-value": ("What it is", "规格"),
    "report-c-status": ("Status", "状态"),
    "report-c-note": ("What follows", "说明"),
    "report-c-need": ("Needed", "需要"),
    "report-c-have": ("There", "现有"),
    "report-c-missing": ("Missing", "缺口"),
    "report-c-time": ("30 s of speech", "30 秒语音"),
    "report-c-needs": ("VRAM / RAM / disk", "显存 / 内存 / 磁盘"),
    "report-c-remedy": ("What", "办法"),
    "report-c-feasible": ("Feasible", "可行性"),
    "report-c-effort": ("Effort", "复杂度"),
    "report-c-effect": ("Effect", "效果"),
    "report-c-date": ("Date", "日期"),
    "report-c-kind": ("Kind", "类别"),
    "report-c-property": ("Property", "项目"),
    "report-c-claim": ("Says", "说法"),
    "report-c-remark": ("Remark", "备注"),
    "report-c-level": ("Level", "级别"),
    "report-why": ("Why", "理由"),
    "report-expect": ("What to expect", "预期"),
    "report-effort": ("Effort: {grade}", "实施难度：{grade}"),
    "report-install": ("Install:", "安装："),
    "report-run": ("Run:", "运行："),
    "report-notes": ("Good to know", "须知"),
    "report-remedy": ("Remedy: {text}", "办法：{text}"),
    "report-see": ("See it: {command}", "查看：{command}"),
    "report-worth": ("worth it", "有用"),
    "report-not-worth": ("no need", "无需"),
    "report-status-good": ("✅ fine", "✅ 满足"),
    "report-status-limit": ("⚠️ limits", "⚠️ 受限"),
    "report-status-bad": ("❌ falls short", "❌ 不满足"),
    "report-status-unknown": ("❔ unknown", "❔ 未知"),
    "report-status-none": ("–", "–"),
    "report-written": (
        "Written on {date} by vcf {version} from data of {data}.",
        "由 vcf {version} 于 {date} 生成，资料截至 {data}。",
    ),
}

"""The words of ``vcf bench``, English and Chinese, by label id."""

from __future__ import annotations

from .texts_bench_findings import BENCH_FINDINGS
from .texts_bench_record import BENCH_RECORD

BENCH: dict[str, tuple[str, str]] = {
    **BENCH_RECORD,
    **BENCH_FINDINGS,
    # the heading and the answer
    "bench-weights-hub": ("real weights", "真实权重"),
    "bench-weights-path": ("weights from a folder", "本地文件夹的权重"),
    "bench-weights-synthetic": ("random weights", "随机权重"),
    "bench-weights-tiny": ("tiny random weights", "微型随机权重"),
    "bench-steps": ("{steps} steps", "{steps} 步"),
    "bench-speech": ("{seconds} s of speech", "语音 {seconds} 秒"),
    "bench-threads": ("threads: {threads}", "线程数 {threads}"),
    "bench-torch": ("torch {torch}", "torch {torch}"),
    "bench-synthetic": (
        "Random weights of the true shape: speed and memory are real, the sound is noise; "
        "correctness: not applicable.",
        "随机权重，结构与真实模型相同：速度和内存数据真实，声音只是噪声，正确性不适用。",
    ),
    "bench-tiny": (
        "Random weights in small shapes, for trying vcf out: nothing here says anything about "
        "the model's speed or memory.",
        "随机权重，结构缩小，仅供试用 vcf：这里的数字完全不能说明该模型的速度和内存。",
    ),
    "bench-takes": (
        "30 s of speech take about {time} here.",
        "在这台机器上合成 30 秒语音约需 {time}。",
    ),
    "bench-takes-with": (
        "With {cell}, 30 s of speech take about {time} here.",
        "在这台机器上用 {cell} 合成 30 秒语音约需 {time}。",
    ),
    "bench-nothing": ("Nothing was measured.", "没有得到测量结果。"),
    "bench-smooth": (
        "Streaming: the first sound comes after {first}; a player never has to wait.",
        "流式合成：{first}后出声，播放不会卡顿。",
    ),
    "bench-stalls": (
        "Streaming: the first sound comes after {first}, but over {speech} of speech a player "
        "would stall {count}× unless it starts {buffer} later.",
        "流式合成：{first}后出声；{speech}语音边放边算会卡顿 {count} 次，推迟 {buffer}播放可避免。",
    ),
    "bench-second": ("{number} s", "{number} 秒"),
    "bench-minute": ("{number} min", "{number} 分钟"),
    "bench-minutes": ("{minutes} min {seconds} s", "{minutes} 分 {seconds} 秒"),
    "bench-hours": ("{hours} h {minutes} min", "{hours} 小时 {minutes} 分"),
    # the table; a line break is where a heading may be broken
    "bench-mode": ("Mode", "运行方式"),
    "bench-rtf": ("RTF", "RTF"),
    "bench-range": ("Range", "范围"),
    "bench-speed": ("× real\ntime", "× 实时"),
    "bench-first": ("First\naudio", "首段\n音频"),
    "bench-load": ("Load", "加载"),
    "bench-ram": ("Peak\nRAM", "峰值\n内存"),
    "bench-vram": ("Peak\nVRAM", "峰值\n显存"),
    "bench-forecast": ("Forecast", "预测"),
    "bench-outcome": ("Measured/\nforecast", "实测/\n预测"),
    "bench-inside": ("inside {factor}×", "区间内 {factor}×"),
    "bench-faster": ("faster {factor}×", "偏快 {factor}×"),
    "bench-slower": ("slower {factor}×", "偏慢 {factor}×"),
    # the ranking
    "bench-rank-cell": ("Model and mode", "模型与运行方式"),
    "bench-rank-thirty": ("30 s of\nspeech", "30 秒\n语音"),
    "bench-rank-how": (
        "`{command}` shows how to run the first one.",
        "第一名的运行方法见 `{command}`。",
    ),
    "bench-rank-no-figure": (
        "Nothing measured here says how quick a model is on this computer.",
        "这些结果都不能说明模型在这台机器上的速度。",
    ),
    "bench-rank-sound": (
        "how good it sounds is not measured: listen to it (--save-audio DIR)",
        "音质未作比较，请自行试听（--save-audio 目录）",
    ),
    "bench-rank-synthetic": (
        "random weights of the true shape, real speed: {cells}",
        "随机权重，结构真实，速度真实：{cells}",
    ),
    "bench-rank-tiny": (
        "random weights in small shapes, speed of no meaning: {cells}",
        "微型随机权重，速度无意义：{cells}",
    ),
    "bench-rank-all": ("all of them", "全部"),
    "bench-rank-clips": (
        "these cloned a voice: {cells}; 30 s of speech hold the work on the clip once, the "
        "forecast's ratio holds it over the speech measured",
        "以下各项克隆了声音：{cells}；30 秒语音的时间含一次参考音频处理，"
        "与预测之比则按实测语音长度计入",
    ),
    # how a cell ended
    "bench-status-ok": ("ok", "完成"),
    "bench-status-oom": ("out of memory", "内存不足"),
    "bench-status-killed": ("stopped", "被终止"),
    "bench-status-timeout": ("timed out", "超时"),
    "bench-status-error": ("failed", "失败"),
    "bench-status-skipped": ("skipped", "已跳过"),
    "bench-no-figure": (
        "No figure to rely on: other programs took too much of the processor. Close them and "
        "measure again.",
        "结果不可靠：其他程序占用处理器过多。请关闭它们，然后重新测量。",
    ),
    "bench-disturbed-mark": ("{result}, disturbed", "{result}（受干扰）"),
    "bench-some-runs": (
        "{ending} (runs done: {count}, RTF {rtf})",
        "{ending}（已完成 {count} 次，RTF {rtf}）",
    ),
    "bench-cold-only": (
        "{ending} (the first synthesis had RTF {rtf})",
        "{ending}（首次合成的 RTF 为 {rtf}）",
    ),
    "bench-reason-out-of-memory": ("the memory was used up", "内存或显存耗尽"),
    "bench-reason-signal": ("ended by {signal}", "被 {signal} 终止"),
    "bench-reason-signal-unknown": ("ended by a signal", "被信号终止"),
    "bench-reason-interrupted": ("by Ctrl-C", "按下了 Ctrl-C"),
    "bench-reason-killed": ("from outside", "被外部终止"),
    "bench-reason-time-limit": ("not done in time", "未在时限内完成"),
    "bench-reason-gpu-unknown": (
        "it can't be told whether there is a GPU",
        "无法确定是否有显卡",
    ),
    "bench-reason-rubbish": (
        "the measuring program's answer can't be used",
        "测量程序的回答无法使用",
    ),
    "bench-reason-not-begun": ("could not be begun", "未能开始"),
    "bench-reason-no-time-left": (
        "too little time is left (left / needed; --max-seconds)",
        "剩余时间不够（剩余 / 需要；--max-seconds）",
    ),
    "bench-reason-no-sound": ("no sound came", "没有生成声音"),
    "bench-reason-no-gpu": ("no GPU that torch can use", "没有 torch 可用的显卡"),
    "bench-reason-too-little-memory": ("too little memory is free", "可用内存不足"),
    "bench-reason-memory-unknown": ("free memory is unknown", "无法得知可用内存"),
    "bench-reason-broken-weights": (
        "the weight files are broken or incomplete",
        "权重文件损坏或不完整",
    ),
    "bench-reason-wrong-length": (
        "the speech did not get the length asked for",
        "语音长度与要求不符",
    ),
    "bench-reason-package-missing": ("a package is not installed", "缺少软件包"),
    "bench-reason-engine-error": ("the program reported an error", "程序报错"),
    "bench-reason-disk-full": ("the disk is full", "磁盘已满"),
    # what to know of a measurement
    "bench-stages": ("of a run: {stages}", "每次合成：{stages}"),
    "bench-stages-clip": (
        "of a run: {stages}; a new clip takes {clip} more, once",
        "每次合成：{stages}；换新的参考音频另需 {clip}，仅一次",
    ),
    "bench-disturbed": (
        "other programs took {share} % of the processor: not used for verdicts",
        "其他程序占用了处理器的 {share} %，不用于结论",
    ),
    "bench-disturbed-unknown": (
        "other programs took too much of the computer: not used for verdicts",
        "其他程序占用过多，不用于结论",
    ),
    "bench-unstable": (
        "unstable: the quartiles of the runs are {share} % of the median apart",
        "不稳定：各次结果的四分位距为中位数的 {share} %",
    ),
    "bench-not-speech": (
        "the sound can't be speech ({failed}): its speed says nothing",
        "生成的声音不可能是语音（{failed}），速度数据无效",
    ),
    "bench-silence": (
        "{seconds} of silence at the ends of the sound flatter the RTF",
        "首尾共有 {seconds}静音，RTF 因此偏低",
    ),
    "bench-throttled": (
        "the GPU lowered its clock: {reasons}",
        "显卡曾降低频率：{reasons}",
    ),
    "bench-warning-on-battery": ("the computer ran on battery", "电脑在使用电池"),
    "bench-warning-governor": (
        "the processor is set to save power ({governor})",
        "处理器的调频策略为节能（{governor}）",
    ),
    "bench-warning-busy": ("the computer was busy when it began", "开始时电脑正忙"),
    "bench-warning-gpu-shared": (
        "other programs were using the GPU",
        "有其他程序在使用显卡",
    ),
    "bench-reason-wrong-version": (
        "the program is another than vcf knows, it takes or says something else",
        "程序版本与 vcf 所知不同，参数或输出有变",
    ),
    "bench-reason-not-as-asked": (
        "it would have run otherwise than was asked for",
        "实际运行方式与要求不同",
    ),
    "bench-failed-not-finite": ("not a number", "含非数值"),
    "bench-failed-silent": ("silent", "无声"),
    "bench-failed-clipped": ("clipped", "削波"),
    "bench-failed-too-short": ("too short", "过短"),
    "bench-failed-too-long": ("too long", "过长"),
    "bench-colon": ("{first}: {second}", "{first}：{second}"),
    "bench-brackets": ("{first} ({second})", "{first}（{second}）"),
    # fp32 against bf16
    "bench-quicker": (
        "{quick} is {factor} times as quick as {slow} here: `{command}` shows how to run it.",
        "在这台机器上，{quick} 的速度是 {slow} 的 {factor} 倍：`{command}` 给出运行方法。",
    ),
    "bench-as-quick": (
        "No difference in speed shown between {one} and {other} here.",
        "在这台机器上，{one} 与 {other} 的速度看不出差别。",
    ),
    "bench-less-memory": (
        "{one} takes less memory ({size} instead of {more}): `{command}` shows how to run it.",
        "{one} 占用的内存更少（{size}，另一种为 {more}）：`{command}` 给出运行方法。",
    ),
    # the comparison
    "bench-compare-same": (
        "No difference in speed shown: RTF {a} and {b}.",
        "速度看不出差别：RTF {a} 与 {b}。",
    ),
    "bench-compare-better": (
        "B is faster: RTF {b} instead of {a} ({change}).",
        "B 更快：RTF 从 {a} 变为 {b}（{change}）。",
    ),
    "bench-compare-worse": (
        "B is slower: RTF {b} instead of {a} ({change}).",
        "B 更慢：RTF 从 {a} 变为 {b}（{change}）。",
    ),
    "bench-compare-refused": (
        "They were not measured alike; compared because of --force.",
        "两条记录的测量条件不同，因 --force 仍作比较。",
    ),
    "bench-compare-why": (
        "the two records can't be compared, they differ in {why}",
        "两条记录无法比较，不同之处为{why}",
    ),
    "bench-metric": ("Metric", "指标"),
    "bench-change": ("Change", "变化"),
    "bench-metric-rtf": ("RTF", "RTF"),
    "bench-metric-first-audio": ("First audio", "首段音频"),
    "bench-metric-load": ("Loading", "加载"),
    "bench-metric-import": ("Importing", "导入"),
    "bench-metric-ram": ("Peak RAM", "峰值内存"),
    "bench-metric-vram": ("Peak VRAM", "峰值显存"),
    "bench-metric-energy": ("Energy for 1 s", "每秒语音能耗"),
    "bench-change-better": ("{change}, better", "{change}，更好"),
    "bench-change-worse": ("{change}, worse", "{change}，更差"),
    "bench-change-same": ("no difference shown", "看不出差别"),
    "bench-change-equal": ("same", "相同"),
    "bench-change-missing": ("not measured in {which}", "{which} 未测"),
    "bench-change-otherwise": ("measured in different ways", "测量方式不同"),
    "bench-changes": ("What changed", "有变化的条件"),
    "bench-differences": ("What is different", "不同之处"),
    "bench-compare-disturbed": (
        "{which} was disturbed by other programs: don't trust the difference.",
        "{which} 受到其他程序干扰，差别不可信。",
    ),
    "bench-compare-single": (
        "One run each tells no spread: measure longer to be sure.",
        "只有一次运行，看不出波动；要确认请多测几次。",
    ),
    "bench-differs-status": ("Result", "结果"),
    "bench-differs-runs": ("Runs", "运行次数"),
    "bench-differs-quality": ("Sound check", "声音检查"),
    "bench-differs-machine": ("Machine", "机器"),
    "bench-differs-weights": ("Weights", "权重"),
    "bench-differs-text": ("Text", "文本"),
    "bench-differs-model": ("Model", "模型"),
    "bench-differs-mode": ("Mode", "运行方式"),
    "bench-differs-gpu": ("GPU", "显卡"),
    "bench-differs-engine": ("Engine", "引擎"),
    "bench-differs-quantisation": ("Quantisation", "量化"),
    "bench-differs-options": ("Options", "选项"),
    "bench-differs-protocol": ("Protocol", "测量规程"),
    "bench-differs-seed": ("Seed", "随机种子"),
    "bench-differs-fixed-seconds": ("Forced length", "固定时长"),
    "bench-differs-reference-seconds": ("Clip length", "参考音频时长"),
    "bench-differs-steps": ("Steps", "步数"),
    "bench-differs-emotion": ("Emotion", "情感"),
    "bench-differs-threads-asked": ("Threads asked for", "指定的线程数"),
    "bench-differs-compile-asked": ("torch.compile asked", "指定 torch.compile"),
    "bench-differs-driver": ("GPU driver", "显卡驱动"),
    "bench-differs-device": ("Device", "设备"),
    "bench-differs-precision": ("Precision", "精度"),
    "bench-differs-compiled": ("torch.compile", "torch.compile"),
    "bench-differs-threads": ("Threads", "线程数"),
    "bench-differs-governor": ("CPU governor", "CPU 调频策略"),
    "bench-differs-on-battery": ("On battery", "使用电池"),
    "bench-differs-vcf": ("vcf", "vcf"),
    "bench-unknown": ("unknown", "未知"),
    "bench-yes": ("yes", "是"),
    "bench-no": ("no", "否"),
}

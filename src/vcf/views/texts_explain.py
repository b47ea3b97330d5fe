"""The words of ``vcf check --explain``, English and Chinese, by label id."""

from __future__ import annotations

EXPLAIN: dict[str, tuple[str, str]] = {
    # heading and work
    "explain-on": ("{mode} on {device}", "{mode}（{device}）"),
    "explain-work": ("Work: {what}.", "任务：{what}。"),
    "explain-work-clip": (
        "{speech} s of speech after a {clip} s clip",
        "{clip} 秒参考音频，合成 {speech} 秒语音",
    ),
    "explain-work-cut": (
        "{speech} s of speech after a {clip} s clip, {used} s of it used",
        "{clip} 秒参考音频（只用其中 {used} 秒），合成 {speech} 秒语音",
    ),
    "explain-work-plain": (
        "{speech} s of speech without a clip",
        "不用参考音频，合成 {speech} 秒语音",
    ),
    "explain-work-steps": ("{steps} diffusion steps", "扩散 {steps} 步"),
    "explain-work-step": ("one diffusion step", "扩散 1 步"),
    "explain-work-emotion": ("with the emotion model", "加载情感模型"),
    "explain-named": ("{name}: {value}", "{name}：{value}"),
    "explain-runs-as": (
        "On this device the program really runs {mode}: the sums are for that.",
        "在此设备上程序实际以 {mode} 运行，以下按该方式计算。",
    ),
    # memory
    "explain-memory": ("Memory", "内存需求"),
    "explain-source": ("Source", "来源"),
    "explain-no-memory": (
        "No memory need is stated for it.",
        "数据中没有它的内存需求。",
    ),
    "explain-part-device": ("Memory of the GPU", "显存"),
    "explain-part-host-load": ("RAM while loading", "内存（加载时）"),
    "explain-part-host-run": ("RAM while speaking", "内存（合成时）"),
    "explain-term-weights": ("weights", "权重"),
    "explain-term-kv-cache": ("KV cache", "KV 缓存"),
    "explain-term-activations": ("activations of the audio codec", "音频编解码的激活值"),
    "explain-term-rest": (
        "the rest: other activations, libraries, context",
        "其余：其他激活值、运行库、上下文",
    ),
    "explain-term-rest-less": (
        "less: the figure judged is below what the parts sum to",
        "扣减：判断采用的数值低于以上各项之和",
    ),
    "explain-term-rest-whole": ("as a whole, not split up", "整体数值，未拆分"),
    "explain-term-compiled": ("added by torch.compile", "torch.compile 额外占用"),
    "explain-term-longer": ("longer clip or speech than usual", "音频长于标准任务的部分"),
    "explain-term-shared": ("taken by the GPU from the same memory", "显卡占用的同一内存"),
    "explain-final-spill": (
        "The verdict counts with memory that spills: RTF {low} to {high}.",
        "结论按显存可能溢出计：RTF {low} 至 {high}。",
    ),
    "explain-final-measured": (
        "The verdict goes by the measurement: RTF {low} to {high}.",
        "结论以实测为准：RTF {low} 至 {high}。",
    ),
    "explain-term-emotion": ("emotion model beside it", "附带的情感模型"),
    "explain-need": ("needed", "合计需要"),
    "explain-basis-measured": ("The catalogue's figure is measured", "目录中的数值为实测"),
    "explain-basis-official": ("The catalogue's figure is the makers'", "目录中的数值来自官方"),
    "explain-basis-derived": ("The catalogue's figure is worked out", "目录中的数值为推算"),
    # components of weights that are no stages
    "explain-component-embedding": ("embedding", "词嵌入"),
    "explain-component-audiovae": ("AudioVAE", "AudioVAE"),
    "explain-component-s2mel": ("S2Mel", "S2Mel"),
    "explain-component-locdit": ("LocDiT", "LocDiT"),
    "explain-component-bigvgan": ("BigVGAN vocoder", "BigVGAN 声码器"),
    "explain-component-campplus": ("CAM++ speaker encoder", "CAM++ 说话人编码器"),
    "explain-component-qwen-emotion-optional": ("emotion model", "情感模型"),
    "explain-component-codec": ("codec", "编解码器"),
    "explain-component-semantic-codec": ("semantic codec", "语义编解码器"),
    "explain-component-w2v-bert": ("w2v-BERT", "w2v-BERT"),
    # time
    "explain-time": ("Time", "耗时"),
    "explain-time-compare": ("Time, for comparison", "耗时（计算值，仅供对照）"),
    "explain-stage": ("Stage", "阶段"),
    "explain-shape": ("Work", "运算"),
    "explain-bound": ("Limit", "瓶颈"),
    "explain-precision": ("Precision", "精度"),
    "explain-gb": ("GB", "GB"),
    "explain-gflop": ("GFLOP", "GFLOP"),
    "explain-launches": ("Launches", "启动次数"),
    "explain-seconds": ("s", "秒"),
    "explain-starting": ("Start s", "启动秒"),
    "explain-request": ("every call", "每次调用"),
    "explain-factor": ("factor of the mode", "运行方式系数"),
    "explain-sum": ("sum", "合计"),
    "explain-bound-memory": ("memory", "带宽"),
    "explain-bound-arithmetic": ("compute", "算力"),
    "explain-bound-measured": ("measured", "实测"),
    "explain-shape-matvec": ("one row", "单行"),
    "explain-shape-skinny": ("few rows", "少行"),
    "explain-shape-wide": ("many rows", "多行"),
    "explain-shape-conv": ("conv", "卷积"),
    "explain-shape-dense": ("dense conv", "稠密卷积"),
    "explain-shape-cache": ("cache", "缓存"),
    "explain-legend-work": (
        "Work: one, few (2 to 64) or many rows of input for each matrix, convolution, or "
        "attention over the KV cache.",
        "运算：每个矩阵一次处理一行、少数几行（2–64）或多行输入；或为卷积、缓存注意力。",
    ),
    "explain-legend-limit": (
        "Limit: what takes longer, moving the weights (memory) or computing.",
        "瓶颈：搬运权重（带宽）与计算（算力）中更慢的一项。",
    ),
    "explain-legend-units": (
        "GB, GFLOP: 10^9 bytes moved, 10^9 operations. Launches: kernels or operations started; "
        "Start s: how many of the seconds that takes.",
        "GB、GFLOP：搬运的字节数与运算次数，单位均为十亿。"
        "启动次数：启动的内核或算子数；启动秒：其中用于启动的秒数。",
    ),
    "explain-compiled": ("torch.compile is reckoned with.", "已计入 torch.compile 的效果。"),
    "explain-mid": (
        "{seconds} s for {speech} s of speech: RTF {mid} in the middle.",
        "{speech} 秒语音需 {seconds} 秒：RTF 中值 {mid}。",
    ),
    "explain-range": (
        "Range: {mid} × {low_factor} to {mid} × {high_factor} = RTF {low} to {high}.",
        "范围：{mid} × {low_factor} 至 {mid} × {high_factor}，即 RTF {low} 至 {high}。",
    ),
    "explain-reports": (
        "How wide it is rests on {count} public reports of such programs on such devices.",
        "范围的宽度依据同类程序在同类设备上的 {count} 份公开报告。",
    ),
    "explain-report-one": (
        "How wide it is rests on a single public report of such a program on such a device.",
        "范围的宽度只依据同类程序在同类设备上的 1 份公开报告。",
    ),
    "explain-report-none": (
        "No public report of just this kind backs how wide it is: it is taken from wider ones.",
        "没有完全同类的公开报告可依据，范围的宽度取自更宽泛的类别。",
    ),
    "explain-calibrated-width": (
        "How wide it is rests on calibrated forecasts set beside measured synthesis.",
        "范围的宽度依据校准后的预测与实测合成的对比。",
    ),
    "explain-no-time": ("The speed is not known: {why}.", "无法得知速度：{why}。"),
    "explain-why-online": (
        "it runs on somebody else's computer",
        "它运行在他人的服务器上",
    ),
    "explain-why-work": (
        "how much work the model is has not been worked out",
        "这个模型的运算量尚无数据",
    ),
    "explain-why-device": (
        "the computer has no GPU, or it is not known which",
        "本机没有显卡，或不知道是什么显卡",
    ),
    "explain-why-figures": (
        "bandwidth and arithmetic of the device are missing, or constants for such a program on it",
        "缺少此设备的带宽与算力数据，或缺少这类程序在其上的常数",
    ),
    # what measurements replaced
    "explain-replaced-bench": (
        "Measured on this machine: RTF {mid} ({low} to {high}; {record}, {date}). That counts in "
        "place of the sum.",
        "本机实测 RTF {mid}（{low} 至 {high}；{record}，{date}），以实测取代计算值。",
    ),
    "explain-replaced-other": (
        "Measured on this machine with other work, {work}: RTF {mid} ({low} to {high}; {record}, "
        "{date}). That counts in place of the sum, carried over in the proportion of both sums.",
        "本机实测过另一任务（{work}）：RTF {mid}（{low} 至 {high}；{record}，{date}）。"
        "以实测取代计算值，并按两项任务计算值之比折算。",
    ),
    "explain-replaced-calibrated": (
        "`vcf calibrate` measured this device: where the limit says measured, its rates count in "
        "place of the constants.",
        "`vcf calibrate` 已实测此设备：瓶颈一栏为“实测”的阶段，以实测速率取代常数。",
    ),
    # others
    "explain-others-gpu": ("Others with this card saw", "使用同款显卡的公开报告"),
    "explain-others-cpu": ("Others with this processor saw", "使用同款处理器的公开报告"),
    "explain-others-near": ("Nearest reports", "条件最接近的公开报告"),
    "explain-others": ("Others", "公开报告"),
    "explain-no-others": (
        "No public report of this model on similar hardware is known.",
        "没有此模型在类似硬件上的公开报告。",
    ),
    "explain-outcome-works": ("works", "可以运行"),
    "explain-outcome-works-slow": ("works, slowly", "可以运行，但慢"),
    "explain-outcome-oom": ("out of memory", "内存不足"),
    "explain-outcome-fails": ("fails", "运行失败"),
    "explain-peak-vram": ("{size} GiB of VRAM", "显存 {size} GiB"),
    "explain-peak-ram": ("{size} GiB of RAM", "内存 {size} GiB"),
    "explain-device-vram": ("{size} GB card", "{size} GB 显卡"),
    "explain-device-cores": ("{count} cores", "{count} 核"),
    "explain-device-unnamed": ("device not named", "未说明设备"),
    "explain-mode-gpu": ("on the GPU", "GPU 运行"),
    "explain-mode-cpu": ("on the CPU", "CPU 运行"),
    "explain-mode-none": ("mode not told", "未说明运行方式"),
    "explain-dated": ("{text} ({date})", "{text}（{date}）"),
    "explain-sources": ("Sources", "来源列表"),
}

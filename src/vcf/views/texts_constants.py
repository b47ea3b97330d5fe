"""Names of what the forecast reckons with, English and Chinese, by label id."""

from __future__ import annotations

STAGES: dict[str, tuple[str, str]] = {
    "explain-stage-base-lm": ("base LM", "主语言模型"),
    "explain-stage-residual-lm": ("residual LM", "残差语言模型"),
    "explain-stage-lm-attention": ("LM attention", "语言模型注意力"),
    "explain-stage-projections": ("projections", "投影层"),
    "explain-stage-local-encoder": ("local encoder", "局部编码器"),
    "explain-stage-locdit": ("LocDiT diffusion", "LocDiT 扩散"),
    "explain-stage-prefill": ("prefill", "预填充"),
    "explain-stage-audiovae-encode": ("AudioVAE encoder", "AudioVAE 编码"),
    "explain-stage-audiovae-decode": ("AudioVAE decoder", "AudioVAE 解码"),
    "explain-stage-gpt": ("GPT", "GPT"),
    "explain-stage-gpt-latents": ("GPT, second pass", "GPT 第二遍"),
    "explain-stage-s2mel": ("S2Mel diffusion", "S2Mel 扩散"),
    "explain-stage-s2mel-launches": ("S2Mel launches", "S2Mel 内核启动"),
    "explain-stage-vocoder": ("vocoder", "声码器"),
    "explain-stage-reference-features": ("reference features", "参考音频特征"),
    "explain-stage-conditioner": ("conditioner", "条件编码器"),
}

CONSTANTS: dict[str, tuple[str, str]] = {
    "explain-constants": ("Constants", "常数"),
    "explain-name": ("Name", "名称"),
    "explain-value": ("Value", "值"),
    "explain-origin": ("Where it is from", "出处"),
    "explain-constant-device-bandwidth": ("memory bandwidth of the device", "设备的内存带宽"),
    "explain-constant-device-rate": ("peak arithmetic of the device", "设备的峰值算力"),
    "explain-constant-device-rate-fp32": (
        "the same for what stays in fp32",
        "其中保持 fp32 部分的峰值算力",
    ),
    "explain-constant-bits": ("size of a parameter", "每个参数的大小"),
    "explain-constant-bandwidth": ("share of bandwidth reached", "带宽利用率"),
    "explain-constant-skinny": ("share of arithmetic, few rows", "算力利用率（少行）"),
    "explain-constant-wide": ("share of arithmetic, many rows", "算力利用率（多行）"),
    "explain-constant-conv": ("share of arithmetic, convolutions", "算力利用率（卷积）"),
    "explain-constant-tile_rows": ("rows that few rows cost as much as", "少行至少按此行数计"),
    "explain-constant-cache_bytes": (
        "bytes moved for a cache element",
        "缓存每个元素搬运的字节数",
    ),
    "explain-constant-cache_ops": (
        "operations for a cache element",
        "缓存每个元素的运算数",
    ),
    "explain-constant-launch_us": ("starting a kernel or operation", "启动一个内核或算子"),
    "explain-constant-compiled_us": ("starting a kernel, compiled", "启动一个内核（编译后）"),
    "explain-constant-request_s": ("every call, however short", "每次调用的固定开销"),
    "explain-constant-runtime-factor": ("factor of the program", "程序系数（各阶段）"),
    "explain-constant-mode-factor": ("factor of the mode on the sum", "运行方式系数（合计）"),
    "explain-constant-windows-launch": ("factor of Windows on starting", "Windows 的启动系数"),
    "explain-constant-host-factor": (
        "factor of the host on starting",
        "主机的启动系数",
    ),
    "explain-constant-spread-low": ("low end of the range, factor", "范围下限系数"),
    "explain-constant-spread-high": ("high end of the range, factor", "范围上限系数"),
    "explain-origin-fitted": ("fitted to public reports", "由公开报告拟合"),
    "explain-origin-measured": ("measured by vcf", "vcf 实测"),
    "explain-origin-set": ("set", "人为设定"),
    "explain-origin-table": ("vendor's table", "厂商数据表"),
    "explain-origin-assumed": ("assumed", "估计"),
    "explain-origin-format": ("by the format", "由格式决定"),
    "explain-origin-cross-validation": ("cross-validation on reports", "对公开报告的交叉验证"),
    "explain-origin-source": ("stated in the source", "见来源"),
}

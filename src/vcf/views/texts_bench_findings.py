"""What is worth knowing of a measurement, a sentence each, English and Chinese, by label id."""

from __future__ import annotations

BENCH_FINDINGS: dict[str, tuple[str, str]] = {
    "bench-finding-torchaudio-spared": (
        "torchaudio can't be loaded here; it was done without",
        "torchaudio 在这里无法加载，已绕过",
    ),
    "bench-finding-other-size": (
        "these weights are not of the model's size: not used for verdicts",
        "这些权重的规模与该模型不同，不用于结论",
    ),
    "bench-finding-sound-not-saved": (
        "the sound could not be saved as a WAV file",
        "声音未能保存为 WAV 文件",
    ),
    "bench-finding-soundfile-reads-clips": (
        "clips were read with soundfile, since torchaudio can't read them here",
        "torchaudio 在这里无法读取音频，改用 soundfile",
    ),
    "bench-finding-precision-changed": (
        "the program changed the precision; it computed in {precision}",
        "程序自行改变了精度，实际为 {precision}",
    ),
    "bench-finding-bf16-emulated": (
        "the hardware has no bf16 of its own: it was emulated",
        "硬件不支持 bf16，由软件模拟",
    ),
    "bench-finding-not-compiled": (
        "torch.compile was not at work",
        "torch.compile 没有生效",
    ),
    "bench-finding-runs-cut": (
        "time was over before all runs were made",
        "时间用完，没有做满规定的次数",
    ),
    "bench-finding-streaming-cut": (
        "time was over before streaming was measured to the end",
        "时间用完，流式合成没有测完",
    ),
    "bench-finding-streaming-failed": (
        "streaming failed; what was measured before it counts",
        "流式合成失败，此前的测量结果有效",
    ),
    "bench-finding-streaming-crashes": (
        "the program crashed when streaming was tried: first audio was not measured",
        "试用流式合成时程序崩溃，未测首段音频",
    ),
    "bench-finding-loads-each-time": (
        "the program loads its weights anew for each text: add the time for loading to each",
        "该程序每段文本都要重新加载权重：每次须另加加载时间",
    ),
    "bench-finding-no-seed": (
        "the program takes no seed: each run makes another sound",
        "该程序不能指定随机种子，每次声音不同",
    ),
    "bench-finding-clip-in-each-call": (
        "the clip is encoded anew in each run and is part of its RTF",
        "每次都重新编码参考音频，已计入 RTF",
    ),
    "bench-finding-program-clock-differs": (
        "the program's own times differ from those measured outside by more than a fifth",
        "程序自报的时间与外部计时相差超过五分之一",
    ),
    "bench-finding-clip-cut": (
        "the clip is longer than 15 s: IndexTTS uses the first 15 s of it",
        "参考音频超过 15 秒，IndexTTS 只用前 15 秒",
    ),
    "bench-finding-low-vram-split": (
        "the card has less than 10 GiB: index-tts cuts the text into pieces of 40 characters",
        "显存不足 10 GiB，index-tts 会把文本切成 40 字左右的小段",
    ),
    "bench-finding-text-not-in-vocabulary": (
        "some of the text is not in the model's vocabulary and was not spoken",
        "部分文字不在模型词表中，未被读出",
    ),
}

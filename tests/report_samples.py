"""Rich reports for the tests of the pages: figures judged for real, words written by hand."""

from __future__ import annotations

from functools import lru_cache

from msgspec.structs import replace

import vcf
from vcf.catalogue.load import load_catalogue
from vcf.judge.assess import judge
from vcf.judge.context import Context
from vcf.judge.model import Amounts, Assessment
from vcf.judge.subject import subjects
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.words import span
from vcf.judge.workload import STANDARD
from vcf.machine.model import Gpu, Machine
from vcf.views.report_document import (
    Amount,
    Choice,
    Claim,
    Criterion,
    Finding,
    GapRow,
    Line,
    Measurement,
    ModelReport,
    ModeRow,
    Problem,
    RecipeBlock,
    Remedy,
    ReportDocument,
    RequirementRow,
    SourceRow,
    Speed,
    Step,
    Upgrade,
)
from vcf.views.rows import reason, rtf_text
from vcf.views.words import Lang, label, tell

KNOWN = subjects(load_catalogue())
MODELS = ("voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2", "indextts-1.5", "indextts-2", "indextts-2.5")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\N{RIGHT-TO-LEFT OVERRIDE}" + (
    "W" * 10_000
)


@lru_cache(maxsize=4)
def sample_report(
    lang: Lang = "en", count: int = 6, machine: str = "asus-gl552vw"
) -> ReportDocument:
    """``count`` models on a shipped profile; with every kind of section filled."""
    zh = lang == "zh"

    def words(en: str, chinese: str) -> str:
        return chinese if zh else en

    facts = vcf.load_machine(machine)
    context = Context(facts, STANDARD)
    models = [_model(context, model, lang) for model in MODELS[:count]]
    top = models[0].modes[0]
    return ReportDocument(
        lang=lang,
        date="2026-11-23",
        data="2026-11-20",
        title=words(f"Voice cloning on {machine}", f"{machine} 能否运行语音克隆模型"),
        machine=facts,
        machine_line=f"{machine}: Core i7-6700HQ · 24.0 GiB · NVIDIA GeForce GTX 960M 2.0 GiB",
        workload=STANDARD,
        workload_text=words(
            "10 s of speech after a reference clip of 10 s.", "合成 10 秒语音，参考音频 10 秒。"
        ),
        overview=[
            words(
                "This laptop runs all six models on its processor, slower than real time. "
                "Its graphics card has too little memory for any of them in full precision.",
                "这台笔记本可以用处理器运行全部六个模型，但都慢于实时。显卡的显存太小，"
                "任何一个模型都无法以完整精度运行。",
            )
        ],
        environment=[
            Line(
                name=label("cpu", lang),
                value="Intel Core i7-6700HQ, AVX2",
                status="limit",
                note=words("4 cores set the pace", "4 个核心决定速度"),
                source="/proc/cpuinfo",
            ),
            Line(
                name=label("memory", lang), value="24.0 GiB", status="good", source="/proc/meminfo"
            ),
            Line(
                name=label("gpu", lang),
                value="NVIDIA GeForce GTX 960M 2.0 GiB",
                status="bad",
                note=words("too little for the weights", "放不下模型权重"),
                source="nvidia-smi",
            ),
            Line(name=label("disk", lang), value="120 GB", status="none"),
            Line(
                name="torch", value=words("not known: not asked", "未知：未检测"), status="unknown"
            ),
        ],
        findings=[
            Finding(
                status="good",
                text=words("RAM is enough for every model.", "内存足够运行所有模型。"),
            ),
            Finding(
                status="limit", text=words("The processor sets the pace.", "速度受处理器限制。")
            ),
            Finding(
                status="bad", text=words("2.0 GiB of VRAM are too little.", "2.0 GiB 显存不够。")
            ),
            Finding(
                status="unknown",
                text=words(
                    "What is installed is not known: see `vcf probe -v`.",
                    "不知道安装了哪些软件，见 `vcf probe -v`。",
                ),
            ),
        ],
        models=models,
        criteria=[
            Criterion(name=name, cells=cells)
            for name, cells in (
                (label("verdict", lang), [m.modes[0].verdict_word for m in models]),
                ("RTF", [m.modes[0].rtf_text for m in models]),
                (
                    label("parameters", lang),
                    ["0.64 B", "0.8 B", "2.3 B", "0.9 B", "1.6 B", "1.7 B"],
                ),
                (label("languages", lang), ["zh, en"] * 6),
                (
                    label("licence", lang),
                    [
                        words("Apache-2.0", "Apache-2.0"),
                        "Apache-2.0",
                        "Apache-2.0",
                        words("own licence, commercial use on request", "自有许可证，商用需申请"),
                        "…",
                        "…",
                    ],
                ),
            )
        ],
        first=Choice(
            model=models[0].model,
            mode=top.mode,
            title=f"{models[0].name} · {top.mode}",
            why=[
                words("Quickest of the models that run here.", "在这台机器上最快。"),
                words("Needs 2 GB of disk.", "只占 2 GB 磁盘。"),
            ],
            expect=[
                words("A sentence of 5 s takes 10–36 s.", "5 秒的句子需要 10–36 秒。"),
                words("The fan will run.", "风扇会转。"),
            ],
            difficulty="low",
            difficulty_word=words("easy", "简单"),
            stars=top.stars,
            link="https://huggingface.co/spaces/openbmb/VoxCPM-Demo",
        ),
        second=Choice(
            model=models[-1].model,
            mode="online",
            title=f"{models[-1].name} · online",
            why=[words("Nothing to install.", "无需安装。")],
            expect=[words("You queue.", "需要排队。")],
            difficulty="none",
            difficulty_word=words("none", "无"),
            stars=4,
            link="https://modelscope.cn/studios/IndexTeam/IndexTTS-2.5",
        ),
        conclusion=[
            words(
                "Use VoxCPM-0.5B on the processor for short texts; try the others online.",
                "短文本用处理器运行 VoxCPM-0.5B；其他模型先在线试用。",
            )
        ],
        now=[
            Step(
                text=words("Install the program.", "安装程序。"),
                why=None,
                effect=None,
                command="pip install voxcpm soundfile\nwinget install ffmpeg",
                link=None,
            ),
            Step(
                text=words("Close programs that use the GPU.", "关闭占用显卡的程序。"),
                why=words("0.4 GiB are taken.", "已占用 0.4 GiB。"),
                effect=words("tight → slow", "勉强 → 可用偏慢"),
                command="vcf check --vram-free 2GiB",
                link=None,
            ),
            Step(
                text=words("Try it online.", "在线试用。"),
                why=None,
                effect=None,
                command=None,
                link="https://modelscope.cn/studios/IndexTeam/IndexTTS-2.5",
            ),
        ],
        upgrades=[
            Upgrade(
                part="gpu",
                part_word=label("gpu", lang),
                worth=False,
                text=words("Its graphics can't be exchanged.", "这台机器的显卡无法更换。"),
                unlocks=[],
                command=None,
            ),
            Upgrade(
                part="ram",
                part_word=label("memory", lang),
                worth=False,
                text=words("More RAM changes nothing.", "增加内存没有作用。"),
                unlocks=[],
                command="vcf whatif --ram 32GiB",
            ),
            Upgrade(
                part="computer",
                part_word=words("Computer", "整机"),
                worth=True,
                text=words(
                    "GeForce RTX 3060 12 GB, about $280", "GeForce RTX 3060 12 GB，约 280 美元"
                ),
                unlocks=[f"{m.name}: 4.0–14 → 0.35–0.8" for m in models],
                command='vcf whatif --gpu "RTX 3060"',
            ),
        ],
        software=[
            Step(
                text=words("Use CUDA 12.6 builds of torch.", "改用 CUDA 12.6 版 torch。"),
                why=words("They have kernels for this card.", "包含此显卡的内核。"),
                effect=None,
                command="vcf doctor",
                link="javascript:alert(3)",
            )
        ],
        measurements=[
            Measurement(
                date=f"2026-11-{day:02}",
                model=models[0].model,
                mode=mode,
                source=f"r{day}",
                rtf=Speed(low=mid * 0.9, mid=mid, high=mid * 1.2, basis="bench"),
            )
            for day, mode, mid in (
                (3, "cpu-fp32", 7.9),
                (9, "cpu-fp32", 7.1),
                (9, "cpu-bf16", 16.0),
                (20, "cpu-fp32", 6.4),
            )
        ],
        sources=[
            SourceRow(
                number=1,
                title="VoxCPM README",
                url="https://github.com/OpenBMB/VoxCPM",
                date="2026-10-01",
                kind=words("official", "官方"),
            ),
            SourceRow(
                number=2,
                title=words("Report of a user", "用户报告"),
                url=None,
                date="2026-09-01",
                kind=words("report", "用户报告"),
            ),
        ],
        limits=[
            words(
                "Speeds are forecasts: `vcf bench` measures them.",
                "速度为预测值，可用 `vcf bench` 实测。",
            )
        ],
    )


def hostile_report(lang: Lang = "en") -> ReportDocument:
    """Names that try to be markup, to turn the text round and to burst the page, everywhere."""
    plain = sample_report(lang)
    machine = Machine(name=HOSTILE, gpus=[Gpu(name=HOSTILE)])
    first = plain.first
    assert first is not None
    model = plain.models[0]
    rows = [replace(model.modes[0], reason=HOSTILE, runtime=HOSTILE), *model.modes[1:]]
    return replace(
        plain,
        title=HOSTILE,
        machine=machine,
        machine_line=HOSTILE,
        environment=[Line(name="GPU", value=HOSTILE, note=HOSTILE, source=HOSTILE)],
        findings=[Finding(status="bad", text=HOSTILE)],
        overview=[HOSTILE],
        first=replace(first, title=HOSTILE, link="javascript:alert(4)"),
        now=[Step(text=HOSTILE, why=HOSTILE, effect=HOSTILE, command=HOSTILE, link=HOSTILE)],
        models=[replace(model, headline=HOSTILE, modes=rows), *plain.models[1:]],
    )


def _model(context: Context, model: str, lang: Lang) -> ModelReport:
    entry = KNOWN.catalogue.models[model]
    judged = [judge(context, KNOWN.by_key[model, mode], NO_EVIDENCE) for mode in entry.modes]
    judged.sort(key=lambda a: (a.mode == "online", -a.score))
    best = judged[0]
    zh = lang == "zh"
    return ModelReport(
        model=model,
        name=entry.name,
        verdict=best.verdict,
        mode=best.mode,
        headline=(
            "可以运行，但慢于实时；30 秒语音约需 2–7 分钟。"
            if zh
            else "It runs, slower than real time; 30 s of speech in 2.0–6.9 min."
        ),
        stars=best.stars,
        summary=tell(entry.summary, lang),
        profile=[
            Line(name=label("languages", lang), value=", ".join(entry.languages), source="1"),
            Line(name=label("licence", lang), value="Apache-2.0", note="https://example.org"),
        ],
        requirements=[
            RequirementRow(
                of="GPU",
                minimum=[
                    Claim(value="6 GB", remark=None, source=1),
                    Claim(value="5 GB", remark="seen on one card", source=2),
                ],
                recommended=[Claim(value="RTX 4090", remark=None, source=1)],
                measured=[],
            )
        ],
        modes=[_row(assessment, lang) for assessment in judged],
        advantages=["小巧" if zh else "Small.", "无需显卡。" if zh else "Needs no GPU."],
        challenges=["慢于实时。" if zh else "Slower than real time."],
        gaps=[
            GapRow(
                part=f"{label('device', lang)} (gpu-bf16)",
                need="2.8 GiB",
                have="1.6 GiB",
                missing="1.2 GiB",
                status="bad",
                text="放不下。" if zh else "The weights don't fit.",
            ),
            GapRow(
                part=label("memory", lang),
                need="5.1 GiB",
                have="24.0 GiB",
                missing=None,
                status="good",
                text="足够。" if zh else "Enough.",
            ),
        ],
        remedies=[
            Remedy(
                text="换用量化模型。" if zh else "Use the quantised model.",
                feasibility="high",
                feasibility_word=label("high", lang),
                complexity="medium",
                complexity_word=label("medium", lang),
                stars=3,
                effect="不可行 → 可用偏慢" if zh else "no → slow",
                command=f"vcf explain {model} gguf-cpu-q4",
            ),
        ],
        recipes=[
            RecipeBlock(
                mode=a.mode,
                title=a.mode,
                install=a.recipe.install,
                code=a.recipe.code,
                language="python",
                good=["最快" if zh else "Quickest here."],
                bad=["需要编译" if zh else "Must be compiled."],
                notes=[tell(note, lang) for note in a.recipe.notes],
            )
            for a in judged[:2]
        ],
        problems=[
            Problem(
                text="首次运行要下载权重。" if zh else "The first run downloads weights.",
                remedy="`HF_ENDPOINT`",
                source=1,
            )
        ],
    )


def _row(assessment: Assessment, lang: Lang) -> ModeRow:
    rtf, memory = assessment.rtf, assessment.memory
    return ModeRow(
        mode=assessment.mode,
        runtime="llama.cpp" if "gguf" in assessment.mode else "PyTorch",
        verdict=assessment.verdict,
        verdict_word=label(assessment.verdict, lang),
        score=assessment.score,
        stars=assessment.stars,
        confidence=assessment.confidence,
        rtf=Speed(low=rtf.low, mid=rtf.mid, high=rtf.high, basis=rtf.basis) if rtf else None,
        rtf_text=rtf_text(rtf),
        time=tell(span(30 * rtf.low, 30 * rtf.high), lang) if rtf else None,
        reason=reason(assessment, lang),
        vram=_amount(memory.device) if memory.device else None,
        ram=_amount(memory.host),
        disk=_amount(memory.disk),
    )


def _amount(amounts: Amounts) -> Amount:
    return Amount(need_bytes=amounts.need_bytes, have_bytes=amounts.have_bytes)

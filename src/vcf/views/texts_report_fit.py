"""The words of ``vcf report`` on how far a part of the machine goes, English and Chinese."""

from __future__ import annotations

REPORT_FIT: dict[str, tuple[str, str]] = {
    "report-fit-all": (
        "Enough for all {count} modes; the most demanding takes {high}.",
        "{count} 种运行方式全部够用，需求最高的为 {high}。",
    ),
    "report-fit-some": (
        "The modes need {range}; it is enough for {fits} of {count}.",
        "各运行方式需要 {range}，{count} 种中有 {fits} 种够用。",
    ),
    "report-fit-some-tight": (
        "The modes need {range}; it is enough for {fits} of {count}, and barely for {tight} more.",
        "各运行方式需要 {range}，{count} 种中有 {fits} 种够用，另有 {tight} 种勉强。",
    ),
    "report-fit-blocked": (
        "The modes need {range}: there is enough for {fits} of {count} now, for {tight} more once "
        "some is freed.",
        "各运行方式需要 {range}：{count} 种中目前有 {fits} 种够用，腾出空间后再多 {tight} 种。",
    ),
    "report-fit-blocked-all": (
        "The modes need {range}: none of {count} has enough now, {tight} have once some is freed.",
        "各运行方式需要 {range}：{count} 种目前都不够用，腾出空间后有 {tight} 种够用。",
    ),
    "report-fit-disk-some": (
        "Installing takes {range}: enough is free for {fits} of {count} modes; for {tight} more up "
        "to {gap} must be cleared first.",
        "安装需要 {range}：剩余空间够 {count} 种方式中的 {fits} 种，"
        "另有 {tight} 种须先清理，最多 {gap}。",
    ),
    "report-fit-disk-none": (
        "Installing takes {range}: enough is free for none of {count} modes; for {tight} of them "
        "it will do once up to {gap} are cleared.",
        "安装需要 {range}：剩余空间对 {count} 种方式都不够，其中 {tight} 种清理后可以安装，"
        "最多须清理 {gap}。",
    ),
    "report-fit-tight": (
        "The modes need {range}: barely enough for {tight} of {count}, ample for none.",
        "各运行方式需要 {range}，{count} 种中有 {tight} 种勉强，没有一种宽裕。",
    ),
    "report-fit-none": (
        "Too little for each of the {count} modes: the least demanding needs {low}.",
        "{count} 种运行方式都不够用，需求最低的也要 {low}。",
    ),
    "report-fit-unknown": (
        "Whether it is enough can't be told: the modes need {range}.",
        "无法判断是否够用：各运行方式需要 {range}。",
    ),
    "report-fit-one": ("Enough: {high} needed.", "够用：需要 {high}。"),
    "report-fit-one-tight": ("Barely enough: {high} needed.", "勉强够用：需要 {high}。"),
    "report-fit-one-none": ("Too little: {high} needed.", "不够用：需要 {high}。"),
}

"""The words of changes and plans, English and Chinese side by side."""

from __future__ import annotations

CHANGES: dict[str, tuple[str, str]] = {
    "change-free-ram": (
        "Close other programs, until about {ram} of RAM are free",
        "关闭其他程序，空出约 {ram} 内存",
    ),
    "change-free-vram": (
        "Close what uses the GPU, until about {vram} of VRAM are free",
        "关闭占用显卡的程序，空出约 {vram} 显存",
    ),
    "change-free-both": (
        "Close other programs, until about {ram} of RAM and {vram} of VRAM are free",
        "关闭其他程序，空出约 {ram} 内存和 {vram} 显存",
    ),
    "change-disk": ("Clear disk until {size} are free", "清理磁盘，空出 {size}"),
    "change-software": (
        "Make a new environment and install what the recipe says",
        "新建环境，按“运行方法”重新安装",
    ),
    "change-driver": (
        "Install NVIDIA driver {driver} or newer",
        "安装 NVIDIA 驱动 {driver} 或更新版本",
    ),
    "change-steps": (
        "Make {steps} diffusion steps instead of {usual} (costs some quality)",
        "扩散步数从 {usual} 减到 {steps}（音质略有损失）",
    ),
    "change-mode": ("Run it as {mode} ({runtime})", "改用 {mode}（{runtime}）"),
    "change-model": ("Take {model} instead", "改用 {model}"),
    "change-ram": ("Put in RAM, {size} in all", "内存加到 {size}"),
    "change-ram-limit": ("Give the container {size} of RAM", "把容器的内存上限调到 {size}"),
    "change-ram-computer": (
        "Take a computer with {size} of RAM (this one's is soldered in)",
        "换一台 {size} 内存的电脑（本机内存焊死，无法加装）",
    ),
    "change-card": ("Put in a {card} or better", "换装 {card} 或更好的显卡"),
    "change-computer-ram": (
        "Take a computer with {size} of RAM and a {card} or better",
        "换一台 {size} 内存、配 {card} 或更好显卡的电脑",
    ),
    "change-computer": (
        "Take a computer with a {card} or better (no card can be put into this one)",
        "换一台配 {card} 或更好显卡的电脑（本机无法加装显卡）",
    ),
}

PLAN: dict[str, tuple[str, str]] = {
    "plan-reached": (
        "{model} needs no change: {verdict} in {mode}{speed}.",
        "{model} 无需改动：{verdict}（{mode}）{speed}。",
    ),
    "plan-now": (
        "{model} now: {verdict} in {mode} – {reason}",
        "{model} 目前：{verdict}（{mode}）——{reason}",
    ),
    "plan-speed": (", 30 s of speech in {time}", "，30 秒语音约需 {time}"),
    "plan-target-good": ("faster than real time", "快于实时"),
    "plan-target-slow": ("that it runs", "能够运行"),
    "plan-ways": (
        "What leads to “{target}”, the cheapest and easiest first",
        "怎样做到“{target}”（由省到贵、由易到难）",
    ),
    "plan-none": (
        "No change that vcf knows leads to “{target}” here.",
        "vcf 已知的改动都无法在本机做到“{target}”。",
    ),
    "plan-none-budget": (
        "Nothing for {budget} USD or less leads to “{target}” here.",
        "{budget} 美元以内没有办法在本机做到“{target}”。",
    ),
    "plan-nearest": ("What comes nearest", "最接近的做法"),
    "plan-nothing-helps": (
        "Nor does anything get better by closing programs, other steps or modes, RAM or a card.",
        "关闭程序、减少步数、换运行方式、加内存或换显卡也都没有改善。",
    ),
    "effect-from": ("{verdict} in {mode}", "{verdict}（{mode}）"),
    "effect-verdict": ("{before} → {after} in {mode}", "{before} → {after}（{mode}）"),
    "plan-tell": (
        "Say it with {flag} (put in the right value).",
        "请用 {flag} 给出（改为实际数值）。",
    ),
    "plan-price": ("launch price {usd} USD ({date})", "首发价 {usd} 美元（{date}）"),
    "plan-price-unknown": ("price not known", "价格未知"),
    "plan-rest-unknown": ("the rest not known", "其余价格未知"),
    "plan-free": ("costs nothing", "不花钱"),
    "plan-also": ("also enough: {cards}", "同样够用：{cards}"),
    "plan-unlocks": ("also makes {what}", "同时使 {what}"),
    "plan-unlock": ("{model} {before} → {after}", "{model} {before} → {after}"),
    "plan-check": ("see it: {command}", "查看：{command}"),
    "plan-online": (
        "Without any change: try {model} online",
        "不做任何改动：在线试用 {model}",
    ),
    "plan-budget-note": (
        "Within a budget only cards are looked at: prices of RAM and of whole computers are not "
        "known here.",
        "限定预算时只考虑显卡：这里没有内存和整机的价格。",
    ),
    "plan-price-note": (
        "Prices are those at launch in US dollars, from announcements; shops and second-hand "
        "markets differ.",
        "价格为发布时的美元官方定价，与市场价、二手价不同。",
    ),
    "plan-size-title": ("At best with {card} in it", "换装 {card} 时最好的结果"),
    "plan-size-title-other": (
        "At best in another computer with {card}",
        "换一台配 {card} 的电脑时最好的结果",
    ),
    "plan-unknown": (
        "What would have to change can't be told before that is known.",
        "在此之前无法判断需要改什么。",
    ),
    "plan-cost": ("{text} – {cost}", "{text}（{cost}）"),
    "plan-size-note": (
        "The slowest and the fastest desktop card with so much VRAM, as the machine is otherwise.",
        "取该显存容量中最慢和最快的台式显卡，其余配置不变。",
    ),
}

#!/usr/bin/env bash
# Measure the GPU cells of the voxcpm package on a machine with CUDA and keep the records.
#
#     scripts/gpu_check.sh [FOLDER]        (default: gpu-records)
#
# Needs vcf, torch built for CUDA, voxcpm and soundfile in one environment; PYTHON names another
# interpreter than `python`. Weights are random in the true shapes unless WEIGHTS says otherwise
# (hub, or a folder). MODELS and MODES choose; nothing else should run on the card meanwhile.
#
# FOLDER gets one JSON file for each cell, all of them as export lines, a table, and what vcf
# knows of the machine. The files can serve as fixtures: tests/bench/records/ is their place.
set -euo pipefail

folder=${1:-gpu-records}
python=${PYTHON:-python}
weights=${WEIGHTS:-synthetic}
read -ra models <<<"${MODELS:-0.5b 1.5 2}"
read -ra modes <<<"${MODES:-gpu-fp16 gpu-bf16 gpu-fp32}"

vcf() { "$python" -m vcf "$@"; }

if ! "$python" -c 'import torch, sys; sys.exit(not torch.cuda.is_available())'; then
    echo "gpu_check: torch sees no CUDA device here" >&2
    exit 1
fi

mkdir -p "$folder"
vcf probe --json >"$folder/machine.json"
vcf doctor voxcpm-2:gpu --json >"$folder/doctor.json" || true
export VCF_DATA_DIR
VCF_DATA_DIR=$(mktemp -d)
trap 'rm -rf "$VCF_DATA_DIR"' EXIT

failed=0
for model in "${models[@]}"; do
    for mode in "${modes[@]}"; do
        for compile in --compile --no-compile; do
            file="$folder/voxcpm-$model-$mode${compile/--/-}.json"
            echo "== voxcpm-$model $mode $compile" >&2
            vcf bench voxcpm --model "$model" --mode "$mode" "$compile" --weights "$weights" \
                --json --output "$file" || failed=1
        done
    done
    # as everybody runs it: this is the record that a verdict may rest on
    vcf bench voxcpm --model "$model" --mode gpu-bf16 --weights "$weights" \
        --json --output "$folder/voxcpm-$model-gpu-bf16.json" || failed=1
done

vcf bench export --output "$folder/records.jsonl"
vcf bench export --markdown --output "$folder/records.md"
cat "$folder/records.md"
exit "$failed"

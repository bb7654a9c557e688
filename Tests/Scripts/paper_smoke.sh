#!/bin/bash
# Runs the paper's pipelines at the scale smoke on a Slurm cluster of two nodes on this machine, with vLLM and with real
# trainers on both nodes, and then again, when everything must be cached.
#
#     paper_smoke.sh [FILE...]    of pipelines/paper, without .yaml; all by default
#
# VLLM names the program vllm, VIREO_TRAINERS the directory of trainers.sh, VIREO the program, beside which vireo-http
# must be. Needs root. Ends with status 77 if something is missing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
pipelines=$here/../../pipelines/paper
VIREO=${VIREO:-$here/../../.build/vireo}
VLLM=${VLLM:-$(command -v vllm)}
trainers=${VIREO_TRAINERS:-}
for needed in "$VIREO" "$(dirname "$VIREO")/vireo-http" "$VLLM" "$trainers/lf/bin/python" "$trainers/trl/bin/python" \
    "$(command -v slurmctld)" "$(command -v munged)" "$(command -v ip)"; do
    [ -x "$needed" ] || { echo "skipped: ${needed:-a program} is missing" >&2; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: this needs root" >&2; exit 77; }
[ $# -gt 0 ] || set -- $(cd "$pipelines" && ls -- *.yaml | sed 's/\.yaml$//')

work=$(mktemp -d)
cluster=$(mktemp -d -u /tmp/slXXXX)
finish() { "$here/slurm_cluster.sh" stop "$cluster"; rm -rf "$work"; }
trap finish EXIT
"$here/slurm_cluster.sh" start "$cluster" 2 > "$work/cluster.log" 2>&1 || { cat "$work/cluster.log"; exit 1; }
export SLURM_CONF=$cluster/etc/slurm.conf
cat > "$work/cluster.yaml" <<YAML
system: slurm
shared: $work/shared
partition: main
poll: 2s
defaults: { time: 1h, memory: 400MB }
YAML
violations=0
violation() { echo "VIOLATION: $*" >&2; violations=$((violations + 1)); }
version=$("$(dirname "$VLLM")/python" -c 'import importlib.metadata as m; print(m.version("vllm").split("+")[0])')
settings=(--set scale=smoke --set server="$VLLM" --set vllm="$version" --on "$work/cluster.yaml" --store "$work/store")

# The engine of a file: only our own knows the weights of the 1k setting.
number=0
for file in "$@"; do
    engines=(llama-factory trl-sft)
    engine=${engines[number++ % 2]}
    [[ $file == *-1k ]] && engine=weighted
    python=$trainers/trl/bin/python
    [ $engine = llama-factory ] && python=$trainers/lf/bin/python
    run=("$VIREO" run "$pipelines/$file.yaml" "${settings[@]}" --set engine=$engine --set python="$python"
        --set normalizer=tokens)
    began=$SECONDS
    "${run[@]}" > "$work/$file.log" 2>&1 || { violation "$file failed"; tail -n 30 "$work/$file.log" >&2; continue; }
    took=$((SECONDS - began))
    "${run[@]}" > "$work/again.log" 2>&1
    grep -q 'Everything was cached' "$work/again.log" || violation "$file is not cached"
    echo "$file with $engine: $(grep -E '^[0-9]+ stages: ' "$work/$file.log"), $took s"
done
"$VIREO" sql --store "$work/store" "SELECT kind, count(*) AS executions, count(DISTINCT node) AS nodes FROM execution
    WHERE state = 'done' AND kind IN ('train.external', 'sample.traces', 'sample.answers', 'score', 'evaluate')
    GROUP BY kind"
[ $violations = 0 ] && echo "no violation"
exit $((violations > 0))

#!/bin/bash
# Runs the stages that sample and score on vLLM, directly and through a proxy that spoils every third answer, and
# compares the artifacts, which must be the same bytes; scores also with those of the own engine.
# VIREO names the program, beside which vireo-http must be; VLLM the program vllm, by default that in PATH.
# Ends with status 77 if one of them is missing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
VIREO=${VIREO:-$here/../../.build/vireo}
VLLM=${VLLM:-$(command -v vllm)}
faults=429,503,500,502html,refuse,stall,cut,no_choice,no_ids,no_logprobs,short,null,infinite,nan,abort,empty,usage
faults=$faults,twice,utf8,repeated,late,drip
for needed in "$VIREO" "$VIREO-http" "$VLLM"; do
    [ -x "$needed" ] || { echo "skipped: ${needed:-vllm} is missing" >&2; exit 77; }
done
work=$(mktemp -d)
processes=()
finish() { kill "${processes[@]}" 2>/dev/null; rm -rf "$work"; }
trap finish EXIT
cd "$work" || exit 1
violations=0
violation() { echo "VIOLATION: $*" >&2; violations=$((violations + 1)); }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
server=$(free_port)
proxy=$(free_port)

# A tiny random model whose sizes vLLM supports.
cat > base.yaml <<'YAML'
name: base
stages:
  questions: { uses: ingest.countdown, with: { train: 8, demonstrations: 4, test: 4 } }
  base:
    uses: train.pretrain
    with: { hidden_size: 64, layers: 2, heads: 4, key_value_heads: 2, head_size: 32, intermediate_size: 128,
        batch: 4, warmup: 2, steps: 10 }
YAML
"$VIREO" run base.yaml --store base > base.log 2>&1 || { cat base.log; exit 1; }
"$VIREO" artifact get base model --store base > /dev/null || exit 1

env -u PYTHONDONTWRITEBYTECODE HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 HF_HOME="$work/hf" VLLM_NO_USAGE_STATS=1 \
    DO_NOT_TRACK=1 OMP_NUM_THREADS=1 VLLM_CPU_KVCACHE_SPACE=1 VLLM_CPU_OMP_THREADS_BIND=nobind \
    "$VLLM" serve model --served-model-name tiny --host 127.0.0.1 --port "$server" --dtype float32 --enforce-eager \
    --max-num-seqs 8 > vllm.log 2>&1 < /dev/null &
processes+=($!)
for _ in $(seq 300); do
    curl -sf "http://127.0.0.1:$server/health" > /dev/null && break
    kill -0 "${processes[0]}" 2> /dev/null || { tail -n 20 vllm.log >&2; exit 1; }
    sleep 1
done
version=$(curl -sf "http://127.0.0.1:$server/version" | sed 's/.*"version": *"\([^"]*\)".*/\1/')
python3 "$here/fault_proxy.py" "$proxy" "http://127.0.0.1:$server" 3 "$faults" &
processes+=($!)

cat > served.yaml <<YAML
name: served
params: { url: "http://127.0.0.1:$server" }
defaults:
  with:
    backend: { kind: vllm, version: "$version", model: tiny, urls: ["\${params.url}"], concurrency: 4, timeout: 120 }
stages:
  questions: { uses: ingest.countdown, with: { train: 8, demonstrations: 4, test: 4 } }
  base: { uses: ingest.model, with: { directory: model } }
  traces:
    uses: sample.traces
    in: { model: base, questions: questions.train }
    with: { per_question: 8, max_tokens: 24 }
  answers:
    uses: sample.answers
    in: { model: base, traces: traces, questions: questions.train }
    with: { per_trace: 2, max_tokens: 16 }
  scores: { uses: score, in: { model: base, traces: traces, questions: questions.train } }
  own:
    uses: score
    in: { model: base, traces: traces, questions: questions.train }
    with: { backend: null }
  rollouts:
    uses: sample.rollouts
    in: { model: base, questions: questions.train }
    with: { per_question: 4, max_tokens: 32 }
  result: { uses: evaluate, in: { model: base, questions: questions.test }, with: { samples: 4, max_tokens: 32 } }
YAML

artifacts() {
    "$VIREO" sql "SELECT stage.id, output.name, output.artifact FROM stage JOIN execution_output AS output
        ON output.execution = stage.execution ORDER BY 1, 2" --store "$1" --format csv
}
"$VIREO" run served.yaml --store direct > direct.log 2>&1 || { tail direct.log >&2; violation "the direct run failed"; }
"$VIREO" run served.yaml --store spoiled --set "url=http://127.0.0.1:$proxy" > spoiled.log 2>&1 ||
    { tail spoiled.log >&2; violation "the run through the proxy failed"; }
curl -s "http://127.0.0.1:$proxy/faults"
echo
artifacts direct > direct.csv
artifacts spoiled > spoiled.csv
cmp -s direct.csv spoiled.csv || violation "the artifacts differ: $(diff direct.csv spoiled.csv)"

# The servers compute in float32, as the own engine does.
far=$("$VIREO" sql "SELECT count(*) FROM trace_score AS a JOIN trace_score AS b USING (question, sample, conditioning)
    WHERE a.execution < b.execution AND abs(a.mean_log_prob - b.mean_log_prob) > 5e-5" --store direct --format csv |
    tail -n 1)
[ "$far" = 0 ] || violation "$far scores of vLLM differ from those of the own engine"

[ $violations = 0 ] && echo "$(tail -n +2 direct.csv | wc -l) artifacts are the same with and without faults"
exit $((violations > 0))

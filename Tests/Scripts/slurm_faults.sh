#!/bin/bash
# Runs a pipeline on a real Slurm cluster of this machine while its parts fail, and compares the artifacts with those of
# a local run: slurm_faults.sh [FAULT...]. Needs root, slurm-wlm, munge and iproute2. VIREO names the program. The moments
# of the faults are random; SEED repeats them.
set -u
RANDOM=${SEED:=$RANDOM}
here=$(cd "$(dirname "$0")" && pwd)
VIREO=${VIREO:-$here/../../.build/vireo}
work=$(mktemp -d /tmp/vtXXXX)
chmod 755 "$work"          # munge wants it
cluster=$work/c
export SLURM_CONF=$cluster/etc/slurm.conf
violations=0 administrator=
violation() { echo "VIOLATION: $*" >&2; violations=$((violations + 1)); }
finish() { kill ${administrator:-} 2> /dev/null; "$here/slurm_cluster.sh" stop "$cluster" 4 2>/dev/null; rm -rf "$work"; }
trap finish EXIT

cat > "$work/fan.yaml" <<'YAML'
name: fan
params: { seconds: 2 }
stages:
  part:
    uses: command
    matrix: { n: [1, 2, 3, 4, 5, 6] }
    with:
      run: [sh, -c, "sleep ${params.seconds}; seq ${matrix.n} 20000 > ${out.made}/numbers"]
      outputs: [made]
  all:
    uses: command
    in: { parts: [part] }
    with: { run: [sh, -c, "for d in \"$@\"; do cksum < $d/numbers; done > ${out.made}/sums", sums, "${in.parts}"], outputs: [made] }
  questions: { uses: ingest.countdown, with: { train: 50, demonstrations: 20, test: 20 } }
  model:
    uses: train.pretrain
    with: { steps: 400, batch: 4, hidden_size: 32, layers: 1, heads: 2, key_value_heads: 1, head_size: 16, intermediate_size: 48, seed: 1 }
YAML
cat > "$work/slurm.yaml" <<YAML
system: slurm
shared: $work/shared
poll: 1s
visibility: 4s
confirmation: 5s
defaults: { time: 10m, memory: 300MB }
YAML

outputs() {
    "$VIREO" sql --store "$1" --format csv "SELECT stage.id, output.name, output.artifact FROM stage
        JOIN execution_output AS output ON output.execution = stage.execution
        WHERE stage.run = (SELECT max(run) FROM stage) ORDER BY 1, 2"
}
# Waits for a random time of at most $1 tenths of a second.
moment() { local tenths=$((RANDOM % ($1 + 1))); sleep "$((tenths / 10)).$((tenths % 10))"; }
number() { "$VIREO" sql --store "$1" --format csv "$2" | tail -1; }
run() { "$VIREO" run "$work/fan.yaml" --store "$store" --on "$work/slurm.yaml" "$@" >> "$work/$fault.log" 2>&1; }
start() { "$VIREO" run "$work/fan.yaml" --store "$store" --on "$work/slurm.yaml" "$@" >> "$work/$fault.log" 2>&1 & coordinator=$!; }
controller() { cat "$cluster/run/slurmctld.pid"; }
await() { for _ in $(seq 600); do eval "$1" && return; sleep 0.05; done; violation "$fault: never: $1"; }
queued() { squeue -h -r -n "$(names)" 2>/dev/null | wc -l; }
names() { ls "$work/shared"/*/arrays 2>/dev/null | sed -n 's/\.sh$//p' | paste -sd,; }
running() { [ "$(squeue -h -r -t RUNNING 2>/dev/null | wc -l)" -ge "$1" ]; }

# What must hold after a run with a fault. $1: the greatest number of arrays that may have been submitted.
check() {
    [ "$status" = 0 ] || { violation "$fault: exit status $status"; tail -5 "$work/$fault.log" >&2; }
    outputs "$store" > "$work/$fault.csv"
    cmp -s "$work/local.csv" "$work/$fault.csv" || violation "$fault: other artifacts than those of the local run"
    [ "$(number "$store" "SELECT count(*) - count(DISTINCT key) FROM execution WHERE state IN ('done', 'superseded')")" = 0 ] \
        || violation "$fault: a key has two results"
    [ "$(number "$store" "SELECT count(*) FROM submission")" = 0 ] || violation "$fault: submissions remain"
    local arrays; arrays=$(ls "$work"/shared/*/arrays/*.sh | wc -l)
    [ "$arrays" -le "$1" ] || violation "$fault: $arrays arrays were submitted, at most $1 expected"
    "$VIREO" verify --store "$store" > /dev/null || violation "$fault: the store is damaged"
    echo "$fault: $(tail -8 "$work/$fault.log" | grep -o '[0-9]* stages: .*'), $arrays arrays"
}

skip() { echo "$*"; trap - EXIT; rm -rf "$work"; exit 77; }
[ "$(id -u)" = 0 ] || skip "this needs root"
for program in slurmctld slurmd sbatch munged ip; do
    command -v $program > /dev/null || skip "there is no $program"
done
"$here/slurm_cluster.sh" start "$cluster" 4 > "$work/cluster.log" 2>&1 \
    || { "$here/slurm_cluster.sh" stop "$cluster" 4; skip "no cluster: $(tail -1 "$work/cluster.log")"; }

fault=local store=$work/local
"$VIREO" run "$work/fan.yaml" --store "$store" > "$work/local.log" 2>&1 || { cat "$work/local.log"; exit 1; }
outputs "$store" > "$work/local.csv"

begin() {
    fault=$1 store=$work/$1
    rm -rf "$work/shared"
}

# Slurm drains nodes with jobs that it has forgotten, and an administrator brings them back.
administer() {
    local drained
    while sleep 3; do
        drained=$(sinfo -h -N -t drain -o %N 2> /dev/null | sort -u | paste -sd,)
        [ -z "$drained" ] || scontrol update NodeName="$drained" State=RESUME 2> /dev/null
    done
}
administer & administrator=$!

none() { run; status=$?; check 4; }

# The controller stands still while it gets a submission, and does what it was asked when it goes on.
S1() {
    start
    moment 20
    kill -STOP "$(controller)"
    sleep 9
    kill -CONT "$(controller)"
    wait $coordinator; status=$?; check 5
}

# The controller dies and forgets; ids are given again, and nodes with jobs that it does not know are drained.
S2() {
    start --set seconds=3
    await 'running 2'
    moment 20
    kill -9 "$(controller)"
    sleep 1; rm -f "$cluster/run/slurmctld.pid"
    ip netns exec vtc slurmctld
    wait $coordinator; status=$?
    check 12
}

# The coordinator is killed as soon as it has submitted. The next one waits for the same jobs.
S3() {
    start
    await 'ls "$work"/shared/*/arrays/*.sh > /dev/null 2>&1 && [ "$(queued)" -ge 6 ]'
    moment 20
    kill -9 $coordinator
    wait $coordinator 2> /dev/null
    run; status=$?; check 4
}

# The daemon of one node dies alone, the wire of another is cut, and an urgent job preempts the rest: Slurm starts
# tasks again while the first copies still run.
S456() {
    start --set seconds=6
    await 'running 4'
    moment 30
    kill -9 "$(cat "$cluster/run/slurmd-n1.pid")"
    ip link set vt2 down
    sbatch -p urgent -N 1 -n 2 -w n3 -o /dev/null --wrap 'sleep 3' > /dev/null
    sleep 25
    ip link set vt2 up
    ip netns exec vt1 slurmd -N n1
    wait $coordinator; status=$?; check 8
}

# A job ends with status 0 and without a result.
S8() {
    cp "$work/slurm.yaml" "$work/slurm.kept"
    echo "setup: mkdir $work/once-\$SLURM_ARRAY_TASK_ID 2> /dev/null && exit 0" >> "$work/slurm.yaml"
    run; status=$?
    mv "$work/slurm.kept" "$work/slurm.yaml"
    check 12
}

# The program on a node is killed, and its worker is left alone.
T3() {
    start --set seconds=4
    await 'running 3'
    moment 20
    pkill -9 -f "worker --tasks $work"
    wait $coordinator; status=$?; check 10
    pgrep -f "worker.*$work/shared" > /dev/null && violation "T3: a worker is left"
}

# Not among the usual faults: the coordinator is killed at KILLS random moments of an array of 200 tasks.
kills() {
    cat > "$work/many.yaml" <<'YAML'
name: many
stages:
  part:
    uses: command
    matrix: { n: [NUMBERS] }
    with: { run: [sh, -c, "sleep 0.5; echo part ${matrix.n} > ${out.made}/text"], outputs: [made] }
YAML
    sed -i "s/NUMBERS/$(seq -s, 200)/" "$work/many.yaml"
    local round status=1
    for round in $(seq "${KILLS:-30}"); do
        "$VIREO" run "$work/many.yaml" --store "$store" --on "$work/slurm.yaml" >> "$work/$fault.log" 2>&1 &
        moment 30
        kill -9 $! 2> /dev/null; wait $! 2> /dev/null
    done
    "$VIREO" run "$work/many.yaml" --store "$store" --on "$work/slurm.yaml" >> "$work/$fault.log" 2>&1; status=$?
    [ $status = 0 ] || violation "$fault: exit status $status"
    local tasks; tasks=$(cat "$work"/shared/*/arrays/*[!h] 2> /dev/null | grep -c '/a[0-9]*.json$')
    [ "$tasks" = 200 ] || violation "$fault: $tasks tasks were submitted for 200 stages"
    [ "$(number "$store" "SELECT count(*) FROM execution WHERE state = 'done'")" = 200 ] \
        || violation "$fault: not every stage has one result"
    echo "$fault: $tasks tasks of 200 stages, $(number "$store" "SELECT count(*) FROM execution WHERE state = 'failed'") interrupted attempts"
}

for one in ${*:-none S3 S456 S8 T3 S1 S2}; do begin "$one"; $one; done
[ $violations = 0 ] && echo "no violation" || echo "seed $SEED"
exit $((violations > 0))

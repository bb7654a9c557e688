# Sourced by the scripts that kill, starve and cut the power: a small pipeline, and what must hold of its store
# whatever happened. What they note down is in the current directory.

sources=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VIREO=${VIREO:-$sources/.build/vireo}
violations=0

violation() {
    echo "VIOLATION: $*" >&2
    violations=$((violations + 1))
}

# Stages of kinds as old as the first schema, whose artifacts take some sectors, one with many lines of records, and
# what gathers them. Some wait a little, so that kills come while others work.
write_pipeline() {
    cat > "$1" <<'YAML'
name: crash
stages:
  questions:
    uses: ingest.jsonl
    with: { files: [asked.jsonl] }
  first:
    uses: command
    with: { run: [sh, -c, "seq 1 20000 > ${out.made}/numbers && mkdir ${out.made}/deep && seq 3 9 > ${out.made}/deep/few"], outputs: [made] }
  second:
    uses: command
    in: { numbers: first }
    with: { run: [sh, -c, "sleep 0.03 && sort ${in.numbers}/numbers > ${out.made}/sorted && cksum < ${in.numbers}/numbers > ${out.sum}/sum"], outputs: [made, sum] }
  third:
    uses: command
    in: { sorted: second.made, questions: questions.train }
    with: { run: [sh, -c, "sleep 0.02 && head -n 900 ${in.sorted}/sorted > ${out.made}/head && cksum < ${in.questions}/questions.jsonl >> ${out.made}/head"], outputs: [made] }
  fourth:
    uses: command
    in: { head: third, sum: second.sum }
    with: { run: [sh, -c, "cat ${in.head}/head ${in.sum}/sum > ${out.made}/all"], outputs: [made] }
YAML
    seq 1 240 | sed 's/.*/{"text":"What is & and &?","answer":"&"}/' > "$(dirname "$1")/asked.jsonl"
}

# More stages for the end of a pipeline: a model that is trained with checkpoints, and a program that tells a
# series.
write_series() {
    cat >> "$1" <<'YAML'
  model:
    uses: train.pretrain
    with: { steps: 400, hidden_size: 16, layers: 1, heads: 2, key_value_heads: 1, head_size: 8, intermediate_size: 24, batch: 4, checkpoint_steps: 20 }
  series:
    uses: command
    with: { run: [sh, series.sh, "${out.made}"], files: [series.sh], outputs: [made] }
YAML
    cat > "$(dirname "$1")/series.sh" <<'SH'
i=0
while [ $i -lt 60 ]; do
    i=$((i + 1))
    echo '{"metric":{"name":"loss","step":'$i',"value":'$i'}}'
    [ $((i % 20)) = 0 ] && sleep 0.05
done
echo made > "$1/file"
SH
}

# The rows of a query, without a heading.
rows() {
    "$VIREO" sql --store "$1" --format csv "$2" | tail -n +2
}

# Stage, output and artifact of everything finished.
artifacts() {
    rows "$1" "SELECT DISTINCT stage.name, execution_output.name, artifact FROM stage
        JOIN execution ON execution.id = stage.execution AND state IN ('done', 'superseded')
        JOIN execution_output ON execution_output.execution = execution.id ORDER BY 1, 2"
}

# Every point of the series of everything finished, but for those that tell a speed.
metrics() {
    rows "$1" "SELECT DISTINCT stage.name, metric.name, step, value FROM stage
        JOIN execution ON execution.id = stage.execution AND state IN ('done', 'superseded')
        JOIN metric ON metric.execution = execution.id
        WHERE metric.name NOT LIKE '%per_second%' ORDER BY 1, 2, 3"
}

# Promises 1 to 4 of a store $1 that may have been left by anything; $2 says what was done to it.
check_store() {
    local store=$1 what=$2 digest bytes object size count
    # Before its first transaction there is no database, or one without tables.
    [ -s "$store/vireo.db" ] || [ -s "$store/vireo.db-wal" ] || return 0
    if ! count=$(rows "$store" "SELECT count(*) FROM artifact" 2> oracle.errors); then
        grep -q "older than this program\|is empty, because\|no store at" oracle.errors && return 0
        violation "$what: the store cannot be read: $(cat oracle.errors)"
        return 0
    fi
    while IFS=, read -r digest bytes; do
        [ -n "$digest" ] || continue
        object=$store/objects/${digest:0:2}/$digest.tar.zst
        size=$(stat -c %s "$object" 2> /dev/null || echo none)
        [ "$size" = "$bytes" ] || violation "$what: the archive $digest has $size bytes, not $bytes"
    done < <(rows "$store" "SELECT digest, archive_bytes FROM artifact")
    count=$(rows "$store" "SELECT count(*) FROM execution_output JOIN execution ON id = execution
        WHERE state NOT IN ('done', 'superseded')")
    [ "$count" = 0 ] || violation "$what: unfinished work is visible"
    count=$(rows "$store" "SELECT count(*) FROM execution WHERE state = 'done' AND id NOT IN
        (SELECT execution FROM execution_output)")
    [ "$count" = 0 ] || violation "$what: finished work has no outputs"
    count=$(rows "$store" "SELECT count(*) FROM (SELECT key FROM execution
        WHERE state IN ('done', 'superseded') GROUP BY key HAVING count(*) > 1)")
    [ "$count" = 0 ] || violation "$what: a stage was done twice"
}

# Whether this program has a command.
has_command() {
    "$VIREO" help | grep -q "^  $1 "
}

# Everything that the program itself can check, if it has a command for it.
verify_store() {
    local store=$1 what=$2
    if has_command verify; then
        "$VIREO" verify --store "$store" > oracle.verified 2>&1 \
            || violation "$what: verify says $(cat oracle.verified)"
    fi
}

# The same of a store that a kill left before it had all its tables, or at any other moment.
verify_killed() {
    "$VIREO" sql --store "$1" "SELECT 1" > oracle.errors 2>&1 \
        || { grep -q "older than this program\|is empty, because\|no store at" oracle.errors && return 0; }
    verify_store "$1" "$2"
}

# The pipeline $2 must complete in the store $1 with the artifacts of the file $3, and with the points of the file
# $3.metrics if there is one.
complete() {
    local store=$1 pipeline=$2 expected=$3 what=$4
    if ! "$VIREO" run "$pipeline" --store "$store" > oracle.output 2>&1; then
        violation "$what: running it again fails: $(tail -n 3 oracle.output)"
        return 0
    fi
    artifacts "$store" > oracle.made
    # What another run made stays when garbage is collected.
    case $what in
        gc*) grep -xFf "$expected" oracle.made > oracle.same; mv oracle.same oracle.made ;;
    esac
    cmp -s oracle.made "$expected" \
        || violation "$what: other artifacts came of it: $(diff "$expected" oracle.made)"
    if [ -e "$expected.metrics" ]; then
        metrics "$store" > oracle.metrics
        cmp -s oracle.metrics "$expected.metrics" \
            || violation "$what: other points came of it: $(diff "$expected.metrics" oracle.metrics | head -n 5)"
    fi
    check_store "$store" "$what, run again"
    verify_store "$store" "$what, run again"
}

# Turns the store $1 into one that the first version of the schema wrote, with all its rows.
make_old() {
    python3 - "$1/vireo.db" "$sources/migrations/m0001_initial.sql" << 'PYTHON'
import os, sqlite3, sys
path, schema = sys.argv[1:]
old = sqlite3.connect(path + ".old")
old.execute("PRAGMA journal_mode = WAL")
old.executescript(open(schema).read())
old.execute("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
old.execute("INSERT INTO grdb_migrations VALUES ('m0001_initial')")
old.commit()
old.execute("PRAGMA foreign_keys = OFF")
old.execute("ATTACH ? AS new", [path])
for table, in old.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
    if table == "grdb_migrations" or table.startswith("sqlite_"): continue
    columns = ", ".join(f'"{c[1]}"' for c in old.execute(f'PRAGMA main.table_info("{table}")'))
    old.execute(f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM new."{table}"')
old.commit()
old.close()
for end in "", "-wal", "-shm":
    if os.path.exists(path + end): os.remove(path + end)
os.rename(path + ".old", path)
PYTHON
}

import Execution

/// A run of a schedule in which every stage takes just as long as it was thought to, watched by a bookkeeper
/// who looks at all stages at every step.
struct Simulation {
    struct Run {
        var started: [Int] = []
        var begin: [Double]
        var end: [Double]
        var makespan = 0.0
        /// What was taken above a bound, in words.
        var excesses: [String] = []
        /// Where a stage was left waiting that fitted, and no more urgent one waited for room.
        var idleness: [String] = []
    }

    let works: [Schedule.Task]
    let capacity: Capacity
    /// From each stage to the end, with its own duration.
    let ways: [Double]

    init(_ works: [Schedule.Task], capacity: Capacity) {
        self.works = works
        self.capacity = capacity
        var ways = works.map(\.duration)
        for place in works.indices.reversed() {
            for before in works[place].after {
                ways[before] = max(ways[before], works[before].duration + ways[place])
            }
        }
        self.ways = ways
    }

    var longestWay: Double { ways.max() ?? 0 }

    func run() -> Run {
        var schedule = Schedule(works, capacity: capacity)
        var run = Run(
            begin: works.map { _ in -1 }, end: works.map { _ in .infinity })
        var running: Set<Int> = []
        var now = 0.0
        while true {
            while let place = schedule.popReady() { schedule.enqueue(place) }
            while let next = schedule.next() {
                run.started.append(next.place)
                run.begin[next.place] = now
                run.end[next.place] = now + works[next.place].duration
                running.insert(next.place)
            }
            if works.count < 1000 { inspect(running, schedule, &run) }
            guard let place = running.min(by: { (run.end[$0], $0) < (run.end[$1], $1) }) else {
                return run
            }
            now = run.end[place]
            run.makespan = max(run.makespan, now)
            running.remove(place)
            schedule.finish(place)
        }
    }

    private func fits(_ place: Int, beside running: Set<Int>) -> Bool {
        excess(running.union([place])) == nil
    }

    private func cpus(_ place: Int) -> Int { min(works[place].cpus, capacity.cpus) }

    private func excess(_ running: Set<Int>) -> String? {
        if running.count > capacity.jobs { return "places" }
        if running.reduce(0, { $0 + cpus($1) }) > capacity.cpus { return "processors" }
        if running.reduce(0, { $0 + works[$1].memory }) > capacity.memory { return "memory" }
        for (pool, units) in capacity.pools
        where running.reduce(0, { $0 + (works[$1].shares[pool] ?? 0) }) > units {
            return pool
        }
        return nil
    }

    private func inspect(_ running: Set<Int>, _ schedule: Schedule, _ run: inout Run) {
        if let excess = excess(running) { run.excesses.append("\(excess) with \(running)") }
        let waiting = works.indices.filter { schedule.states[$0] == .queued }
        let first = waiting.min { (-ways[$0], $0) < (-ways[$1], $1) }
        // While the most urgent one waits for room, others may have to stand back; but never it itself.
        guard let first, fits(first, beside: running) else { return }
        run.idleness.append("\(first) beside \(running)")
    }
}

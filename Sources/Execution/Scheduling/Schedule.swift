import HeapModule
import Files
import Pipeline

/// Decides which stage starts next: list scheduling in critical-path order, with a reservation for the most urgent
/// stage that does not fit and backfilling of others around it. A plain value that is updated with the events of the
/// run. No step visits all stages: scheduling a plan of ten thousand stages takes a few milliseconds.
///
/// A stage is *waiting* while a predecessor is not done; *ready* once its cache key can be computed and looked
/// up (`popReady`); *queued* if it has to run (`enqueue`); *running* once started (`next`); and then done or
/// failed (`finish`, `fail`). A running stage that cannot proceed for now releases its resources (`hold`) and
/// becomes ready again later (`release`).
package struct Schedule {
    /// The properties of a stage that scheduling depends on.
    package struct Task: Hashable, Sendable {
        /// The indices of its predecessors.
        package var after: [Int]
        package var cpus: Int
        package var memory: Int
        /// Units taken of each pool.
        package var shares: [String: Int]
        /// The estimated duration, in any unit that all stages share.
        package var duration: Double

        package init(
            after: [Int] = [], cpus: Int = 1, memory: Int = 0, shares: [String: Int] = [:],
            duration: Double = 1
        ) {
            self.after = after
            self.cpus = cpus
            self.memory = memory
            self.shares = shares
            self.duration = duration
        }
    }

    package struct Start: Hashable, Sendable {
        package let place: Int
        package let threads: Int

        package init(place: Int, threads: Int) {
            self.place = place
            self.threads = threads
        }
    }

    package enum State: Hashable, Sendable {
        case waiting
        case ready
        case queued
        case running
        case held
        case done
        case failed
    }

    /// The priority of a queued stage; the smaller value is the more urgent one.
    private struct Urgency: Comparable {
        let below: Double
        let place: Int

        static func < (left: Urgency, right: Urgency) -> Bool {
            left.below != right.below ? left.below > right.below : left.place < right.place
        }
    }

    /// Amounts of each resource: running stages, processors, memory, and the units of each pool.
    private typealias Amounts = [Int]

    package private(set) var states: [State]

    private let followers: [[Int]]
    /// The number of predecessors of each stage that are not done.
    private var missing: [Int]
    private let durations: [Double]
    /// The length of the critical path from each stage to the end of the plan, its own duration included.
    private let criticalPaths: [Double]

    /// Stages with equal resource needs share a queue, so that comparing the first stage of each queue is
    /// enough: pipelines have few distinct needs.
    private let queueOf: [Int]
    private let needs: [Amounts]
    private var queues: [Heap<Urgency>]
    /// The non-empty queues.
    private var active: Set<Int> = []
    private var queued = 0

    private let total: Amounts
    private var free: Amounts
    package private(set) var running = 0
    package private(set) var held = 0
    private var ready = Heap<Int>()

    /// The cache key of each queued or running stage, and the later stages with the same key, which wait for it.
    private var keys: [Int: Digest] = [:]
    private var duplicates: [Digest: [Int]] = [:]

    /// For each queued stage that was the most urgent and did not fit: the total duration of the less urgent
    /// stages that have since been started on resources it needs.
    private var overtakenFor: [Int: Double] = [:]
    /// The stage with the reservation, and the running stages that were backfilled beside it.
    private var reserved: Int?
    private var backfilled: Set<Int> = []
    private var backfilledAmounts: Amounts

    /// A stage's `cpus` are capped at the capacity, because the number of threads never changes a result. A stage
    /// that needs more memory or more units of a pool than there are never starts.
    package init(_ tasks: [Task], capacity: Capacity) {
        let pools = Set(tasks.flatMap(\.shares.keys)).sorted()
        total =
            [capacity.jobs, capacity.cpus, capacity.memory]
            + pools.map { capacity.pools[$0] ?? 0 }
        free = total
        backfilledAmounts = total.map { _ in 0 }
        var followers = tasks.map { _ in [Int]() }
        var queueOf: [Int] = []
        var needs: [Amounts] = []
        var known: [Amounts: Int] = [:]
        for (place, task) in tasks.enumerated() {
            for before in task.after { followers[before].append(place) }
            let amounts =
                [1, min(max(1, task.cpus), capacity.cpus), task.memory]
                + pools.map { task.shares[$0] ?? 0 }
            let queue = known[amounts] ?? needs.count
            if queue == needs.count {
                known[amounts] = queue
                needs.append(amounts)
            }
            queueOf.append(queue)
        }
        var criticalPaths = tasks.map(\.duration)
        for place in tasks.indices.reversed() {
            criticalPaths[place] += followers[place].reduce(0) { max($0, criticalPaths[$1]) }
        }
        self.followers = followers
        self.queueOf = queueOf
        self.needs = needs
        self.criticalPaths = criticalPaths
        durations = tasks.map(\.duration)
        missing = tasks.map(\.after.count)
        queues = needs.map { _ in Heap() }
        states = tasks.map { _ in .waiting }
        for place in tasks.indices where missing[place] == 0 { makeReady(place) }
    }

    /// The next ready stage in the order of the plan, or nil. Each ready stage is returned once.
    package mutating func popReady() -> Int? { ready.popMin() }

    /// Queues a ready stage that has to run. If another stage with the same cache key is queued or running, this
    /// one waits and becomes ready again when the other has ended, because its result may then be cached.
    package mutating func enqueue(_ place: Int, key: Digest? = nil) {
        precondition(states[place] == .ready, "only a ready stage is queued")
        if let key, keys[place] != key {
            if duplicates[key] != nil {
                duplicates[key]?.append(place)
                return
            }
            duplicates[key] = []
            keys[place] = key
        }
        states[place] = .queued
        queued += 1
        queues[queueOf[place]].insert(Urgency(below: criticalPaths[place], place: place))
        active.insert(queueOf[place])
    }

    /// The stage to start now and its number of threads; nil if none can start. A stage that runs alone gets
    /// every processor.
    package mutating func next() -> Start? {
        guard let first = mostUrgent(where: { _ in true }) else { return nil }
        if fits(first) { return start(first, asBackfill: false) }
        guard let waiting = queues[first].min?.place else { return nil }
        reserve(for: waiting)
        // Others may be backfilled beside the reservation, or delay it by at most its own duration in total.
        let remainingDelay = durations[waiting] - overtakenFor[waiting, default: 0]
        let chosen = mostUrgent { queue in
            queue != first && fits(queue)
                && (fitsBeside(queue, beside: first) || duration(of: queue) <= remainingDelay)
        }
        guard let chosen else { return nil }
        let isBackfill = fitsBeside(chosen, beside: first)
        if !isBackfill { overtakenFor[waiting, default: 0] += duration(of: chosen) }
        return start(chosen, asBackfill: isBackfill)
    }

    /// The queue whose first stage is the most urgent among the queues that satisfy `condition`.
    private func mostUrgent(where condition: (Int) -> Bool) -> Int? {
        var best: (urgency: Urgency, queue: Int)?
        for queue in active {
            guard let urgency = queues[queue].min, condition(queue) else { continue }
            if let best, best.urgency < urgency { continue }
            best = (urgency, queue)
        }
        return best?.queue
    }

    /// The duration of the first stage of a queue.
    private func duration(of queue: Int) -> Double {
        queues[queue].min.map { durations[$0.place] } ?? 0
    }

    /// Marks a stage as done: it ran, or its result was cached.
    package mutating func finish(_ place: Int) {
        leave(place, as: .done)
        for follower in followers[place] {
            missing[follower] -= 1
            if missing[follower] == 0 { makeReady(follower) }
        }
    }

    /// Marks a stage as failed: its successors never start.
    package mutating func fail(_ place: Int) { leave(place, as: .failed) }

    /// Suspends a running stage that waits for another process: its resources are released.
    package mutating func hold(_ place: Int) {
        releaseResources(of: place)
        states[place] = .held
        held += 1
    }

    /// Makes a held stage ready again.
    package mutating func release(_ place: Int) {
        precondition(states[place] == .held, "only a held stage is released")
        held -= 1
        makeReady(place)
    }

    /// The stages that can never start, because a predecessor failed.
    package var blocked: Set<Int> {
        var blocked: Set<Int> = []
        for place in states.indices where states[place] == .failed || blocked.contains(place) {
            blocked.formUnion(followers[place])
        }
        return blocked
    }

    private mutating func makeReady(_ place: Int) {
        states[place] = .ready
        ready.insert(place)
    }

    private mutating func start(_ queue: Int, asBackfill isBackfill: Bool) -> Start {
        guard let place = queues[queue].popMin()?.place else {
            preconditionFailure("a queue with a first stage is not empty")
        }
        if queues[queue].min == nil { active.remove(queue) }
        queued -= 1
        // Nothing else can start or end before this one does.
        let isAlone = running == 0 && queued == 0 && held == 0 && ready.min == nil
        running += 1
        states[place] = .running
        for (kind, amount) in needs[queue].enumerated() { free[kind] -= amount }
        if isBackfill {
            backfilled.insert(place)
            for (kind, amount) in needs[queue].enumerated() { backfilledAmounts[kind] += amount }
        }
        if reserved == place { reserve(for: nil) }
        overtakenFor[place] = nil
        return Start(place: place, threads: isAlone ? total[1] : needs[queue][1])
    }

    private mutating func leave(_ place: Int, as state: State) {
        switch states[place] {
        case .running: releaseResources(of: place)
        case .held: held -= 1
        default: break
        }
        states[place] = state
        guard let key = keys.removeValue(forKey: place) else { return }
        for duplicate in duplicates.removeValue(forKey: key) ?? [] { makeReady(duplicate) }
    }

    private mutating func releaseResources(of place: Int) {
        precondition(states[place] == .running, "only a running stage holds resources")
        running -= 1
        let amounts = needs[queueOf[place]]
        for (kind, amount) in amounts.enumerated() { free[kind] += amount }
        guard backfilled.remove(place) != nil else { return }
        for (kind, amount) in amounts.enumerated() { backfilledAmounts[kind] -= amount }
    }

    private func fits(_ queue: Int) -> Bool {
        let amounts = needs[queue]
        return total.indices.allSatisfy { amounts[$0] <= free[$0] }
    }

    /// Whether the first stages of both queues fit together once all stages but the backfilled ones have ended.
    private func fitsBeside(_ queue: Int, beside reserved: Int) -> Bool {
        let (amounts, reservedAmounts) = (needs[queue], needs[reserved])
        return total.indices.allSatisfy {
            amounts[$0] <= total[$0] - reservedAmounts[$0] - backfilledAmounts[$0]
        }
    }

    private mutating func reserve(for place: Int?) {
        guard place != reserved else { return }
        reserved = place
        backfilled = []
        backfilledAmounts = total.map { _ in 0 }
    }
}

extension Schedule {
    /// Makes a schedule. `seconds` contains the usual duration of stages by id. Stages without one are assumed to take
    /// the average.
    package init(_ plan: Plan, capacity: Capacity, seconds: [String: Double] = [:]) {
        var places: [String: Int] = [:]
        for (place, stage) in plan.stages.enumerated() { places[stage.id] = place }
        let known = plan.stages.compactMap { seconds[$0.id] }
        let usual = known.isEmpty ? 1 : known.reduce(0, +) / Double(known.count)
        self.init(
            plan.stages.map { stage in
                Task(
                    after: stage.after.compactMap { places[$0] }.sorted(),
                    cpus: stage.resources.cpus, memory: stage.resources.memory ?? 0,
                    shares: stage.resources.shares, duration: seconds[stage.id] ?? usual)
            }, capacity: capacity)
    }
}

import Pipeline

/// Which stages start next: a value that is told what happened. Of the stages that may start, those with
/// the longest way below them come first, for that way decides when the run ends. No step looks at every
/// stage: a plan of ten thousand takes some milliseconds.
///
/// A stage goes from waiting, when those before it are not done, to *ready*, when its key can be known
/// and looked up (`popReady`), to *queued*, when it has to run (`enqueue`), to running (`next`) to its
/// end (`finish`, `fail`). One that cannot run for now gives its room back (`hold`) until it is ready
/// again (`release`).
package struct Schedule {
    /// What the schedule must know of a stage.
    package struct Work: Hashable, Sendable {
        /// The places of the stages before it.
        package var after: [Int]
        package var cpus: Int
        package var memory: Int
        /// Units by pool.
        package var shares: [String: Int]
        /// About how long it takes, in any unit that is the same for all.
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

    /// Less is more urgent.
    private struct Urgency: Comparable {
        let below: Double
        let place: Int

        static func < (left: Urgency, right: Urgency) -> Bool {
            left.below != right.below ? left.below > right.below : left.place < right.place
        }
    }

    /// What stages take of everything there is: places, processors, memory and each pool.
    private typealias Amounts = [Int]

    package private(set) var states: [State]

    private let followers: [[Int]]
    /// How many stages before each are not done.
    private var missing: [Int]
    private let durations: [Double]
    /// The duration of the longest way from each to the end, with its own.
    private let ways: [Double]

    /// Stages that need the same amounts share a queue, so that to look at the first of each is to look
    /// at all: pipelines know few kinds of needs.
    private let queueOf: [Int]
    private let needs: [Amounts]
    private var queues: [PriorityQueue<Urgency>]
    /// The queues that are not empty.
    private var active: Set<Int> = []
    private var queued = 0

    private let total: Amounts
    private var free: Amounts
    package private(set) var running = 0
    package private(set) var held = 0
    private var ready = PriorityQueue<Int>()

    /// The key of each queued or running stage, its owner, and stages with the same key that wait for it.
    private var keys: [Int: Digest] = [:]
    private var twins: [Digest: [Int]] = [:]

    /// Of each queued stage that was the most urgent and did not fit: the duration of the less urgent ones
    /// that started in the meantime and took what it needs.
    private var overtaken: [Int: Double] = [:]
    /// The stage that room is kept for, and what runs beside the room that it will need.
    private var reserved: Int?
    private var guests: Set<Int> = []
    private var guestAmounts: Amounts

    /// `capacity` bounds processors, for their number never changes a result; what needs more memory or
    /// units than there are never starts.
    package init(_ works: [Work], capacity: Capacity) {
        let pools = Set(works.flatMap(\.shares.keys)).sorted()
        total =
            [capacity.jobs, capacity.cpus, capacity.memory]
            + pools.map { capacity.pools[$0] ?? 0 }
        free = total
        guestAmounts = total.map { _ in 0 }
        var followers = works.map { _ in [Int]() }
        var queueOf: [Int] = []
        var needs: [Amounts] = []
        var known: [Amounts: Int] = [:]
        for (place, work) in works.enumerated() {
            for before in work.after { followers[before].append(place) }
            let amounts =
                [1, min(max(1, work.cpus), capacity.cpus), work.memory]
                + pools.map { work.shares[$0] ?? 0 }
            let queue = known[amounts] ?? needs.count
            if queue == needs.count {
                known[amounts] = queue
                needs.append(amounts)
            }
            queueOf.append(queue)
        }
        var ways = works.map(\.duration)
        for place in works.indices.reversed() {
            ways[place] += followers[place].reduce(0) { max($0, ways[$1]) }
        }
        self.followers = followers
        self.queueOf = queueOf
        self.needs = needs
        self.ways = ways
        durations = works.map(\.duration)
        missing = works.map(\.after.count)
        queues = needs.map { _ in PriorityQueue() }
        states = works.map { _ in .waiting }
        for place in works.indices where missing[place] == 0 { makeReady(place) }
    }

    /// The first stage of the plan whose predecessors are all done and that was not asked for yet.
    package mutating func popReady() -> Int? { ready.popFirst() }

    /// A ready stage has to run. One with the key of a queued or running stage turns ready again when that
    /// has ended, for then its result may be there.
    package mutating func enqueue(_ place: Int, key: Digest? = nil) {
        precondition(states[place] == .ready, "only a ready stage is queued")
        if let key, keys[place] != key {
            if twins[key] != nil {
                twins[key]?.append(place)
                return
            }
            twins[key] = []
            keys[place] = key
        }
        states[place] = .queued
        queued += 1
        queues[queueOf[place]].insert(Urgency(below: ways[place], place: place))
        active.insert(queueOf[place])
    }

    /// A stage to start now with its threads; nil if none may. A stage that is alone gets every processor.
    package mutating func next() -> Start? {
        guard let first = mostUrgent(where: { _ in true }) else { return nil }
        if fits(first) { return start(first, asGuest: false) }
        guard let waiting = queues[first].first?.place else { return nil }
        keepRoom(for: waiting)
        // Others may overtake it, but not for longer than it takes itself; or they leave the room it needs.
        let patience = durations[waiting] - overtaken[waiting, default: 0]
        let chosen = mostUrgent { queue in
            queue != first && fits(queue)
                && (leavesRoom(queue, beside: first) || duration(of: queue) <= patience)
        }
        guard let chosen else { return nil }
        let isGuest = leavesRoom(chosen, beside: first)
        if !isGuest { overtaken[waiting, default: 0] += duration(of: chosen) }
        return start(chosen, asGuest: isGuest)
    }

    /// The queue with the most urgent first stage of those that `condition` allows.
    private func mostUrgent(where condition: (Int) -> Bool) -> Int? {
        var best: (urgency: Urgency, queue: Int)?
        for queue in active {
            guard let urgency = queues[queue].first, condition(queue) else { continue }
            if let best, best.urgency < urgency { continue }
            best = (urgency, queue)
        }
        return best?.queue
    }

    /// Of the first stage of a queue.
    private func duration(of queue: Int) -> Double {
        queues[queue].first.map { durations[$0.place] } ?? 0
    }

    /// A stage is done: it ran, or its result was found.
    package mutating func finish(_ place: Int) {
        leave(place, as: .done)
        for follower in followers[place] {
            missing[follower] -= 1
            if missing[follower] == 0 { makeReady(follower) }
        }
    }

    /// A stage has failed, so that those after it never start.
    package mutating func fail(_ place: Int) { leave(place, as: .failed) }

    /// A running stage waits for something that takes nothing: it makes room for others.
    package mutating func hold(_ place: Int) {
        giveRoom(of: place)
        states[place] = .held
        held += 1
    }

    /// A held stage is ready again.
    package mutating func release(_ place: Int) {
        precondition(states[place] == .held, "only a held stage is released")
        held -= 1
        makeReady(place)
    }

    /// Stages that can never start, because one before them failed.
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

    private mutating func start(_ queue: Int, asGuest isGuest: Bool) -> Start {
        guard let place = queues[queue].popFirst()?.place else {
            preconditionFailure("a queue with a first stage is not empty")
        }
        if queues[queue].first == nil { active.remove(queue) }
        queued -= 1
        // Nothing else can start or end before this one does.
        let isAlone = running == 0 && queued == 0 && held == 0 && ready.first == nil
        running += 1
        states[place] = .running
        for (kind, amount) in needs[queue].enumerated() { free[kind] -= amount }
        if isGuest {
            guests.insert(place)
            for (kind, amount) in needs[queue].enumerated() { guestAmounts[kind] += amount }
        }
        if reserved == place { keepRoom(for: nil) }
        overtaken[place] = nil
        return Start(place: place, threads: isAlone ? total[1] : needs[queue][1])
    }

    private mutating func leave(_ place: Int, as state: State) {
        switch states[place] {
        case .running: giveRoom(of: place)
        case .held: held -= 1
        default: break
        }
        states[place] = state
        guard let key = keys.removeValue(forKey: place) else { return }
        for twin in twins.removeValue(forKey: key) ?? [] { makeReady(twin) }
    }

    private mutating func giveRoom(of place: Int) {
        precondition(states[place] == .running, "only a running stage has room to give")
        running -= 1
        let amounts = needs[queueOf[place]]
        for (kind, amount) in amounts.enumerated() { free[kind] += amount }
        guard guests.remove(place) != nil else { return }
        for (kind, amount) in amounts.enumerated() { guestAmounts[kind] -= amount }
    }

    private func fits(_ queue: Int) -> Bool {
        let amounts = needs[queue]
        return total.indices.allSatisfy { amounts[$0] <= free[$0] }
    }

    /// Whether, when all but guests have ended, there is room for the first stages of both queues.
    private func leavesRoom(_ queue: Int, beside reserved: Int) -> Bool {
        let (amounts, kept) = (needs[queue], needs[reserved])
        return total.indices.allSatisfy {
            amounts[$0] <= total[$0] - kept[$0] - guestAmounts[$0]
        }
    }

    private mutating func keepRoom(for place: Int?) {
        guard place != reserved else { return }
        reserved = place
        guests = []
        guestAmounts = total.map { _ in 0 }
    }
}

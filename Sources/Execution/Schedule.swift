import Pipeline

/// Which stages start next: a value that the coordinator tells what happened. Ready stages start in the
/// order of the longest chain below them, for that chain decides when the run ends.
struct Schedule {
    enum State: Hashable {
        case waiting
        case running(cpus: Int)
        case done
        case failed
    }

    private let stages: [PlannedStage]
    private let places: [String: Int]
    /// Stages on the longest way from here to the end, this one included.
    private let heights: [Int]
    private let cores: Int
    private let jobs: Int
    private(set) var states: [State]

    init(_ plan: Plan, cores: Int, jobs: Int) {
        stages = plan.stages
        self.cores = cores
        self.jobs = jobs
        var places: [String: Int] = [:]
        for (place, stage) in stages.enumerated() { places[stage.id] = place }
        self.places = places
        var heights = stages.map { _ in 1 }
        for (place, stage) in stages.enumerated().reversed() {
            for id in stage.after {
                guard let above = places[id] else { continue }
                heights[above] = max(heights[above], heights[place] + 1)
            }
        }
        self.heights = heights
        states = stages.map { _ in .waiting }
    }

    /// Stages whose predecessors are all done, most urgent first.
    var ready: [Int] {
        stages.indices.filter { place in
            states[place] == .waiting
                && stages[place].after.allSatisfy { id in
                    places[id].map { states[$0] == .done } ?? true
                }
        }.sorted { (-heights[$0], $0) < (-heights[$1], $1) }
    }

    /// Waiting stages that can never start, because one before them failed.
    var blocked: [Int] {
        var blocked: Set<Int> = []
        for (place, stage) in stages.enumerated() where states[place] == .waiting {
            let isBlocked = stage.after.contains { id in
                places[id].map { states[$0] == .failed || blocked.contains($0) } ?? false
            }
            if isBlocked { blocked.insert(place) }
        }
        return blocked.sorted()
    }

    var running: Int {
        states.filter { if case .running = $0 { true } else { false } }.count
    }

    private var freeCores: Int {
        states.reduce(cores) { free, state in
            if case .running(let cpus) = state { free - cpus } else { free }
        }
    }

    /// The stages to start now with their threads, of those that are not `held`. A stage that is alone gets
    /// every processor: its result does not depend on threads.
    func next(holding held: Set<Int> = []) -> [(place: Int, threads: Int)] {
        var free = freeCores
        var slots = jobs - running
        var chosen: [(place: Int, threads: Int)] = []
        let ready = ready
        for place in ready where slots > 0 && !held.contains(place) {
            let cpus = min(max(1, stages[place].resources.cpus), cores)
            guard cpus <= free else { continue }
            free -= cpus
            slots -= 1
            chosen.append((place, cpus))
        }
        if running == 0, ready.count == 1, chosen.count == 1 { chosen[0].threads = cores }
        return chosen
    }

    mutating func set(_ place: Int, _ state: State) { states[place] = state }
}

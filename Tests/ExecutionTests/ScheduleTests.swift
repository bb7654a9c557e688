import Execution
import Files
import Pipeline
import TestSupport
import Testing

@Suite("Schedule", .timeLimit(.minutes(10)))
struct ScheduleTests {
    /// Starts everything that may start now.
    private func start(_ schedule: inout Schedule) -> [Int] {
        while let place = schedule.popReady() { schedule.enqueue(place) }
        var started: [Int] = []
        while let next = schedule.next() { started.append(next.place) }
        return started
    }

    @Test("Of the stages that may start, those with the longest way below them come first")
    func criticalPath() {
        var schedule = Schedule(
            [
                .init(duration: 5), .init(duration: 2), .init(after: [1], duration: 2),
                .init(after: [2], duration: 2),
            ], capacity: Capacity(cpus: 1))
        var order: [Int] = []
        while case let started = start(&schedule), !started.isEmpty {
            order += started
            for place in started { schedule.finish(place) }
        }
        #expect(order == [1, 0, 2, 3])
    }

    @Test("A stage that is alone gets every processor, others what they ask for")
    func threads() {
        var schedule = Schedule(
            [.init(), .init(after: [0], cpus: 3), .init(after: [0])], capacity: Capacity(cpus: 4))
        schedule.enqueue(schedule.popReady()!)
        #expect(schedule.next() == .init(place: 0, threads: 4))
        schedule.finish(0)
        while let place = schedule.popReady() { schedule.enqueue(place) }
        #expect(schedule.next() == .init(place: 1, threads: 3))
        #expect(schedule.next() == .init(place: 2, threads: 1))
    }

    @Test("A stage that wants more processors than there are gets all of them")
    func manyProcessors() {
        var schedule = Schedule([.init(cpus: 64), .init()], capacity: Capacity(cpus: 2))
        #expect(start(&schedule) == [0])
        schedule.finish(0)
        #expect(start(&schedule) == [1])
    }

    @Test("Memory, pools and places are shared out, and come back")
    func amounts() {
        let works: [Schedule.Task] = [
            .init(memory: 6, shares: ["gpu": 1]), .init(memory: 5), .init(shares: ["gpu": 2]),
            .init(memory: 4), .init(memory: 0),
        ]
        var schedule = Schedule(
            works, capacity: Capacity(cpus: 8, memory: 10, pools: ["gpu": 2], jobs: 3))
        #expect(start(&schedule) == [0, 3, 4])
        schedule.finish(0)
        #expect(start(&schedule) == [1])
        schedule.finish(4)
        #expect(start(&schedule) == [2])
    }

    @Test("Small stages do not overtake a large one for ever")
    func starvation() {
        // Two chains of small stages, of which one is always ready, and a large one that is more urgent.
        var works = (0..<400).map { place in
            Schedule.Task(after: place < 2 ? [] : [place - 2])
        }
        works.append(.init(after: [0], cpus: 2, duration: 3))
        works.append(.init(after: [400], duration: 1000))
        var schedule = Schedule(works, capacity: Capacity(cpus: 2))
        var running = start(&schedule)
        #expect(running == [0, 1])
        var overtaking = 0
        while schedule.states[400] != .running, let place = running.first {
            schedule.finish(place)
            running.removeFirst()
            let started = start(&schedule)
            running += started
            overtaking += started.filter { $0 < 400 }.count
        }
        #expect(schedule.states[400] == .running)
        #expect(overtaking == 3)
    }

    @Test("A stage that takes nothing of what a large one waits for goes past it")
    func guests() {
        var schedule = Schedule(
            [.init(shares: ["gpu": 1]), .init(shares: ["gpu": 2], duration: 9), .init(), .init()],
            capacity: Capacity(cpus: 4, pools: ["gpu": 2]))
        schedule.enqueue(schedule.popReady()!)
        #expect(schedule.next()?.place == 0)
        #expect(start(&schedule) == [2, 3])
        schedule.finish(0)
        #expect(start(&schedule) == [1])
    }

    @Test("Stages with one key wait for the first of them, then are ready once more")
    func twins() {
        let key = Digest(of: Array("key".utf8))
        var schedule = Schedule([.init(), .init(), .init()], capacity: Capacity(cpus: 4))
        while let place = schedule.popReady() { schedule.enqueue(place, key: key) }
        #expect(schedule.next()?.place == 0)
        #expect(schedule.next() == nil)
        schedule.fail(0)
        #expect(schedule.popReady() == 1)
        schedule.enqueue(1, key: key)
        #expect(schedule.popReady() == 2)
        schedule.finish(2)
        #expect(schedule.next()?.place == 1)
    }

    @Test("A held stage makes room until it is released, and keeps its key")
    func holding() {
        let key = Digest(of: Array("key".utf8))
        var schedule = Schedule([.init(), .init(), .init()], capacity: Capacity(cpus: 1))
        for _ in 0..<2 { schedule.enqueue(schedule.popReady()!, key: key) }
        #expect(schedule.next()?.place == 0)
        schedule.hold(0)
        #expect(schedule.held == 1 && schedule.running == 0)
        #expect(start(&schedule) == [2])
        schedule.release(0)
        schedule.enqueue(schedule.popReady()!, key: key)
        schedule.finish(2)
        #expect(schedule.next()?.place == 0)
        #expect(schedule.popReady() == nil)
        schedule.finish(0)
        #expect(schedule.popReady() == 1)
    }

    @Test("What comes after a failed stage is blocked, however far")
    func blocked() {
        var schedule = Schedule(
            [.init(), .init(after: [0]), .init(after: [1]), .init()], capacity: Capacity(cpus: 1))
        schedule.fail(schedule.popReady()!)
        #expect(schedule.blocked == [1, 2])
    }

    @Test("Every stage that needs more than the capacity is reported")
    func shortages() async throws {
        let toy = try ToyWorker()
        let yaml = """
            name: toy
            stages:
              large: { uses: make, resources: { memory: 64GB } }
              drawn: { uses: make, with: { text: b }, resources: { gpus: 1 } }
              broad: { uses: make, with: { text: c }, resources: { gpu: 3 } }
              licensed: { uses: make, with: { text: d }, resources: { licence: 2 } }
            """
        let error = await #expect(throws: ShortageError.self) {
            try await toy.run(yaml, pools: ["licence": 1, "gpu": 2], memory: 24_600_000_000)
        }
        #expect(
            error?.shortages.map(\.description) == [
                "the stage 'large' needs 64 GB of memory, but only 24.6 GB are available: lower "
                    + "`resources.memory`, or set the available memory with --memory",
                "the stage 'broad' needs 3 of the pool `gpu`, which has 2: lower `resources.gpu`, or raise --pool gpu=2",
                "the stage 'licensed' needs 2 of the pool `licence`, which has 1: lower `resources.licence`, or raise --pool licence=1",
            ])
        let none = await #expect(throws: ShortageError.self) { try await toy.run(yaml) }
        #expect(
            none?.shortages.first?.description
                == "the stage 'drawn' needs 1 of the pool `gpu`, which has no units: set their "
                + "number with --pool gpu=1"
        )
        #expect(toy.ran == [])
    }

    @Test("Ten thousand stages of a hundred kinds of needs are all scheduled")
    func tenThousand() {
        var random = SeededRandom(seed: 1)
        let works = (0..<10_000).map { place in
            Schedule.Task(
                after: place < 10 ? [] : Set([random.below(place), place - 10]).sorted(),
                cpus: 1 + random.below(4), memory: random.below(25),
                duration: Double(1 + random.below(100)))
        }
        let capacity = Capacity(cpus: 16, memory: 64, jobs: 12)
        #expect(Simulation(works, capacity: capacity).run().started.count == 10_000)
    }

    @Test("Random plans keep to every bound", arguments: 0..<200)
    func properties(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let capacity = Capacity(
            cpus: 1 + random.below(8), memory: 10 + random.below(30),
            pools: ["gpu": 1 + random.below(4)], jobs: 1 + random.below(8))
        let isSimple = seed % 2 == 0
        let works = (0..<(1 + random.below(60))).map { place in
            Schedule.Task(
                after: (0..<place).filter { _ in random.below(8) == 0 },
                cpus: isSimple ? 1 : 1 + random.below(capacity.cpus + 2),
                memory: isSimple ? 0 : random.below(capacity.memory + 1),
                shares: isSimple ? [:] : ["gpu": random.below((capacity.pools["gpu"] ?? 0) + 1)],
                duration: Double(1 + random.below(20)))
        }
        let simulation = Simulation(works, capacity: capacity)
        let run = simulation.run()

        // Every stage once, each after those before it.
        #expect(run.started.sorted() == Array(works.indices))
        for (place, work) in works.enumerated() {
            for before in work.after { #expect(run.end[before] <= run.begin[place]) }
        }
        #expect(run.excesses == [])
        #expect(run.idleness == [])

        // Graham's bound for plans whose stages want nothing but a processor each.
        if isSimple {
            let machines = Double(min(capacity.cpus, capacity.jobs))
            let work = works.reduce(0) { $0 + $1.duration }
            let path = simulation.longestWay
            #expect(run.makespan <= work / machines + path * (1 - 1 / machines) + 1e-9)
        }
        // In any case no worse than one after another.
        #expect(run.makespan <= works.reduce(0) { $0 + $1.duration } + 1e-9)
    }
}

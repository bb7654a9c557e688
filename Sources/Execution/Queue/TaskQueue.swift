import Files
import Foundation
import Pipeline
import Store
import Synchronization

/// The tasks of a run in the queue of a batch system. An actor, because many attempts submit tasks and wait for them,
/// and one loop asks the system for all.
///
/// A task has ended when its result file exists. What the system says of a task only decides what to do about a missing
/// result: to wait, to submit the task again, or to give it up.
actor TaskQueue {
    /// A stage for the queue.
    struct Request: Sendable {
        var stage: String
        var key: Digest

        /// The number in the name of its result.
        var attempt: Int
        var needs: TaskNeeds

        /// How long the stage usually takes, in seconds.
        var seconds: Double

        /// The job in which an earlier process has submitted the stage, and its place there.
        var submission: (record: SubmissionRecord, place: Int)?
    }

    /// The end of a task.
    enum End: Sendable {
        /// `starts` is the number of starts whose events were read.
        case published(TaskResult, starts: Int)
        case failed(String, isLasting: Bool)
        /// Whether its job has certainly ended.
        case cancelled(isOver: Bool)
    }

    private let system: any BatchSystem
    private let profile: Profile
    private let shared: SharedDirectory
    private let store: Store
    private let clock: TaskClock
    private let report: @Sendable (RunEvent) -> Void
    private let notices: NoticeLog

    /// Whether jobs stay in the queue when the run is stopped.
    private let detachment: Detachment

    /// The names of tasks that were cancelled since the last look.
    private nonisolated let cancelled = Mutex<Set<String>>([])

    /// By the name of the attempt.
    private var tasks: [String: Entry] = [:]

    /// The names of tasks that are not in a submission.
    private var gathered: Set<String> = []

    /// The names of cancelled tasks that have not ended.
    private var ending: Set<String> = []

    /// The names of the tasks that ran at the last poll, and the place of the next one to follow.
    private var running: [String] = []
    private var nextFollowed = 0

    /// The needs with which tasks waited in the queue at the last poll.
    private var crowded: Set<TaskNeeds> = []

    /// By name.
    private var submissions: [String: Job] = [:]
    private var lastPoll: Double?
    private var requests = 0
    private var isOut = false

    /// The tasks in the queue at the last poll of which no stage is open.
    private var needless: Set<QueuedTask.ID> = []

    /// Reasons for which tasks wait on any cluster.
    private static let usualReasons: Set = [
        "", "None", "Priority", "Resources", "BeginTime", "Dependency", "Cleaning",
        "JobArrayTaskLimit", "Prolog",
    ]

    private struct Entry {
        let request: Request

        /// The number of earlier requests.
        let order: Int
        var follower: TaskFollower
        var waiter: CheckedContinuation<End, Never>?

        /// The job that runs it, and the element of its array; `nil` before it is submitted.
        var place: (submission: String, index: Int)?
        var since: Double

        /// The word of the system for its state.
        var state = ""

        /// Whether a later start may be there than the one that is followed.
        var isStale = true

        /// Whether the node of its latest start is recorded.
        var isPlaced = false

        /// Since when the system does not have it in its queue.
        var goneSince: Double?

        /// The number of times that it was lost without a checkpoint.
        var losses = 0
        var checkpoint: Int?

        /// The latest start when it was lost.
        var lostStart: TaskStart?
        var cancelledSince: Double?
        var isCancellationSent = false
    }

    private struct Job {
        var id: String?

        /// The number of its tasks that have not ended.
        var open = 0

        /// How often the system has answered that it has no such job, while the answer to its submission is missing.
        var looks = 0
        var firstLook = 0.0

        /// The stages of its tasks that were not reported yet, and whether this run submitted them.
        var unreported: [String] = []
        var isNew = true

        /// The names of the tasks that have started or ended, by the element of the array that runs them.
        var begun: [Int: Set<String>] = [:]
    }

    /// How often a task is submitted again that ended without a result and without a new checkpoint.
    private static let lossLimit = 2

    /// How long tasks are gathered for one array, in seconds. If others already wait in the queue with the same needs,
    /// new ones are gathered from one poll to the next, because they would wait behind those: a run of 100,000 tasks
    /// must not ask for as many arrays.
    private static let gathering = 0.3

    /// The maximum number of running tasks whose files are read at a tick. Thousands of tasks are followed in turns,
    /// because each look is a request to a network file system.
    private static let followed = 40

    /// The time between two looks at the shared directory, in seconds.
    private static let tick = 0.5

    /// How long the result of an ended task may be invisible before the run says so, in seconds.
    private static let patience = 20.0

    /// How long a cancelled task may take to save a checkpoint, in seconds.
    private static let grace = 60.0

    init(
        system: any BatchSystem, profile: Profile, shared: SharedDirectory, store: Store,
        detachment: Detachment, clock: TaskClock, report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.system = system
        self.profile = profile
        self.shared = shared
        self.store = store
        self.detachment = detachment
        self.clock = clock
        self.report = report
        notices = NoticeLog(report)
    }

    /// Runs a task to its end. When the Swift task is cancelled, the job is cancelled, and its checkpoint is waited for.
    func run(_ request: Request, sink: any EventSink, log: String) async -> End {
        let name = TaskDirectory.name(request.key, request.attempt)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                // Nobody may look after the tasks any more.
                if Task.isCancelled {
                    return waiter.resume(
                        returning: .cancelled(isOver: request.submission == nil))
                }
                requests += 1
                var entry = Entry(
                    request: request, order: requests,
                    follower: TaskFollower(
                        directory: shared.tasks(request.key), sink: sink, log: log,
                        notices: notices),
                    waiter: waiter, since: clock.now())
                if let (record, index) = request.submission {
                    entry.place = (record.name, index)
                    if submissions[record.name] == nil {
                        submissions[record.name] = Job(id: record.job, isNew: false)
                    }
                    submissions[record.name]?.unreported.append(request.stage)
                }
                tasks[name] = entry
                if let job = entry.place?.submission {
                    submissions[job]?.open += 1
                } else {
                    gathered.insert(name)
                }
            }
        } onCancel: {
            cancelled.withLock { _ = $0.insert(name) }
        }
    }

    /// Looks after all tasks until the Swift task is cancelled and none is left.
    func keepUp() async {
        while !(Task.isCancelled && tasks.isEmpty) {
            await submitGathered()
            reportSubmissions()
            readResults()
            follow()
            await poll()
            await endCancelled()
            await clock.sleep(Self.tick)
        }
        if !needless.isEmpty, let queued = await system.tasks(named: prefix) {
            await cancelNeedless(queued)
        }
    }

    /// How the names of all jobs of the store begin.
    private var prefix: String { "vireo-\(shared.store)-" }

    // MARK: - Submission

    private func submitGathered() async {
        let new = gathered.subtracting(ending).compactMap { name in tasks[name].map { (name, $0) } }
        for (needs, group) in Dictionary(grouping: new, by: \.1.request.needs) {
            let patience = crowded.contains(needs) ? profile.poll / .seconds(1) : Self.gathering
            let isReady =
                group.count >= profile.arraySize
                || group.contains { clock.now() - $0.1.since >= patience }
            guard isReady else { continue }
            let names = group.sorted { $0.1.order < $1.1.order }
                .map { (name: $0.0, seconds: $0.1.request.seconds) }
            // The time of a job is that of one stage.
            let time = needs.seconds.map { Double($0) } ?? .infinity
            let elements = TaskBatch.elements(
                names, seconds: profile.batch.map { min($0 / .seconds(1), time) })
            for array in elements.chunked(by: profile.arraySize) { await submit(array, needs) }
        }
    }

    /// Submits an array; each element runs several tasks.
    private func submit(_ elements: [[String]], _ needs: TaskNeeds) async {
        let number = String(UInt64.random(in: 0 ... .max), radix: 36)
        let record = SubmissionRecord(
            name: prefix + number, shared: shared.own)
        let list = "\(shared.arrays)/\(record.name)"
        var rows: [SubmissionRecord.Task] = []
        var lines = ""
        for (index, names) in elements.enumerated() {
            for name in names {
                guard let request = tasks[name]?.request else { continue }
                tasks[name]?.place = (record.name, index)
                gathered.remove(name)
                rows.append(.init(key: request.key, attempt: request.attempt, place: index))
            }
            let files = names.compactMap { tasks[$0]?.request }.map {
                "\(shared.tasks($0.key))/a\($0.attempt).json"
            }
            lines += files.joined(separator: "\t") + "\n"
        }
        do {
            try TaskResult.write(Array(lines.utf8), to: list)
            // Before the system is asked, so that a later process finds the job if this one is killed now.
            try store.recordIntent(record, rows)
        } catch {
            for name in elements.joined() { end(name, .failed("\(error)", isLasting: false)) }
            return
        }
        submissions[record.name] = Job(
            open: rows.count,
            unreported: elements.joined().compactMap { tasks[$0]?.request.stage })
        let answer = await system.submit(
            Submission(name: record.name, list: list, count: elements.count, needs: needs))
        switch answer {
        case .submitted(let job): know(job, of: record.name)
        case .refused(let reason):
            let error = QueueError.refused(reason).description
            submissions[record.name] = nil
            for name in elements.joined() { end(name, .failed(error, isLasting: true)) }
        case .unknown(let reason):
            report(
                .noticed(
                    "no answer to the submission of \(record.name), which is looked for: \(reason)")
            )
        }
    }

    private func know(_ job: String, of name: String) {
        submissions[name]?.id = job
        do {
            try store.recordJob(job, of: name)
        } catch {
            // The job is found by its name.
        }
    }

    /// Reports the jobs whose ids are known.
    private func reportSubmissions() {
        for (name, job) in submissions where !job.unreported.isEmpty {
            guard let id = job.id else { continue }
            submissions[name]?.unreported = []
            report(.submitted(stages: job.unreported, job: id, isNew: job.isNew))
        }
    }

    // MARK: - Results

    /// Ends the tasks whose results are there.
    private func readResults() {
        guard !tasks.isEmpty else { return }
        for file in resultFiles() where file.hasSuffix(".json") {
            let name = String(file.dropLast(5))
            guard tasks[name] != nil, let result = result("\(shared.results)/\(file)") else {
                continue
            }
            tasks[name]?.follower.finish(result.start)
            begin(name)
            end(name, .published(result, starts: tasks[name]?.follower.starts ?? 1))
        }
    }

    /// Reads what running tasks report, of a limited number of tasks.
    private func follow() {
        for _ in 0..<min(Self.followed, running.count) {
            let name = running[nextFollowed % running.count]
            nextFollowed = (nextFollowed + 1) % running.count
            if tasks[name]?.isStale == true { lookForStart(of: name) }
            guard var entry = tasks[name] else { continue }
            entry.isStale = entry.follower.start == nil
            entry.follower.read()
            tasks[name] = entry
        }
    }

    private func resultFiles() -> [String] {
        do throws(POSIXError) {
            return try OpenDirectory(shared.results).names()
        } catch {
            notices.tell(.unreadable(shared.results, reason: error.reason))
            return []
        }
    }

    private func result(_ path: String) -> TaskResult? {
        do throws(SharedFileError) {
            return try TaskResult.read(path)
        } catch {
            notices.tell(error)
            return nil
        }
    }

    /// Looks for a later start of a task, and records its node.
    private func lookForStart(of name: String) {
        guard tasks[name]?.follower.look() == true, let entry = tasks[name],
            let node = entry.follower.start?.host
        else { return }
        tasks[name]?.isPlaced = true
        begin(name)
        place(name, on: node)
        report(.placed(stage: entry.request.stage, node: node))
    }

    /// Notes that the job of a task has come to it.
    private func begin(_ name: String) {
        guard let place = tasks[name]?.place else { return }
        submissions[place.submission]?.begun[place.index, default: []].insert(name)
    }

    /// Records that a task which had started waits again, for example because the system preempted it.
    private func unplace(_ name: String) {
        guard let entry = tasks[name], entry.isPlaced else { return }
        tasks[name]?.isPlaced = false
        place(name, on: nil)
        report(.queued(stage: entry.request.stage))
    }

    private func place(_ name: String, on node: String?) {
        guard let key = tasks[name]?.request.key else { return }
        do {
            try store.setPlace(of: key, node: node)
        } catch {
            // The result tells its place, too.
        }
    }

    private func end(_ name: String, _ end: End) {
        gathered.remove(name)
        ending.remove(name)
        guard let entry = tasks.removeValue(forKey: name) else { return }
        entry.waiter?.resume(returning: end)
        leave(entry)
    }

    // MARK: - The queue of the system

    private func poll() async {
        let now = clock.now()
        guard !tasks.isEmpty, now - (lastPoll ?? -.infinity) >= profile.poll / .seconds(1) else {
            return
        }
        lastPoll = now
        guard let queued = await system.tasks(named: prefix) else {
            if !isOut { report(.noticed("the batch system does not answer; its jobs go on")) }
            isOut = true
            return
        }
        if isOut { report(.noticed("the batch system answers again")) }
        isOut = false
        let byName = Dictionary(grouping: queued, by: \.name)
        for name in submissions.keys.sorted() { look(for: name, among: byName[name] ?? []) }
        await update(byName)
        await cancelNeedless(queued)
    }

    /// Cancels the tasks in the queue whose stages have all ended, such as copies that the system started without need,
    /// or holds. They must have been there at the last poll too, because the system may still be ending them.
    private func cancelNeedless(_ queued: [QueuedTask]) async {
        do {
            let open = try store.openPlaces()
            let now = queued.filter {
                $0.phase != .ended && open[$0.name]?.contains($0.id.index) != true
            }.map(\.id)
            let again = now.filter(needless.contains)
            needless = Set(now)
            if !again.isEmpty { await system.cancel(again) }
        } catch {
            // The database is busy; the next poll tries again.
        }
    }

    /// Finds the id of a job whose submission was not answered. A job that the system does not have at two looks, with
    /// the time of confirmation between them, was never submitted.
    private func look(for name: String, among found: [QueuedTask]) {
        guard submissions[name]?.id == nil else { return }
        if let task = found.first { return know(task.id.job, of: name) }
        let now = clock.now()
        if submissions[name]?.looks == 0 { submissions[name]?.firstLook = now }
        submissions[name]?.looks += 1
        guard let job = submissions[name], job.looks >= 2,
            now - job.firstLook >= profile.confirmation / .seconds(1)
        else { return }
        for (task, entry) in tasks where entry.place?.submission == name { submitAgain(task) }
        submissions[name] = nil
    }

    /// Forgets the job of a task after its last task.
    private func leave(_ entry: Entry) {
        guard let job = entry.place?.submission, submissions[job] != nil else { return }
        submissions[job]?.open -= 1
        if submissions[job]?.open == 0 { submissions[job] = nil }
    }

    private func submitAgain(_ name: String) {
        if let entry = tasks[name] { leave(entry) }
        tasks[name]?.place = nil
        tasks[name]?.goneSince = nil
        unplace(name)
        tasks[name]?.since = clock.now()
        gathered.insert(name)
    }

    private func update(_ queued: [String: [QueuedTask]]) async {
        var states: [String: [Int: QueuedTask]] = [:]
        for (name, tasks) in queued {
            // After a restart of the system, an id may belong to two jobs, and a job may be listed twice.
            let job = submissions[name]?.id
            for task in tasks where task.id.job == job {
                states[name, default: [:]][task.id.index] = task
            }
        }
        let now = clock.now()
        var lost: [String] = []
        (running, crowded) = ([], [])
        for (name, entry) in tasks {
            guard let place = entry.place, submissions[place.submission]?.id != nil else {
                continue
            }
            let task = states[place.submission]?[place.index]
            tasks[name]?.state = task?.state ?? entry.state
            if let task, task.phase == .waiting, !Self.usualReasons.contains(task.reason) {
                notices.tell(
                    "the task \(task.id.job)_\(task.id.index) waits in the queue: \(task.reason)",
                    once: task.reason)
            }
            if let task, task.phase == .waiting || task.phase == .running {
                tasks[name]?.goneSince = nil
                if task.phase == .running {
                    running.append(name)
                    tasks[name]?.isStale = true
                } else {
                    crowded.insert(entry.request.needs)
                    unplace(name)
                }
                continue
            }
            let since = entry.goneSince ?? now
            tasks[name]?.goneSince = since
            lookForStart(of: name)
            // A start that was stopped has said so, and will have no result.
            let isInterrupted = tasks[name]?.follower.interruption() != nil
            if isInterrupted || now - since >= profile.visibility / .seconds(1) {
                lost.append(name)
            } else if now - since >= Self.patience {
                reportLate(place, of: name)
            }
        }
        // In the same order at each poll, so that all are followed in turns.
        running.sort()
        for name in lost.sorted() { await lose(name) }
    }

    /// Says once that the job of a task has ended and that no result is there yet: either the file system shows it later,
    /// or the program did not start.
    private func reportLate(_ place: (submission: String, index: Int), of name: String) {
        let output = TaskOutput("\(shared.arrays)/\(place.submission)-\(place.index).txt")
        notices.tell(
            "the task \(submissions[place.submission]?.id ?? "?")_\(place.index) has ended, and its result is not "
                + "visible yet\(output.explanation)",
            once: "late \(name) \(place.submission)")
    }

    /// A task whose job has ended without a result.
    private func lose(_ name: String) async {
        lookForStart(of: name)
        guard let entry = tasks[name], let place = entry.place else { return }
        let ended = await system.endedTasks(of: place.submission)
            .first { $0.id.index == place.index && $0.id.job == submissions[place.submission]?.id }
        // The result may have come while the system was asked.
        guard var now = tasks[name] else { return }
        let state = ended?.state ?? now.state
        let interruption = now.follower.interruption()
        let checkpoint = interruption?.checkpoint
        let hasProgressed = (checkpoint ?? -1) > (now.checkpoint ?? -1)
        // The job may have ended before it came to this task.
        let hasStarted = now.follower.start != nil && now.follower.start != now.lostStart
        // A job that came to other tasks of the element spent its time on them.
        let begun = submissions[place.submission]?.begun[place.index] ?? []
        let isBehindOthers = begun.contains { $0 != name }
        now.checkpoint = checkpoint ?? now.checkpoint
        now.lostStart = now.follower.start
        if hasProgressed { now.losses = 0 } else if !isBehindOthers { now.losses += 1 }
        tasks[name] = now
        if ending.contains(name) { return end(name, .cancelled(isOver: true)) }
        let job = "\(submissions[place.submission]?.id ?? "?")_\(place.index)"
        if hasStarted || state == "CANCELLED",
            let error = QueueError(
                state: state, job: job, needs: now.request.needs, seconds: interruption?.seconds,
                canGoOn: hasProgressed || isBehindOthers)
        {
            return end(name, .failed(error.description, isLasting: true))
        }
        let output = TaskOutput("\(shared.arrays)/\(place.submission)-\(place.index).txt")
        guard now.losses <= Self.lossLimit else {
            let error = QueueError.lost(job: job, state: state, times: now.losses, output: output)
            return end(name, .failed(error.description, isLasting: false))
        }
        let word = state.isEmpty ? "" : " (\(state))"
        // Once for all tasks of an element.
        notices.tell(
            "the task \(job) ended without a result\(word) and is submitted again"
                + output.description)
        // A held task would start later beside the new one.
        if let id = submissions[place.submission]?.id {
            await system.cancel([.init(job: id, index: place.index)])
        }
        submitAgain(name)
    }

    // MARK: - Cancelling

    private func endCancelled() async {
        for name in cancelled.withLock({ names in
            defer { names = [] }
            return names
        }) {
            if tasks[name] != nil { ending.insert(name) }
        }
        let now = clock.now()
        var ids: [QueuedTask.ID] = []
        for name in ending.sorted() {
            guard let entry = tasks[name] else { continue }
            guard let place = entry.place, let job = submissions[place.submission] else {
                end(name, .cancelled(isOver: true))
                continue
            }
            if detachment.isDetached {
                notices.tell("the jobs stay in the queue; the next run waits for them")
                end(name, .cancelled(isOver: false))
                continue
            }
            if entry.cancelledSince == nil { tasks[name]?.cancelledSince = now }
            if !entry.isCancellationSent, let id = job.id {
                tasks[name]?.isCancellationSent = true
                ids.append(.init(job: id, index: place.index))
            }
            lookForStart(of: name)
            tasks[name]?.follower.read()
            if tasks[name]?.follower.interruption() != nil || entry.goneSince != nil {
                end(name, .cancelled(isOver: true))
            } else if now - (entry.cancelledSince ?? now) > Self.grace {
                end(name, .cancelled(isOver: false))
            }
        }
        guard !ids.isEmpty else { return }
        await system.cancel(ids)
        // What became of them is asked soon.
        lastPoll = now - profile.poll / .seconds(1) + Self.cancelledPause
    }

    /// The time before the system is asked what became of cancelled jobs, in seconds.
    private static let cancelledPause = 2.0
}

/// The time that a queue lives in, which tests replace.
package struct TaskClock: Sendable {
    /// Seconds since any moment.
    package var now: @Sendable () -> Double

    /// Waits for a number of seconds, also in a cancelled task.
    package var sleep: @Sendable (Double) async -> Void

    package init(
        now: @escaping @Sendable () -> Double, sleep: @escaping @Sendable (Double) async -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    package static let system = TaskClock(
        now: { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 },
        sleep: { seconds in
            await withCheckedContinuation { waiter in
                DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { waiter.resume() }
            }
        })
}

extension Array {
    fileprivate func chunked(by size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}

import Pipeline

/// The question to a batch system, before the first submission of a run, whether it would accept the stages that will
/// run. It is asked once for each distinct set of needs.
package struct SubmissionTest: Sendable {
    /// The stages with the same needs.
    private struct Group {
        let needs: TaskNeeds

        /// The names of the stages in the order of the plan, and the number of their instances.
        var stages: [String] = []
        var count = 0
    }

    private let groups: [Group]
    private let settings: QueueSettings

    /// `stages` are those that will run.
    package init(
        of stages: [PlannedStage], settings: QueueSettings, environment: [String: String]
    ) {
        self.settings = settings
        var groups: [Group] = []
        var places: [TaskNeeds: Int] = [:]
        for stage in stages {
            let needs = TaskNeeds(of: stage, on: settings.profile, environment: environment)
            let place = places[needs] ?? groups.count
            if place == groups.count { groups.append(Group(needs: needs)) }
            places[needs] = place
            groups[place].count += 1
            if !groups[place].stages.contains(stage.name) {
                groups[place].stages.append(stage.name)
            }
        }
        self.groups = groups
    }

    /// Asks the system. Throws `SubmissionTestError` with all refusals. If it gives no verdict, `note` gets a line that
    /// says so, and the run may go on.
    package func run(note: (String) -> Void) async throws {
        var refusals: [SubmissionTestError.Refusal] = []
        for group in groups {
            let count = min(group.count, settings.profile.arraySize)
            switch await settings.system.test(group.needs, count: count) {
            case .accepted: continue
            case .refused(let reason):
                refusals.append(
                    .init(stages: group.stages, needs: group.needs.text, reason: reason))
            case .open(let reason):
                note(
                    "the batch system gives no verdict on \(SubmissionTestError.text(group.stages)), "
                        + "and the run goes on: \(reason)")
                // A system that does not answer takes long to say so.
                if refusals.isEmpty { return }
            }
        }
        guard refusals.isEmpty else { throw SubmissionTestError(refusals: refusals) }
    }
}

/// The refusals of a batch system before the first submission.
package struct SubmissionTestError: Error, Hashable, CustomStringConvertible {
    package struct Refusal: Hashable, Sendable {
        package let stages: [String]

        /// What each of the stages needs, such as `1 CPU, 4 GB, 1h`.
        package let needs: String
        package let reason: String

        package init(stages: [String], needs: String, reason: String) {
            self.stages = stages
            self.needs = needs
            self.reason = reason
        }
    }

    package let refusals: [Refusal]

    package init(refusals: [Refusal]) { self.refusals = refusals }

    package var description: String {
        refusals.map { refusal in
            "the batch system would refuse \(Self.text(refusal.stages)) (\(refusal.needs)): \(refusal.reason)"
        }.joined(separator: "\nvireo: error: ")
    }

    /// The names of the first stages, and the number of further ones.
    static func text(_ stages: [String]) -> String {
        let names = stages.prefix(20).map { "`\($0)`" }.joined(separator: ", ")
        let more = stages.count > 20 ? " and \(stages.count - 20) more" : ""
        return (stages.count == 1 ? "the stage " : "the stages ") + names + more
    }
}

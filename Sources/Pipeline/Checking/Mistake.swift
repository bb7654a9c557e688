import JSON

/// A mistake in a pipeline file. The messages are in `Mistake+Wording.swift`.
enum Mistake: Hashable, Sendable {
    // The text.
    case notUTF8
    case tooLarge(limit: Int)
    case emptyFile(least: String)
    case syntax(problem: String, context: String?)
    case repeatedKey(String, first: Position?)
    case tooDeep(limit: Int)
    case tooManyValues(limit: Int)
    case keyNotText
    case mergeKey

    // The shape.
    case wrongShape(of: String, wanted: String, found: String)
    case unknownKey(String, place: String, known: [String])
    case missingKey(String, place: String)
    case unsetInPath(String, key: String)
    case noStages
    case emptyTarget(String)
    case targetIsStage(String)

    // Fragments.
    case keyOfFragment(String)
    case unreadableFragment(String, reason: String, known: [String])
    case deepFragment(String, limit: Int)
    case tooManyFragments
    case unknownArtifactType(String, known: [String])
    case unknownFragmentInput(String, known: [String])
    case noOutputs(String)
    case axisOfUser(String, user: String)
    case badName(String, what: String)

    // Kinds and options.
    case unknownKind(String, known: [String])
    case unknownOption(String, kind: String, known: [String])
    case missingOption(String, kind: String, wanted: String)
    case missingField(String, option: String, wanted: String)
    case noAlternative([String], kind: String)
    case severalAlternatives([String], kind: String)
    case wrongOption(String, wanted: String, found: String, fallback: JSONValue?)
    case unknownChoice(String, option: String, known: [String])
    case badShard(String, option: String)
    case badPath(option: String, wanted: String)
    case unreadableFile(String, option: String, reason: String)
    case unreadableDirectory(String, option: String, reason: String)
    case emptyDirectory(String, option: String, members: [String])
    case unreadableEnvironment(ProgramEnvironment, reason: String)
    case unnamedFile(String)
    case secretInKey(String)
    case secretInPipeline(String)
    case garbledVariable(String, option: String)
    case unsetSecret(String, isNeeded: Bool)
    case shortSecret(String, least: Int, isNeeded: Bool)
    case unsetVariable(String)
    case missingProgram(String, option: String, isNeeded: Bool)
    case repeatedOutput(String)
    case outputsVary
    case settings(OptionMistake)

    // Inputs.
    case unknownInput(String, kind: String, known: [String])
    case missingInput(String, kind: String, wanted: String, candidates: [String])
    case unknownStage(String, known: [String])
    case unknownOutput(String, stage: String, known: [String])
    case wrongArtifact(
        input: String, wanted: String, source: String, found: String, candidates: [String])
    case emptyInput(String)
    case listForSingle(input: String)
    case gatheredForSingle(input: String, source: String, count: Int, axes: [String])
    case noInstance(of: String, axis: String, value: String)
    case unpaired(OutputReference, of: OutputReference, input: String, reads: OutputReference)
    case cycle([String])

    // References.
    case brokenReference(String)
    case unknownScope(String, known: [String])
    case unknownParameter(String, known: [String])
    case unknownAxis(String, known: [String])
    case unknownInputReference(String, known: [String])
    case unknownOutputReference(String, known: [String])
    case notInText(String, found: String)
    case parameterCycle([String])
    case unusedParameter(String)
    case unknownDefault(String, known: [String])
    case unknownOverride(String, known: [String])
    case badOverride(String, value: String)

    // Matrices and resources.
    case emptyAxis(String)
    case badAxisValue(String, found: String)
    case repeatedAxisValue(String, value: String)
    case axisOfEveryStage(String)
    case unreachedAxes([String], stage: String, count: Int)
    case unreachedAxisOfFile(String)
    case sharedInstances([String], stage: String, count: Int)
    case unknownReplicates(String, known: [String])
    case tooManyInstances(stage: String, limit: Int)
    case smallMemory(need: Int, limit: Int)
    case badResource(String, wanted: String, found: String)

    // A profile. It is `nil` for a time that the stage declares.
    case longTimeout(Duration, time: Duration, profile: String?)
    case unmappedPool(String, profile: String, isNeeded: Bool)
    case fixedUnits(String, units: Int, argument: String)
    case beyondSlurm(String, limit: String)
    case unpassableVariable(String)

    // Limits that protect the program from hostile files.
    case privateCharacters
    case zeroByte
    case unknownTag(String)
    case tooManyNames(key: String, limit: Int)
    case growsTooFar(limit: Int)
    case tooManyAxes(stage: String, limit: Int)
    case tooManyInstancesInAll(limit: Int)
    case tooManyReadings(limit: Int)

    var severity: Diagnostic.Severity {
        switch self {
        case .unusedParameter, .unnamedFile, .sharedInstances, .unsetVariable,
            .smallMemory:
            .warning
        case .unsetSecret(_, let isNeeded), .shortSecret(_, _, let isNeeded),
            .missingProgram(_, _, let isNeeded), .unmappedPool(_, _, let isNeeded):
            isNeeded ? .error : .warning
        default: .error
        }
    }
}

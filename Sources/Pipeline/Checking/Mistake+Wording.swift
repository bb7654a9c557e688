extension Mistake {
    /// The error message, in one line.
    var message: String {
        switch self {
        case .notUTF8: "the file is not UTF-8 text"
        case .tooLarge(let limit): "the file is larger than \(limit / 1024) KiB"
        case .emptyFile: "the file is empty"
        case .syntax(let problem, let context): Self.syntax(problem, context)
        case .repeatedKey(let key, let first):
            "the key `\(key)` appears twice" + (first.map { ", first on line \($0.line)" } ?? "")
        case .tooDeep(let limit): "values are nested more than \(limit) levels deep"
        case .tooManyValues(let limit): "the file contains more than \(limit) values"
        case .keyNotText: "a key must be a text"
        case .mergeKey: "merge keys (`<<`) are not supported"
        case .wrongShape(let what, let wanted, let found):
            "\(what) must be \(wanted), not \(found)"
        case .unknownKey(let key, let place, _): "\(place) has no key `\(key)`"
        case .missingKey(let key, let place): "\(place) has no `\(key)`"
        case .unsetInPath(let name, let key):
            "`\(key)` names the environment variable \(name), which is not set"
        case .noStages: "the pipeline has no stages"
        case .emptyTarget(let name): "the target `\(name)` lists no stages"
        case .targetIsStage(let name): "`\(name)` is the name of both a target and a stage"
        case .keyOfFragment(let key):
            "a pipeline file has no key `\(key)`: this file is a fragment"
        case .unreadableFragment(let path, let reason, _):
            "the fragment `\(path)` cannot be read: \(reason)"
        case .deepFragment(let path, let limit):
            "the fragment `\(path)` is nested more than \(limit) levels deep"
        case .tooManyFragments:
            "all fragments together have more than \(FragmentExpansion.stageLimit) stages or "
                + "\(FragmentExpansion.byteLimit >> 20) MiB"
        case .unknownArtifactType(let type, _): "there is no artifact type `\(type)`"
        case .unknownFragmentInput(let name, _): "the fragment has no input `\(name)`"
        case .noOutputs(let stage): "the fragment that `\(stage)` uses has no `outputs`"
        case .axisOfUser(let name, let user):
            "`\(name)` is already an axis of the stage `\(user)`, which uses the fragment"
        case .badName(let name, let what): "`\(name)` cannot be the name of \(what)"
        case .unknownKind(let name, _): "there is no stage kind `\(name)`"
        case .unknownOption(let name, let kind, _): "`\(kind)` has no option `\(name)`"
        case .missingOption(let name, let kind, _): "`\(kind)` needs the option `\(name)`"
        case .missingField(let name, let option, _): "`\(option)` needs the option `\(name)`"
        case .noAlternative(let names, let kind):
            "`\(kind)` needs one of the options \(Self.quoted(names, last: "or"))"
        case .severalAlternatives(let names, let kind):
            "`\(kind)` accepts only one of the options \(Self.quoted(names))"
        case .wrongOption(let name, let wanted, let found, _):
            "the option `\(name)` must be \(wanted), not \(found)"
        case .unknownChoice(let choice, let option, _):
            "the option `\(option)` cannot be `\(choice)`"
        case .badShard(let text, let option):
            "the option `\(option)` must be a part such as `2/4`, not \(text)"
        case .badPath(let option, let wanted): "the option `\(option)` needs \(wanted)"
        case .unreadableFile(let path, let option, let reason):
            "the file `\(path)` of the option `\(option)` cannot be read: \(reason)"
        case .unreadableDirectory(let path, let option, let reason):
            "the directory `\(path)` of the option `\(option)` cannot be read: \(reason)"
        case .emptyDirectory(let path, let option, let members):
            "the directory `\(path)` of the option `\(option)` contains none of the files "
                + "\(Self.quoted(members))"
        case .unreadableEnvironment(let environment, let reason):
            "the environment `\(environment.path)` of the profile cannot be used: "
                + (environment.file.path == environment.path ? "" : "`\(environment.file.path)`: ")
                + reason
        case .unnamedFile(let path):
            "`run` names the file `\(path)`, whose content is not part of the cache key: edits "
                + "are not detected"
        case .secretInKey(let name):
            "the variable `\(name)` is in both `environment`, whose values are part of the cache "
                + "key, and `secrets`, whose values are not"
        case .secretInPipeline(let name):
            "the pipeline, or a --set, contains the value of the secret `\(name)` and would be "
                + "recorded with the run"
        case .garbledVariable(let name, let option):
            "the value of the environment variable `\(name)` in the option `\(option)` is not UTF-8"
        case .missingProgram(let name, let option, _):
            "there is no program `\(name)`, which `\(option)` names"
        case .unsetSecret(let name, _): "the secret \(name) is not set"
        case .shortSecret(let name, let least, _):
            "the value of the secret \(name) has fewer than \(least) bytes, which may occur in unrelated text"
        case .unsetVariable(let name): "the environment variable \(name) is not set"
        case .repeatedOutput(let name): "the output `\(name)` is listed twice"
        case .outputsVary: "the instances of one stage must have the same outputs"
        case .settings(let mistake): mistake.message
        case .unknownInput(let name, let kind, _): "`\(kind)` has no input `\(name)`"
        case .missingInput(let name, let kind, _, _): "`\(kind)` needs the input `\(name)`"
        case .unknownStage(let name, _): "there is no stage `\(name)`"
        case .unknownOutput(let name, let stage, _):
            "the stage `\(stage)` has no output `\(name)`"
        case .wrongArtifact(let input, let wanted, let source, let found, _):
            "the input `\(input)` needs \(wanted), but `\(source)` is \(found)"
        case .emptyInput(let input): "the input `\(input)` lists no stages"
        case .listForSingle(let input): "the input `\(input)` accepts one artifact, not a list"
        case .gatheredForSingle(let input, let source, let count, let axes):
            "the input `\(input)` accepts one artifact, but `\(source)` has \(count): "
                + "one for each \(Self.sequence(axes))"
        case .noInstance(let stage, let axis, let value):
            "the stage `\(stage)` has no instance with \(axis)=\(value)"
        case .unpaired(let source, let wanted, let input, let read):
            "`\(source.stage)` is listed beside `\(wanted)` of `\(input)`, but is of `\(read)`"
        case .cycle(let stages): Self.cycle(of: "stage", stages)
        case .brokenReference(let text): "`\(text)` is not a reference"
        case .unknownScope(let reference, _):
            "`\(reference)` does not refer to anything that is defined here"
        case .unknownParameter(let name, _): "there is no parameter `\(name)`"
        case .unknownAxis(let name, _): "the stage has no matrix axis `\(name)`"
        case .unknownInputReference(let name, _): "the stage has no input `\(name)`"
        case .unknownOutputReference(let name, _): "the stage has no output `\(name)`"
        case .notInText(let reference, let found):
            "`\(reference)` is \(found), which cannot be part of a text"
        case .parameterCycle(let names): Self.cycle(of: "parameter", names)
        case .unusedParameter(let name): "the parameter `\(name)` is not used"
        case .unknownDefault(let name, _): "no stage has the option `\(name)`"
        case .unknownOverride(let name, _): "--set \(name): there is no parameter `\(name)`"
        case .badOverride(let name, let value): "--set \(name): cannot read the value `\(value)`"
        case .emptyAxis(let name): "the matrix axis `\(name)` has no values"
        case .badAxisValue(let name, let found):
            "a value of the matrix axis `\(name)` cannot be \(found)"
        case .repeatedAxisValue(let name, let value):
            "the matrix axis `\(name)` has the value `\(value)` twice"
        case .axisOfEveryStage(let name): "`\(name)` is already an axis of every stage"
        case .unreachedAxes(let axes, let stage, let count):
            Self.unreached(axes, "the stage `\(stage)`")
                + ": \(count) of its instances would have the same cache key"
        case .unreachedAxisOfFile(let axis): Self.unreached([axis], "any stage")
        case .sharedInstances(let axes, let stage, let count):
            Self.unreached(axes, "the stage `\(stage)`")
                + ": \(count) of its instances have the same cache key and share one execution"
        case .unknownReplicates(let name, _):
            "`replicates` names `\(name)`, which is not an axis of the stage"
        case .tooManyInstances(let stage, let limit):
            "the matrix of `\(stage)` has more than \(limit) instances"
        case .smallMemory(let need, let limit):
            "the stage may use \(Resources.text(bytes: need)), but its limit is "
                + Resources.text(bytes: limit)
        case .badResource(let name, let wanted, let found):
            "`\(name)` must be \(wanted), not \(found)"
        case .longTimeout(let timeout, let time, let profile):
            "the `timeout` of \(Resources.text(timeout)) is never reached, because Slurm stops the stage at "
                + (profile.map { "the `time` of \(Resources.text(time)) of the profile `\($0)`" }
                    ?? "its `time` of \(Resources.text(time))")
        case .unmappedPool(let pool, let profile, _):
            "the profile `\(profile)` has no argument of sbatch for the pool `\(pool)`"
        case .fixedUnits(let name, let units, let argument):
            "the argument `\(argument)` of the profile has no `{units}`, but the stage needs \(units) of `\(name)`"
        case .beyondSlurm(let name, let limit):
            "`\(name)` is more than Slurm can express, which is \(limit)"
        case .unpassableVariable(let name): "Slurm cannot pass a variable named `\(name)` to a job"
        case .privateCharacters: "the file uses nearly all private-use characters of Unicode"
        case .zeroByte: "a text contains a zero byte, at which the system would truncate it"
        case .unknownTag(let tag): "the tag `\(tag)` is not known"
        case .tooManyNames(let key, let limit): "`\(key)` has more than \(limit) names"
        case .growsTooFar(let limit):
            "after replacing references, the value is larger than \(limit) MiB or nested too deeply"
        case .tooManyAxes(let stage, let limit):
            "the matrix of `\(stage)` has more than \(limit) axes"
        case .tooManyInstancesInAll(let limit):
            "the stages together have more than \(limit) instances"
        case .tooManyReadings(let limit):
            "the instances of the stages together read more than \(limit) artifacts"
        }
    }

    /// The remedy.
    var remedy: String? {
        switch self {
        case .notUTF8: "save it as UTF-8"
        case .tooLarge: "move data to separate files and name them in the options of a stage"
        case .emptyFile(let least): "write at least \(least)"
        case .syntax(let problem, _): Self.syntaxRemedy(problem)
        case .repeatedKey: "remove one of the two"
        case .tooDeep: "a pipeline file needs fewer than ten levels"
        case .tooManyValues: "use fewer YAML aliases (`*name`), or move data to files"
        case .keyNotText: "write `key: value`"
        case .mergeKey: "write the keys out, or put shared options under `defaults:`"
        case .wrongShape(_, let wanted, let found):
            wanted == "a text" && found.hasPrefix("`") ? "put it in quotes" : nil
        case .unknownKey(let key, let place, let known):
            Self.didYouMean(key, known)
                ?? "\(place) may have \(Self.quoted(known))"
                + (place == ProfileReader.place
                    ? "; other arguments of sbatch are listed under `options`, as in `options: [--qos=normal]`"
                    : "")
        case .missingKey(let key, _):
            switch key {
            case "name": "add `name: ` with a word for the experiment"
            case "uses": "add `uses: ` with a stage kind"
            case "system": "write \(ProfileReader.smallest), or only `system: local`"
            case "shared": "write \(ProfileReader.smallest)"
            default: "add `\(key): `"
            }
        case .unsetInPath: "set it, or write the path without it"
        case .noStages: "add one under `stages:`"
        case .emptyTarget: "list the stages of the target"
        case .targetIsStage: "rename one of them"
        case .keyOfFragment:
            "run a pipeline with a stage that uses it: `uses: ./` and the name of this file"
        case .unreadableFragment(_, _, let known):
            known.isEmpty
                ? "the path is relative to the file that contains `uses`"
                : "a parameter chooses it: the files to choose from are \(Self.quoted(known))"
        case .deepFragment: "check whether a fragment uses itself"
        case .tooManyFragments: "use fewer or smaller fragments"
        case .unknownArtifactType(let type, let known):
            Self.didYouMean(type, known)
                ?? "the types are \(Self.quoted(known)); a `?` after the type makes the input "
                + "optional"
        case .unknownFragmentInput(let name, let known):
            known.isEmpty
                ? "declare it under `inputs`, such as `\(name): model`"
                : Self.didYouMean(name, known) ?? "its inputs are \(Self.quoted(known))"
        case .noOutputs: "declare the outputs of the fragment: `outputs: { name: stage }`"
        case .axisOfUser: "choose another name"
        case .badName(FragmentOutline.inputs, _):
            "`inputs.name` refers to an input of the fragment: choose another name"
        case .badName: "use letters, digits, `_` and `-`, and start with a letter"
        case .unknownKind(let name, _) where name.hasSuffix(".yaml") || name.hasSuffix(".yml"):
            "write `./\(name)` to use a fragment"
        case .unknownKind(let name, let known):
            Self.didYouMean(name, known) ?? "the kinds are \(Self.quoted(known))"
        case .unknownOption(let name, _, let known):
            known.isEmpty
                ? "it takes no options: remove it"
                : Self.didYouMean(name, known) ?? "its options are \(Self.quoted(known))"
        case .missingOption(let name, _, let wanted): "add `\(name): ` under `with`: \(wanted)"
        case .missingField(let name, let option, let wanted):
            "add `\(name): ` under `\(option)`: \(wanted)"
        case .noAlternative(let names, _):
            "add \(Self.sequence(names.map { "`\($0): `" }, last: "or")) under `with`"
        case .severalAlternatives: "remove the others"
        case .wrongOption(_, _, _, let fallback):
            switch fallback {
            case nil, .null?, .array?, .object?: nil
            case let value?: "the default is \(value.summary)"
            }
        case .unknownChoice(let choice, _, let known):
            Self.didYouMean(choice, known) ?? "write \(Self.quoted(known, last: "or"))"
        case .badShard: "the first number starts at 0 and must be less than the second"
        case .badPath: "write it relative to the pipeline file"
        case .unreadableFile, .unreadableDirectory, .emptyDirectory:
            "paths are relative to the pipeline file"
        case .unreadableEnvironment(.conda, _):
            "give `conda` the directory of an environment, as `conda env list` prints it"
        case .unreadableEnvironment(.apptainer, _): "give `apptainer` the path of an image file"
        case .unnamedFile(let path): "add `\(path)` to `files` under `with`"
        case .secretInKey: "remove it from one of the two"
        case .secretInPipeline(let name):
            "remove it; the program can read it from its environment variable `\(name)`"
        case .missingProgram(_, let option, _):
            "install it on this machine, or set `\(option)` to the path of the program"
        case .unsetSecret: "set the variable before `vireo run`"
        case .shortSecret: "use a longer one, or list it in `environment`"
        case .unsetVariable: "set it, or remove it from `environment`"
        case .garbledVariable:
            "set it to UTF-8 text, or put the bytes into a file and name the file in `files`"
        case .repeatedOutput: "give each output its own name"
        case .outputsVary: "remove the matrix reference from `outputs`"
        case .settings(let mistake): mistake.remedy
        case .unknownInput(let name, _, let known):
            known.isEmpty
                ? "it takes no inputs: remove it"
                : Self.didYouMean(name, known) ?? "its inputs are \(Self.quoted(known))"
        case .missingInput(let name, _, let wanted, let candidates):
            candidates.isEmpty
                ? "add `\(name): ` under `in`; no stage here produces \(wanted)"
                : "add `\(name): ` under `in`: \(Self.quoted(candidates, last: "or"))"
        case .unknownStage(let name, let known):
            Self.didYouMean(name, known) ?? "the stages are \(Self.quoted(known))"
        case .unknownOutput(let name, _, let known):
            Self.didYouMean(name, known) ?? "its outputs are \(Self.quoted(known))"
        case .wrongArtifact(_, let wanted, _, _, let candidates):
            candidates.isEmpty
                ? "no stage here produces \(wanted)"
                : "write \(Self.quoted(candidates, last: "or"))"
        case .emptyInput(let input): "write `\(input): stage` or remove it"
        case .listForSingle: "name one stage"
        case .gatheredForSingle(_, _, _, let axes):
            "give this stage the matrix axis \(Self.sequence(axes.map { "`\($0)`" })) too"
        case .noInstance: "give both stages the same values of the axis"
        case .unpaired:
            "list the stages of both inputs in the same order, with the same axes and the same order of their values"
        case .cycle: "remove one of these dependencies"
        case .brokenReference(let text):
            "write `${params.name}` or `${matrix.axis}`; write `$\(text)` for the literal text"
        case .unknownScope(let reference, let known):
            known.isEmpty
                ? "write `$\(reference)` for the literal text"
                : "references here start with \(Self.quoted(known, last: "or")); "
                    + "write `$\(reference)` for the literal text"
        case .unknownParameter(let name, let known):
            known.isEmpty
                ? "add it under `params:`"
                : Self.didYouMean(name, known) ?? "the parameters are \(Self.quoted(known))"
        case .unknownAxis(let name, let known):
            known.isEmpty
                ? "add `matrix: { \(name): [...] }` to the stage"
                : Self.didYouMean(name, known) ?? "its axes are \(Self.quoted(known))"
        case .unknownInputReference(let name, let known):
            known.isEmpty
                ? "add it under `in`"
                : Self.didYouMean(name, known) ?? "its inputs are \(Self.quoted(known))"
        case .unknownOutputReference(let name, let known):
            known.isEmpty
                ? "add it to `outputs`"
                : Self.didYouMean(name, known) ?? "its outputs are \(Self.quoted(known))"
        case .notInText: "make the reference the whole value"
        case .parameterCycle: "give one of them a value without a reference"
        case .unusedParameter(let name): "remove it or refer to it as `${params.\(name)}`"
        case .unknownDefault(let name, let known):
            Self.didYouMean(name, known) ?? "remove it from `defaults`"
        case .unknownOverride(let name, let known):
            known.isEmpty
                ? "the pipeline has no `params`"
                : Self.didYouMean(name, known) ?? "the parameters are \(Self.quoted(known))"
        case .badOverride: "write a number, a word, a quoted text or a list such as `[0, 1]`"
        case .emptyAxis: "list at least one value or remove the axis"
        case .badAxisValue:
            "use numbers, or texts without `[`, `]`, `,`, `=` and without leading or trailing spaces"
        case .repeatedAxisValue: "list each value once"
        case .axisOfEveryStage:
            "it is declared in the `matrix` at the top of the file: choose another name"
        case .unreachedAxes(let axes, _, _), .sharedInstances(let axes, _, _):
            "write \(Self.sequence(axes.map { "`${matrix.\($0)}`" })) in its options, or "
                + "`replicates: \(axes.first ?? "")` if its instances are repetitions"
        case .unreachedAxisOfFile(let axis):
            "write `${matrix.\(axis)}` in the options of a stage, or `replicates: \(axis)` in a stage "
                + "whose instances are repetitions"
        case .unknownReplicates(let name, let known):
            known.isEmpty
                ? "add `matrix: { \(name): [...] }` to the stage"
                : Self.didYouMean(name, known) ?? "its axes are \(Self.quoted(known))"
        case .tooManyInstances: "use fewer or shorter axes"
        case .smallMemory: "a stage that exceeds its limit is killed: raise `memory`"
        case .badResource: nil
        case .longTimeout: "raise `resources.time`, or lower `timeout`"
        case .unmappedPool("gpu", _, _):
            "write `gpus` instead of the pool `gpu`, or add `gpu: ` with an argument to `pools` of the profile"
        case .unmappedPool(let pool, _, _):
            "add `\(pool): ` with an argument, such as `--licenses=\(pool):{units}`, to `pools` of the profile, "
                + "or limit it with --pool \(pool)=UNITS"
        case .fixedUnits: "write `{units}` where the argument has the number of units"
        case .beyondSlurm: nil
        case .unpassableVariable: "rename it"
        case .privateCharacters: "use fewer of them"
        case .zeroByte: "remove it"
        case .unknownTag: "remove it; quote a text that looks like a number"
        case .tooManyNames: "split the file into several pipelines"
        case .growsTooFar: "refer to fewer or smaller parameters"
        case .tooManyAxes: "use fewer axes"
        case .tooManyInstancesInAll: "use fewer or shorter axes"
        case .tooManyReadings: "gather in several steps, or use fewer or shorter axes"
        }
    }

    private static func didYouMean(_ name: String, _ known: [String]) -> String? {
        Suggestion.nearest(to: name, among: known).map { "did you mean `\($0)`?" }
    }

    private static func quoted(_ names: [String], last word: String = "and") -> String {
        sequence(names.map { "`\($0)`" }, last: word)
    }

    private static func sequence(_ names: [String], last word: String = "and") -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "none" }
        return names.dropLast().joined(separator: ", ") + " \(word) " + last
    }

    private static func unreached(_ axes: [String], _ what: String) -> String {
        axes.count == 1
            ? "the axis \(quoted(axes)) is not used by \(what)"
            : "the axes \(quoted(axes)) are not used by \(what)"
    }

    private static func cycle(of what: String, _ names: [String]) -> String {
        guard names.count > 1 else { return "the \(what) `\(names.first ?? "")` depends on itself" }
        return "the \(what)s \(quoted(names)) form a cycle: "
            + (names + names.prefix(1)).joined(separator: " -> ")
    }
}

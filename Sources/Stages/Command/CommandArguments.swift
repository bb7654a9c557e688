import Foundation
import JSON
import Pipeline

/// The program of a `command` stage and its arguments, with references to directories resolved.
package struct CommandArguments {
    private let context: StageContext

    package init(_ context: StageContext) { self.context = context }

    /// The elements of `run`. An element that consists of an input becomes one argument per directory of the
    /// input.
    package func resolved() throws -> [String] {
        try context[CommandStage.run].flatMap { text -> [String] in
            guard text.utf8.contains(UInt8(ascii: "$")) else { return [text] }
            let parts = ArgumentTemplate(text).parts
            if case .input(let name) = parts[0], parts.count == 1 {
                return context.inputs[name] ?? [text]
            }
            return [try parts.map { try self.text(of: $0) }.joined()]
        }
    }

    private func text(of part: ArgumentTemplate.Part) throws -> String {
        switch part {
        case .text(let text): return text
        case .output(let name): return context.outputs[name] ?? "${out.\(name)}"
        case .input(let name):
            guard let directories = context.inputs[name] else { return "${in.\(name)}" }
            let isClear = directories.allSatisfy { path in
                path.unicodeScalars.allSatisfy { !$0.properties.isWhitespace }
            }
            guard directories.count == 1 || isClear else {
                throw CommandStageError.blanksInGathered(name)
            }
            return directories.joined(separator: " ")
        case .manifest(let name): return try manifest(of: name)
        case .work: return try work()
        }
    }

    /// Creates the directory of the program in the work directory, where it cannot meet files of Vireo, and returns
    /// its path.
    private func work() throws -> String {
        let path = context.work + "/program"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw CommandStageError.unwritable(path, reason: error.localizedDescription)
        }
        return path
    }

    /// Writes a file with one JSON object per directory of an input, and returns its path.
    private func manifest(of name: String) throws -> String {
        guard case .object(let manifests)? = context.options.values[Options.manifests],
            case .array(let entries)? = manifests[name], let directories = context.inputs[name],
            entries.count == directories.count
        else { return "${in.\(name).manifest}" }
        let lines = zip(entries, directories).map { entry, directory in
            guard case .object(var members) = entry else { return "" }
            members["directory"] = .string(directory)
            return JSONValue.object(members).canonical + "\n"
        }
        let path = context.work + "/\(name).manifest.jsonl"
        do {
            try lines.joined().write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandStageError.unwritable(path, reason: error.localizedDescription)
        }
        return path
    }

    /// Throws if the operating system would reject the arguments and environment of a program.
    package static func check(_ arguments: [String], environment: [String: String]) throws {
        let sizes = arguments.map { $0.utf8.count + 1 }
        let variables = environment.map { $0.key.utf8.count + $0.value.utf8.count + 2 }
        let pointers = (sizes.count + variables.count) * MemoryLayout<Int>.size
        let total = sizes.reduce(0, +) + variables.reduce(0, +) + pointers
        // The kernel also stores the path of the program and some numbers there.
        let limit = sysconf(Int32(_SC_ARG_MAX)) - 8192
        if let size = sizes.max(), size > longest {
            throw CommandStageError.longArguments(bytes: size, limit: longest, isOne: true)
        }
        guard limit <= 0 || total <= limit else {
            throw CommandStageError.longArguments(bytes: total, limit: limit, isOne: false)
        }
    }

    /// On Linux, an argument has at most 32 pages including the terminating zero byte.
    private static let longest = 131_072
}

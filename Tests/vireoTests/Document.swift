import Foundation

/// A Markdown file of the repository, cut into fenced blocks and the prose around them.
struct Document: Sendable, CustomStringConvertible {
    /// Its path from the root of the repository.
    let path: String
    let lines: [String]
    let blocks: [Block]

    /// A fenced block. Its first line may name a file after the language, such as "yaml apples.yaml".
    struct Block: Sendable, CustomStringConvertible {
        let document: String
        /// The number of its first line, from 1.
        let line: Int
        let language: String
        let file: String?
        let text: String

        var description: String { "\(document):\(line)" }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path

    /// Every document that speaks of the program.
    static let all: [Document] = {
        let catalogs = ["vireo", "LanguageModel", "VariationalInference"].map {
            "Sources/\($0)/\($0).docc"
        }
        let articles = catalogs.flatMap { catalog in
            (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + catalog)
                .filter { $0.hasSuffix(".md") }.sorted().map { catalog + "/" + $0 }) ?? []
        }
        return (["README.md", "CHANGELOG.md", "CONTRIBUTING.md"] + articles).map { Document($0) }
    }()

    static func blocks(in language: String) -> [Block] {
        all.flatMap(\.blocks).filter { $0.language == language }
    }

    var description: String { path }

    init(_ path: String) {
        self.path = path
        let text = (try? String(contentsOfFile: Self.root + "/" + path, encoding: .utf8)) ?? ""
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var blocks: [Block] = []
        var start: (line: Int, words: [Substring])?
        for (index, line) in lines.enumerated() where line.hasPrefix("```") {
            if let (first, words) = start {
                blocks.append(
                    Block(
                        document: path, line: first + 1,
                        language: words.first.map(String.init) ?? "",
                        file: words.count > 1 ? String(words[1]) : nil,
                        text: lines[first..<index].joined(separator: "\n") + "\n"))
                start = nil
            } else {
                start = (index + 1, line.dropFirst(3).split(separator: " "))
            }
        }
        self.blocks = blocks
    }

    /// The lines outside of blocks.
    var prose: String {
        var isInside = false
        return lines.filter { line in
            if line.hasPrefix("```") {
                isInside.toggle()
                return false
            }
            return !isInside
        }.joined(separator: "\n")
    }

    /// Every piece of code: spans between backticks, and lines of blocks without `$ `.
    var code: [String] {
        let spans = prose.matches(of: /`([^`]+)`/).map {
            $0.output.1.replacing("\n", with: " ")
        }
        let listed = blocks.flatMap { block in
            block.text.split(separator: "\n").map {
                $0.hasPrefix("$ ") ? String($0.dropFirst(2)) : String($0)
            }
        }
        return spans.map { String($0) } + listed
    }

    /// The targets of links between brackets that are not on the web.
    var links: [String] {
        prose.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
            .filter { !$0.contains("://") && !$0.hasPrefix("#") }
    }
}

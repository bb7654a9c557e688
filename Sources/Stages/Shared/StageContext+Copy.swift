import Foundation
import LanguageModel
import Pipeline

extension StageContext {
    /// The number of bytes that are copied at once; a model need not fit into memory.
    private static let pieceSize = 4 << 20

    /// Copies the files of the model in `directory` unchanged. Throws `StageError`, and `CancellationError` soon
    /// after the stage is cancelled.
    func copy(_ model: ModelFiles, in directory: String, to target: String) throws {
        for (number, name) in model.names.enumerated() {
            try copy(directory + "/" + name, to: target + "/" + name)
            emit(.progress(done: number + 1, total: model.names.count, unit: "file"))
        }
    }

    private func copy(_ source: String, to target: String) throws {
        do {
            let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: source))
            defer { try? input.close() }
            try Data().write(to: URL(fileURLWithPath: target))
            let output = try FileHandle(forWritingTo: URL(fileURLWithPath: target))
            defer { try? output.close() }
            while let piece = try input.read(upToCount: Self.pieceSize), !piece.isEmpty {
                if isCancelled() { throw CancellationError() }
                try output.write(contentsOf: piece)
            }
            try output.synchronize()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StageError.uncopied(
                source, to: target, reason: (error as NSError).localizedDescription)
        }
    }
}

/// The last line of a program that may explain why it failed. Progress bars rewrite a line with carriage returns, and
/// torchrun ends with a report about its processes, which explains nothing.
package struct EngineRemark {
    package private(set) var line = ""
    private var isReported = false

    /// What stands in the lines with which torchrun begins to report.
    private static let reports = [
        "torch/distributed/elastic/multiprocessing/api.py",
        "torch.distributed.elastic.multiprocessing",
    ]

    package init() {}

    /// Takes a line into account.
    package mutating func note(_ text: String) {
        guard !isReported else { return }
        let shown = text.split(separator: "\r").last ?? ""
        if Self.reports.contains(where: { shown.contains($0) }) {
            isReported = true
        } else if shown.contains(where: \.isLetter) {
            line = shown.trimmingPrefix(while: \.isWhitespace).description
        }
    }
}

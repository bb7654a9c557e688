import TestSupport

extension TemporaryDirectory {
    /// Writes a file of records and returns its path.
    func write(_ records: String) throws -> String { try write(records, to: "records.jsonl") }
}

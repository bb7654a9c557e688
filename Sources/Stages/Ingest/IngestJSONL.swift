import Pipeline
import Reasoning

/// `ingest.jsonl`: a data set of JSON lines.
struct IngestJSONL: Stage {
    private static let endings = [".jsonl", ".ndjson"]

    static let kind = StageKind.ingestion(
        "ingest.jsonl", version: 4, summary: "Reads questions and demonstrations from JSON lines.",
        endings: endings)

    func run(in context: StageContext) async throws {
        try IngestRecords(endings: Self.endings, format: .lines, kind: Self.kind.name)
            .run(in: context)
    }
}

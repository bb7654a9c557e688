import Pipeline
import Reasoning

/// `ingest.csv`: a data set of comma-separated values with a header line.
struct IngestCSV: Stage {
    private static let endings = [".csv"]

    static let kind = StageKind.ingestion(
        "ingest.csv", version: 3,
        summary:
            "Reads questions and demonstrations from values separated by commas, tabs or semicolons.",
        endings: endings)

    func run(in context: StageContext) async throws {
        try IngestRecords(endings: Self.endings, format: .table, kind: Self.kind.name)
            .run(in: context)
    }
}

import Pipeline
import Reasoning

/// `ingest.json`: a data set of JSON files, each a list of objects or a single object.
struct IngestJSON: Stage {
    private static let endings = [".json"]

    static let records = Option(
        "records", default: "",
        "The path of the list with the records, such as data.items; empty if a file is the list, or is one record."
    )

    static let kind = StageKind.ingestion(
        "ingest.json", version: 3, summary: "Reads questions and demonstrations from JSON files.",
        endings: endings,
        options: [
            records
        ])

    func run(in context: StageContext) async throws {
        let list = context[Self.records]
        try IngestRecords(
            endings: Self.endings, format: .document(list: list), kind: Self.kind.name
        )
        .run(in: context)
    }
}

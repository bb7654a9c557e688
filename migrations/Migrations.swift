/// The migrations of the database schema, oldest first. The statements of a released migration never change, because
/// the database records its name and not its content.
package enum Migrations {
    package static let all: [(name: String, sql: String)] = [
        ("m0001_initial", text(PackageResources.m0001_initial_sql)),
        ("m0002_sampled_log_prob", text(PackageResources.m0002_sampled_log_prob_sql)),
        ("m0003_runner", text(PackageResources.m0003_runner_sql)),
        ("m0004_metric_series", text(PackageResources.m0004_metric_series_sql)),
        ("m0005_seal", text(PackageResources.m0005_seal_sql)),
        ("m0006_method", text(PackageResources.m0006_method_sql)),
        ("m0007_numbers", text(PackageResources.m0007_numbers_sql)),
        ("m0008_exact_contents", text(PackageResources.m0008_exact_contents_sql)),
        ("m0009_imported", text(PackageResources.m0009_imported_sql)),
        ("m0010_judged", text(PackageResources.m0010_judged_sql)),
        ("m0011_hints", text(PackageResources.m0011_hints_sql)),
        ("m0012_submission", text(PackageResources.m0012_submission_sql)),
        ("m0013_place", text(PackageResources.m0013_place_sql)),
        ("m0014_engine", text(PackageResources.m0014_engine_sql)),
        ("m0015_overlap", text(PackageResources.m0015_overlap_sql)),
        ("m0017_findings", text(PackageResources.m0017_findings_sql)),
        ("m0018_selection", text(PackageResources.m0018_selection_sql)),
        ("m0019_scored_answer", text(PackageResources.m0019_scored_answer_sql)),
        ("m0020_cost", text(PackageResources.m0020_cost_sql)),
        ("m0021_learnt", text(PackageResources.m0021_learnt_sql)),
        ("m0022_tokens", text(PackageResources.m0022_tokens_sql)),
    ]

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

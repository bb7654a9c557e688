import Pipeline

/// The place where the files of a stage are published.
enum PublishedOrigin {
    static let origin = Option<String?>(
        StageKind.originOption,
        "Where the files are published, such as an address. Vireo downloads nothing: it names this place if the files are not there.",
        affectsResult: false)
}

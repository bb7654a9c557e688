/// What a filter does with the rows that a check finds.
enum Disposal: String, CaseIterable {
    case keep
    case drop
}

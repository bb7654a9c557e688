import Report

/// A part of a page. One with a name is sent again when it changes.
struct Fragment: Hashable {
    /// The path of the page and the place in it, such as `/run/7#timeline`; `nil` for a part that stays as it is.
    let name: String?
    let markup: Markup

    init(_ markup: Markup) {
        name = nil
        self.markup = markup
    }

    /// `markup` must have the attribute `data-live` with the name.
    init(live name: String, _ markup: Markup) {
        self.name = name
        self.markup = markup
    }
}

import Report

/// A part of a page, with the query that gives its numbers.
struct Panel {
    let title: String
    var note = ""

    /// `nil` for a part without numbers.
    var query: Query?
    let content: [Markup]

    /// The place of the part in its page, for links.
    var anchor: String {
        title.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined()
    }

    /// With the path of its page, the part is sent again when it changes.
    func fragment(live path: String? = nil) -> Fragment {
        guard let path else { return Fragment(markup(["id": anchor])) }
        let name = "\(path)#\(anchor)"
        return Fragment(live: name, markup(["id": anchor, "data-live": name]))
    }

    private func markup(_ attributes: KeyValuePairs<String, String>) -> Markup {
        Markup(
            "section", attributes,
            [Markup("h2", [:], [Markup("a", ["href": "#\(anchor)"], [Markup(title)])])]
                + (note.isEmpty ? [] : [Markup("p", ["class": "dim"], [Markup(note)])])
                + [
                    Markup(
                        "div",
                        [
                            "class": "scroll", "tabindex": "0", "role": "region",
                            "aria-label": title,
                        ], content)
                ] + (query.map { [Self.sources($0)] } ?? []))
    }

    private static func sources(_ query: Query) -> Markup {
        let links = [("SQL", "/sql"), ("CSV", "/data.csv"), ("JSON", "/data.json")].map {
            name, path in
            Markup("a", ["href": PageLink(path, ["q": query.sql]).text], [Markup(name)])
        }
        return Markup("p", ["class": "sources"], links)
    }
}

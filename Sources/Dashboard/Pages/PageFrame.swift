import Report

/// What all pages have: the bar with links, the title and the place of the content.
struct PageFrame {
    /// The addresses of the style sheet and the scripts, by name.
    let assets: [String: String]

    func html(_ title: String, _ content: [Markup], scripts: [String] = []) -> String {
        let links = [("Runs", "/"), ("SQL", "/sql")].map { name, path in
            Markup("a", ["href": path], [Markup(name)])
        }
        let body = Markup(
            "body", [:],
            [
                Markup(
                    "a", ["class": "skip", "href": "#content"], [Markup("Skip to the content")]),
                Markup("header", [:], [Markup("nav", ["aria-label": "Pages"], links)]),
                Markup("main", ["id": "content"], [Markup("h1", [:], [Markup(title)])] + content),
            ])
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">\
            <meta name="viewport" content="width=device-width, initial-scale=1">\
            \(Markup("title", [:], [Markup("\(title) · Vireo")]).source)\
            \(head(scripts))</head>\(body.source)</html>

            """
    }

    /// Elements without end tags.
    private func head(_ scripts: [String]) -> String {
        let style = assets["style.css"].map {
            "<link rel=\"stylesheet\" href=\"\(Markup($0).source)\">"
        }
        return (style ?? "")
            + (["app.js"] + scripts).compactMap { assets[$0] }.map {
                Markup(
                    "script",
                    ["src": $0, "data-worker": assets["worker.js"] ?? "", "defer": ""]
                ).source
            }.joined()
    }
}

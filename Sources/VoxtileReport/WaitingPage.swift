/// The page that is shown while the images of a report are read: how far that is, and a slice that was read.
package struct WaitingPage: Sendable {
  private let title: String

  /// - Parameter title: what is read.
  package init(title: String) { self.title = title }

  /// Renders the page as UTF-8 text. It asks `progress` and `picture` below its own address.
  package func html() -> [UInt8] {
    ReportPage.fill(
      PackageResources.waiting_html,
      with: [
        "title": Array(ReportPage.escaped(title).utf8),
        "style": PackageResources.style_css + PackageResources.waiting_css,
        "script": PageScript.waiting,
      ])
  }
}

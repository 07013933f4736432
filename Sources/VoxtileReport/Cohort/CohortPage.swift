import Voxtile
import VoxtileCases
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The page of many cases, as one HTML file that opens from disk and works offline: what became of each, those that stand out first.
public struct CohortPage: Sendable {
  /// The name of the file, in the folder of the results.
  public static let fileName = "index.html"

  /// The data that the page shows.
  public private(set) var data: CohortData

  /// Creates a page without pictures.
  public init(_ data: CohortData) {
    self.data = data
  }

  /// Creates the page of a folder of results, with the pictures that lie there, and with links to the pages of cases that are there.
  ///
  /// - Parameters:
  ///   - summary: what became of the cases.
  ///   - folder: the folder of their results.
  ///   - origin: how the page came to be.
  ///   - pictureBytes: the most characters of all pictures; those of the first cases of the page are kept.
  public init(
    _ summary: RunSummary, in folder: String, origin: ReportData.Origin, pictureBytes: Int = 7 << 20
  ) {
    data = CohortData(summary, title: Self.title(of: folder), origin: origin)
    var left = pictureBytes
    for index in data.rows.indices {
      let row = data.rows[index]
      if let page = row.page, FormatProbe("\(folder)/\(page)").kind != .file { data.rows[index].page = nil }
      guard row.extent != nil, let png = CaseThumbnail.bytes(of: row.name, in: folder) else { continue }
      let text = Data(png).base64EncodedString()
      left -= text.utf8.count
      if left >= 0 { data.rows[index].picture = text } else { data.picturesLeftOut += 1 }
    }
  }

  private static func title(of folder: String) -> String {
    let name = URL(filePath: folder).standardizedFileURL.path.fileName
    return name.isEmpty || name == "/" ? "results" : name
  }

  /// Renders the page as UTF-8 text.
  ///
  /// - Returns: the bytes of the HTML file.
  /// - Throws: `VoxtileError.Code.malformedFile` if a number in the data is not finite; JSON cannot store it.
  /// - Complexity: O(bytes of the pictures).
  public func html() throws -> [UInt8] {
    let parts: [String: [UInt8]] = [
      "title": Array(ReportPage.escaped(data.title).utf8),
      "style": PackageResources.style_css + PackageResources.cohort_css,
      "data": try ReportPage.json(data, of: data.title, fault: "a number of a case is not finite"),
      "script": PageScript.cohort,
    ]
    return ReportPage.fill(PackageResources.cohort_html, with: parts)
  }

  /// Writes the page into the folder of the results, in place of an older one.
  ///
  /// - Throws: any error of ``html()``, and `VoxtileError.Code.fileAccess` if it cannot be written.
  public func write(into folder: String) throws {
    try AtomicFile.write(html(), to: "\(folder)/\(Self.fileName)", replacing: true)
  }
}

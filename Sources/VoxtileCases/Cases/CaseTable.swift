import Voxtile
import VoxtileFormats

/// Scans from a table, a CSV file whose first line names its columns: `case`, `image`, `image2` and further channels, `labels`
/// and `mask`.
///
/// Values may stand in double quotes (RFC 4180); a `.tsv` is separated by tabs. A path that is not absolute is relative to the folder of
/// the table. `case` may be missing: then a scan is called after its first image.
public struct CaseTable: Sendable {
  /// The scans.
  public let cases: CaseList
  /// The columns that are not known, whose values are passed over.
  public let otherColumns: [String]

  /// Reads a table.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be read, `VoxtileError.Code.malformedFile` where it is no such table,
  ///   which names the line, and `VoxtileError.Code.invalidOption` where two scans have one name. No image is opened.
  /// - Complexity: O(bytes of the table), at most 64 MiB.
  public init(contentsOf path: String, registry: FormatRegistry = ImageFormats.registry) throws {
    let table = try SeparatedValues(contentsOf: path)
    do {
      try self.init(table, folder: path.parentFolder, registry: registry)
    } catch let error {
      throw error.inFile(path)
    }
  }

  init(
    _ bytes: [UInt8], separator: UInt8, folder: String, registry: FormatRegistry
  ) throws(VoxtileError) {
    try self.init(try SeparatedValues(bytes, separator: separator), folder: folder, registry: registry)
  }

  private init(_ table: SeparatedValues, folder: String, registry: FormatRegistry) throws(VoxtileError) {
    let rows = table.rows
    guard let header = rows.first else {
      throw Self.malformed("is empty; its first line should name columns", line: 1)
    }
    let columns = try Self.columns(header)
    otherColumns = header.values.filter { Column($0) == nil }
    var cases: [ScanCase] = []
    for row in rows.dropFirst() {
      guard row.values.count == header.values.count else {
        throw Self.malformed(
          "has \(row.values.count) value\(row.values.count == 1 ? "" : "s"), but the first line names \(header.values.count) columns",
          line: row.line)
      }
      func path(_ column: Column) -> String? {
        guard let index = columns[column], !row.values[index].isEmpty else { return nil }
        let value = row.values[index]
        return value.hasPrefix("/") || folder == "." ? value : "\(folder)/\(value)"
      }
      let images = try Self.images(
        columns.keys.compactMap(\.channel).sorted().map { path(.image($0)) }, line: row.line)
      let file = images[0].fileName
      let name =
        columns[.name].map { row.values[$0] }
        ?? registry.stem(of: file)
      cases.append(ScanCase(name, images: images, labels: path(.labels), mask: path(.mask)))
    }
    guard !cases.isEmpty else { throw Self.malformed("names no scan below its first line", line: 1) }
    self.cases = try CaseList(cases)
  }

  /// A column that is known.
  private enum Column: Hashable {
    case name, labels, mask
    /// Counted from 1.
    case image(Int)

    init?(_ title: String) {
      switch title.lowercased() {
      case "case": self = .name
      case "labels": self = .labels
      case "mask": self = .mask
      case "image": self = .image(1)
      case let title where title.hasPrefix("image"):
        guard let number = Int(title.dropFirst(5)), number > 0 else { return nil }
        self = .image(number)
      default: return nil
      }
    }

    var channel: Int? { if case .image(let number) = self { number } else { nil } }
  }

  private static func columns(_ header: SeparatedValues.Row) throws(VoxtileError) -> [Column: Int] {
    var columns: [Column: Int] = [:]
    for (index, title) in header.values.enumerated() {
      guard let column = Column(title) else { continue }
      if columns.updateValue(index, forKey: column) != nil {
        throw malformed("names the column \(title) twice", line: header.line)
      }
    }
    let channels = columns.keys.compactMap(\.channel).sorted()
    guard !channels.isEmpty else {
      throw malformed(
        "names no column 'image', but \(header.values.map { "'\($0)'" }.joined(separator: ", ")); "
          + "the columns are case, image, image2..., labels and mask", line: header.line)
    }
    guard channels == Array(1...channels.count) else {
      throw malformed("names channels \(channels), not 1 to \(channels.count)", line: header.line)
    }
    return columns
  }

  private static func images(_ paths: [String?], line: Int) throws(VoxtileError) -> [String] {
    let given = paths.compactMap(\.self)
    guard given.count == paths.count else {
      throw malformed("gives \(given.count) of \(paths.count) images", line: line)
    }
    return given
  }

  static func malformed(_ what: String, line: Int) -> VoxtileError {
    VoxtileError(.malformedFile, "line \(line) \(what)")
  }
}

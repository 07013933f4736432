import Voxtile

extension RunSummary {
  /// The summary as a table (RFC 4180): a row for each case, with two columns for each label that any case has, and a third one
  /// where results were compared with true labels.
  ///
  /// - Complexity: O(cases times labels).
  public var csv: String {
    let labels = Set(rows.flatMap { $0.findings?.labels.map { LabelColumn($0) } ?? [] }).sorted()
    let isCompared = rows.contains { $0.findings?.meanDice != nil }
    let titles =
      Self.titles + (isCompared ? ["mean dice"] : [])
      + labels.flatMap { column in
        (["voxels", "ml"] + (isCompared ? ["dice"] : [])).map { "\(column.title) \($0)" }
      } + ["warnings", "error"]
    let lines = rows.map { row in
      let found = Dictionary(
        (row.findings?.labels ?? []).map { (LabelColumn($0), $0) }, uniquingKeysWith: { first, _ in first })
      let values = labels.flatMap { column in
        let dice = isCompared ? [found[column]?.dice.map(Self.text) ?? ""] : []
        // A finished case without a label has a volume of 0; for a failed case it is unknown.
        guard row.findings != nil else { return ["", ""] + dice }
        guard let label = found[column] else {
          return ["0", row.findings?.spacing == nil ? "" : "0"] + dice
        }
        return ["\(label.voxels)", label.milliliters.map(Self.text) ?? ""] + dice
      }
      let mean = isCompared ? [row.findings?.meanDice.map(Self.text) ?? ""] : []
      return Self.values(of: row) + mean + values + [
        (row.findings?.warnings ?? []).joined(separator: "; "), row.failure?.message ?? "",
      ]
    }
    return ([titles] + lines).map { $0.map(SeparatedValues.quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  private static let titles = [
    "case", "status", "width", "height", "depth", "spacing x mm", "spacing y mm", "spacing z mm", "patches",
    "skipped patches",
    "seconds", "network seconds", "peak memory MiB", "mean confidence", "disagreement", "outputs",
  ]

  private static func values(of row: Row) -> [String] {
    let found = row.findings
    let extent = found.map { $0.extent.map { "\($0)" } } ?? ["", "", ""]
    let spacing = found?.spacing.map { $0.map(text) } ?? ["", "", ""]
    return [row.name, row.status] + extent + spacing + [
      found.map { "\($0.patches)" } ?? "", found.map { "\($0.skippedPatches)" } ?? "",
      found.map { text($0.seconds) } ?? "", found?.networkSeconds.map(text) ?? "",
      found?.peakMemoryBytes.map { text(Double($0) / 0x1p20) } ?? "", found?.meanConfidence.map(text) ?? "",
      found?.disagreement.map(text) ?? "", row.outputs.joined(separator: " "),
    ]
  }

  /// A number with six digits that count.
  private static func text(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "" }
    var scale = 1.0
    while (value * scale).magnitude < 1e5, scale < 1e12 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() && rounded.magnitude < 1e15 ? "\(Int(rounded))" : "\(rounded)"
  }
}

/// A label that has columns: the same number and name in all cases.
private struct LabelColumn: Hashable, Comparable {
  let label: Int
  let name: String

  init(_ label: CaseFindings.Label) {
    self.label = label.label
    name = label.name ?? ""
  }

  var title: String { name.isEmpty ? "label \(label)" : "\(label) \(name)" }

  static func < (one: LabelColumn, other: LabelColumn) -> Bool {
    (one.label, one.name) < (other.label, other.name)
  }
}

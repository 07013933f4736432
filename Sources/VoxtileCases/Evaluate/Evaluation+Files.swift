import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Evaluation {
  /// The names of the files of an evaluation.
  public static let fileNames = ["evaluation.csv", "evaluation.json"]

  /// The evaluation as JSON, with sorted keys.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(self)) + [0x0A]
  }

  /// The evaluation as a table (RFC 4180): a row for each case and label, one for each case that could not be measured, and below them
  /// the mean of each label. A value that is undefined is left out, and the column `empty` says which mask is empty; for a mean, `undefined`
  /// says how many cases have none.
  public var csv: String {
    var rows: [[String]] = []
    for one in cases {
      for label in one.labels { rows.append(row(of: label, in: one)) }
    }
    for failure in failures {
      rows.append(unmeasured(failure.pair.name, status: "failed", failure.error.description))
    }
    for missing in withoutPrediction {
      rows.append(unmeasured(missing.name, status: "no prediction", "\(missing.path) has no prediction"))
    }
    for missing in withoutReference {
      rows.append(unmeasured(missing.name, status: "no reference", "\(missing.path) has no true labels"))
    }
    for label in labels {
      let values = measures.map { label.means[$0]?.mean.map { "\($0)" } ?? "" }
      let counts = measures.compactMap { measure -> String? in
        let count = label.means[measure]?.undefined.values.reduce(0, +) ?? 0
        return count > 0 ? "\(measure.rawValue) \(count)" : nil
      }
      rows.append(
        ["", "mean of \(cases.count)", "\(label.label)", label.name ?? ""] + [String](repeating: "", count: 7)
          + values
          + [counts.joined(separator: "; "), ""])
    }
    let titles =
      ["case", "status", "label", "name", "empty", "reference voxels", "prediction voxels", "common voxels"]
      + ["reference ml", "prediction ml", "difference ml"] + measures.map(\.rawValue) + [
        "undefined", "error",
      ]
    return ([titles] + rows).map { $0.map(SeparatedValues.quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  private func row(of label: LabelEvaluation, in one: CaseEvaluation) -> [String] {
    let volumes = [label.referenceMilliliters, label.predictionMilliliters, label.differenceMilliliters]
    let undefined = measures.filter { label.scores[$0]?.reason != nil }.map(\.rawValue)
    return [
      one.pair.name, "evaluated", "\(label.label)", label.name ?? "", label.emptyMask ?? "",
      "\(label.voxels.reference)", "\(label.voxels.prediction)", "\(label.voxels.both)",
    ] + volumes.map { $0.map { "\($0)" } ?? "" }
      + measures.map { label.scores[$0]?.value.map { "\($0)" } ?? "" }
      + [undefined.joined(separator: "; "), ""]
  }

  private func unmeasured(_ name: String, status: String, _ why: String) -> [String] {
    [name, status] + [String](repeating: "", count: 9 + measures.count + 1) + [why]
  }

  /// Writes the evaluation: a `.json` or a `.csv` file, or both, as `evaluation.json` and `evaluation.csv`, into a folder, which is made if
  /// need be.
  ///
  /// - Returns: the paths of what was written.
  /// - Throws: `VoxtileError.Code.targetExists` where one exists and may not be replaced, and `VoxtileError.Code.fileAccess` where one cannot
  ///   be written.
  @discardableResult
  public func write(to path: String, replacing isReplacing: Bool = false) throws -> [String] {
    let files = Self.files(of: path)
    if files != [path] { try Folder.make(path) }
    for file in files {
      try AtomicFile.write(
        file.hasSuffix(".csv") ? Array(csv.utf8) : json(), to: file, replacing: isReplacing)
    }
    return files
  }

  /// The files that ``write(to:replacing:)`` writes.
  public static func files(of path: String) -> [String] {
    let isFile = [".csv", ".json"].contains { path.lowercased().hasSuffix($0) }
    return isFile ? [path] : fileNames.map { "\(path)/\($0)" }
  }
}

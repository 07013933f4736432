import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats

extension VerifyCommand {
  /// What was found in results of `infer`, or of a merge of predictions.
  struct ResultReport: Verdict {
    struct Finding: Encodable {
      var file: String
      var kind: String
      var message: String
    }
    var path: String
    var results: Int
    /// How many folders of predictions are there and undamaged.
    var predictions = 0
    var isVerified: Bool
    var findings: [Finding]
    /// Images that were not checked.
    var unrecorded: [String] = []
  }

  /// Checks whether results have the bytes that their records name, and predictions beside them those of their checksums.
  ///
  /// What was found is printed, except as JSON.
  func verifyResults(_ written: WrittenResults) throws -> ResultReport {
    try checkIsForPatchesOnly("results")
    let results = written.results
    let bar = ProgressBar("verify")
    defer { bar.clear() }
    var report = ResultReport(path: folder, results: results.count, isVerified: false, findings: [])
    for (index, path) in results.enumerated() {
      try Interrupt.check()
      try bar.progress(index, of: results.count)
      if let (kind, message) = try Self.problem(ofResult: path) {
        report.findings.append(.init(file: path, kind: kind, message: message))
      }
    }
    bar.clear()
    for path in written.unfinished {
      report.findings.append(
        .init(
          file: path, kind: "unfinished",
          message: "not all parts of it are merged; merge the others with merge --part"))
    }
    for path in written.predictions {
      let checked = try check(predictionsAt: path)
      if checked.isVerified {
        report.predictions += 1
      } else {
        report.findings += checked.lines.map { .init(file: path, kind: "predictions", message: $0) }
      }
    }
    report.unrecorded = written.unrecorded
    report.isVerified = report.findings.isEmpty
    if !printing.json {
      try report.findings.forEach { try Console.result("\($0.file): \($0.kind): \($0.message)".printable) }
      if report.isVerified {
        let kept = written.predictions.count
        let parts = [
          results.isEmpty
            ? nil : "\(Console.count(results.count, "result")), all as written, by their SHA-256",
          kept == 0 ? nil : "predictions of \(Console.count(kept, "scan")), all there and undamaged",
        ]
        try Console.result(parts.compactMap(\.self).joined(separator: "; "))
      }
    }
    if let first = written.unrecorded.first {
      let more =
        written.unrecorded.count > 1 ? ", and \(Console.grouped(written.unrecorded.count - 1)) more" : ""
      Console.warn(
        "not checked, since no record says what was written: \(first.printable)\(more)")
    }
    return report
  }

  /// Throws where an option was given that is for patches.
  ///
  /// - Parameter what: what the folder holds instead.
  func checkIsForPatchesOnly(_ what: String) throws {
    let given = [
      ("--against", files.against), ("--manifest", files.manifest), ("--pattern", files.pattern),
    ]
    if let option = given.first(where: { $0.1 != nil })?.0 {
      throw ValidationError("\(option) is for patches, and \(folder.printable) holds \(what)")
    }
  }

  /// What is wrong with a result; `nil` where nothing is.
  private static func problem(ofResult path: String) throws -> (kind: String, message: String)? {
    let recordPath = PredictionFiles.record(of: path)
    guard let record = PredictionRecord(beside: path) else {
      return (
        "unreadable", "\(recordPath.fileName), which says what was written, is damaged; predict it again"
      )
    }
    guard FormatProbe(path).kind != .missing else {
      return ("missing", "only its record \(recordPath.fileName) is there; predict it again")
    }
    let found = try PredictionRecord.files(ofImage: path)
    // A result and its record may have got another name together.
    let written = record.outputs.map(\.files)
    if written.contains(where: { $0.map(\.sha256) == found.map(\.sha256) }) { return nil }
    let own = record.outputs.first { $0.name == path.fileName }?.files ?? written.first ?? []
    guard found.count == own.count else {
      return (
        "corrupt",
        "it has \(Console.count(found.count, "file")), and \(Console.count(own.count, "file")) were written; predict it again"
      )
    }
    let other = zip(found, own).first { $0.sha256 != $1.sha256 }
    let digests = other.map { "; SHA-256 of \($0.name) is \($0.sha256), the record says \($1.sha256)" } ?? ""
    return ("corrupt", "is not what was written\(digests); predict it again")
  }
}

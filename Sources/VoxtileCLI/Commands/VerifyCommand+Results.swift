import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension VerifyCommand {
  /// What was found in results of `infer`, or of a merge of predictions.
  private struct ResultReport: Encodable {
    struct Finding: Encodable {
      var file: String
      var kind: String
      var message: String
    }
    var path: String
    var results: Int
    var isVerified: Bool
    var findings: [Finding]
  }

  /// The results with a record, by their paths: the one that is named, or all below the folder that is. `nil` where there are none.
  func recordedResults() -> [String]? {
    let ending = PredictionFiles.record(of: "")
    func hasRecord(_ path: String) -> Bool { FormatProbe(PredictionFiles.record(of: path)).kind == .file }
    if hasRecord(folder) { return [folder] }
    if FormatProbe(folder).kind == .missing, let pattern = CasePattern(folder) {
      let results = ((try? pattern.matches()) ?? []).filter(hasRecord)
      return results.isEmpty ? nil : results
    }
    guard files.manifest == nil, FormatProbe(folder).kind == .folder,
      !PatchFolderSearch.isPatchFolder(folder),
      let names = try? FileManager.default.subpathsOfDirectory(atPath: folder)
    else { return nil }
    let results = names.filter { $0.hasSuffix(ending) && !$0.fileName.hasPrefix(".") }.sorted()
      .map { "\(folder.withoutSlashesAtEnd)/\($0.dropLast(ending.count))" }
    return results.isEmpty ? nil : results
  }

  /// Checks whether results have the bytes that their records name.
  func runResults(_ results: [String]) throws {
    let given = [
      ("--against", files.against), ("--manifest", files.manifest), ("--pattern", files.pattern),
    ]
    if let option = given.first(where: { $0.1 != nil })?.0 {
      throw ValidationError("\(option) is for patches, and \(folder.printable) holds results")
    }
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
    report.isVerified = report.findings.isEmpty
    if printing.json {
      try Console.printJSON(report)
    } else {
      try report.findings.forEach { try Console.result("\($0.file): \($0.kind): \($0.message)".printable) }
      if report.isVerified {
        try Console.result("\(Console.count(results.count, "result")), all as written, by their SHA-256")
      }
    }
    if !report.isVerified { throw ExitCode(1) }
  }

  /// What is wrong with a result; `nil` where nothing is.
  private static func problem(ofResult path: String) throws -> (kind: String, message: String)? {
    let recordPath = PredictionFiles.record(of: path)
    guard let record = PredictionRecord(beside: path) else {
      return ("unreadable", "\(recordPath.fileName), which says what was written, is damaged")
    }
    guard FormatProbe(path).kind != .missing else {
      return ("missing", "its record \(recordPath.fileName) is there")
    }
    let found = try PredictionRecord.files(ofImage: path)
    // A result and its record may have got another name together.
    let written = record.outputs.map(\.files)
    if written.contains(where: { $0.map(\.sha256) == found.map(\.sha256) }) { return nil }
    let own = record.outputs.first { $0.name == path.fileName }?.files ?? written.first ?? []
    let other = zip(found, own).first { $0.sha256 != $1.sha256 }
    let digests = other.map { "; SHA-256 is \($0.sha256), the record says \($1.sha256)" } ?? ""
    return ("corrupt", "is not what was written\(digests)")
  }
}

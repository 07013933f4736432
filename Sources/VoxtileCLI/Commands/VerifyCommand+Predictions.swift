import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileInference

extension VerifyCommand {
  /// What was found in a folder of predictions.
  private struct PredictionReport: Encodable {
    var folder: String
    var patches: Int
    var kept: Int
    var skipped: Int
    var isVerified: Bool
    /// The patches, by number, that have not been predicted yet.
    var missingPatches: [Int]
    /// How many were merged and then removed.
    var removed = 0
    /// What is wrong with others.
    var damaged: [String]
  }

  /// Checks predictions that were kept: each is read.
  func runPredictions() throws {
    let kept = try ZarrPredictions(at: folder)
    let (_, predictions) = try StoredPredictionRecord.open(kept)
    let grid = predictions.layout.grid
    let bar = ProgressBar("verify")
    defer { bar.clear() }
    var report = PredictionReport(
      folder: folder, patches: grid.count, kept: 0, skipped: 0, isVerified: false, missingPatches: [],
      damaged: [])
    for patch in grid {
      try Interrupt.check()
      try bar.progress(patch.index, of: grid.count)
      guard try kept.holds(patch.index) else {
        if try kept.isRemoved(patch.index) {
          report.removed += 1
        } else {
          report.missingPatches.append(patch.index)
        }
        continue
      }
      do {
        let values = try kept.prediction(ofPatch: patch.index, extent: patch.region.extent)
        report.kept += 1
        if values == nil { report.skipped += 1 }
      } catch let error as VoxtileError where error.code == .malformedFile {
        report.damaged.append(error.description { $0.inOptions })
      }
    }
    bar.clear()
    report.isVerified = report.missingPatches.isEmpty && report.damaged.isEmpty
    if printing.json {
      try Console.printJSON(report)
    } else {
      try report.damaged.forEach { try Console.result($0.printable) }
      if !report.missingPatches.isEmpty {
        let first = report.missingPatches.prefix(10).map { "\($0)" }.joined(separator: ", ")
        let more = report.missingPatches.count > 10 ? ", ..." : ""
        try Console.result(
          "\(Console.count(report.missingPatches.count, "patch")) of \(Console.grouped(grid.count)) not predicted yet: \(first)\(more)"
        )
      }
      if report.removed > 0 {
        try Console.result(
          "\(Console.count(report.removed, "patch")) of \(Console.grouped(grid.count)) merged, and removed since"
        )
      }
      if report.isVerified, report.removed == 0 {
        try Console.result("predictions of \(Console.count(grid.count, "patch")), all there and undamaged")
      }
    }
    if !report.isVerified { throw ExitCode(1) }
  }
}

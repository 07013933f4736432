import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileInference

extension VerifyCommand {
  /// What was found in a folder of predictions.
  struct PredictionReport: Verdict {
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

  /// Checks predictions that were kept, and prints what was found, except as JSON.
  func verifyPredictions() throws -> PredictionReport {
    try checkIsForPatchesOnly("predictions")
    let report = try check(predictionsAt: folder)
    if !printing.json {
      try report.lines.forEach { try Console.result($0.printable) }
      if report.isVerified, report.removed == 0 {
        try Console.result(
          "predictions of \(Console.count(report.patches, "patch")), all there and undamaged")
      }
    }
    return report
  }

  /// Checks predictions that were kept: each is read.
  func check(predictionsAt path: String) throws -> PredictionReport {
    let kept = try ZarrPredictions(at: path)
    let (_, predictions) = try StoredPredictionRecord.open(kept)
    let grid = predictions.layout.grid
    let bar = ProgressBar("verify")
    defer { bar.clear() }
    var report = PredictionReport(
      folder: path, patches: grid.count, kept: 0, skipped: 0, isVerified: false, missingPatches: [],
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
    report.isVerified = report.missingPatches.isEmpty && report.damaged.isEmpty
    return report
  }
}

extension VerifyCommand.PredictionReport {
  /// What is damaged, missing or was removed, for people.
  var lines: [String] {
    var lines = damaged
    if !missingPatches.isEmpty {
      let first = missingPatches.prefix(10).map { "\($0)" }.joined(separator: ", ")
      let more = missingPatches.count > 10 ? ", ..." : ""
      lines.append(
        "\(Console.count(missingPatches.count, "patch")) of \(Console.grouped(patches)) not predicted yet: \(first)\(more)"
      )
    }
    if removed > 0 {
      lines.append(
        "\(Console.count(removed, "patch")) of \(Console.grouped(patches)) merged, and removed since")
    }
    return lines
  }
}

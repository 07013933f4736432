import ArgumentParser
import Voxtile
import VoxtileStore

extension VerifyCommand {
  struct SampleReport: Verdict {
    var folder: String
    var patches: Int
    var scans: Int
    var comparedScans: Int
    var partlyComparedScans: Int
    var isVerified: Bool
    var findings: [PatchStore.Finding]
    var unlistedFiles: [String]
  }

  /// Checks a folder of training patches, and prints what was found, except as JSON.
  func verifySamples() throws -> SampleReport {
    let watch = Stopwatch("verify")
    let bar = ProgressBar("verify")
    defer { bar.clear() }
    let report = try SampleVerification(
      of: folder, against: files.against, limits: limits.limits, progress: bar.progress)
    bar.clear()
    watch.say()
    let (patches, scans) = (report.manifest.patches.count, report.manifest.scans.count)
    if !printing.json {
      try report.findings.forEach {
        try Console.result("\($0.file): \($0.kind.rawValue): \($0.message)".printable)
      }
      if report.findings.isEmpty {
        var compared =
          report.comparedScans > 0
          ? ", and as chosen again from \(report.comparedScans) of \(Console.count(scans, "scan"))" : ""
        if report.partlyComparedScans > 0 {
          compared += ", and with some files of \(Console.count(report.partlyComparedScans, "scan"))"
        }
        let verdict =
          report.manifest.patches.first?.labels == nil
          ? "in the list\(compared)" : "all as written\(compared)"
        try Console.result("\(Console.count(patches, "patch")), \(verdict)")
      }
    }
    if !report.unlistedFiles.isEmpty {
      Console.note("not in the list: \(report.unlistedFiles.prefix(20).joined(separator: ", ").printable)")
    }
    return SampleReport(
      folder: folder, patches: patches, scans: scans, comparedScans: report.comparedScans,
      partlyComparedScans: report.partlyComparedScans,
      isVerified: report.findings.isEmpty, findings: report.findings, unlistedFiles: report.unlistedFiles)
  }
}

import Voxtile
import VoxtileCases
import VoxtileTestSupport

@testable import VoxtileReport

/// Summaries of cases that were never run.
enum Cohort {
  /// A case that is done.
  static func done(
    _ name: String, labels: [Int: Double] = [:], disagreement: Double? = nil, spacing: [Double]? = [1, 1, 1]
  ) -> JournalEntry {
    var findings = CaseFindings(extent: [9, 8, 7], spacing: spacing, patches: 4, seconds: 2)
    findings.labels = labels.sorted { $0.key < $1.key }.map { label, volume in
      .init(
        label: label, name: "organ \(label)", voxels: Int(volume * 1000),
        milliliters: spacing == nil ? nil : volume)
    }
    findings.disagreement = disagreement
    return JournalEntry(name: name, event: .done, date: "2026-01-31T12:00:00Z", findings: findings)
  }

  /// A case that failed.
  static func failed(_ name: String, _ message: String = "is damaged") -> JournalEntry {
    JournalEntry(
      name: name, event: .failed, date: "2026-01-31T12:00:00Z",
      failure: .init(code: "malformedFile", message: message))
  }

  static func summary(_ entries: [JournalEntry]) -> RunSummary {
    RunSummary(entries: Dictionary(entries.map { ($0.name, $0) }) { first, _ in first })
  }

  static func data(_ entries: [JournalEntry]) -> CohortData {
    CohortData(summary(entries), title: "results", origin: .init(version: "1.2.3"))
  }
}

/// A small image of `uint8`, computed when it is read.
struct GivenReader: VolumeReader {
  let info: VolumeInfo
  let value: @Sendable (_ voxel: Position, _ channel: Int) -> UInt8
  var isRandomAccess: Bool { true }

  init(_ info: VolumeInfo, _ value: @escaping @Sendable (Position, Int) -> UInt8) {
    self.info = info
    self.value = value
  }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    var at = 0
    for channel in 0..<info.channels {
      for z in region.z {
        for y in region.y {
          for x in region.x {
            destination[at] = value(Position(x: x, y: y, z: z), channel)
            at += 1
          }
        }
      }
    }
  }
}

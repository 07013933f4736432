import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

/// What tests of `plan --fit` share.
enum PlanFit {
  struct Fit: Decodable {
    struct Proposal: Decodable {
      let rank: Int
      let patch: [Int]
      let overlap: [Int]
      let patches: Int
      let lostVoxels: Int
      let redundancy: Double
      let peakBytes: Int
      let seconds: Double?
      let reason: String
    }
    let scans: Int
    let proposals: [Proposal]
  }

  struct Plan: Decodable {
    struct Memory: Decodable { let peakBytes: Int }
    let patches: Int
    let lostVoxels: Int
    let redundancy: Double
    let cropMemory: Memory
    let mergeMemory: Memory
  }

  static let extent = Extent(width: 50, height: 41, depth: 36)

  static func fit(_ program: Program, _ arguments: [String]) throws -> Fit {
    let run = try program.run(["plan", "--fit", "--json"] + arguments)
    #expect(run.status == 0, "\(run.messages)")
    return try run.json(Fit.self)
  }

  static func model(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .appending(path: "VoxtileInferenceTests/Fixtures/models/\(name).onnx").path
  }
}

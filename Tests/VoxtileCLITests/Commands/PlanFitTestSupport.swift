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
      let loss: Double?
      let alignedLoss: Double?
      let reason: String
    }
    struct Reach: Decodable {
      let stride: [Int]
      let radius: [Int]
      let options: String
    }
    let scans: Int
    let networkBytesPerVoxel: Double?
    let reach: Reach?
    let proposals: [Proposal]
    let exact: [Proposal]

    /// The memory of a proposal as `infer` prints it, without the network's own.
    func programMemory(of proposal: Proposal) -> String {
      let own = Int((networkBytesPerVoxel ?? 0) * Double(proposal.patch.reduce(1, *)))
      let size = (Double(proposal.peakBytes - own) / 104857.6).rounded() / 10
      return "\(size == size.rounded() ? "\(Int(size))" : "\(size)") MiB and the network's own"
    }
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

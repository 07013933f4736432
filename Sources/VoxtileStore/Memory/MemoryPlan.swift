import Voxtile

/// What a job holds in memory at a time: a `CropStep` or a ``MergeStep``.
public protocol MemoryStep: Hashable, Sendable {
  /// The step in a few words, for plans and reports.
  var summary: String { get }

  /// The step of such a summary, or `nil`.
  init?(summary: String)
}

/// How a job keeps within a limit of memory, decided before a voxel is read.
public struct MemoryPlan<Step: MemoryStep>: Hashable, Sendable {
  /// What is in memory at a time.
  public let step: Step
  /// How many patches are worked on at the same time.
  public let jobs: Jobs
  /// The most memory the job will need, with the program itself, in bytes.
  public let peakBytes: Int
  /// What goes to a scratch file, in bytes: a compressed file that has to be read in boxes.
  public let scratchBytes: Int
}

extension MemoryPlan: Codable {
  private enum CodingKeys: String, CodingKey {
    case peakBytes, scratchBytes, jobs, method
  }

  /// Writes the plan as an object with `peakBytes`, `scratchBytes`, `jobs` and, in words, `method`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(peakBytes, forKey: .peakBytes)
    try container.encode(scratchBytes, forKey: .scratchBytes)
    try container.encode(jobs.count, forKey: .jobs)
    try container.encode(step.summary, forKey: .method)
  }

  /// Reads what ``encode(to:)`` writes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let step = Step(summary: try container.decode(String.self, forKey: .method)) else {
      throw DecodingError.dataCorruptedError(
        forKey: .method, in: container, debugDescription: "no such method")
    }
    self.init(
      step: step, jobs: Jobs(max(1, try container.decode(Int.self, forKey: .jobs))),
      peakBytes: try container.decode(Int.self, forKey: .peakBytes),
      scratchBytes: try container.decode(Int.self, forKey: .scratchBytes))
  }
}

/// The bytes that every plan counts with.
enum MemoryCost {
  /// The program, its libraries and stacks.
  static let program = 36 << 20
  /// What is known of one patch: its file, checksum and line in the manifest.
  static let patchEntry = 3 << 10
  /// The buffers of one thread that reads or writes a compressed file.
  static let thread = 8 << 20

  /// A product of sizes; `Int.max` where it would be larger.
  static func product(_ factors: Int...) -> Int {
    factors.reduce(1) { product, factor in
      let (result, overflow) = product.multipliedReportingOverflow(by: factor)
      return overflow ? .max : result
    }
  }

  /// A sum of sizes; `Int.max` where it would be larger.
  static func sum(_ terms: Int...) -> Int {
    terms.reduce(0) { sum, term in
      let (result, overflow) = sum.addingReportingOverflow(term)
      return overflow ? .max : result
    }
  }

  /// Throws unless the machine can hold one patch: a padded patch may be of any size, however small the image is.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where one patch needs more than the machine has.
  static func checkPatch(of grid: PatchGrid, channels: Int, scalarType: ScalarType) throws(VoxtileError) {
    let memory = MachineMemory.byteCount
    let (voxelBytes, isWide) = channels.multipliedReportingOverflow(by: scalarType.byteCount)
    let bytes = grid.patch.voxelCountIfRepresentable?.multipliedReportingOverflow(by: voxelBytes)
    if let bytes, !isWide, !bytes.overflow, bytes.partialValue <= memory { return }
    throw VoxtileError(
      .invalidGrid,
      "a patch of \(grid.patch) voxels, \(voxelBytes) bytes each, needs more than the \(memory >> 20) MiB of memory "
        + "of this machine; use a smaller patch",
      context: .init(
        expected: "at most \(memory) bytes", found: "\(grid.patch) voxels of \(voxelBytes) bytes"))
  }
}

import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

/// What a merge of stored predictions would do: for `--dry-run`.
struct PredictionMergePlan: Encodable {
  var output: String
  var part: String?
  /// The first slice that is merged, and the one after the last.
  var slices: [Int]
  /// The number of the first patch that lies over them, and the one after the last.
  var patches: [Int]
  /// How many of those are not predicted yet, and how many were removed when they had been merged.
  var missing: Int
  var removed: Int
  /// The most parts that have slices each; 1 where the image is made by one process.
  var mostParts: Int
  /// Whether all was done before.
  var isDone: Bool
  var peakBytes: Int
  var scratchBytes: Int

  init(_ job: PredictionMergeJob, part: CasePart?) throws {
    _ = try ImageFormats.registry.formatForWriting(job.output)
    let predictions = job.predictions
    let slices = try part.map { try job.slices(of: $0) } ?? 0..<job.info.extent.depth
    let patches = slices.isEmpty ? 0..<0 : predictions.patches(forSlices: part == nil ? nil : slices)
    let absent = try patches.filter { try !predictions.store.holds($0) }
    let plan = try job.plan()
    output = job.output
    self.part = part?.description
    self.slices = [slices.lowerBound, slices.upperBound]
    self.patches = [patches.lowerBound, patches.upperBound]
    removed = try absent.count { try predictions.store.isRemoved($0) }
    missing = absent.count - removed
    mostParts = try job.mostParts()
    isDone = try job.isFinished() || part.map { try job.isDone($0) } ?? false
    (peakBytes, scratchBytes) = (plan.peakBytes, plan.scratchBytes)
  }

  /// As lines for people.
  var text: String {
    var lines: [String] = []
    if let part {
      let range = slices[0] == slices[1] ? "no slices" : "slices \(slices[0]) to \(slices[1] - 1)"
      lines.append("part     \(part): \(range)\(isDone ? ", merged already" : "")")
    }
    let absent =
      (missing > 0 ? ["\(Console.grouped(missing)) are not predicted yet"] : [])
      + (removed > 0 ? ["\(Console.grouped(removed)) were merged and removed"] : [])
    let patchText = Console.count(patches[1] - patches[0], "patch")
    lines.append(
      "merges   \(patchText)\(absent.isEmpty ? "" : ", of which \(absent.joined(separator: " and "))")")
    lines.append("memory   \(Console.bytes(peakBytes)), \(Console.bytes(scratchBytes)) of scratch")
    return lines.joined(separator: "\n")
  }
}

import Voxtile

/// What predicting a scan with several networks will take, known before it starts.
public struct TaskPlan: Sendable {
  /// One task.
  package struct Step: Sendable {
    /// What it is called.
    package let name: String
    /// What it takes by itself.
    package let plan: InferencePlan
    let pipeline: PatchPipeline
  }

  /// The tasks, in the order in which they are predicted.
  package let steps: [Step]
  /// What the labels of the tasks become.
  public let labels: TaskLabels
  /// What the file of the labels will be.
  public let info: VolumeInfo
  /// For each task, labels of its network that are left out, since the table does not name them.
  public let unlisted: [[Int]]
  /// The most memory that is needed, in bytes, with the program, but without what the networks take for themselves.
  public let peakBytes: Int
  /// What goes to scratch files at most, in bytes.
  public let scratchBytes: Int
  /// The files of the scan and of the mask.
  let readers: [any VolumeReader]
  /// How much of the map of labels may be in memory.
  let residentBytes: Int

  init(
    _ steps: [Step], labels given: TaskLabels?, scan: VolumeInfo, readers: [any VolumeReader],
    copies: ScanCopies, residentBytes: Int
  ) throws(VoxtileError) {
    let known = steps.map(\.plan.knownLabels)
    if let given {
      labels = given
    } else {
      if let unknown = zip(steps, known).first(where: { $0.1 == nil })?.0.name {
        throw VoxtileError(
          .invalidOption,
          "the network of the task '\(unknown)' gives labels itself and does not say how many there are",
          remedy: .giveTaskLabels, context: .init(expected: "a table of labels", found: "none"))
      }
      labels = try .counted(
        zip(steps, known).map { step, labels in (step.name, labels ?? [], step.plan.labelNames) })
    }
    let table = labels
    for (step, known) in zip(steps, known) {
      guard let known,
        let absent = table.values(of: step.name).keys.sorted().first(where: { $0 != 0 && !known.contains($0) }
        )
      else { continue }
      let found = known.map(String.init).joined(separator: ", ")
      throw VoxtileError(
        .invalidOption,
        "the table says what label \(absent) of the task '\(step.name)' becomes, but its network gives \(found); use one of those",
        context: .init(expected: found, found: "\(absent)"))
    }
    unlisted = zip(steps, known).map { step, labels in
      let values = table.values(of: step.name)
      return (labels ?? []).filter { $0 != 0 && values[$0] == nil }
    }
    var info = VolumeInfo(
      extent: scan.extent, scalarType: labels.scalarType, metadata: steps[0].plan.outputMetadata)
    info.isLabelMap = true
    self.info = info
    peakBytes = max(copies.peakBytes, steps.map(\.plan.peakBytes).max() ?? 0)
    let map = info.byteCount(of: Region(info.extent))
    scratchBytes =
      copies.byteCount + (map > residentBytes ? map : 0) + (steps.map(\.plan.scratchBytes).max() ?? 0)
    (self.steps, self.readers, self.residentBytes) = (steps, readers, residentBytes)
  }

  /// A guess of the whole time, in seconds, from the first batches.
  public var seconds: Double { steps.reduce(0) { $0 + $1.plan.seconds } }

  /// What the networks told, by the names of their tasks.
  package var probes: [String: ModelProbe] {
    Dictionary(steps.map { ($0.name, $0.plan.probe) }) { first, _ in first }
  }
}

extension InferencePlan {
  /// Lets what the model was tried with go: it predicts its first batch once more.
  mutating func forgetFirst() { first = nil }

  /// The labels that there may be, in ascending order; `nil` where the network gives them itself and does not say which.
  fileprivate var knownLabels: [Int]? {
    guard layout.labels.isEmpty else { return Set(layout.labels.map { Int($0) }).sorted() }
    if !labelNames.isEmpty { return labelNames.map(\.label).sorted() }
    return layout.votes?.range == 0...1 ? [0, 1] : nil
  }
}

import Synchronization
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileReport

/// What the page of a prediction shows besides the labels: how confident the network was, and where patches disagreed.
///
/// It is collected while the prediction is written, if need be from outputs that the command line did not ask for.
final class PredictionEvidence: Sendable {
  /// The number of bins of the histogram of probabilities.
  private static let steps = 20

  private let plan: InferencePlan
  private let folder: TemporaryFolder
  private let histogram = Mutex([Int](repeating: 0, count: steps))
  private let differing = Mutex(0)

  /// The map of disagreement; where it was not asked for, a temporary file that lives as long as this value.
  let disagreementFile: String

  /// - Parameter asked: the file of the map of disagreement, where that is an output.
  init(_ plan: InferencePlan, disagreementFile asked: String?) throws {
    self.plan = plan
    folder = try TemporaryFolder()
    disagreementFile = asked ?? "\(folder.path)/disagreement.nii.gz"
  }

  /// The outputs that were asked for, and those that are observed for the page.
  func watching(_ asked: [PredictionKind: any VolumeWriter]) throws -> [PredictionKind: any VolumeWriter] {
    var writers = asked
    writers[.confidence] = Observer(plan.info(of: .confidence), passingTo: asked[.confidence]) {
      [self] bytes in count(bytes)
    }
    let map =
      try asked[.disagreement]
      ?? ImageFormats.create(disagreementFile, info: plan.info(of: .disagreement))
    writers[.disagreement] = Observer(plan.info(of: .disagreement), passingTo: map) { [self] bytes in
      let found = bytes.reduce(0) { $0 + Int($1) }
      differing.withLock { $0 += found }
    }
    return writers
  }

  private func count(_ bytes: UnsafeRawBufferPointer) {
    var counts = [Int](repeating: 0, count: Self.steps)
    for value in bytes.bindMemory(to: Float.self) {
      counts[min(Self.steps - 1, max(0, Int(value * Float(Self.steps))))] += 1
    }
    histogram.withLock { all in
      for (step, count) in counts.enumerated() { all[step] += count }
    }
  }

  /// What the page says of the prediction.
  func prediction(model: String) -> ReportData.Prediction {
    let counts = plan.outputGrid.coverage.counts
    let covered = [counts.x, counts.y, counts.z].reduce(1) { $0 * $1.count { $0 > 0 } }
    let once = [counts.x, counts.y, counts.z].reduce(1) { $0 * $1.count { $0 == 1 } }
    return ReportData.Prediction(
      model: model, labelNames: plan.labelNames.map { .init(label: $0.label, name: $0.name) },
      winningProbability: histogram.withLock { $0 },
      disagreement: plan.outputExtent == plan.scanExtent
        ? .init(
          voxels: covered - once, differing: differing.withLock { $0 },
          layer: disagreementFile.fileName)
        : nil)
  }
}

/// Looks at what is written, and passes it on to another writer if there is one.
private struct Observer: VolumeWriter {
  let info: VolumeInfo
  private let next: (any VolumeWriter)?
  private let look: @Sendable (UnsafeRawBufferPointer) -> Void

  init(
    _ info: VolumeInfo, passingTo next: (any VolumeWriter)? = nil,
    look: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
  ) {
    self.info = info
    self.next = next
    self.look = look
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    look(slab)
    try next?.write(slab, slices: slices)
  }

  func finish() throws { try next?.finish() }
}

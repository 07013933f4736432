import Synchronization
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileReport

/// What the page of a prediction shows besides the labels, and what the summary of many scans says of each: how confident the network
/// was, where patches disagreed, and how many voxels have each label.
///
/// It is collected while the prediction is written, if need be from outputs that the command line did not ask for.
final class PredictionEvidence: Sendable {
  /// The number of bins of the histogram of probabilities.
  private static let steps = 20

  private let plan: InferencePlan
  private let folder: TemporaryFolder?
  private let histogram = Mutex([Int](repeating: 0, count: steps))
  private let differing = Mutex(0)
  private let areProbabilities = Atomic(true)

  /// The voxels of each label as the network gave them.
  let labels: LabelCounts

  /// The voxels of each label as they are written, which cleaning may have changed.
  let writtenLabels: LabelCounts

  /// The map of disagreement; where it was not asked for, a temporary file that lives as long as this value, or none.
  let disagreementFile: String?

  /// - Parameters:
  ///   - asked: the file of the map of disagreement, where that is an output.
  ///   - needsMap: whether there has to be such a file.
  ///   - cleansLabels: whether they are changed before they are written.
  init(
    _ plan: InferencePlan, disagreementFile asked: String?, needsMap: Bool, cleansLabels: Bool
  ) throws {
    self.plan = plan
    folder = needsMap && asked == nil ? try TemporaryFolder() : nil
    disagreementFile = asked ?? folder.map { "\($0.path)/disagreement.nii.gz" }
    let type = plan.info(of: .labels).scalarType
    labels = LabelCounts(of: type)
    writtenLabels = cleansLabels ? LabelCounts(of: type) : labels
  }

  /// The file of the labels, observed after they are cleaned.
  func watchingCleaned(_ file: any VolumeWriter) -> any VolumeWriter {
    WriterObserver(plan.info(of: .labels), passingTo: file) { [writtenLabels] in writtenLabels.count($0) }
  }

  /// The outputs that were asked for, and those that are observed for the page.
  func watching(_ asked: [PredictionKind: any VolumeWriter]) throws -> [PredictionKind: any VolumeWriter] {
    var writers = asked
    writers[.confidence] = WriterObserver(plan.info(of: .confidence), passingTo: asked[.confidence]) {
      [self] bytes in
      count(bytes)
      labels.keep(confidence: bytes)
    }
    writers[.labels] = WriterObserver(plan.info(of: .labels), passingTo: asked[.labels]) { [labels] in
      labels.count($0)
    }
    let map =
      try asked[.disagreement]
      ?? disagreementFile.map { try ImageFormats.create($0, info: plan.info(of: .disagreement)) }
    writers[.disagreement] = WriterObserver(plan.info(of: .disagreement), passingTo: map) { [self] bytes in
      let found = bytes.reduce(0) { $0 + Int($1) }
      differing.withLock { $0 += found }
    }
    return writers
  }

  private func count(_ bytes: UnsafeRawBufferPointer) {
    var counts = [Int](repeating: 0, count: Self.steps)
    var isInRange = true
    for value in bytes.bindMemory(to: Float.self) {
      // Sums of weights may be a little off 1.
      if !(value >= -0.001 && value <= 1.001) { isInRange = false }
      let share = value > 0 ? min(value, 1) : 0
      counts[min(Self.steps - 1, Int(share * Float(Self.steps)))] += 1
    }
    if !isInRange { areProbabilities.store(false, ordering: .relaxed) }
    histogram.withLock { all in
      for (step, count) in counts.enumerated() { all[step] += count }
    }
  }

  /// Whether it is known how confident the network is: it gives a value for each class, and these are probabilities.
  var isConfidenceKnown: Bool { !plan.givesLabels && areProbabilities.load(ordering: .relaxed) }

  /// What the page says of the prediction.
  func prediction(model: String) -> ReportData.Prediction {
    let isKnown = isConfidenceKnown
    return ReportData.Prediction(
      model: model, labelNames: plan.labelNames.map { .init(label: $0.label, name: $0.name) },
      winningProbability: isKnown ? histogram.withLock { $0 } : nil,
      labelConfidence: isKnown ? labelConfidence : [], cleansLabels: writtenLabels !== labels,
      disagreement: disagreementFile.flatMap { file in
        plan.outputExtent == plan.scanExtent
          ? .init(voxels: sharedVoxels, differing: differing.withLock { $0 }, layer: file.fileName) : nil
      })
  }

  /// How confident the network is of each label that it gave, before they were cleaned.
  private var labelConfidence: [ReportData.LabelConfidence] {
    labels.labels.sorted { $0.key < $1.key }.map { label, found in
      .init(label: label, voxels: found.voxels, mean: found.confidence / Double(found.voxels))
    }
  }

  /// How many voxels are in several patches.
  private var sharedVoxels: Int {
    let counts = plan.outputGrid.coverage.counts
    func product(_ isCounted: (Int) -> Bool) -> Int {
      [counts.x, counts.y, counts.z].reduce(1) { $0 * $1.count(where: isCounted) }
    }
    return product { $0 > 0 } - product { $0 == 1 }
  }

  /// The share of the voxels in several patches in which single patches disagree; `nil` where there are none.
  var disagreement: Double? {
    let shared = sharedVoxels
    return shared > 0 ? Double(differing.withLock { $0 }) / Double(shared) : nil
  }
}

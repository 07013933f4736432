import Voxtile
import VoxtileCases

extension CohortData {
  /// The most labels that a page shows.
  static let mostLabels = 64
  /// Spreads below these are not told apart: volumes that differ by a few percent, and disagreement in a few voxels of a thousand.
  private static let leastVolumeShare = 0.02
  private static let leastDisagreement = 0.002
  private static let leastDisagreementShare = 0.05

  /// Compares the cases of a summary with each other.
  ///
  /// Each label's volume v has the distance (v - median) / (1.4826 MAD) from the others, and so has the disagreement. The score of a case is
  /// its largest distance; more disagreement than usual counts, and less does not. A case that lacks a label has 0 of it.
  ///
  /// - Complexity: O(cases · labels), and sorting.
  public init(_ summary: RunSummary, title: String, origin: ReportData.Origin) {
    let found = summary.rows.compactMap(\.findings)
    let hasVolumes = found.contains { $0.labels.contains { $0.milliliters != nil } }
    let table = VolumeTable(
      summary.rows.map(\.findings), inMilliliters: hasVolumes, mostLabels: Self.mostLabels)
    self.title = title
    self.origin = origin
    unit = hasVolumes ? "ml" : found.allSatisfy { $0.extent.last == 1 } ? "pixels" : "voxels"
    labelsLeftOut = table.labelsLeftOut
    let scales = table.columns.map {
      RobustScale(of: $0.compactMap(\.self), leastShare: Self.leastVolumeShare)
    }
    let usual = RobustScale(
      of: found.compactMap { $0.disagreement.flatMap { $0.isFinite ? $0 : nil } },
      leastShare: Self.leastDisagreementShare, least: Self.leastDisagreement)
    labels = table.keys.enumerated().map { index, key in
      let volumes = table.columns[index].compactMap(\.self)
      return Label(
        label: key.label, name: key.name, color: VolumeInfo.Color(ofLabel: key.label).css,
        median: volumes.isEmpty ? nil : Self.short(RobustScale.median(of: volumes)),
        spread: scales[index].map { Self.short($0.spread) })
    }
    disagreementMedian = usual.map { Self.short($0.median) }
    disagreementSpread = usual.map { Self.short($0.spread) }
    rows = summary.rows.enumerated().map { number, row in
      let volumes = table.columns.map { $0[number] }
      var made = Row(row, volumes: volumes.map { $0.map(Self.short) })
      made.compare(volumes, scales, usual, from: Self.threshold)
      return made
    }.sorted { $0.isWorse(than: $1) }
  }

  /// A number with five digits that count, which is what a page can show.
  static func short(_ value: Double) -> Double {
    guard value != 0, value.isFinite, value.magnitude < 1e5 else { return value.rounded() }
    var scale = 1.0
    while (value * scale).magnitude < 1e4, scale < 1e9 { scale *= 10 }
    return (value * scale).rounded() / scale
  }
}

extension CohortData.Row {
  fileprivate init(_ row: RunSummary.Row, volumes: [Double?]) {
    name = row.name
    status = row.status
    message = row.failure?.message
    guard let found = row.findings else { return }
    func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? CohortData.short($0) : nil } }
    extent = found.extent
    spacing = found.spacing.flatMap { $0.allSatisfy(\.isFinite) ? $0.map(CohortData.short) : nil }
    patches = found.patches
    skippedPatches = found.skippedPatches
    seconds = finite(found.seconds)
    confidence = finite(found.meanConfidence)
    disagreement = finite(found.disagreement)
    dice = finite(found.meanDice)
    warnings = found.warnings
    page = found.page
    self.volumes = volumes
  }

  /// Says how far the case is from the others, and why.
  fileprivate mutating func compare(
    _ volumes: [Double?], _ scales: [RobustScale?], _ usual: RobustScale?, from threshold: Double
  ) {
    var distances: [CohortData.Reason] = []
    for (index, scale) in scales.enumerated() {
      guard let volume = volumes[index], let scale else { continue }
      distances.append(.init(label: index, times: CohortData.short(scale.distance(of: volume))))
    }
    if let disagreement, let usual, usual.distance(of: disagreement) > 0 {
      distances.append(.init(label: nil, times: CohortData.short(usual.distance(of: disagreement))))
    }
    distances.sort { $0.times.magnitude > $1.times.magnitude }
    score = distances.first?.times.magnitude ?? 0
    reasons = distances.filter { $0.times.magnitude > threshold }
  }

  /// The order of the page: by score, then by disagreement and by name; without findings last, since the page begins with those.
  fileprivate func isWorse(than other: CohortData.Row) -> Bool {
    if (extent == nil) != (other.extent == nil) { return extent != nil }
    if score != other.score { return score > other.score }
    let (own, others) = (disagreement ?? -1, other.disagreement ?? -1)
    return own == others ? name < other.name : own > others
  }
}

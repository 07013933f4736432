import Voxtile

extension PredictionLayout {
  /// What is predicted of a resampled scan, for what is written.
  static func resampledKinds(_ kinds: Set<PredictionKind>) -> Set<PredictionKind> {
    kinds.contains(.disagreement) ? [.logits, .disagreement] : [.logits]
  }

  /// Writers that take what is predicted of the resampled scan, and write it with the voxels of the scan.
  ///
  /// - Parameters:
  ///   - writers: where each kind of output goes.
  ///   - slices: the slices of the scan that are written; `nil` for all.
  func writersBack(
    over way: WayBack, to writers: [PredictionKind: any VolumeWriter], slices: Range<Int>? = nil, jobs: Jobs
  ) throws -> [PredictionKind: any VolumeWriter] {
    let (inner, decision) = (ofResampledScan, decision)
    func outputs(_ kinds: (PredictionKind) -> Bool) throws -> [FinishedSlices] {
      try writers.filter { kinds($0.key) }.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, writer in
        try FinishedSlices(
          kind, layout: self, finisher: decision, slices: 1, residentBytes: .max, writer: writer)
      }
    }
    var targets: [PredictionKind: any VolumeWriter] = [:]
    let values = try outputs { $0 != .disagreement }
    if !values.isEmpty {
      targets[.logits] = PlanesBack(
        inner.info(of: .logits), way, way.back, slices: slices, to: values, jobs: jobs)
    }
    let differing = try outputs { $0 == .disagreement }
    if !differing.isEmpty {
      targets[.disagreement] = PlanesBack(
        inner.info(of: .disagreement), way, way.nearest, slices: slices, to: differing, jobs: jobs)
    }
    return targets
  }
}

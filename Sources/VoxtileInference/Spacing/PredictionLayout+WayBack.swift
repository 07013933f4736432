import Voxtile

extension PredictionLayout {
  /// Whether what is written is made from the sums themselves, as soon as they are final, and not from finished slices of the
  /// resampled scan: where it is small beside them.
  func comesBackInLines(_ kinds: Set<PredictionKind>) -> Bool {
    wayBack != nil && kinds.allSatisfy { $0.channels(of: channels) == 1 }
  }

  /// What is finished of the resampled scan, for what is written.
  func resampledKinds(_ kinds: Set<PredictionKind>) -> Set<PredictionKind> {
    kinds.contains(.disagreement) ? [.logits, .disagreement] : [.logits]
  }

  /// What takes the lines of sums that are final.
  ///
  /// - Parameters:
  ///   - memory: what is held, and where.
  ///   - writers: where each kind of what is finished goes, as ``writersBack(_:slices:jobs:)`` gives them.
  ///   - slices: the slices of what is written that are wanted, where it is resampled; `nil` for all.
  /// - Throws: `VoxtileError.Code.fileAccess` where there is no room.
  func finishedLayers(
    memory: InferenceMemory, to writers: [PredictionKind: any VolumeWriter], slices: Range<Int>?, jobs: Jobs
  ) throws -> any FinishedLayers {
    if let wayBack, comesBackInLines(Set(writers.keys)) {
      return try LayersBack(self, over: wayBack, memory: memory, slices: slices, to: writers, jobs: jobs)
    }
    return try UnchangedLayers(wayBack == nil ? self : ofResampledScan, memory: memory, to: writers)
  }

  /// Writers of what is finished: those given, or such as take slices of the resampled scan and write them with the voxels of the scan.
  ///
  /// - Parameters:
  ///   - writers: where each kind of output goes.
  ///   - slices: the slices of the scan that are written; `nil` for all.
  func writersBack(
    _ writers: [PredictionKind: any VolumeWriter], slices: Range<Int>?, jobs: Jobs
  ) throws -> [PredictionKind: any VolumeWriter] {
    guard let way = wayBack, !comesBackInLines(Set(writers.keys)) else { return writers }
    let inner = ofResampledScan
    var targets: [PredictionKind: any VolumeWriter] = [:]
    let values = try outputs(writers.filter { $0.key != .disagreement }, slices: 1)
    if !values.isEmpty {
      targets[.logits] = PlanesBack(
        inner.info(of: .logits), way, way.back, slices: slices, to: values, jobs: jobs)
    }
    let differing = try outputs(writers.filter { $0.key == .disagreement }, slices: 1)
    if !differing.isEmpty {
      targets[.disagreement] = PlanesBack(
        inner.info(of: .disagreement), way, way.nearest, slices: slices, to: differing, jobs: jobs)
    }
    return targets
  }
}

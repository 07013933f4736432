import Voxtile

extension PatchPipeline {
  /// How sums of half precision are kept, where they are asked for (``Compatibility/nnUNetHalf``).
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` for what needs sums of single precision.
  func halfSums(
    _ grid: PatchGrid, frame: ModelFrame, kinds: Set<PredictionKind>
  ) throws(VoxtileError) -> HalfSums? {
    guard settings.compatibility == .nnUNetHalf else { return nil }
    if model.signature.outputs[0].labelRange != nil {
      throw .notInHalf("the model gives labels, which are not summed", found: "labels")
    }
    let ensemble = model as? EnsembleModel
    let networks = ensemble?.isSideBySide == true ? ensemble?.models.count ?? 1 : 1
    if networks > 1, kinds.contains(.disagreement) {
      throw .notInHalf("patches of several networks are not compared then", found: "disagreement")
    }
    return HalfSums(grid, frame: frame, networks: networks)
  }
}

extension VoxtileError {
  static func notInHalf(_ why: String, found: String) -> VoxtileError {
    VoxtileError(
      .invalidOption, "sums cannot be of half precision: \(why); use '\(Compatibility.nnUNet)'",
      context: .init(expected: "\(Compatibility.nnUNet)", found: found))
  }
}
